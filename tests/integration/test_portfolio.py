"""The portfolio asked of a real database, and what holds whatever the order of its events."""

import random
from datetime import date
from functools import cache
from time import process_time
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.engine import URL

from consumers.portfolio import judge as judging
from consumers.portfolio import queries
from consumers.portfolio.consumer import PORTFOLIO
from consumers.portfolio.dossier import Dossier
from consumers.portfolio.listing import project_rows
from consumers.portfolio.offices import Offices
from consumers.portfolio.tables import FINDING
from consumers.portfolio.timeline import Statement, Timeline
from consumers.runtime.digest import digests
from consumers.runtime.rebuild import Rebuild
from producers.store import append_one
from schemas import portfolio_samples as samples
from schemas.catalogue import Json
from schemas.envelope import Event
from schemas.organisation import Person, RoleHeld
from schemas.project_model import standard_model
from schemas.registry import CATALOGUE
from schemas.values import Reference
from storage.database import Database
from tests.support.database import fresh_database
from tests.support.events import AUTHORITY, OTHER, T0, apply, event, reading, recorded
from tests.support.sample import applier, drain

FIRST, SECOND, MODEL, CAPACITY = (str(UUID(int=number)) for number in range(1, 5))
TODAY = date(2026, 3, 2)


def role(name: str, person: str, kind: str = "unit", target: str = CAPACITY) -> tuple[str, str, Json]:
    """An event that gives a person a role."""
    data = {"role": name, "holder": {"name": person, "id": person}, "kind": kind, "responsible_for": {"id": target}}
    return "organisation.role-stated", f"{name}:{person}:{target}", data


def portfolio(fact: str, subject: str, data: Json) -> tuple[str, str, Json]:
    return f"portfolio.{fact}", subject, data


def story(project: str, title: str) -> list[tuple[str, str, Json]]:
    """A project from proposal through two gates to a first report; its approval comes late."""
    return [
        portfolio("proposed", project, samples.PROPOSED | {"project": samples.PROJECT | {"title": title}}),
        portfolio("scores-given", project, samples.SCORES_GIVEN),
        portfolio("gate-passed", project, {"gate": "start-analysis", "by": {"id": "heje"}}),
        portfolio("business-case-stated", project, samples.BUSINESS_CASE),
        portfolio("benefits-stated", project, samples.BENEFITS),
        portfolio("resources-stated", project, samples.RESOURCES),
        portfolio("recommended", project, samples.RECOMMENDED),
        portfolio("gate-passed", project, samples.GATE_PASSED),
        portfolio("status-reported", project, samples.STATUS_REPORTED),
        portfolio("benefit-measured", project, samples.BENEFIT_MEASURED),
        portfolio("approved", project, samples.APPROVED),
    ]


SEATS = [role("digitalisation-council", "heje"), role("portfolio-board", "heje")]
EVERYTHING = [
    *story(FIRST, "Genudbud"),
    *story(SECOND, "Ny app")[:8],
    portfolio("capacity-stated", CAPACITY, samples.CAPACITY),
    portfolio("model-adopted", MODEL, samples.MODEL),
    *SEATS,
]


def events(told: list[tuple[str, str, Json]], start: int = 1, **options: Any) -> list[Event]:
    return [
        event(family, subject, position=position, data=data, **options)
        for position, (family, subject, data) in enumerate(told, start)
    ]


def found(database: Database) -> set[tuple[str, str, str | None]]:
    """What the rules find: rule, project and line."""
    with reading(database, PORTFOLIO) as connection:
        rows = connection.execute(select(FINDING.c.rule, FINDING.c.data))
        return {(row.rule, row.data["subject"]["id"], row.data.get("line_id")) for row in rows}


def test_the_questions(database: Database) -> None:
    """Overview, priorities, status, resources, benefits and relations of the same projects."""
    apply(database, PORTFOLIO, events(EVERYTHING))
    with reading(database, PORTFOLIO) as connection:
        first, second = queries.overview(connection, AUTHORITY, TODAY)
        ranked = queries.priorities(connection, AUTHORITY, TODAY)
        (report,) = queries.status(connection, AUTHORITY, TODAY)
        hours = queries.resources(connection, AUTHORITY, TODAY)
        benefits = queries.benefits(connection, AUTHORITY, TODAY)
        relations = queries.relations(connection, AUTHORITY, TODAY)
    assert (first.title, first.standing, first.phase, first.light) == (
        "Genudbud",
        "approved",
        "implementation",
        "yellow",
    )
    assert (first.next_gate, first.missing) == ("start-closing", ("acceptance-test",))
    assert (second.standing, second.unit) == ("recommended", "Center for Social og Sundhed")
    assert {(row.rank, row.adopted_on) for row in ranked} == {(1, date(2026, 1, 1))}
    assert (report.title, report.by) == ("Genudbud", "Mette Holm")
    assert {(str(row.capacity), str(row.planned)) for row in hours if row.role == "projektleder"} == {("240", "120")}
    assert {row.benefit: row.measured is not None for row in benefits if row.id == FIRST} == {"G1": True, "G2": False}
    assert {also.name for row in relations if row.id == FIRST for also in row.also} == {"Ny app"}


