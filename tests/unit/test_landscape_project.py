"""Events of the landscape as rows."""

from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.landscape.project import FAMILIES, project
from consumers.landscape.tables import CONTRACT, INVOICED, RELATION, STATES, USAGE
from kernel.errors import Invalid
from schemas.registry import CATALOGUE
from tests.support.events import AUTHORITY, event, recorded

DOCUMENT = 7
SHA256 = CATALOGUE.latest("invoice.received").sample["sha256"]
TOTALS = {"tax_exclusive": "1000", "payable": "1250"}


def test_every_family_is_in_the_catalogue() -> None:
    """What the landscape reads exists."""
    assert {kind.family for kind in CATALOGUE} >= FAMILIES


def test_a_statement_is_kept_as_it_was_stated() -> None:
    """The payload is the document, byte for byte."""
    stated = event("system.usage-stated", "u1", position=1)
    (row,) = project([stated], CATALOGUE)[USAGE]
    assert row[DOCUMENT].encode() == stated.payload


def test_a_removal_has_no_document() -> None:
    """It ends what was stated."""
    (row,) = project([event("system.relation-removed", "r1", position=1)], CATALOGUE)[RELATION]
    assert row[DOCUMENT] is None


def test_an_older_version_is_kept_as_the_newest() -> None:
    """Contracts of version 1 are read as version 2."""
    old = event("contract.contract-stated", "k1", position=1, version=1)
    (row,) = project([old], CATALOGUE)[CONTRACT]
    assert orjson.loads(row[DOCUMENT])["terms"]["notice"] == {"months": 6}


@pytest.mark.parametrize("payload", [b"", b"[]", b'"text"', b'{"name": "cut o', b'{"name": "without a system"}'])
def test_a_damaged_payload_is_refused(payload: bytes) -> None:
    """Bytes that came past accept are not kept as if they said something."""
    with pytest.raises(Invalid):
        project([event("system.usage-stated", "u1", position=1)._replace(payload=payload)], CATALOGUE)


def test_a_damaged_invoice_is_refused() -> None:
    """It is parked, not left out of the sum."""
    with pytest.raises(Invalid):
        project([event("invoice.received", "i1", position=1)._replace(payload=b"{}")], CATALOGUE)


def test_an_invoice_is_a_row_with_what_it_is_summed_by() -> None:
    """Supplier, reference, year and currency; of references to several contracts none is chosen."""
    batch = [
        event("invoice.received", "i1", position=1),
        event("invoice.received", "i2", position=2, totals={**TOTALS, "tax_exclusive": "0.50"}),
        event("invoice.received", "i3", position=3, issue_date="2025-12-30"),
        event("invoice.received", "i4", position=4, contract_refs=[]),
        event("invoice.received", "i5", position=5, contract_refs=["K-1", "K-2"]),
        event("invoice.received", "i6", position=6, currency="EUR"),
        event("invoice.received", "i7", position=7, contract_refs=["K-1", "k1"]),
    ]

    def of(subject: str, position: int) -> tuple[object, ...]:
        return AUTHORITY, subject, position, recorded(position), SHA256, "cvr:10150817"

    assert project(batch, CATALOGUE)[INVOICED] == [
        (*of("i1", 1), "K-2024-17", 2026, "DKK", Decimal(1000)),
        (*of("i2", 2), "K-2024-17", 2026, "DKK", Decimal("0.5")),
        (*of("i3", 3), "K-2024-17", 2025, "DKK", Decimal(1000)),
        (*of("i4", 4), "5002701234", 2026, "DKK", Decimal(1000)),
        (*of("i5", 5), "", 2026, "DKK", Decimal(1000)),
        (*of("i6", 6), "K-2024-17", 2026, "EUR", Decimal(1000)),
        (*of("i7", 7), "K-1", 2026, "DKK", Decimal(1000)),
    ]


def test_a_credit_note_counts_against_what_was_invoiced() -> None:
    """An invoice and its credit note come to nothing."""
    batch = [
        event("invoice.received", "i1", position=1),
        event("invoice.received", "i2", position=2, doc_type="credit-note"),
    ]
    assert sum(row[-1] for row in project(batch, CATALOGUE)[INVOICED]) == 0


def test_a_net_amount_that_is_not_stated_follows_from_the_lines() -> None:
    """Lines less allowances, with charges."""
    totals = {"allowances": "40", "charges": "5", "payable": "1"}
    bare = event("invoice.received", "i1", position=1, totals=totals)
    assert project([bare], CATALOGUE)[INVOICED][0][-1] == Decimal(965)


def test_an_invoice_without_currency_is_not_counted_as_kroner() -> None:
    """What is not stated is not guessed."""
    bare = event("invoice.received", "i1", position=1, currency=None)
    assert project([bare], CATALOGUE)[INVOICED][0][-2] == "XXX"


@given(st.lists(st.integers(0, 5), max_size=8), st.integers(0, 8))
def test_batches_do_not_matter(numbers: list[int], cut: int) -> None:
    """Rows are the same however the events were cut into batches."""
    families = ["system.usage-stated", "contract.contract-stated", "invoice.received"]
    events = [event(families[n % 3], f"s{n}", position=at) for at, n in enumerate(numbers, 1)]
    whole, parts = project(events, CATALOGUE), [project(part, CATALOGUE) for part in (events[:cut], events[cut:])]
    for table in (*STATES.values(), INVOICED):
        assert list(whole.get(table, [])) == [row for part in parts for row in part.get(table, [])]
