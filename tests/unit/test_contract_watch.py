"""The rules of the watch over contracts, each at its edges: the day before, the day, the day after."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from consumers.contracts.watch_rules import find
from consumers.contracts.watched import Billed, Origin, Successor, Watched
from schemas.contracts import Contract

ORIGIN = Origin("urn:test", "c1")
NEXT = Successor(UUID(int=2), "K-2", date(2027, 1, 1))
FOUR_YEARS: dict[str, Any] = {"starts_on": "2023-01-01", "ends_on": "2026-12-31", "notice": {"months": 6}}
RENEWING = FOUR_YEARS | {"renews_months": 12}


def watched(
    today: str,
    terms: dict[str, Any],
    *,
    owned: bool = True,
    under_way: bool = False,
    taken_up: bool = False,
    decided: bool = False,
    successors: Sequence[Successor] = (),
    billed: Sequence[Billed] = (),
    **contract: Any,
) -> Watched:
    """A contract in an otherwise quiet world."""
    stated = {"local_id": "K-1", "title": "SagsArk", "supplier": {"id": str(UUID(int=9))}, "terms": terms} | contract
    return Watched(
        id=UUID(int=1),
        origin=ORIGIN,
        contract=Contract.model_validate(stated),
        today=date.fromisoformat(today),
        owned=owned,
        under_way=under_way,
        taken_up=taken_up,
        decided=decided,
        successors=tuple(successors),
        billed=tuple(billed),
    )


def reasons(one: Watched) -> list[str]:
    """What is found, as the key of its text."""
    return [f"{rule.code}.{hit.reason}" for rule, hit in find(one)]


def procured(procedure: str) -> dict[str, Any]:
    return {"procurement": {"procedure": procedure}}


@pytest.mark.parametrize(
    ("procedure", "last_quiet", "alarm", "last_patient", "late"),
    [
        ("restricted", "2024-12-30", "2024-12-31", "2025-12-30", "2025-12-31"),
        ("mini-tender", "2025-12-30", "2025-12-31", "2026-06-29", "2026-06-30"),
        ("quotes", "2026-06-29", "2026-06-30", "2026-09-29", "2026-09-30"),
    ],
)
def test_the_alarm_counts_back_from_the_end(
    procedure: str, last_quiet: str, alarm: str, last_patient: str, late: str
) -> None:
    """24, 12 and 6 months by procedure; it escalates when a year is left, or half of a shorter time."""
    assert reasons(watched(last_quiet, FOUR_YEARS, **procured(procedure))) == []
    assert reasons(watched(alarm, FOUR_YEARS, **procured(procedure))) == ["cw02.start"]
    assert reasons(watched(last_patient, FOUR_YEARS, **procured(procedure))) == ["cw02.start"]
    assert reasons(watched(late, FOUR_YEARS, **procured(procedure))) == ["cw02.start", "cw03.late"]


def test_a_contract_sets_its_own_time() -> None:
    """36 months where the contract says so; the escalation stays at a year."""
    own = {"retender_lead_months": 36, **procured("quotes")}
    assert reasons(watched("2023-12-30", FOUR_YEARS, **own)) == []
    assert reasons(watched("2023-12-31", FOUR_YEARS, **own)) == ["cw02.start"]


def test_an_option_that_is_taken_up_moves_the_end() -> None:
    """Before, its last day is near and the alarm rings; from the day it is taken up both wait for the new end."""
    option = {"months": 24, "use_by": "2026-06-30"}
    assert reasons(watched("2026-04-01", FOUR_YEARS | {"options": [option]}, **procured("mini-tender"))) == [
        "cw01.option-near",
        "cw02.start",
    ]
    taken = FOUR_YEARS | {"options": [option | {"taken_up_on": "2026-04-02"}]}
    assert reasons(watched("2026-04-01", taken, **procured("mini-tender"))) == ["cw01.option-near", "cw02.start"]
    assert reasons(watched("2026-04-02", taken, **procured("mini-tender"))) == []
    assert reasons(watched("2027-12-31", taken, **procured("mini-tender"))) == ["cw02.start"]


@pytest.mark.parametrize("quiet", [{"under_way": True, "taken_up": True}, {"decided": True}, {"successors": [NEXT]}])
def test_who_has_begun_decided_or_bought_is_not_alarmed(quiet: dict[str, Any]) -> None:
    """Neither alarm nor escalation on the last day."""
    assert reasons(watched("2026-12-31", FOUR_YEARS, **quiet)) == []


def test_a_workflow_that_nobody_takes_up_is_escalated() -> None:
    """The alarm has begun it by itself; that a year is left and no person has acted is told all the same."""
    restricted = procured("restricted")
    assert reasons(watched("2025-12-30", FOUR_YEARS, under_way=True, **restricted)) == []
    assert reasons(watched("2025-12-31", FOUR_YEARS, under_way=True, **restricted)) == ["cw03.late"]


def test_a_contract_that_renews_itself_asks_for_notice_instead() -> None:
    """Three months ahead, up to the day; then a month long that it was missed and until when it goes on."""
    assert reasons(watched("2026-03-29", RENEWING)) == []
    assert reasons(watched("2026-03-30", RENEWING)) == ["cw01.notice-near"]
    assert reasons(watched("2026-06-30", RENEWING)) == ["cw01.notice-near"]
    ((_, hit),) = find(watched("2026-07-01", RENEWING))
    assert (hit.reason, hit.expected, hit.found) == ("notice-missed", date(2026, 6, 30), date(2027, 12, 31))
    assert reasons(watched("2026-07-31", RENEWING)) == ["cw01.notice-missed"]
    assert reasons(watched("2026-08-01", RENEWING)) == []
    assert reasons(watched("2026-06-30", RENEWING | {"irrevocable_until": "2027-12-31"})) == []


def test_notice_that_is_given_starts_the_alarm() -> None:
    """A contract that would have renewed itself ends after all: nothing follows it."""
    given = RENEWING | {"termination": {"notice_given_on": "2026-05-01"}}
    assert reasons(watched("2026-05-01", given, **procured("mini-tender"))) == ["cw02.start"]


def test_a_successor_asks_for_notice_to_the_old_contract() -> None:
    """So that it ends when the new one starts, or when the agreed parallel running is over, or may be ended at all."""
    open_ended = {"open_ended": True, "notice": {"months": 6, "to_end_of": "month"}}
    assert reasons(watched("2026-03-29", open_ended, successors=[NEXT])) == []
    assert reasons(watched("2026-06-30", open_ended, successors=[NEXT])) == ["cw01.changeover-near"]
    ((_, hit),) = find(watched("2026-07-01", open_ended, successors=[NEXT]))
    assert (hit.reason, hit.expected, hit.values["notice_today"]) == (
        "changeover-missed", date(2026, 6, 30), date(2027, 1, 31),
    )  # fmt: skip
    parallel = NEXT._replace(parallel_until=date(2027, 3, 31))
    assert reasons(watched("2026-09-30", open_ended, successors=[parallel])) == ["cw01.changeover-near"]
    irrevocable = open_ended | {"irrevocable_until": "2027-06-30"}
    assert reasons(watched("2026-07-01", irrevocable, successors=[NEXT])) == []
    assert reasons(watched("2026-12-31", irrevocable, successors=[NEXT])) == ["cw01.changeover-near"]


def billed(issued: str, net: str = "1000", *, covers_to: str | None = None, number: str = "1") -> Billed:
    day = date.fromisoformat(issued)
    last = date.fromisoformat(covers_to) if covers_to else day
    return Billed(Origin("urn:test", number), number, day, last, covers_to is not None, Decimal(net), "DKK")


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (billed("2027-01-30"), []),
        (billed("2027-01-31"), ["cw04.after-end"]),
        (billed("2027-03-01", covers_to="2026-12-31"), []),
        (billed("2027-01-05", covers_to="2027-01-31"), ["cw04.after-end"]),
        (billed("2026-12-01", covers_to="2027-01-31"), []),
    ],
)
def test_billing_after_the_end(document: Billed, found: list[str]) -> None:
    """Days after the end, billed after it; without a period 30 days are left for what was delivered before."""
    assert reasons(watched("2027-06-01", FOUR_YEARS, billed=[document])) == found
    assert reasons(watched("2026-12-31", FOUR_YEARS, billed=[document], decided=True)) == []


def test_what_is_credited_after_the_end_is_no_billing() -> None:
    """The sum is what counts, and what is at stake."""
    late, credit = billed("2027-03-01", "1000"), billed("2027-04-01", "-400", number="2")
    ((_, hit),) = find(watched("2027-06-01", FOUR_YEARS, billed=[late, credit]))
    assert (hit.stake, hit.found) == ((Decimal(600), "DKK"), date(2027, 4, 1))
    gone = credit._replace(net=Decimal(-1000))
    assert reasons(watched("2027-06-01", FOUR_YEARS, billed=[late, gone])) == []


def test_nobody_answers_for_it() -> None:
    """A running contract without a holder of the role and without a unit; a unit is enough."""
    assert reasons(watched("2024-01-01", FOUR_YEARS, owned=False)) == ["cw05.none"]
    unit = {"id": str(UUID(int=7)), "name": "Center for Digitalisering"}
    assert reasons(watched("2024-01-01", FOUR_YEARS, owned=False, responsible_unit=unit)) == []
    assert reasons(watched("2022-12-31", FOUR_YEARS, owned=False)) == []


def test_what_has_ended_and_was_replaced_is_silent() -> None:
    """And an addendum speaks through the contract it adds to."""
    late = [billed("2027-03-01")]
    assert reasons(watched("2027-06-01", FOUR_YEARS, successors=[NEXT], billed=late, owned=False)) == []
    assert reasons(watched("2026-06-01", FOUR_YEARS, kind="addendum", owned=False)) == []


def test_a_finding_stays_the_same_while_days_go_by() -> None:
    """Texts carry dates and no days left, so that nobody is told the same anew each morning."""
    first, second = (next(find(watched(day, FOUR_YEARS)))[1] for day in ("2026-01-01", "2026-05-01"))
    assert first == second
    assert first.values == {
        "start_by": date(2024, 12, 31),
        "ends": date(2026, 12, 31),
        "lead_months": 24,
        "procedure": None,
        "ends_with_options": None,
        "option_use_by": None,
    }
