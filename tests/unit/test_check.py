"""What accept lets in: who may say what, under which name, and what no consumer could live with."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as some

from access.principals import HUB, LOCAL, LOCAL_ID, Grant, Kind, Principal
from consumers.invoice_control.project import FAMILIES as OF_INVOICE_CONTROL
from kernel.errors import Forbidden, Invalid
from producers.check import LARGEST_PAYLOAD, check
from schemas.envelope import CloudEvent, Event, stricter
from schemas.registry import CATALOGUE
from schemas.values import Sensitivity
from tests.support.sample import AUTHORITIES, START, unit

AUTHORITY = AUTHORITIES[0]
ALERT = "0d1f7a52-6c1b-5c57-9d0a-3f5b8f4e2002"
CLASSES: tuple[Sensitivity, ...] = ("public", "internal", "personal", "sensitive")


def allowed(kind: Kind = "system", name: str = "kilde", identity: str = "f1b6") -> Principal:
    """A principal that may send everything for one authority."""
    return Principal(identity, name, kind, registrar=AUTHORITY, grants=(Grant(AUTHORITY, "send", ("*",)),))


METTE = allowed("person", "Mette Holm", "6b2a")
COMMAND_LINE = allowed("system", LOCAL, LOCAL_ID)


def taken(event: CloudEvent, principal: Principal | None = None) -> Event:
    (checked,) = check([event], principal or allowed(), CATALOGUE)
    return checked


def refusals(event: CloudEvent, principal: Principal | None = None) -> list[str]:
    """Where something is wrong, without the event's number and id."""
    with pytest.raises(Invalid) as refused:
        taken(event, principal)
    return [problem.where.removeprefix(f"event 1 ({event.id}) ") for problem in refused.value.problems]


def of(family: str, data: Mapping[str, Any] | None = None, **attributes: Any) -> CloudEvent:
    """An event of the newest version of a family, with its sample as data."""
    kind = CATALOGUE.latest(family)
    data = kind.sample if data is None else data
    common = {"id": "1", "source": "urn:test", "subject": ALERT, "authority": AUTHORITY, "time": START}
    return CloudEvent.model_validate({**common, "type": kind.name, "data": data} | attributes)


def without_by(family: str) -> dict[str, Any]:
    return {name: value for name, value in CATALOGUE.latest(family).sample.items() if name != "by"}


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({"local_id": "a\0b"}, "data.local_id"),
        ({"parent": {"id": ALERT, "name": "a\0b"}}, "data.parent.name"),
        ({"x\0y": 1}, "data.x\\u0000y"),
    ],
)
def test_the_character_that_no_database_takes_is_refused(data: dict[str, Any], where: str) -> None:
    """U+0000 in a text or the name of a field is refused, and the refusal itself is free of it."""
    assert refusals(unit(1, data=data)) == [where]


def test_the_names_in_a_map_are_looked_at_too() -> None:
    """The values of a message are a map, and its names come from outside."""
    finding = CATALOGUE.latest("alert.opened").sample
    told = {**finding, "title": {"key": "a.b", "values": {"x\0y": "z"}}}
    assert refusals(of("alert.opened", told), HUB) == ["data.title.values.x\\u0000y"]


@given(text=some.text(min_size=1, max_size=20))
def test_every_other_text_is_taken(text: str) -> None:
    """Also what looks like the escape of U+0000, and characters that people cannot see."""
    kept = text.replace("\0", "").strip() + "\\u0000"
    payload = taken(unit(1, data={"local_id": kept})).payload
    assert orjson.loads(payload)["local_id"] == kept


@pytest.mark.parametrize("subject", ["faktura-17", ALERT.upper(), ALERT.replace("-", ""), f"{{{ALERT}}}"])
def test_a_subject_is_a_uuid_where_a_consumer_needs_one(subject: str) -> None:
    """Written one way, because subjects are compared as text."""
    assert refusals(unit(1, subject=subject)) == ["subject"]


def test_every_subject_that_invoice_control_keeps_is_a_uuid() -> None:
    """Whatever version it is of: what it cannot keep is refused at the door, not parked."""
    needed = {kind.name for kind in CATALOGUE if kind.family in OF_INVOICE_CONTROL}
    assert needed == {kind.name for kind in CATALOGUE if kind.uuid_subject and kind.name in needed}
    assert needed


