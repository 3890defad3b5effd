"""The case index, asked of a real database as the web asks it."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ProgrammingError

from adapters.register.read import read
from consumers.cases.consumer import CASES
from consumers.cases.queries import Wanted, cases, cases_within, one_case
from consumers.runtime.digest import digests
from consumers.runtime.rebuild import Rebuild
from hub.opening import open_database
from hub.repairing import local_actor
from hub.settings import Settings
from kernel.clock import SystemClock
from kernel.errors import Invalid
from producers.redact import redact
from producers.store import append_one
from schemas.catalogue import Json
from schemas.envelope import Event
from schemas.pseudonyms import Pseudonyms
from schemas.registry import CATALOGUE
from storage.database import Database
from storage.secret import kept_secret
from tests.support.command import commanding
from tests.support.database import fresh_database
from tests.support.events import AUTHORITY, OTHER, apply, event, reading, recorded
from tests.support.registers import ORIGIN, delimited
from tests.support.sample import applier, drain

ONE, TWO, THREE, ENTRY = (f"8d5c0000-0000-4000-8000-00000000000{number}" for number in range(1, 5))
PSEUDONYMS = Pseudonyms(b"a secret")
CPR = "010190-1234"
SPRING = (date(2026, 3, 1), date(2026, 5, 31))


class Office:
    """An office whose cases grow event by event."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.case(ONE, date(2026, 1, 5), state="arisen", number="1", sensitivity="not-confidential")
        self.case(ONE, date(2026, 2, 10), state="decided", number="1", sensitivity="not-confidential")
        self.case(ONE, date(2026, 3, 20), state="closed", number="1", sensitivity="not-confidential")
        party = PSEUDONYMS.of(AUTHORITY, CPR)
        self.case(TWO, date(2026, 4, 1), state="clarified", number="2", kle_subject="27.36.12", primary_party=party)
        self.case(THREE, date(2026, 6, 1), state="arisen", number="3", kle_subject="29.18", unit=None)
        self.case(ONE, date(2026, 1, 1), authority=OTHER, number="1")

    def case(self, subject: str, effective: date, **changes: Any) -> None:
        changes = {"registration": None} | changes
        number = len(self.events) + 1
        self.events.append(event("case.case-stated", subject, position=number, effective=effective, **changes))


@pytest.fixture
def office() -> Office:
    return Office()


def numbers(rows: Sequence[Any]) -> list[tuple[str, str]]:
    return [(row.number, row.state) for row in rows]


def test_cases_are_found_by_what_people_know_of_them(database: Database, office: Office) -> None:
    """Number, whole levels of KLE, state, unit, and the party whose number the caller knows."""
    apply(database, CASES, office.events)
    today = date(2026, 7, 1)
    party = PSEUDONYMS.sought(AUTHORITY, "0101901234")
    with reading(database, CASES, f"{AUTHORITY},{OTHER}") as connection:
        found = {
            name: numbers(cases(connection, AUTHORITY, today, wanted=wanted))
            for name, wanted in {
                "all": Wanted(),
                "number": Wanted(number="1"),
                "kle": Wanted(kle="27.36"),
                "group": Wanted(kle="29"),
                "state": Wanted(state="arisen"),
                "unit": Wanted(unit="center for social og sundhed"),
                "party": Wanted(party=party),
                "neither": Wanted(party=party, state="closed"),
            }.items()
        }
    closed, clarified, arisen = ("1", "closed"), ("2", "clarified"), ("3", "arisen")
    assert found == {
        "all": [closed, clarified, arisen],
        "number": [closed],
        "kle": [closed, clarified],
        "group": [arisen],
        "state": [arisen],
        "unit": [closed, clarified],
        "party": [clarified],
        "neither": [],
    }


def test_cases_of_a_period_are_those_that_were_open_or_in_the_state_within_it(
    database: Database, office: Office
) -> None:
    """As they stood on the last such day; what was not known then is not counted."""
    apply(database, CASES, office.events)
    with reading(database, CASES) as connection:
        open_then = cases_within(connection, AUTHORITY, *SPRING, wanted=Wanted())
        closed_then = cases_within(connection, AUTHORITY, *SPRING, wanted=Wanted(state="closed"))
        as_known = cases(connection, AUTHORITY, date(2026, 7, 1), recorded(2), wanted=Wanted())
    assert numbers(open_then) == [("1", "decided"), ("2", "clarified")]
    assert [(row.number, row.opened, row.closed) for row in closed_then] == [("1", date(2026, 1, 5), date(2026, 3, 20))]
    assert numbers(as_known) == [("1", "decided")]


