"""The hub's processes as these tests start and kill them: `python -m tests.crash.workers relay ...`.

Each does its work with the code of the hub, under an application name of its own, and ends when its standard input
closes. What a test wants to freeze or to switch off is an option.
"""

import argparse
import asyncio
import os
import sys
import threading

from consumers.runtime.apply import Applier
from consumers.runtime.embedded import StoreLoop
from consumers.runtime.kafka import KafkaLoop
from consumers.runtime.projections import ensure_active
from kernel.clock import SystemClock
from producers.relay import Relay
from producers.topics import Topics
from schemas.registry import CATALOGUE
from storage.bell import Bell
from storage.database import Database
from storage.watchdog import Watchdog
from tests.crash import accepting, variants
from tests.support.counting import counting_consumer
from tests.support.workflows import CONSUMER


def relay(asked: argparse.Namespace) -> None:
    kinds = {"": Relay, variants.FREEZING: variants.FreezingRelay, variants.UNLEASED: variants.UnleasedRelay}
    made = kinds[",".join(asked.variant)]
    made(asked.database, asked.broker, Topics(asked.topics), page=asked.page, lease_s=asked.lease).run()


def consume(asked: argparse.Namespace) -> None:
    loop = KafkaLoop(applier(asked), asked.broker, Topics(asked.topics), session_s=asked.session)
    asyncio.run(loop.run(asyncio.Event()))


def embedded(asked: argparse.Namespace) -> None:
    loop = StoreLoop(applier(asked), Bell(asked.database).waiter(), page=asked.page)
    loop.start()
    loop.stopped.wait()


def workflows(asked: argparse.Namespace) -> None:
    ensure_active(asked.database, CONSUMER)
    loop = StoreLoop(Applier(asked.database, CONSUMER, CATALOGUE, SystemClock()), Bell(asked.database).waiter())
    loop.start()
    loop.stopped.wait()


def accept(asked: argparse.Namespace) -> None:
    accepting.accept_for_ever(asked.database, hasty=accepting.HASTY in asked.variant)


def applier(asked: argparse.Namespace) -> Applier:
    consumer = counting_consumer(asked.consumer)
    ensure_active(asked.database, consumer)
    return variants.applier(asked.database, consumer, asked.variant)


def end_with_standard_input() -> None:
    """Whoever started this process is gone, in whatever way."""
    sys.stdin.read()
    os._exit(0)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", choices=["relay", "consume", "embedded", "accept", "workflows"])
    parser.add_argument("--database", required=True, type=Database.at)
    parser.add_argument("--broker")
    parser.add_argument("--topics")
    parser.add_argument("--consumer", default="counting")
    parser.add_argument("--page", type=int, default=2_000)
    parser.add_argument("--lease", type=float, default=1.0, help="seconds")
    parser.add_argument("--session", type=float, default=1.5, help="seconds")
    parser.add_argument("--patience", type=float, default=10.0, help="the watchdog's, in seconds")
    parser.add_argument("--variant", action="append", default=[])
    return parser.parse_args()


def main() -> None:
    threading.Thread(target=end_with_standard_input, daemon=True).start()
    asked = parsed()
    Watchdog(asked.database, patience_s=asked.patience).start()
    works = {"relay": relay, "consume": consume, "embedded": embedded, "accept": accept, "workflows": workflows}
    works[asked.work](asked)


if __name__ == "__main__":
    main()