def test_one_project_is_told_of_as_in_every_list(database: Database) -> None:
    """Its page says of it what each list says; of one that nobody has told of there is nothing."""
    apply(database, PORTFOLIO, events(EVERYTHING))
    with reading(database, PORTFOLIO) as connection:
        for project in (FIRST, SECOND):
            told = queries.told_of(connection, AUTHORITY, project, TODAY)
            assert told is not None
            for said, ask in (
                ((told.project,), queries.overview),
                ((told.priority,), queries.priorities),
                (told.reports, queries.status),
                (told.benefits, queries.benefits),
                (told.relations, queries.relations),
            ):
                listed: tuple[Any, ...] = ask(connection, AUTHORITY, TODAY)
                assert said == tuple(row for row in listed if row.id == project), ask.__name__
        assert queries.told_of(connection, AUTHORITY, AUTHORITY, TODAY) is None


def test_as_of_another_day_and_as_far_as_was_known(database: Database) -> None:
    """A plan of later holds from its day; what was recorded later was not known before."""
    apply(database, PORTFOLIO, events(story(FIRST, "Genudbud")[:6]))
    changed = samples.PROJECT | {"title": "Fællesudbud"}
    later = event("portfolio.project-stated", FIRST, position=50, data=changed, effective=date(2026, 6, 1))
    apply(database, PORTFOLIO, [later])
    with reading(database, PORTFOLIO) as connection:
        assert queries.overview(connection, AUTHORITY, date(2025, 12, 31)) == ()
        assert [row.title for row in queries.overview(connection, AUTHORITY, TODAY)] == ["Genudbud"]
        assert [row.title for row in queries.overview(connection, AUTHORITY, date(2026, 6, 1))] == ["Fællesudbud"]
        (known,) = queries.overview(connection, AUTHORITY, date(2026, 6, 1), recorded(2))
    assert (known.title, known.phase) == ("Genudbud", "idea")


def test_findings_go_by_themselves_when_evidence_and_roles_arrive(database: Database) -> None:
    """A gate without approval and without anybody's role, then the role, then the approval."""
    told = story(FIRST, "Genudbud")
    apply(database, PORTFOLIO, events(told[:-1]))
    gates = {"start-analysis", "start-implementation"}
    nobody = {("pf02", FIRST, gate) for gate in gates} | {("pf07", FIRST, "recommended")}
    assert found(database) == nobody | {("pf01", FIRST, "start-implementation")}
    apply(database, PORTFOLIO, events(SEATS, start=100))
    assert found(database) == {("pf01", FIRST, "start-implementation")}
    apply(database, PORTFOLIO, events(told[-1:], start=200))
    assert found(database) == set()


@pytest.mark.parametrize(
    ("told", "projects"),
    [
        (role("portfolio-board", "heje"), {FIRST}),
        (role("portfolio-board", "nobody"), set()),
        (role("project-owner", "ulla", "project", SECOND), {SECOND}),
        (role("project-owner", "ulla", "contract", samples.PROJECT["contracts"][0]["id"]), {SECOND}),
        (portfolio("model-adopted", MODEL, samples.MODEL), {FIRST, SECOND}),
    ],
)
def test_a_role_is_judged_where_it_may_count(
    database: Database, monkeypatch: pytest.MonkeyPatch, told: tuple[str, str, Json], projects: set[str]
) -> None:
    """Projects that its holder spoke of, that it is held for, and that are about what it is held for: no others."""
    first = [
        portfolio("proposed", FIRST, {"project": {"title": "Ny app"}}),
        portfolio("approved", FIRST, {"by": {"id": "heje"}}),
    ]
    apply(database, PORTFOLIO, events([*first, portfolio("proposed", SECOND, {"project": samples.PROJECT})]))
    judged = set[str]()
    monkeypatch.setattr(judging, "findings", lambda case: judged.add(case.dossier.id) or ())  # type: ignore[func-returns-value]
    apply(database, PORTFOLIO, events([told], start=10))
    assert judged == projects


