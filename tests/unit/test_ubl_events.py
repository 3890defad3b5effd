"""A document's events: what makes two deliveries the same, and two documents one subject."""

import hashlib
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some
from lxml import etree

from adapters.ubl.events import invoice_events
from schemas.catalogue import Catalogue, EventType
from schemas.envelope import CloudEvent
from schemas.invoices import EVENTS, Received, Refused, invoice_subject, normal_number
from tests.support.invoices import ALL, CII, OIOUBL, PEPPOL, changed, credit_note

AUTHORITY = "29189846"
AT = datetime(2026, 3, 3, 9, tzinfo=UTC)


def event_of(content: bytes, *, authority: str = AUTHORITY, file_name: str = "faktura.xml") -> CloudEvent:
    (event,) = invoice_events(
        content, authority=authority, source="urn:samspil:ubl", received_at=AT, file_name=file_name
    )
    return event


def event(document: str) -> CloudEvent:
    return event_of(document.encode())


def indented(document: str) -> bytes:
    tree = etree.fromstring(document.encode(), etree.XMLParser(remove_blank_text=True))
    etree.indent(tree, "\t")
    written = etree.tostring(tree, encoding="UTF-16", xml_declaration=True)
    assert isinstance(written, bytes)
    return written


@pytest.mark.parametrize("document", [*ALL.values(), credit_note(OIOUBL), "<cut"])
def test_an_event_is_what_accept_takes(document: str) -> None:
    """Its data is of its type."""
    got = event(document)
    assert Catalogue(EVENTS).canonical(got.type, got.data)


def test_the_envelope_says_whose_and_from_when() -> None:
    """Valid from the issue date, known from when it came."""
    got = event(OIOUBL)
    assert (got.type, got.authority, got.time) == ("dk.samspil.invoice.received.v1", AUTHORITY, AT)
    assert (got.effective, got.dataclassification) == (date(2026, 3, 2), None)


@pytest.mark.parametrize("document", ALL.values(), ids=ALL)
def test_another_way_to_write_a_document_is_the_same_event(document: str) -> None:
    """Indentation, line ends, encoding and quotes are not the document."""
    crlf = document.replace("\n", "\r\n").encode()
    assert event_of(indented(document)) == event_of(crlf) == event(document)


@pytest.mark.parametrize("document", ALL.values(), ids=ALL)
def test_a_comment_makes_another_event_that_says_the_same(document: str) -> None:
    """The sender sent another document; what is read out of it is the same."""
    commented = (
        document.replace("<cbc:ID>", "<!-- no. --><cbc:ID >").replace("<ram:ID>", "<ram:ID ><!-- no. -->").encode()
    )
    one, other = event_of(commented), event(document)
    assert one.id != other.id
    assert one.data.model_copy(update={"sha256": other.data.sha256}) == other.data


@given(some.lists(some.sampled_from(["\n", "\t", "  ", "\r\n", "", "\n\n\n"]), min_size=1, max_size=20))
def test_no_white_space_between_elements_makes_another_event(spaces: list[str]) -> None:
    """However it is laid out."""
    parts = PEPPOL.replace(">\n", ">").replace("  ", "").split("><")
    laid_out = parts[0] + "".join(f">{spaces[i % len(spaces)]}<{part}" for i, part in enumerate(parts[1:]))
    assert event(laid_out) == event(PEPPOL)


def test_other_content_under_the_same_number_is_another_event_on_the_same_subject() -> None:
    """So that control sees both."""
    first, second = event(OIOUBL), event(changed(OIOUBL, ("Tak for ordren", "Rettet")))
    assert first.id != second.id
    assert first.subject == second.subject


@pytest.mark.parametrize("written", ["FA-000123", "fa 000123", "00FA000123", "FA\u2013000123"])
def test_the_same_number_however_written_is_one_subject(written: str) -> None:
    """Case, spaces, hyphens and leading zeros do not count; the suppliers' systems do not agree on them."""
    assert event(changed(OIOUBL, ("FA-00 0123", written))).subject == event(OIOUBL).subject


