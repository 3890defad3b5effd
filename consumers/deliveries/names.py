"""Names of receivers, each looked up in a thread of its own, so that one that hangs delays nobody else."""

import asyncio
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress


class SystemResolver:
    """Asks this machine's resolver, which may take minutes to give up and cannot be interrupted. One for an event loop.

    There is no pool of threads that names which hang could use up. While a name is being looked up, whoever else asks
    for it waits for the same answer, so that a name holds one thread however often it is tried; the process does not
    wait for that thread when it ends.
    """

    def __init__(self) -> None:
        self._under_way: dict[tuple[str, int], asyncio.Future[Sequence[str]]] = {}

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Every address the machine knows of a name. Raises OSError or UnicodeError when it knows none."""
        name = host, port
        if name not in self._under_way:
            self._under_way[name] = answer = _asked(host, port)
            answer.add_done_callback(lambda _: self._under_way.pop(name))
        answer = self._under_way[name]
        await asyncio.wait([answer])  # a caller that gives up leaves the look-up to the next
        return answer.result()


def _asked(host: str, port: int) -> asyncio.Future[Sequence[str]]:
    """The answer to come, from a thread. Raises OSError when the machine has no thread left."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Sequence[str]] = loop.create_future()

    def look() -> None:
        found: Sequence[str] | Exception = OSError("the look-up broke off")
        try:
            found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError) as error:
            found = error
        finally:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(_settle, answer, found)

    try:
        threading.Thread(target=look, name="deliveries-name", daemon=True).start()
    except RuntimeError as error:
        raise OSError("there is no thread left to look up a name") from error
    return answer


def _settle(answer: asyncio.Future[Sequence[str]], found: Sequence[str] | Exception) -> None:
    if isinstance(found, Exception):
        answer.set_exception(found)
        answer.exception()  # seen, though nobody may wait for it any longer
    else:
        answer.set_result(found)
