"""Dossiers and offices out of the tables, in a handful of queries however many projects there are."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, Text, cast, select, true

from consumers.runtime.reading import AsOf, read_once
from schemas import portfolio as said
from schemas.hub import EventKey
from schemas.organisation import RoleHeld
from schemas.project_model import ProjectModel
from schemas.values import Value

from .dossier import FACTS, Dossier, Fact
from .offices import Offices
from .tables import BENEFITS, BUSINESS_CASE, FACT, MODEL, PROJECT, RESOURCES, ROLE
from .timeline import Statement, Timeline

M = TypeVar("M", bound=Value)


@dataclass(frozen=True, slots=True)
class View:
    """One authority's portfolio on `valid_at`, with what was recorded by `known_at` (None: all)."""

    connection: Connection
    authority: str
    valid_at: date = date.max
    known_at: datetime | None = None

    def dossiers(self, projects: Collection[str] | None = None) -> dict[str, Dossier]:
        """The files of these projects, of all for None, by id; a project that was removed has none."""
        stated = self.states(PROJECT, said.Project, projects)
        cases = self.states(BUSINESS_CASE, said.BusinessCase, projects)
        benefits = self.states(BENEFITS, said.Benefits, projects)
        resources = self.states(RESOURCES, said.Resources, projects)
        facts = self._facts(projects)
        known = (stated.keys() | cases.keys() | benefits.keys() | resources.keys() | facts.keys()) - self._removed()
        return {
            subject: Dossier(
                id=subject,
                project=stated.get(subject),
                business_case=cases.get(subject),
                benefits=benefits[subject].benefits if subject in benefits else (),
                allocations=resources[subject].allocations if subject in resources else (),
                facts=facts.get(subject, ()),
            )
            for subject in sorted(known)
        }

    def offices(self) -> Offices:
        """Roles and models over time, so that each decision is seen with those of its own day."""
        return Offices(self.timelines(ROLE, RoleHeld), self.timelines(MODEL, ProjectModel))

    def states(self, table: Table, model: type[M], subjects: Collection[str] | None = None) -> dict[str, M]:
        """The states that hold, by subject."""
        return AsOf(self.connection, self.authority, self.valid_at, self.known_at).own(table, model, subjects)

    def timelines(self, table: Table, model: type[M]) -> tuple[Timeline[M], ...]:
        """Everything stated of each of the authority's subjects, whatever the day."""
        columns = (table.c.subject, table.c.effective, table.c.effective_to, _text(table.c.document))
        query = select(*columns).where(table.c.authority == self.authority).order_by(table.c.subject, table.c.position)
        if self.known_at is not None:
            query = query.where(table.c.recorded <= self.known_at)
        stated = defaultdict[str, list[Statement[M]]](list)
        for row in self.connection.execute(query):
            value = None if row.stated is None else read_once(model, row.stated)
            stated[row.subject].append(Statement(row.effective, row.effective_to, value))
        return tuple(Timeline(subject, tuple(statements)) for subject, statements in stated.items())

    def ever_planned(self, projects: Collection[str] | None = None) -> Mapping[str, frozenset[str]]:
        """The ids of every benefit that was ever planned, by project."""
        query = select(BENEFITS.c.subject, _text(BENEFITS.c.document)).where(
            BENEFITS.c.authority == self.authority,
            BENEFITS.c.document.is_not(None),
            _among(BENEFITS.c.subject, projects),
        )
        planned = defaultdict[str, set[str]](set)
        for subject, stated in self.connection.execute(query):
            planned[subject] |= {benefit.id for benefit in read_once(said.Benefits, stated).benefits}
        return {subject: frozenset(ids) for subject, ids in planned.items()}

    def _facts(self, projects: Collection[str] | None) -> dict[str, tuple[Fact, ...]]:
        query = (
            select(FACT.c.subject, FACT.c.fact, FACT.c.day, FACT.c.source, FACT.c.event_id, _text(FACT.c.document))
            .where(FACT.c.authority == self.authority, FACT.c.day <= self.valid_at, _among(FACT.c.subject, projects))
            .order_by(FACT.c.subject, FACT.c.position)
        )
        if self.known_at is not None:
            query = query.where(FACT.c.recorded <= self.known_at)
        found = defaultdict[str, list[Fact]](list)
        for row in self.connection.execute(query):
            file = found[row.subject]
            key = EventKey(authority=self.authority, source=row.source, id=row.event_id)
            file.append(Fact(len(file), row.fact, row.day, key, read_once(FACTS[row.fact], row.stated)))
        return {subject: tuple(facts) for subject, facts in found.items()}

    def _removed(self) -> frozenset[str]:
        """The projects whose last statement takes them back."""
        query = (
            select(PROJECT.c.subject, PROJECT.c.document.is_(None).label("gone"))
            .where(PROJECT.c.authority == self.authority, PROJECT.c.effective <= self.valid_at)
            .order_by(PROJECT.c.subject, PROJECT.c.effective, PROJECT.c.position)
        )
        if self.known_at is not None:
            query = query.where(PROJECT.c.recorded <= self.known_at)
        last = {row.subject: row.gone for row in self.connection.execute(query)}
        return frozenset(subject for subject, gone in last.items() if gone)


def _text(document: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(document, Text).label("stated")


def _among(column: ColumnElement[Any], subjects: Collection[str] | None) -> ColumnElement[bool]:
    return true() if subjects is None else column.in_(sorted(subjects))
