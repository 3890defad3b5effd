"""Looking up the names of receivers, with a resolver of the machine that hangs as long as the test wants."""

import asyncio
import socket
import threading
from typing import Any

import pytest

from consumers.deliveries.names import SystemResolver


class Machine:
    """Stands in for `socket.getaddrinfo`; what it is asked waits for `answering`."""

    def __init__(self) -> None:
        self.asked = list[str]()
        self.answering = threading.Event()
        self.threads = list[threading.Thread]()

    def __call__(self, host: str, port: int, **_: Any) -> list[Any]:
        self.asked.append(host)
        self.threads.append(threading.current_thread())
        assert self.answering.wait(30)
        if host.startswith("unknown"):
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", port))]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr(socket, "getaddrinfo", made)
    return made


def test_whoever_asks_for_a_name_meanwhile_gets_the_same_answer(machine: Machine) -> None:
    """A name is looked up once at a time, also when the first who asked has given up; then it is looked up anew."""

    async def asking() -> list[Any]:
        look_up = SystemResolver()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(look_up("receiver.example", 443), 0.01)
        again = [asyncio.create_task(look_up("receiver.example", 443)) for _ in range(16)]
        await asyncio.sleep(0)
        machine.answering.set()
        return [*await asyncio.gather(*again), await look_up("receiver.example", 443)]

    assert asyncio.run(asking()) == [["192.0.2.1"]] * 17
    assert machine.asked == ["receiver.example"] * 2


def test_a_name_that_is_not_known_is_told_to_everybody_who_asked(machine: Machine) -> None:
    """Also when one of them has given up."""

    async def asking() -> list[Any]:
        look_up = SystemResolver()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(look_up("unknown.example", 443), 0.01)
        again = [asyncio.create_task(look_up("unknown.example", 443)) for _ in range(2)]
        await asyncio.sleep(0)
        machine.answering.set()
        return await asyncio.gather(*again, return_exceptions=True)

    assert [type(each) for each in asyncio.run(asking())] == [socket.gaierror] * 2


def test_nobody_waits_for_a_look_up_at_the_end(machine: Machine) -> None:
    """The loop ends while the name hangs, and its thread keeps no process alive; the answer to nobody is no fault."""

    async def asking() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(SystemResolver()("receiver.example", 443), 0.01)

    asyncio.run(asking())
    (thread,) = machine.threads
    assert thread.is_alive()
    assert thread.daemon
    machine.answering.set()
    thread.join(30)
    assert not thread.is_alive()


def test_a_machine_without_threads_is_the_receivers_trouble(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """An OSError, after which it is tried again, and no fault of our own that pauses the subscription."""

    def none_left(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def asking() -> None:
        await SystemResolver()("receiver.example", 443)

    monkeypatch.setattr(threading.Thread, "start", none_left)
    with pytest.raises(OSError, match="no thread left"):
        asyncio.run(asking())
