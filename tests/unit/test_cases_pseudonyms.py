"""Keyed pseudonyms: made where events come in, the same for the same number, and refused where nobody can make one."""

from datetime import UTC, datetime

import pytest

from access.principals import HUB
from kernel.errors import Invalid
from producers.check import check
from schemas.cases import EVENTS
from schemas.catalogue import Catalogue
from schemas.envelope import CloudEvent
from schemas.pseudonyms import Pseudonyms
from tests.support.events import AUTHORITY, OTHER

CATALOGUE = Catalogue(EVENTS)
CPR = "010190-1234"
MADE = Pseudonyms(b"a secret")


def sent(party: str) -> CloudEvent:
    kind = CATALOGUE.latest("case.case-stated")
    return CloudEvent(
        id="1",
        source="urn:test",
        type=kind.name,
        subject="8d5c0000-0000-4000-8000-000000000001",
        authority=AUTHORITY,
        time=datetime(2026, 3, 2, tzinfo=UTC),
        data=kind.sample | {"primary_party": party},
    )


@pytest.mark.guarantee
@pytest.mark.parametrize("written", [CPR, "0101901234", "010190 1234", "urn:oio:cpr-nr:0101901234"])
def test_one_person_has_one_pseudonym_however_the_number_is_written(written: str) -> None:
    """The event that goes to the store knows the pseudonym alone."""
    (event,) = check([sent(written)], HUB, CATALOGUE, MADE)
    assert MADE.of(AUTHORITY, CPR).encode() in event.payload
    assert b"0101901234" not in event.payload
    assert b"010190" not in event.payload


def test_pseudonyms_differ_by_authority_secret_and_kind() -> None:
    """Nobody can join what two authorities know, and nobody without the secret can try numbers out."""
    made = {
        MADE.of(AUTHORITY, CPR),
        MADE.of(OTHER, CPR),
        Pseudonyms(b"another").of(AUTHORITY, CPR),
        MADE.of(AUTHORITY, "DK-99000015"),
    }
    assert len(made) == 4
    assert MADE.of(AUTHORITY, "urn:oio:cvr:99000015") == MADE.of(AUTHORITY, "99000015")
    assert MADE.of(AUTHORITY, MADE.of(OTHER, CPR)) == MADE.of(OTHER, CPR)


@pytest.mark.guarantee
@pytest.mark.parametrize(("party", "pseudonyms"), [(CPR, None), ("320190-1234", MADE), ("12345", MADE)])
def test_what_cannot_be_made_a_pseudonym_is_refused(party: str, pseudonyms: Pseudonyms | None) -> None:
    """With its place and without its digits."""
    with pytest.raises(Invalid) as refused:
        check([sent(party)], HUB, CATALOGUE, pseudonyms)
    (problem,) = refused.value.problems
    assert problem.where.endswith("data.primary_party")
    assert CPR not in str(refused.value)
    assert "pseudonym" in problem.message


@pytest.mark.guarantee
def test_without_pseudonyms_the_number_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: what a source wrote is what the event says."""
    monkeypatch.setattr(Pseudonyms, "of", lambda _, __, number: number)
    (event,) = check([sent(CPR)], HUB, CATALOGUE, MADE)
    assert CPR.encode() in event.payload
