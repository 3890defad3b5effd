"""Registers read as complete, and registers read again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from adapters.register.complete import Told, changes, corrections
from adapters.register.compound import Local
from adapters.register.read import Origin
from kernel.clock import COPENHAGEN
from kernel.errors import Invalid
from schemas.catalogue import canonical_json
from schemas.envelope import CloudEvent
from schemas.registry import CATALOGUE
from tests.support.registers import ORIGIN, delimited, events, reading

TODAY = ORIGIN.read_at.date()
AGAIN = replace(ORIGIN, run_id="run-2")
PRICES = "contract.price-item-stated"
Store = dict[str, dict[str, list[Told]]]


def told(sent: Sequence[CloudEvent], before: Store | None = None) -> Store:
    """What a store that took these events has of each family and subject."""
    stored = before or {}
    for event in sent:
        kind = CATALOGUE.get(event.type)
        removed = kind.fact.endswith("-removed")
        family = kind.family.replace("-removed", "-stated")
        of_subject = stored.setdefault(family, {}).setdefault(event.subject, [])
        payload = None if removed else canonical_json(kind.model.model_validate(event.data))
        start = event.effective or event.time.astimezone(COPENHAGEN).date()
        new = Told(event.type, payload, start, event.effectiveto, event.effective is not None)
        if new.dated or not of_subject or not of_subject[-1].says(new):
            of_subject.append(new)
    return stored


def units(numbers: Sequence[int]) -> bytes:
    """A register of units with these numbers."""
    return delimited([["Enhedsnummer", "Navn"], *([f"E-{number}", "Center"] for number in numbers)])


def subject(number: int) -> str:
    """The subject of a unit."""
    return str(ORIGIN.subject(Local("unit", f"E-{number}")))


def gone(there: int, left: int, *, force: bool = False, origin: Origin = AGAIN) -> list[CloudEvent]:
    """The removals when so many units were there and the first ones are left."""
    stored = told(reading(units(range(there)), "enheder.csv").events)
    stored["system.usage-stated"] = {"another": [Told("t", b"{}", TODAY)]}
    left_over = reading(units(range(left)), "enheder.csv", origin)
    return corrections(stored, left_over, origin, complete=True, force=force)


def test_what_a_complete_register_does_not_state_is_removed() -> None:
    """One removal per subject, in the registers the file holds and in no other."""
    (event,) = gone(there=20, left=19)
    assert (event.type, event.subject) == ("dk.samspil.organisation.unit-removed.v1", subject(19))
    assert (event.id, event.effective) == (f"run-2:units:2026-03-02:{subject(19)}", TODAY)
    assert CATALOGUE.canonical(event.type, event.data) == b'{"reason":"no longer in the register"}'


@pytest.mark.parametrize(("there", "left", "refused"), [(20, 18, False), (20, 17, True), (10, 9, False), (9, 8, True)])
def test_more_than_a_tenth_gone_is_refused(there: int, left: int, refused: bool) -> None:
    """A tenth is taken, more is more likely a wrong file."""
    if not refused:
        assert len(gone(there, left)) == there - left
        return
    with pytest.raises(Invalid) as refusal:
        gone(there, left)
    assert (
        str(refusal.value.problems[0]) == f"Enheder: {there - left} of {there} are gone from the file, more than 10 %"
    )


def test_force_takes_what_is_meant() -> None:
    """However much is gone, even all of it."""
    assert len(gone(there=20, left=0, force=True)) == 20


def test_an_empty_register_still_says_that_all_is_gone() -> None:
    """A header without a row is a register, and it states nothing."""
    with pytest.raises(Invalid, match="too much is gone"):
        gone(there=20, left=0)


def test_a_shared_register_shares_its_removals() -> None:
    """What a registrar shared it takes back for all."""
    registrar = replace(ORIGIN, registrar=ORIGIN.authority)
    empty = reading(delimited([["Systemnummer", "Navn"]]), "systemer.csv", registrar)
    stored = {"system.catalogue-stated": {"s": [Told("t", b"{}", TODAY)]}}
    (event,) = corrections(stored, empty, registrar, complete=True, force=True)
    assert event.shared


HEADER = ["Prispostnummer", "Kontrakt", "Titel", "Periode", "Pris", "Gælder fra", "Gælder til"]
OLD = ["P-1", "K-1", "Drift", "år", "100", "01-01-2025", ""]
NOW = ["P-1", "K-1", "Drift", "år", "110", "01-01-2026", ""]
LATER = ["P-1", "K-1", "Drift", "år", "120", "01-01-2027", ""]
UNDATED = ["P-2", "K-1", "Licens", "år", "50", "", ""]
Rows = Sequence[Sequence[str]]


def prices(rows: Rows, origin: Origin = ORIGIN) -> list[CloudEvent]:
    """The events of a register of prices."""
    return events([HEADER, *rows], "prisposter", origin)


def read_again(before: Rows, now: Rows, *, complete: bool = True) -> list[tuple[str, str, str | None]]:
    """What a second reading tells, beside its changes: fact, first day and price."""
    content = reading(delimited([HEADER, *now]), "prisposter.csv", AGAIN)
    corrected = corrections(told(prices(before)), content, AGAIN, complete=complete, force=True)
    return [
        (CATALOGUE.get(event.type).fact, str(event.effective), event.data.get("price", {}).get("amount"))
        for event in corrected
    ]


def test_what_was_told_for_days_to_come_is_removed_too() -> None:
    """Else it would be there again on that day."""
    assert read_again([NOW, LATER], []) == [
        ("price-item-removed", "2026-03-02", None),
        ("price-item-removed", "2027-01-01", None),
    ]


def test_a_later_row_that_is_gone_is_taken_back() -> None:
    """From its day on what the row that is left says holds on."""
    assert read_again([NOW, LATER], [NOW]) == [("price-item-stated", "2027-01-01", "110")]


def test_a_row_that_held_and_is_gone_is_taken_back_from_today() -> None:
    """What was paid by until today stays as it was told."""
    assert read_again([OLD, NOW], [OLD]) == [("price-item-stated", "2026-03-02", "100")]


def test_rows_of_the_past_may_be_left_out() -> None:
    """A register that is tidied up takes nothing back."""
    assert read_again([OLD, NOW, LATER], [NOW, LATER]) == []


def test_a_row_that_is_left_and_ends_leaves_nothing_after_it() -> None:
    """The later row that is gone is removed from its day."""
    ended = [*NOW[:6], "31-12-2026"]
    assert read_again([ended, LATER], [ended]) == [("price-item-removed", "2027-01-01", None)]


def test_what_was_removed_is_told_again_from_the_day_it_returns() -> None:
    """Also by a file that is not complete: its first day lies before the removal and would not count."""
    stored = told(corrections(told(prices([NOW])), reading(delimited([HEADER]), "prisposter.csv"), ORIGIN,
                              complete=True, force=True), told(prices([NOW])))  # fmt: skip
    (event,) = corrections(stored, reading(delimited([HEADER, NOW]), "prisposter.csv", AGAIN), AGAIN, complete=False)
    assert (event.effective, event.data["price"]["amount"]) == (TODAY, "110")


def test_a_file_that_is_not_complete_takes_nothing_back() -> None:
    """It says what it says, and no more."""
    assert read_again([OLD, NOW, LATER, UNDATED], [OLD], complete=False) == []


def price_rows() -> some.SearchStrategy[list[list[str]]]:
    """Rows of one price item from different days around today, some with a last day."""

    def row(days: tuple[int, int | None, int]) -> list[str]:
        start, length, price = days
        first = TODAY + timedelta(days=start)
        last = "" if length is None else f"{first + timedelta(days=length):%d-%m-%Y}"
        return ["P-1", "K-1", "Drift", "år", str(price), f"{first:%d-%m-%Y}", last]

    days = some.tuples(some.integers(-4, 4), some.none() | some.integers(0, 5), some.integers(1, 3))
    dated = some.lists(days.map(row), max_size=4, unique_by=lambda one: one[5])
    undated = some.just([["P-1", "K-1", "Drift", "år", "9", "", ""]])
    return some.one_of(dated, some.tuples(dated, undated).map(lambda both: [*both[0], *both[1]]))


@given(some.lists(price_rows(), min_size=1, max_size=4))
def test_after_a_complete_reading_what_holds_is_what_the_file_says(files: list[list[list[str]]]) -> None:
    """Today and on every later day, whatever was read before."""
    stored: Store = {}
    for run, rows in enumerate(files):
        origin = replace(ORIGIN, run_id=f"run-{run}")
        content = reading(delimited([HEADER, *rows]), "prisposter.csv", origin)
        corrected = corrections(stored, content, origin, complete=True, force=True)
        stored = told([*changes(content.events, stored), *corrected], stored)
        alone = told(content.events)
        for day in (TODAY + timedelta(days=number) for number in range(12)):
            assert held(stored, day) == held(alone, day)


@given(price_rows(), price_rows())
def test_the_same_file_again_corrects_nothing(before: list[list[str]], rows: list[list[str]]) -> None:
    """Where its rows do not overlap: which of two that do holds is said by their order only."""
    rows = [[*row[:6], ""] for row in rows]
    content = reading(delimited([HEADER, *rows]), "prisposter.csv", AGAIN)
    stored = told(prices(before))
    corrected = corrections(stored, content, AGAIN, complete=True, force=True)
    stored = told([*changes(content.events, stored), *corrected], stored)
    assert changes(content.events, stored) == [event for event in content.events if event.effective is None]
    assert corrections(stored, content, AGAIN, complete=True, force=True) == []


def held(stored: Mapping[str, Mapping[str, Sequence[Told]]], day: date) -> bytes | None:
    """What is told of the one price item for a day: `consumers.runtime.states`, the simplest way."""
    said = [each for of_subject in stored.get(PRICES, {}).values() for each in of_subject]
    found = None
    for each in said:
        later = [other.start for other in said if other.start > each.start]
        if each.start <= day < (each.end or min(later, default=date.max)):
            found = each.payload
    return found


def test_a_register_read_again_repeats_no_dated_state() -> None:
    """What has no date is left to the store, which compares it with what was last said."""
    again = prices([OLD, NOW, UNDATED], AGAIN)
    assert [event.data["title"] for event in changes(again, told(prices([OLD, NOW, UNDATED])))] == ["Licens"]


def test_a_dated_state_that_changes_is_news_and_so_is_its_return() -> None:
    """From the same day: A, then B, then A again are three events."""
    a, b = prices([OLD]), prices([[*OLD[:4], "105", *OLD[5:]]], AGAIN)
    assert changes(b, told(a)) == b
    assert changes(a, told([*a, *b])) == a


def test_another_last_day_is_news() -> None:
    """A state that says the same for a shorter time says something else."""
    ended = prices([[*OLD[:6], "31-12-2025"]], AGAIN)
    assert changes(ended, told(prices([OLD]))) == ended