def test_other_subjects_are_what_the_source_calls_them() -> None:
    """A calendar is no UUID."""
    assert taken(of("statistics.count-stated", subject="folketal:2026")).subject == "folketal:2026"


@pytest.mark.parametrize("source", ["urn:samspil:landscape", "urn:samspil:time", "URN:Samspil:x"])
def test_the_hubs_names_are_the_hubs(source: str) -> None:
    """Nobody can take the id of an event that the hub is about to write."""
    event = unit(1).model_copy(update={"source": source})
    with pytest.raises(Forbidden, match="the hub's own"):
        taken(event)
    assert taken(event, HUB).source == taken(event, COMMAND_LINE).source == source


@pytest.mark.parametrize("fact", ["opened", "changed", "resolved"])
@pytest.mark.parametrize("principal", [allowed(), METTE, COMMAND_LINE], ids=lambda each: each.name)
def test_only_the_hub_finds(fact: str, principal: Principal) -> None:
    """An agreement on everything does not cover what rules find."""
    with pytest.raises(Forbidden, match="by the hub alone"):
        taken(of(f"alert.{fact}"), principal)
    assert taken(of(f"alert.{fact}"), HUB)


@pytest.mark.parametrize("family", ["alert.acknowledged", "alert.decided"])
def test_only_people_decide(family: str) -> None:
    """A system may not, whatever its agreement says; the command line may."""
    with pytest.raises(Forbidden, match="said by a person"):
        taken(of(family, without_by(family)))
    for principal in (METTE, COMMAND_LINE):
        payload = orjson.loads(taken(of(family, without_by(family)), principal).payload)
        assert payload["by"] == {"id": principal.id, "name": principal.name}


@pytest.mark.parametrize("principal", [METTE, COMMAND_LINE], ids=lambda each: each.name)
def test_nobody_decides_as_somebody_else(principal: Principal) -> None:
    """The sample is decided by another person."""
    assert refusals(of("alert.decided"), principal) == ["data.by.id"]


def test_a_person_is_called_by_the_name_the_hub_knows() -> None:
    """Whatever name came with the right id."""
    stated = {**without_by("alert.decided"), "by": {"id": METTE.id, "name": "Direktøren"}}
    assert orjson.loads(taken(of("alert.decided", stated), METTE).payload)["by"]["name"] == METTE.name


def test_an_event_has_a_largest_size() -> None:
    """What no topic of the hub would take is refused, and how large it is said."""
    room = LARGEST_PAYLOAD - len(taken(_large(0)).payload)
    assert len(taken(_large(room)).payload) == LARGEST_PAYLOAD
    with pytest.raises(Invalid, match=f"is {LARGEST_PAYLOAD + 1} bytes"):
        taken(_large(room + 1))


def _large(letters: int) -> CloudEvent:
    """An invoice whose last note holds what the others have no room for."""
    sample = CATALOGUE.latest("invoice.received").sample
    notes = ["x" * 10_000] * 1_998 + ["y" * (1 + letters // 2), "z" * (1 + letters - letters // 2)]
    return of("invoice.received", {**sample, "notes": notes})


@given(sent=some.sampled_from([None, *CLASSES]))
def test_a_sender_may_keep_data_closer_but_not_looser(sent: Sensitivity | None) -> None:
    """Who holds a role is personal, whatever its source calls it."""
    kept = CLASSES.index("personal")
    expected = CLASSES[max(kept, CLASSES.index(sent))] if sent else "personal"
    assert taken(of("organisation.role-stated", dataclassification=sent)).classification == expected


@given(one=some.sampled_from(CLASSES), other=some.sampled_from(CLASSES))
def test_the_stricter_of_two_is_the_same_from_both_sides(one: Sensitivity, other: Sensitivity) -> None:
    """It is one of the two, and the later in the order."""
    assert stricter(one, other) == stricter(other, one) == CLASSES[max(CLASSES.index(one), CLASSES.index(other))]


def test_every_finding_is_said_at_once() -> None:
    """Of every event, with its number, of the envelope and of the data."""
    ends = unit(1, effective=date(2026, 2, 1), effectiveto=date(2026, 1, 1))
    named = unit(2, subject="enhed", data={"name": "a\0b"})
    with pytest.raises(Invalid) as refused:
        check([ends, unit(3), named], allowed(), CATALOGUE)
    assert [problem.where for problem in refused.value.problems] == [
        "event 1 (event-1) effectiveto",
        "event 3 (event-2) subject",
        "event 3 (event-2) data.name",
    ]
