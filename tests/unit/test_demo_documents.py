"""The documents of the demo are such as Danish senders write, and wrong only where that was planted."""

from collections import Counter, defaultdict
from functools import cache

import pytest

from examples.municipalities import MUNICIPALITIES
from examples.play import Demo
from schemas.envelope import CloudEvent
from schemas.invoices import Received
from tests.support.demo import arrivals

PLANTED_FINDINGS = {"IC01": {"MISSING"}, "IC03": {"PAYABLE", "TAXCALC", "LINESUM"}, "IC04": {"LINECALC"}}
"""What the reader may say of a document in which a discrepancy of that rule was planted."""


@cache
def demo(seed: int) -> Demo:
    return Demo(seed)


@cache
def read(seed: int) -> list[CloudEvent]:
    return [event for day in demo(seed).days() for share in day.shares for event in arrivals(share, day.date)]


def received() -> list[Received]:
    return [event.data for event in read(1) if isinstance(event.data, Received)]


@pytest.mark.parametrize("seed", [1, 2])
def test_only_what_was_planted_is_wrong_in_the_documents(seed: int) -> None:
    """The adapter reads every document; what it finds and refuses is what was planted, near misses included."""
    planted, near = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for one in demo(seed).invoice_truth:
        planted[one.invoice].add(one.rule)
    for miss in demo(seed).near_misses:
        near[miss.invoice].add(miss.rule)
    for event in read(seed):
        if isinstance(event.data, Received):
            found = {finding.code for finding in event.data.findings}
            expected = _findings(planted[event.subject])
            assert found <= expected | _findings(near[event.subject])
            assert found or not expected
        else:
            assert planted[event.subject] == {"IC01"}


def _findings(rules: set[str]) -> set[str]:
    return {code for rule in rules for code in PLANTED_FINDINGS.get(rule, ())}


def test_a_third_is_oioubl() -> None:
    """OIOUBL 2.1 and Peppol BIS Billing 3, one to two."""
    kinds = Counter(document.kind for document in received())
    assert kinds.keys() == {"oioubl", "ubl"}
    assert 0.29 < kinds["oioubl"] / kinds.total() < 0.38


def test_most_documents_cite_an_order_and_few_a_contract() -> None:
    """10 % cite the contract, 55 % an order, the rest only say who bills what."""
    invoices = [document for document in received() if document.doc_type == "invoice"]
    contracts = sum(bool(document.contract_refs) for document in invoices) / len(invoices)
    orders = sum(document.order_ref is not None for document in invoices) / len(invoices)
    assert 0.08 < contracts < 0.13
    assert 0.50 < orders < 0.60


def test_suppliers_and_buyers_are_known_by_number() -> None:
    """CVR numbers (or a foreign VAT number) on one side, GLN and person reference on the other."""
    for document in received():
        assert document.supplier.cvr or document.supplier.vat_id
        assert document.buyer.cvr in {one.cvr for one in MUNICIPALITIES}
        assert document.buyer.contact_id


def test_some_files_are_refused_in_either_municipality() -> None:
    """A DTD, a file that is cut off, a comma in an amount, another kind of document."""
    refused = Counter(event.authority for event in read(1) if not isinstance(event.data, Received))
    assert all(refused[one.cvr] >= 4 for one in MUNICIPALITIES)
    reasons = {event.data.reason for event in read(1) if not isinstance(event.data, Received)}
    assert len(reasons) >= 4


def test_credit_notes_say_which_invoice_they_credit() -> None:
    """Each names the number of an invoice that came."""
    numbers = {document.normal_number for document in received() if document.doc_type == "invoice"}
    notes = [document for document in received() if document.doc_type == "credit-note"]
    assert notes
    assert all(reference.normal_number in numbers for note in notes for reference in note.billing_refs)
    assert all(note.billing_refs for note in notes)
