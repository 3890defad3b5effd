"""Gaps in what Kafka delivers: noticed at once, waited for, and closed from the event store when nothing comes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog

from producers.store import read_types

from .apply import Applier
from .ledger import KafkaLedger, Place, PlaceLedger

GAP_PATIENCE_S = 30.0
"""A gap that the relay has not filled for this long makes the consumer unhealthy, and is closed from the store."""
CLOSE_FOR_S = 2.0
"""For how long at a time a gap is closed: meanwhile no record is taken and no partition handed over."""
PAGE = 2_000
log = structlog.get_logger()


class Gap(NamedTuple):
    """A place where a record is missing: since when (monotonic seconds), after which position, and what came behind."""

    since: float
    known: int
    left: int


@dataclass
class Gaps:
    """The places of one consumer where a record is missing."""

    patience_s: float = GAP_PATIENCE_S
    _open: dict[Place, Gap] = field(default_factory=dict)

    def note(self, ledger: KafkaLedger) -> None:
        """Remember what a batch came to."""
        for place in {record.place for record in ledger.records} - set(ledger.gaps):
            self._open.pop(place, None)
        for place, known in ledger.gaps.items():
            gap = self._open.get(place)
            if gap is None or gap.known != known:
                gap = Gap(time.monotonic(), known, 0)
                log.warning("a record is missing; the relay will send it again", place=place, after=known)
            self._open[place] = gap._replace(left=max(gap.left, ledger.left[place]))

    @property
    def overdue(self) -> Mapping[Place, Gap]:
        """Those that have been open for too long."""
        before = time.monotonic() - self.patience_s
        return {place: gap for place, gap in self._open.items() if gap.since < before}

    def close_overdue(self, applier: Applier) -> int:
        """Apply from the store what is missing and what came behind it; returns how many pages that were.

        It stops after `CLOSE_FOR_S`, and goes on where it was when it is called again.
        """
        pages, deadline = 0, time.monotonic() + CLOSE_FOR_S
        for place in self.overdue:
            gap = self._open[place]
            log.warning("a record did not come; read from the event store", place=place, after=gap.known, upto=gap.left)
            while gap.known < gap.left and (not pages or time.monotonic() < deadline):
                gap = gap._replace(known=_apply_page(applier, place, gap))
                self._open[place] = gap
                pages += 1
            if gap.known >= gap.left:
                del self._open[place]
        return pages


def _apply_page(applier: Applier, place: Place, gap: Gap) -> int:
    """Apply the next events that the store holds of a place; returns the position that they reach."""
    names = applier.consumer.types(applier.catalogue)
    types = sorted(name for name in names if applier.catalogue.get(name).domain == place[0])
    with applier.database.worker.begin() as connection:
        events, upto = read_types(connection, types, gap.known, gap.left, PAGE)
    applier.apply(PlaceLedger(place, events, upto))
    return upto
