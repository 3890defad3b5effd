"""What the reader refuses, and what it then says."""

import random
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from adapters.ubl.parse import MAX_BYTES
from adapters.ubl.read import read_document
from kernel.errors import Invalid
from tests.support.invoices import ALL, CII, OIOUBL, PEPPOL, changed

EXTERNAL = '<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
BOMB = '<!DOCTYPE Invoice [<!ENTITY a "1234567890"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def refusal(content: bytes) -> Invalid:
    with pytest.raises(Invalid) as caught:
        read_document(content)
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("declaration", [EXTERNAL, BOMB, "<!-- - --><?pi ?><!DOCTYPE Invoice>"])
def test_a_document_type_is_refused_in_any_encoding(declaration: str, encoding: str) -> None:
    """Also when it declares nothing: an e-invoice has none."""
    name = "UTF-32" if encoding == "utf-32" else "UTF-16"
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    declared = head if encoding == "utf-8" else head.replace("UTF-8", name)
    document = changed(PEPPOL, (head, f"{declared}\n{declaration}"))
    assert "document type" in refusal(document.encode(encoding)).message


def test_a_document_type_within_a_text_is_just_text() -> None:
    """A note may quote HTML."""
    note = "<cbc:Note><![CDATA[<!DOCTYPE html>]]></cbc:Note>"
    document = changed(PEPPOL, ("<cbc:DocumentCurrencyCode>", f"{note}<cbc:DocumentCurrencyCode>"))
    assert read_document(document.encode()).received.notes == ("<!DOCTYPE html>",)


@pytest.mark.parametrize("document", ALL.values(), ids=ALL)
def test_a_cut_off_file_is_refused_with_its_last_line(document: str) -> None:
    """Nothing of it is taken as if it were whole."""
    cut = document.encode()[: len(document) * 6 // 10]
    (problem,) = refusal(cut).problems
    assert problem.where == f"line {len(cut.splitlines())}"


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe", b"faktura", b"%PDF-1.7", b"<a>", b"\x00" * 9, b"{}"])
def test_what_is_no_xml_is_refused(content: bytes) -> None:
    """Whatever it is."""
    assert refusal(content).hint


def test_another_encoding_than_declared_is_refused() -> None:
    """Latin-1 bytes that say they are UTF-8."""
    assert "well-formed" in refusal(OIOUBL.encode("latin-1")).message


@pytest.mark.parametrize("root", ["<Order/>", '<Invoice xmlns="urn:sfti:documents:BasicInvoice:1:0"/>', "<html/>"])
def test_another_kind_of_document_is_refused_by_its_root(root: str) -> None:
    """Only UBL 2 invoices and credit notes and CII are read."""
    assert "no invoice" in refusal(root.encode()).message


def test_a_file_too_large_is_refused_unread() -> None:
    """The limit is in bytes."""
    assert "larger than 20 MB" in refusal(b" " * MAX_BYTES + b"<a/>").message


@pytest.mark.parametrize("large", [f"<cbc:Note>{'x' * 10_000_001}</cbc:Note>", f"{'<a>' * 300}{'</a>' * 300}"])
def test_a_value_beyond_the_parsers_limits_is_refused_by_name(large: str) -> None:
    """Such a file is well-formed: it is told what is too large, not how to set the parser."""
    refused = refusal(changed(PEPPOL, ("<cbc:DocumentCurrencyCode>", f"{large}<cbc:DocumentCurrencyCode>")).encode())
    assert "more than 10 MB" in refused.message
    assert "attachments" in refused.hint
    assert "HUGE" not in str(refused)


BAD_NUMBERS = [
    "782179,43",
    "1.000,50",
    "1 000",
    "1e3",
    "1e999999",
    "NaN",
    "INF",
    "٣٤",
    "１２",
    "9" * 21,
    "1" + "0" * 20,
    f"1.{'0' * 19}1",
    "0" * 101,
    "-",
    ".",
]


@pytest.mark.parametrize("written", BAD_NUMBERS)
def test_a_number_is_refused_with_its_line(written: str) -> None:
    """Never guessed, never rounded."""
    document = changed(PEPPOL, (">30.00<", f">{written}<"))
    line = 1 + document[: document.index("PriceAmount")].count("\n")
    (problem,) = refusal(document.encode()).problems
    assert problem.where == f"line {line}, PriceAmount"


@pytest.mark.parametrize(
    "written", ["2026-02-30", "02-03-2026", "2026", "0000-01-01", "2026-W09-1", "２０２６-03-02", "x"]
)
def test_a_day_that_is_none_is_refused(written: str) -> None:
    """Only days of the calendar."""
    assert "IssueDate" in refusal(changed(PEPPOL, (">2026-03-02<", f">{written}<")).encode()).message


def test_a_compact_day_that_is_none_is_refused() -> None:
    """CII writes days without hyphens."""
    assert "DateTimeString" in refusal(changed(CII, (">20260302<", ">20260231<")).encode()).message


def test_elements_within_a_value_are_refused() -> None:
    """Half an amount is no amount."""
    assert "PriceAmount" in refusal(changed(PEPPOL, (">30.00<", ">3<b/>0.00<")).encode()).message


def test_a_flag_that_is_neither_is_refused() -> None:
    """Allowance and charge are not guessed apart."""
    assert "ChargeIndicator" in refusal(changed(PEPPOL, (">true<", ">ja<")).encode()).message


def test_a_number_too_long_to_be_one_is_refused() -> None:
    """What no identifier holds is refused by the model, with the field's name."""
    (problem, *_) = refusal(changed(PEPPOL, (">2026-17<", f">{'9' * 201}<")).encode()).problems
    assert "number" in problem.where


def test_relative_namespaces_have_no_canonical_form() -> None:
    """Such a document could not be known again."""
    relative = changed(PEPPOL, ("<cac:Item>", '<cac:Item xmlns:x="../x">'))
    assert "canonical" in refusal(relative.encode()).message


def test_a_refusal_shows_no_cpr_number() -> None:
    """The value it quotes is masked."""
    assert "1234" not in str(refusal(changed(PEPPOL, (">30.00<", ">010190-1234<")).encode()))


@settings(max_examples=300)
@given(some.sampled_from(sorted(ALL)), some.integers(0, 10**9), some.binary(max_size=4))
def test_no_bytes_make_the_reader_fail_otherwise(which: str, seed: int, noise: bytes) -> None:
    """Cut, overwritten or doubled anywhere, a document is read or refused, and nothing else happens."""
    content = ALL[which].encode()
    chance = random.Random(seed)  # noqa: S311 - a reproducible mutation, not a secret
    start, end = sorted((chance.randrange(len(content)), chance.randrange(len(content))))
    mutants = (
        content[:start] + noise + content[start + len(noise) :],
        content[:start] + content[end:],
        content[:end] + content[start:],
    )
    for mutant in mutants:
        with suppress(Invalid):
            read_document(mutant)


@settings(max_examples=200)
@given(some.sampled_from(sorted(ALL)), some.integers(0, 200), some.text(max_size=40))
def test_no_text_in_a_value_makes_the_reader_fail_otherwise(which: str, place: int, text: str) -> None:
    """Whatever people write where."""
    parts = ALL[which].split("</")
    place = 1 + place % (len(parts) - 2)
    before, _, _ = parts[place].rpartition(">")
    parts[place] = f"{before}>{''.join(c for c in text if c.isprintable() and c not in '<&')}"
    with suppress(Invalid):
        read_document("</".join(parts).encode("utf-8", "ignore"))
