"""Very many of what people look at in lists: contracts, projects with all that is told of them, and cases.

Workflows are fewer: an instance takes 10 to 20 ms to start, one after the other, so ten thousand would take minutes.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from kernel.ids import derived_id
from schemas.catalogue import Json
from schemas.envelope import Event
from schemas.months import add_months
from schemas.registry import CATALOGUE
from tests.support.events import event
from tests.support.landscapes import system

WORKFLOWS = 200
"""Re-tenders that are asked for: some seconds' work, and more than one page of each list of workflows."""
BENEFITS, HOURS = 2, 24
"""How many rows of these lists one project makes: its benefits; hours of two roles in twelve months."""
SCORED = 1_000
"""Projects with scores: every project has a row in the list of priorities, with scores or without."""


class Told(NamedTuple):
    """What one event says."""

    family: str
    subject: str
    data: Json
    effective: date = date(2026, 1, 1)


def crowd(count: int, today: date) -> Iterator[Event]:
    """So many contracts, projects and cases, and as many rows of each other list of the portfolio."""
    for place, told in enumerate(_all_told(count, today), 1):
        yield event(told.family, told.subject, position=place, data=told.data, effective=told.effective)


def crowded(kind: str, number: int) -> str:
    """The id of the contract, project, case or unit with this number."""
    return derived_id("crowd", kind, number)


def _all_told(count: int, today: date) -> Iterator[Told]:
    yield from (_contract(number, today) for number in range(count))
    yield from (_project(number) for number in range(count))
    yield from (_of_project("scores-given", number) for number in range(min(count, SCORED)))
    yield from (_of_project("benefits-stated", number) for number in range(-(-count // BENEFITS)))
    yield from (_resources(number, today) for number in range(-(-count // HOURS)))
    yield from (_status(number, today) for number in range(count))
    yield from (_case(number) for number in range(count))
    yield from (_request(number) for number in range(min(count, WORKFLOWS)))


def _contract(number: int, today: date) -> Told:
    """Some have ended, some should have been bought anew, most run for years."""
    sample = _sample("contract.contract-stated")
    said = {
        "local_id": f"K-{number}",
        "title": f"Drift og vedligehold {number}",
        "supplier": sample["supplier"],
        "terms": {"starts_on": "2020-01-01", "ends_on": add_months(today, number % 90 - 12).isoformat()},
    }
    return Told("contract.contract-stated", crowded("contract", number), said)


def _project(number: int) -> Told:
    """Two projects each concern the same contract, so that each list of relations names the other."""
    of = {"id": crowded("contract", number // 2), "name": f"Drift og vedligehold {number // 2}"}
    said = _sample("portfolio.project-stated") | {
        "local_id": f"P-{number}",
        "title": f"Genudbud af fagsystem {number}",
        "usages": [{"id": system(number), "name": f"System {number}"}],
        "contracts": [of],
        "origin": of | {"kind": "contract"},
    }
    return Told("portfolio.project-stated", crowded("project", number), said)


def _of_project(fact: str, number: int) -> Told:
    return Told(f"portfolio.{fact}", crowded("project", number), _sample(f"portfolio.{fact}"))


def _resources(number: int, today: date) -> Told:
    """People of a unit of their own, for the year to come."""
    unit = {"id": crowded("unit", number), "name": f"Afdeling {number}"}
    months = {"first": f"{today:%Y-%m}", "last": f"{add_months(today, 12):%Y-%m}"}
    said = _sample("portfolio.resources-stated")
    allocations = [each | months | {"unit": unit} for each in said["allocations"]]
    return Told("portfolio.resources-stated", crowded("project", number), said | {"allocations": allocations})


def _status(number: int, today: date) -> Told:
    said = _sample("portfolio.status-reported") | {"overall": ("green", "yellow", "red")[number % 3]}
    return Told("portfolio.status-reported", crowded("project", number), said, today - timedelta(days=number % 200))


def _case(number: int) -> Told:
    said = _sample("case.case-stated") | {"number": f"27.36.04-G01-{number}-26"}
    return Told("case.case-stated", crowded("case", number), said)


def _request(number: int) -> Told:
    """The re-tender of a contract is asked for."""
    contract = crowded("contract", number)
    said = _sample("workflow.start-requested") | {"business_key": contract}
    said["values"] = said["values"] | {"contract": contract}
    return Told("workflow.start-requested", crowded("request", number), said)


def _sample(family: str) -> Json:
    return dict(CATALOGUE.latest(family).sample)
