"""A broker kept by a process of its own, which ends it when whoever asked for it is gone."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

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
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tests.support.kafka"],
        cwd=repository(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield _address(keeper)
    finally:
        _end(keeper)


def _address(keeper: subprocess.Popen[str]) -> str:
    """The first line the keeper prints; without one, what it says went wrong."""
    assert keeper.stdout
    assert keeper.stderr
    if address := keeper.stdout.readline().strip():
        return address
    raise NoBroker(keeper.stderr.read().strip())


def _end(keeper: subprocess.Popen[str]) -> None:
    """Close the pipe and wait; a keeper that does not end is killed with its whole process group."""
    try:
        keeper.communicate(timeout=END_S)
    except subprocess.TimeoutExpired:
        os.killpg(keeper.pid, signal.SIGKILL)
        keeper.communicate()
