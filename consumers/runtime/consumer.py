"""What a consumer is: a name, the events it reads, the tables it owns, and two plain functions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, MetaData, Table

from schemas.catalogue import Catalogue
from schemas.envelope import Event

EVERYBODY = frozenset({"hub.redacted"})
"""What every consumer reads, whatever else: the law empties a subject everywhere."""
Rows = Mapping[Table, Sequence[tuple[Any, ...]]]
"""Rows per table, a value per column in the table's order. `table.info["write"]` says how they are written."""


Project = Callable[[Sequence[Event], Catalogue], Rows]
"""Events to rows; pure. Raises Invalid for an event that cannot be applied."""
Judge = Callable[[Connection, Sequence[Event]], None]
"""Look at what the batch changed and keep the findings right, in the batch's transaction (see `findings`).

Redactions (`hub.redacted`) are among the events; the subject's rows are gone by then, and nothing says what they were.
"""

React = Callable[[Connection, Sequence[Event]], Sequence[Event]]
"""Carry on what the batch started, in its transaction and on the consumer's own tables; returns the events to tell.

Called after `project` and `judge`. A version that is built anew is called with the same events and tells nothing, so
what is returned depends on the events and the consumer's tables alone: no clock, no random ids.
"""


@dataclass(frozen=True)
class Consumer:
    """A unit that reads the log in batches and owns its tables.

    `version` is raised whenever the tables or their meaning change; then the projection must be rebuilt. A consumer
    that judges keeps what its rules find in `findings`; `judge_all` judges every authority anew in a version that was
    built anew and that nobody else works on yet, so it takes no locks. One that reacts keeps what it carries in tables
    written by `replace`, and is loaded in the order of the store.
    """

    name: str
    version: int
    families: frozenset[str]
    tables: MetaData
    project: Project
    judge: Judge | None = None
    judge_all: Callable[[Connection], None] | None = None
    findings: Table | None = None
    react: React | None = None

    @cached_property
    def domains(self) -> frozenset[str]:
        """The domains it reads; on Kafka, its topics."""
        return frozenset(family.split(".", 1)[0] for family in self.families | EVERYBODY)

    def types(self, catalogue: Catalogue) -> frozenset[str]:
        """The full names of every version of every type it reads."""
        return frozenset(kind.name for kind in catalogue if kind.family in self.families | EVERYBODY)
