"""The queries of the command line: each consumer's questions by name, for one authority or all of them."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, select

from access.tables import AUTHORITY
from consumers.alerts import queries as alerts
from consumers.automation import queries as automation
from consumers.contracts import queries as contracts
from consumers.landscape import queries as landscape
from consumers.portfolio import queries as portfolio
from consumers.runtime.projections import use_active
from kernel.clock import COPENHAGEN
from kernel.errors import Invalid, WrongUse

from .opening import Hub
from .words import require_authority, require_rule

Question = Callable[[Connection, str, date, datetime | None], "tuple[Any, ...]"]

ENDING_MONTHS = 24
"""How far ahead `ending` looks: as long as an EU tender takes."""
QUESTIONS: Mapping[str, Mapping[str, Question]] = {
    "landscape": {
        "systems": landscape.systems,
        "relations": landscape.relations,
        "costs": landscape.costs,
        "retendering": landscape.retendering,
        "owners": landscape.owners,
        "conformity": landscape.conformity,
    },
    "contracts": {
        "contracts": contracts.contracts,
        "prices": contracts.prices,
        "processing": contracts.processing,
        "ending": partial(contracts.ending, months=ENDING_MONTHS),
        "indexes": contracts.indexes,
        "counts": contracts.counts,
    },
    "portfolio": {
        "overview": portfolio.overview,
        "priorities": portfolio.priorities,
        "status": portfolio.status,
        "resources": portfolio.resources,
        "benefits": portfolio.benefits,
        "relations": portfolio.relations,
    },
    "automation": {
        "rules": automation.rules,
        "notices": lambda connection, authority, *_: automation.notices(connection, authority),
        "failures": lambda connection, authority, *_: automation.failures(connection, authority),
    },
}


def ask(
    hub: Hub, consumer: str, question: str, authority: str | None, valid_at: date | None, known_at: datetime | None
) -> Iterator[Any]:
    """The rows that answer a question. Raises WrongUse for a question or an authority that is none."""
    questions = QUESTIONS[consumer]
    if question not in questions:
        raise WrongUse(f"{consumer} has no question {question!r}", hint=f"there are {', '.join(questions)}")
    day = valid_at or hub.clock.now().astimezone(COPENHAGEN).date()
    for each in authorities(hub, authority):
        with hub.database.reading((each,)) as connection:
            if use_active(connection, consumer) is not None:
                yield from questions[question](connection, each, day, known_at)


def open_alerts(
    hub: Hub, authority: str | None, rule: str | None, known_at: datetime | None = None
) -> list[dict[str, Any]]:
    """The alerts that are open or acknowledged, or were at `known_at`. A rule's code may be in either case.

    Raises WrongUse for a rule or an authority that is none.
    """
    rows = []
    code = rule.lower() if rule else None
    asked = authorities(hub, authority)
    require_rule(hub, rule, asked)
    for each in asked:
        with hub.database.reading((each,)) as connection:
            if use_active(connection, "alerts") is not None:
                found = alerts.open_alerts(connection, each, rule=code, known_at=known_at)
                rows += [alerts.as_row(alert) for alert in found]
    return rows


def of_one(hub: Hub, connection: Connection, consumer: str, authority: str) -> None:
    """Make ready to ask about one thing of an authority's.

    Raises WrongUse for an authority that is none, Invalid when the consumer has never run.
    """
    require_authority(hub, authority)
    if use_active(connection, consumer) is None:
        raise Invalid(f"{consumer} has never run", hint="start `samspil serve --embedded` or `samspil consume`")


def end_of_day(day: date) -> datetime:
    """The first moment after a day in Denmark."""
    return datetime.combine(day + timedelta(days=1), time(), COPENHAGEN)


def authorities(hub: Hub, authority: str | None) -> tuple[str, ...]:
    """The one that is named, else all the hub knows. Raises WrongUse for one that it does not know."""
    require_authority(hub, authority)
    if authority:
        return (authority,)
    with hub.database.worker.connect() as connection:
        return tuple(connection.execute(select(AUTHORITY.c.authority).order_by(AUTHORITY.c.authority)).scalars())
