"""A broker kept by a process of its own, which ends it when whoever asked for it is gone."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from tests.support.kafka.settings import NoBroker, repository

ADDRESS = "SAMSPIL_TEST_KAFKA"
"""Names the environment variable with the host:port of a broker that is already there."""

END_S = 15


@contextmanager
def broker_process() -> Iterator[str]:
    """The address (host:port) of a broker that ends with the block, or soon after this process dies in whatever way.

    Raises:
        NoBroker: no way to a broker is open on this machine; the message says why, way by way.
    """
    if given := os.environ.get(ADDRESS):
        yield given
        return
    with _keeper() as keeper:
        yield _line(keeper)


class SwitchableBroker(NamedTuple):
    """A broker that a test may kill and start again, at the same address and with the same data."""

    address: str
    order: Callable[[str], None]

    def kill(self) -> None:
        self.order("kill")

    def start(self) -> None:
        self.order("start")


@contextmanager
def switchable_broker() -> Iterator[SwitchableBroker]:
    """A broker of the test's own, from jars, that ends as `broker_process` does.

    Raises:
        NoBroker: there is no Java 17 or newer, or no way to the broker's jars.
    """
    with _keeper("switchable") as keeper:

        def order(what: str) -> None:
            assert keeper.stdin
            keeper.stdin.write(f"{what}\n")
            keeper.stdin.flush()
            _line(keeper)

        yield SwitchableBroker(_line(keeper), order)


@contextmanager
def _keeper(*arguments: str) -> "Iterator[subprocess.Popen[str]]":
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tests.support.kafka", *arguments],
        cwd=repository(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield keeper
    finally:
        _end(keeper)


def _line(keeper: subprocess.Popen[str]) -> str:
    """The next line the keeper prints, the first being the address; without one, what it says went wrong."""
    assert keeper.stdout
    assert keeper.stderr
    if line := keeper.stdout.readline().strip():
        return line
    raise NoBroker(keeper.stderr.read().strip())


def _end(keeper: subprocess.Popen[str]) -> None:
    """Close the pipe and wait; a keeper that does not end is killed with its whole process group."""
    try:
        keeper.communicate(timeout=END_S)
    except subprocess.TimeoutExpired:
        os.killpg(keeper.pid, signal.SIGKILL)
        keeper.communicate()
