"""What reads as a CPR number, and where it is masked."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import TypeAdapter

from kernel.masking import mask_cpr, mask_digits, mask_message, mask_person
from schemas.invoice_parts import InvoiceParty, PartyId, is_person_id
from schemas.values import FreeText, Name

DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"


@pytest.mark.guarantee
@pytest.mark.parametrize("between", ["", " ", "\u00a0", *DASHES])
def test_a_cpr_number_is_masked_however_it_is_divided(between: str) -> None:
    """A word processor makes an en dash or a non-breaking hyphen of a typed hyphen."""
    assert mask_cpr(f"Vedr. 010203{between}1234, tak") == f"Vedr. 010203{between}****, tak"


@pytest.mark.guarantee
@pytest.mark.parametrize("kind", [TypeAdapter[str](Name), TypeAdapter[str](FreeText)], ids=["Name", "FreeText"])
@pytest.mark.parametrize("glued", ["cpr_010203{}1234", "010203{}1234-Hansen", "x010203{}1234y"])
@pytest.mark.parametrize("between", DASHES)
def test_what_people_write_is_masked_where_it_is_glued_to_other_text(
    kind: TypeAdapter[str], glued: str, between: str
) -> None:
    """In event data as in messages."""
    assert kind.validate_python(glued.format(between)) == glued.format(between).replace("1234", "****")


@given(some.uuids())
def test_a_uuid_that_people_write_is_left(uuid: object) -> None:
    """It is looked for again, and what reads like a CPR number in it is chance."""
    assert mask_message(f"se {uuid}") == mask_digits(f"se {uuid}") == f"se {uuid}"


@pytest.mark.parametrize("text", ["1-0102031234", "00102031234", "K-0102031234", "0000000000", "310202-1234"])
def test_longer_numbers_and_no_dates_are_left_in_texts(text: str) -> None:
    """31 February is nobody's day of birth."""
    assert mask_message(text) == text


@pytest.mark.guarantee
@pytest.mark.parametrize("value", ["DK0102031234", "fra_0102031234.xml", "K-010203-1234", "0102031234-Hansen"])
def test_a_refused_value_shows_no_ten_digits_that_are_a_date(value: str) -> None:
    """Whatever they are glued to: nobody looks for an order number there."""
    assert mask_digits(value) == value.replace("1234", "****")


@pytest.mark.guarantee
@pytest.mark.parametrize("written", ["0102031234", "010203-1234", "010203 1234", "010203\u20131234"])
def test_a_persons_id_is_no_cpr_number(written: str) -> None:
    """Written with a hyphen or without."""
    assert mask_person(written) == written.replace("1234", "****")


@pytest.mark.parametrize("written", ["kali", "A0102031234", "4500017731"])
def test_other_ids_of_persons_are_left(written: str) -> None:
    """Also of ten digits that are no date."""
    assert mask_person(written) == written


@pytest.mark.guarantee
@pytest.mark.parametrize("scheme", ["DK:SE", "DK:CVR", "0184", "0198", "se"])
@pytest.mark.parametrize("written", ["0102031234", "DK0102031234", "dk-010203-1234", "DK 010203 1234"])
def test_ten_digits_where_a_danish_number_has_eight_are_a_person(scheme: str, written: str) -> None:
    """A CVR or SE number has eight."""
    assert PartyId(role="vat", scheme=scheme, id=written).id == "010203****"
    assert InvoiceParty(vat_id=written).vat_id == "010203****"


@pytest.mark.parametrize(
    ("scheme", "written"),
    [
        ("DK:P", "1003403123"),
        ("0096", "1003403123"),
        ("0208", "0403170701"),
        ("ZZZ", "0102031234"),
        (None, "0102031234"),
    ],
)
def test_ten_digits_of_another_kind_are_left(scheme: str | None, written: str) -> None:
    """P numbers have ten digits, Belgian numbers too, and suppliers number their customers as they like."""
    assert not is_person_id(scheme, written)
    assert PartyId(role="party", scheme=scheme, id=written).id == written


def test_a_party_stays_a_person_when_it_is_read_again() -> None:
    """What is left of the number says that it was one."""
    party = InvoiceParty(ids=(PartyId(role="vat", scheme="DK:SE", id="DK0102031234"),), name="Hans  Hansen")
    again = InvoiceParty.model_validate(party.model_dump())
    assert (again, again.is_person, again.key) == (party, True, "name:hans hansen 010203")


def test_a_person_known_by_a_vat_id_only_is_a_person() -> None:
    """Its number is in no key."""
    assert InvoiceParty(vat_id="DK0102031234", name="Hansen").key == "name:hansen 010203"


def test_a_person_whose_number_holds_no_digits_is_known_by_name() -> None:
    """A scheme of CPR numbers with something else under it."""
    assert InvoiceParty(ids=(PartyId(role="legal", scheme="DK:CPR", id="ukendt"),), name="Hansen").key == "name:hansen"
