"""Registers read as complete, and registers read again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from adapters.register.complete import Said, changes, removals
from adapters.register.compound import Local
from adapters.register.read import Origin
from kernel.errors import Invalid
from schemas.catalogue import canonical_json
from schemas.envelope import CloudEvent
from schemas.registry import CATALOGUE
from tests.support.registers import ORIGIN, delimited, events, reading

FAMILY = "organisation.unit-stated"
AGAIN = replace(ORIGIN, run_id="run-2")


def units(numbers: Sequence[int]) -> bytes:
    """A register of units with these numbers."""
    return delimited([["Enhedsnummer", "Navn"], *([f"E-{number}", "Center"] for number in numbers)])


def subject(number: int) -> str:
    """The subject of a unit."""
    return str(ORIGIN.subject(Local("unit", f"E-{number}")))


def gone(there: int, left: int, *, force: bool = False, origin: Origin = AGAIN) -> list[CloudEvent]:
    """The removals when so many units were there and the first ones are left."""
    present = {FAMILY: {subject(number) for number in range(there)}, "system.usage-stated": {"another"}}
    return removals(present, reading(units(range(left)), "enheder.csv"), origin, force=force)


def test_what_a_complete_register_does_not_state_is_removed() -> None:
    """One removal per subject, in the registers the file holds and in no other."""
    (event,) = gone(there=20, left=19)
    assert (event.type, event.subject) == ("dk.samspil.organisation.unit-removed.v1", subject(19))
    assert event.id == f"run-2:units:removed:{subject(19)}"
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
    (event,) = removals({"system.catalogue-stated": {"s"}}, empty, registrar, force=True)
    assert event.shared


PRICES = [
    ["Prispostnummer", "Kontrakt", "Titel", "Periode", "Pris", "Gælder fra"],
    ["P-1", "K-1", "Drift", "år", "100", "01-01-2025"],
    ["P-1", "K-1", "Drift", "år", "110", "01-01-2026"],
    ["P-2", "K-1", "Licens", "år", "50", ""],
]


def stored(sent: Sequence[CloudEvent]) -> dict[tuple[str, str, date], Said]:
    """What a store that took these events last has about each subject and day."""
    return {
        (event.type, event.subject, event.effective): Said(
            canonical_json(CATALOGUE.get(event.type).model.model_validate(event.data)), event.effectiveto
        )
        for event in sent
        if event.effective is not None
    }


def test_a_register_read_again_repeats_no_dated_state() -> None:
    """What has no date is left to the store, which compares it with what was last said."""
    again = events(PRICES, "prisposter", AGAIN)
    assert [event.data["title"] for event in changes(again, stored(events(PRICES, "prisposter")))] == ["Licens"]


def test_a_dated_state_that_changes_is_news_and_so_is_its_return() -> None:
    """From the same day: A, then B, then A again are three events."""
    a = events(PRICES[:2], "prisposter")
    b = events([PRICES[0], [*PRICES[1][:4], "105", "01-01-2025"]], "prisposter", AGAIN)
    assert changes(b, stored(a)) == b
    assert changes(a, stored([*a, *b])) == a


def test_another_last_day_is_news() -> None:
    """A state that says the same for a shorter time says something else."""
    header = ["Enhedsnummer", "Navn", "Gælder fra", "Gælder til"]
    open_end = events([header, ["E-1", "Center", "01-01-2025", ""]], "enheder")
    ended = events([header, ["E-1", "Center", "01-01-2025", "31-12-2025"]], "enheder", AGAIN)
    assert changes(ended, stored(open_end)) == ended