def test_a_listing_masks_titles_that_are_not_for_everybody(database: Database, office: Office) -> None:
    """The case itself shows it, with party, history and journal; what the source deleted is no longer in a listing."""
    office.events.append(event("case.journal-entry-stated", ENTRY, position=20, case=TWO))
    deleted = {"at": "2026-06-02T08:00:00Z", "code": "deleted"}
    since = date(2026, 6, 2)
    office.events.append(
        event("case.case-stated", THREE, position=21, effective=since, number="3", registration=deleted)
    )
    apply(database, CASES, office.events)
    today = date(2026, 7, 1)
    with reading(database, CASES) as connection:
        listed = {row.number: row.title for row in cases(connection, AUTHORITY, today, wanted=Wanted())}
        before = cases(connection, AUTHORITY, date(2026, 6, 1), wanted=Wanted())
        shown = one_case(connection, AUTHORITY, "2", today)
        first = one_case(connection, AUTHORITY, ONE, today)
        with pytest.raises(Invalid, match="no case 4"):
            one_case(connection, AUTHORITY, "4", today)
    assert listed == {"1": "Ansøgning om personlig hjælp", "2": "****"}
    assert {row.number for row in before} == {"1", "2", "3"}
    assert (shown.case.title, shown.primary_party) == (
        "Ansøgning om personlig hjælp", PSEUDONYMS.of(AUTHORITY, CPR),
    )  # fmt: skip
    assert [(entry.title, entry.document) for entry in shown.journal] == [("Afgørelse", "DOK-2026-004711")]
    assert [(span.start, span.end, span.state) for span in first.history] == [
        (date(2026, 1, 5), date(2026, 2, 10), "arisen"),
        (date(2026, 2, 10), date(2026, 3, 20), "decided"),
        (date(2026, 3, 20), None, "closed"),
    ]


def test_nobody_reads_another_authoritys_cases(database: Database, office: Office) -> None:
    """Row-level security, whatever the question names."""
    apply(database, CASES, office.events)
    with reading(database, CASES, OTHER) as connection:
        assert cases(connection, AUTHORITY, date(2026, 7, 1), wanted=Wanted()) == ()
        assert len(cases(connection, OTHER, date(2026, 7, 1), wanted=Wanted())) == 1


def test_an_erased_case_is_gone(database: Database, office: Office) -> None:
    """Its rows are dropped, and a rebuild finds none; the others stand, with equal digests."""
    with database.worker.begin() as connection:
        append_one(connection, office.events, catalogue=CATALOGUE, now=SystemClock().now())
        redact(
            connection, AUTHORITY, ONE, reason="GDPR article 17", by=local_actor(), key=b"key",
            catalogue=CATALOGUE, now=SystemClock().now(),
        )  # fmt: skip
    drain(applier(database, CASES))
    with reading(database, CASES) as connection:
        assert [row.number for row in cases(connection, AUTHORITY, date(2026, 7, 1), wanted=Wanted())] == ["2", "3"]
    with database.worker.begin() as connection:
        before = digests(connection, [CASES])
    Rebuild(database, CASES, CATALOGUE).run()
    with database.worker.begin() as connection:
        assert digests(connection, [CASES]) == before


def indexed(postgres: URL, order: Sequence[str], page: int) -> dict[str, str]:
    """The digests after the subjects' events arrived in this order and were applied in pages of this size."""
    queues: dict[str, list[Event]] = {}
    for each in Office().events[:-1]:
        queues.setdefault(each.subject, []).append(each)
    with fresh_database(postgres) as database:
        with database.worker.begin() as connection:
            arrived = [queues[subject].pop(0) for subject in order]
            append_one(connection, arrived, catalogue=CATALOGUE, now=SystemClock().now())
        drain(applier(database, CASES), page=page)
        with database.worker.begin() as connection:
            return digests(connection, [CASES])


ARRIVALS = [ONE, ONE, ONE, TWO, THREE]


@pytest.mark.guarantee
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(ARRIVALS), page=st.integers(1, 6))
def test_state_does_not_depend_on_the_order_of_arrival(postgres: URL, order: list[str], page: int) -> None:
    """Any order of different subjects' events, in any pages: the same case index."""
    expected = indexed(postgres, ARRIVALS, 100)
    assert expected["cases.case"].startswith("5:")
    assert indexed(postgres, order, page) == expected


