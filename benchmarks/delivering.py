"""What a dead subscriber costs another: the 99th percentile from the commit to the receiver, with and without it."""

import multiprocessing
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from itertools import count
from multiprocessing.connection import Connection
from statistics import quantiles

from benchmarks.report import median_ratio, paired, progress, tell
from consumers.deliveries.subscriptions import end
from hub.delivering import deliverer_of
from hub.opening import Hub
from hub.workers import working
from kernel.clock import SystemClock
from schemas.hub import Actor
from storage.database import Database
from tests.support.delivering import a_hub, happened, now_of, numbers_of, subscribed, subscriber
from tests.support.receiver import receiving
from tests.support.wait import until

PAIRS, COUNT, RATE, TOGETHER = 5, 2_000, 400, 20
"""Pairs of runs, deliveries in a run, events a second, and events that are stored together."""
_numbers = count(1)


def measure(database: Database) -> float:
    """The median of the ratios of the pairs; the medians of both kinds of run are told of in milliseconds."""
    with a_hub(database, SystemClock()) as hub, _receiver_process() as receiver:
        progress(f"deliveries: {PAIRS} pairs of {COUNT} at {RATE} a second, with a dead subscriber and without")
        runs = [partial(_run, hub, receiver, dead=dead) for dead in (False, True)]
        without, with_dead = paired(PAIRS, runs)
    ratio = median_ratio(with_dead, without)
    tell("delivery_p99", sorted(without)[PAIRS // 2], "ms")
    tell(
        "delivery_p99_beside_dead",
        sorted(with_dead)[PAIRS // 2],
        "ms",
        against="delivery_p99",
        ratio=ratio,
        at_most=1.5,
    )
    return ratio


def _run(hub: Hub, receiver: Connection, *, dead: bool) -> float:
    """The 99th percentile of one run in milliseconds, from the commit until the receiver has the event."""
    number = next(_numbers)
    first = number * COUNT
    with ExitStack() as stack:
        receiver.send(COUNT)
        made = [subscribed(hub, subscriber(hub, f"alive-{number}"), receiver.recv())]
        if dead:
            silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
            made.append(subscribed(hub, subscriber(hub, f"dead-{number}"), address))
        deliverer = replace(deliverer_of(hub), grace_s=0.1)
        stack.enter_context(working(deliverer.name, deliverer.run, deliverer.stop))
        start, stored = time.perf_counter(), dict[int, float]()
        for at in range(0, COUNT, TOGETHER):
            time.sleep(max(0.0, start + at / RATE - time.perf_counter()))
            numbers = range(first + at, first + at + TOGETHER)
            happened(hub, numbers, subjects=200)
            stored |= dict.fromkeys(numbers, time.time())
        came: dict[int, float] = receiver.recv()
        with hub.database.worker.begin() as connection:
            for each in made:
                end(connection, now_of(hub, each), by=Actor(id="benchmark"))
    return quantiles(((came[each] - at) * 1000 for each, at in stored.items()), n=100)[-1]


@contextmanager
def _receiver_process() -> Iterator[Connection]:
    """A receiver in a process of its own: told how many to expect, it says its address, and when each event came."""
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=_receive, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.send(None)
        process.join()


def _receive(told: Connection) -> None:
    with receiving() as receiver:
        while (expected := told.recv()) is not None:
            receiver.accepted.clear()
            told.send(receiver.url)
            until(lambda: len(receiver.accepted) >= expected, 120, "all deliveries")
            numbers = numbers_of([each.event for each in receiver.accepted])
            told.send({number: each.at.timestamp() for number, each in zip(numbers, receiver.accepted, strict=True)})