@pytest.mark.parametrize(
    "other",
    [
        changed(OIOUBL, ("FA-00 0123", "FA-000124")),
        changed(OIOUBL, ("DK10150817", "DK53371914")),
        credit_note(OIOUBL),
        changed(OIOUBL, ("<cbc:ID>FA-00 0123</cbc:ID>", "")),
    ],
)
def test_another_number_supplier_or_kind_is_another_subject(other: str) -> None:
    """Invoices and credit notes are numbered apart; a document without a number is alone."""
    assert event(other).subject != event(OIOUBL).subject


def test_authorities_do_not_share_subjects() -> None:
    """The same invoice to two of them is two matters."""
    assert event_of(OIOUBL.encode(), authority="10150817").subject != event(OIOUBL).subject


def test_the_subject_can_be_derived_by_others() -> None:
    """The accounting system's facts find it from CVR number and invoice number."""
    assert event(OIOUBL).subject == invoice_subject(AUTHORITY, "cvr:10150817", "fa000123")


@pytest.mark.parametrize(("document", "key"), [(OIOUBL, "cvr:10150817"), (CII, "vat:DE123456789")])
def test_a_supplier_is_known_by_its_best_identifier(document: str, key: str) -> None:
    """CVR before VAT id."""
    assert event(document).data.supplier.key == key


def person(cpr: str) -> str:
    return changed(OIOUBL, ('"DK:CVR">DK10150817', f'"DK:CPR">{cpr}'), ('"DK:SE">DK10150817', f'"DK:CPR">{cpr}'))


@pytest.mark.parametrize("number", ["0101901234", "010190-1234", "010190\u20131234"])
def test_a_persons_invoice_is_personal_and_shows_no_cpr_number(number: str) -> None:
    """However it is written."""
    got = event(person(number))
    assert got.dataclassification == "personal"
    assert "1234" not in got.data.supplier.model_dump_json()
    assert got.data.supplier.key == "name:leverandøren a/s 010190"


def test_a_persons_subject_does_not_follow_from_the_whole_number() -> None:
    """Two numbers of one name and day of birth have one subject."""
    assert event(person("0101901234")).subject == event(person("0101905678")).subject


def test_two_persons_of_one_name_have_subjects_of_their_own() -> None:
    """Where they are not born on the same day: the invoice no. 1 of one is no repetition of the other's."""
    assert event(person("0101901234")).subject != event(person("0201901234")).subject


def test_a_refused_file_is_one_event_by_its_bytes() -> None:
    """Under any name."""
    got = event_of(b"<cut", file_name="a.xml")
    assert (got.type, got.id) == ("dk.samspil.invoice.refused.v1", hashlib.sha256(b"<cut").hexdigest())
    assert isinstance(got.data, Refused)
    assert got.data.problems[0].where == "line 1"
    assert event_of(b"<cut", file_name="b.xml").data == got.data


def test_a_refused_files_name_is_kept_without_cpr_numbers() -> None:
    """So that a person finds the file."""
    assert event_of(b"<cut", file_name="fra_0101901234_x.xml").correlationid == "file:fra_010190****_x.xml"


def test_a_refused_files_name_may_hold_control_characters() -> None:
    """They are written out: no key holds them."""
    assert event_of(b"<cut", file_name="a\nb\x85.xml").correlationid == "file:a\\x0ab\\x85.xml"


@pytest.mark.parametrize(
    ("number", "normal"), [("0001", "1"), ("0000", "0"), ("a-1 b", "A1B"), ("-", "-"), ("10-0", "100")]
)
def test_normal_numbers(number: str, normal: str) -> None:
    """What is left when case, spaces, hyphens and leading zeros are gone is never nothing."""
    assert normal_number(number) == normal


@pytest.mark.parametrize("kind", EVENTS, ids=[kind.name for kind in EVENTS])
def test_every_event_types_sample_is_valid(kind: EventType) -> None:
    """The catalogue shows them."""
    assert Catalogue(EVENTS).canonical(kind.name, kind.sample)


def test_a_received_invoice_survives_being_written_and_read() -> None:
    """Amounts stay exact."""
    got = event(OIOUBL).data
    assert Received.model_validate_json(got.model_dump_json()) == got