def test_a_register_of_cases_goes_in_without_the_number_of_anybody() -> None:
    """From the file to the listing on the command line: the party is found by its number, which is stored nowhere."""
    head = [
        "Sagsnummer",
        "Sagstitel",
        "KLE-emne",
        "Handlingsfacet",
        "Tilstand",
        "Primær part",
        "Følsomhed",
        "Gælder fra",
    ]
    rows = [
        ["27.36.04-G01-1-26", "Hjælp", "27.36.04", "G01", "oplyst", CPR, "følsom", "05-01-2026"],
        ["27.36.04-G01-2-26", "Høring", "27.36.04", "G01", "opstået", "99000015", "ikke fortrolig", "05-01-2026"],
    ]
    journal = [["Sag", "Løbenummer", "Journaltitel", "Retning", "Journaliseret"]]
    journal.append(["27.36.04-G01-1-26", "1", "Afgørelse", "udgående", "27-02-2026"])
    with commanding() as samspil:
        for name, content in (("sager", [head, *rows]), ("journalposter", journal)):
            file = samspil.home / f"{name}.csv"
            file.write_bytes(delimited(content))
            taken = samspil("ingest", "--authority", AUTHORITY, file, "--json")
            assert [line["status"] for line in taken.lines] == ["accepted"], taken
        again = samspil("ingest", "--authority", AUTHORITY, samspil.home / "sager.csv", "--json")
        assert [line["status"] for line in again.lines] == ["unchanged"]
        told = samspil.home / "sag.json"
        told.write_text(json.dumps(sent(primary_party=CPR)))
        assert samspil("ingest", "--authority", AUTHORITY, told, "--json").lines[0]["status"] == "accepted"
        assert samspil("rebuild", "cases").code == 0
        found = samspil("cases", "--authority", AUTHORITY, "--party", CPR, "--kle", "27", "--json")
        detail = samspil("cases", found.lines[0]["number"], "--authority", AUTHORITY, "--json").lines[0]
        with open_database(Settings(samspil.home)) as hub, hub.owner.connect() as connection:
            stored = connection.execute(text("SELECT string_agg(payload, ' ') FROM hub.event")).scalar_one()
            kept = connection.execute(text("SELECT string_agg(c::text, ' ') FROM cases_v1.\"case\" AS c")).scalar_one()
    numbers_found = [(line["number"], line["title"]) for line in found.lines]
    assert numbers_found == [("27.36.04-G01-1-26", "****"), ("27.36.04-G01-118-26", "****")]
    assert (detail["case"]["title"], detail["journal"][0]["title"]) == ("Hjælp", "Afgørelse")
    assert detail["primary_party"].startswith("person:")
    assert detail["primary_party"] in stored
    for number in ("0101901234", CPR, "99000015"):
        assert number not in stored
        assert number not in kept


def sent(**changes: Any) -> Json:
    """A case as a CloudEvent, of the sample with these changes."""
    kind = CATALOGUE.latest("case.case-stated")
    return {
        "specversion": "1.0",
        "id": "case-118",
        "source": "urn:egesoe:cases",
        "type": kind.name,
        "subject": ONE,
        "authority": AUTHORITY,
        "time": "2026-03-02T09:00:00Z",
        "effective": "2026-03-01",
        "data": kind.sample | changes,
    }


def test_the_web_does_not_read_the_secret(database: Database) -> None:
    """Whoever asks first makes it, everybody in the hub has the same, and the web has none of it."""
    assert kept_secret(database, "pseudonyms") == kept_secret(database, "pseudonyms")
    with database.reading((AUTHORITY,)) as web, pytest.raises(ProgrammingError) as refused:
        web.execute(text("SELECT 1 FROM hub.secret"))
    assert isinstance(refused.value.orig, InsufficientPrivilege)


def test_a_party_that_is_nobodys_number_is_refused() -> None:
    """The whole file, with the row and what was expected; the cell's number is masked."""
    head = ["Sagsnummer", "Sagstitel", "KLE-emne", "Tilstand", "Primær part"]
    with pytest.raises(Invalid) as refused:
        read(delimited([head, ["1", "Hjælp", "27.36.04", "oplyst", "310299-1234"]]), "sager.csv", ORIGIN)
    (problem,) = refused.value.problems
    assert "række 2" in problem.where
    assert "CPR number" in problem.message