def test_a_thousand_projects_are_listed_at_once() -> None:
    """Whose project it is is found without looking at everybody's roles for each."""
    targets = [UUID(int=number) for number in range(1, 1_001)]
    seats = [
        RoleHeld(role=name, holder=Person(name=f"P {target.int}"), kind="project", responsible_for=Reference(id=target))
        for target in targets
        for name in ("project-owner", "project-manager")
    ]
    held = [Timeline(str(number), (Statement(date.min, None, seat),)) for number, seat in enumerate(seats)]
    began = process_time()
    rows = project_rows([Dossier(id=str(target)) for target in targets], Offices(held), on=TODAY)
    assert process_time() - began < 2
    assert {(row.owners, row.managers) for row in rows} == {((f"P {target.int}",),) * 2 for target in targets}


def test_a_project_that_is_removed_is_gone(database: Database) -> None:
    """From the listings and with what was found about it."""
    apply(database, PORTFOLIO, events(story(FIRST, "Genudbud")))
    apply(database, PORTFOLIO, [event("portfolio.project-removed", FIRST, position=99, effective=TODAY)])
    assert found(database) == set()
    with reading(database, PORTFOLIO) as connection:
        assert queries.overview(connection, AUTHORITY, TODAY) == ()


def test_another_model_has_other_weights_and_gates(database: Database) -> None:
    """From the day it is adopted: what was decided before is judged by the model before."""
    model = standard_model().model_dump(mode="json")
    criteria = [{**each, "weight": "1"} for each in model["criteria"]]
    mine = model | {"name": "Vores model", "criteria": criteria, "weights_reason": "Alt vejer lige"}
    told = [*SEATS, *story(FIRST, "Genudbud")]
    apply(database, PORTFOLIO, events(told))
    apply(database, PORTFOLIO, [event("portfolio.model-adopted", MODEL, position=99, data=mine, effective=TODAY)])
    with reading(database, PORTFOLIO) as connection:
        (before,) = queries.priorities(connection, AUTHORITY, date(2026, 3, 1))
        (after,) = queries.priorities(connection, AUTHORITY, TODAY)
    assert (str(before.weighted), before.adopted_on) == ("3.72", None)
    assert (str(after.weighted), after.model, after.weights_reason) == ("3.70", "Vores model", "Alt vejer lige")
    assert found(database) == set()


@pytest.mark.guarantee
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), page=st.integers(1, 40))
def test_the_order_of_arrival_does_not_show(postgres: URL, seed: int, page: int) -> None:
    """Each project's events in their order, mixed among each other and with roles and model in any way."""
    assert digest_of(postgres, mixed(seed), page) == in_order(postgres)


def mixed(seed: int) -> list[Event]:
    """The events of each subject in their order, the subjects mixed."""
    queues: dict[str, list[Event]] = {}
    for each in events(EVERYTHING):
        queues.setdefault(each.subject, []).append(each)
    subjects = [subject for subject, queue in queues.items() for _ in queue]
    random.Random(seed).shuffle(subjects)  # noqa: S311 - an order that can be had again
    return [queues[subject].pop(0) for subject in subjects]


@cache
def in_order(postgres: URL) -> dict[str, str]:
    return digest_of(postgres, events(EVERYTHING), 1_000)


def digest_of(postgres: URL, told: list[Event], page: int) -> dict[str, str]:
    with fresh_database(postgres) as database:
        with database.worker.begin() as connection:
            append_one(connection, told, catalogue=CATALOGUE, now=T0)
        drain(applier(database, PORTFOLIO), page=page)
        with database.worker.begin() as connection:
            return digests(connection, [PORTFOLIO])


@pytest.mark.guarantee
def test_a_rebuild_gives_the_same(database: Database) -> None:
    """Every table, findings included."""
    with database.worker.begin() as connection:
        append_one(connection, events(EVERYTHING), catalogue=CATALOGUE, now=T0)
    drain(applier(database, PORTFOLIO))
    with database.worker.begin() as connection:
        before = digests(connection, [PORTFOLIO])
    Rebuild(database, PORTFOLIO, CATALOGUE).run()
    with database.worker.begin() as connection:
        assert digests(connection, [PORTFOLIO]) == before
    assert not before["portfolio.finding"].startswith("0:")


@pytest.mark.guarantee
def test_nobody_sees_another_authoritys_projects(database: Database) -> None:
    """Not even when asking for them by name; their roles count there only."""
    apply(database, PORTFOLIO, events(SEATS, authority=OTHER) + events(story(FIRST, "Genudbud"), start=50))
    with reading(database, PORTFOLIO, OTHER) as connection:
        assert queries.overview(connection, AUTHORITY, TODAY) == ()
        assert queries.overview(connection, OTHER, TODAY) == ()
        assert connection.execute(select(FINDING)).all() == []
    assert ("pf02", FIRST, "start-analysis") in found(database)
