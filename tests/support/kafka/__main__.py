"""`python -m tests.support.kafka` prints a broker's address and runs until its standard input closes or SIGTERM.

`python -m tests.support.kafka switchable` also takes orders, one in a line: `kill` and `start`; it answers `done`.
"""

import os
import signal
import sys
from contextlib import ExitStack

from tests.support.kafka import container, jars
from tests.support.kafka.process import ADDRESS
from tests.support.kafka.settings import NoBroker


def open_broker(ending: ExitStack) -> str:
    """The address of a broker in the first way that is open here, ended by `ending`."""
    if given := os.environ.get(ADDRESS):
        return given
    reasons = [f"{ADDRESS} is not set"]
    for way in (container.broker, jars.broker):
        try:
            return ending.enter_context(way())
        except NoBroker as closed:
            reasons.append(str(closed))
    raise NoBroker(f"no Kafka broker for tests: {'; '.join(reasons)}")


def stop(_signal: int, _frame: object) -> None:
    """End as if standard input had closed, so that the broker goes too."""
    raise SystemExit(0)


def main() -> int:
    """Print the address and keep the broker until standard input closes; exit code 1 when there is none."""
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with ExitStack() as ending:
        try:
            server = ending.enter_context(jars.switchable()) if "switchable" in sys.argv[1:] else None
            address = server.address if server else open_broker(ending)
        except NoBroker as none:
            print(none, file=sys.stderr)
            return 1
        print(address, flush=True)
        for order in sys.stdin:
            assert server, f"only a switchable broker takes orders, such as {order!r}"
            {"kill": server.kill, "start": server.start}[order.strip()]()
            print("done", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
