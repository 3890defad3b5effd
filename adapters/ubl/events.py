"""A document to events: one `invoice.received`, or one `invoice.refused` that says why not.

What identifies them, all per authority and source:

- A document's event id is the SHA-256 of its canonical form (`parse.canonical_digest`), so that a document delivered
  twice, also laid out or encoded otherwise, is one event.
- Its subject follows from supplier and number (`schemas.invoices.invoice_subject`): another document with the same
  number is another event on the same subject. A supplier identified by a CPR number is known in it by name and date of
  birth, because a hash of a CPR number can be turned back by trying them all.
- A refused file's event id is the SHA-256 of its bytes.
"""

import hashlib
from datetime import datetime

from kernel.errors import Invalid
from kernel.ids import derived_id
from kernel.masking import mask_cpr
from schemas.envelope import CloudEvent
from schemas.invoices import Received, RefusalProblem, Refused, invoice_subject

from .ids import masked_file_name
from .read import read_document

RECEIVED = "dk.samspil.invoice.received.v1"
REFUSED = "dk.samspil.invoice.refused.v1"


def invoice_events(
    content: bytes, *, authority: str, source: str, received_at: datetime, file_name: str
) -> list[CloudEvent]:
    """The events of one file that came to `authority` (CVR) at `received_at`. A refusal is an event, never an error."""
    try:
        received = read_document(content).received
    except Invalid as refusal:
        return [
            refused_event(
                refusal, content, authority=authority, source=source, received_at=received_at, file_name=file_name
            )
        ]
    return [_received_event(received, authority=authority, source=source, received_at=received_at)]


def refused_event(
    refusal: Invalid, content: bytes, *, authority: str, source: str, received_at: datetime, file_name: str
) -> CloudEvent:
    """That a file was refused, and why. The name it came under is no part of the fact, only of how it came."""
    sha256 = hashlib.sha256(content).hexdigest()
    problems = tuple(
        RefusalProblem(where=each.where[:300], message=each.message[:2000], value=each.value[:300])
        for each in refusal.problems
    )
    return CloudEvent(
        id=sha256,
        source=source,
        type=REFUSED,
        subject=derived_id("invoice-refused", authority, sha256),
        authority=authority,
        time=received_at,
        correlationid=f"file:{masked_file_name(file_name)}"[:300],
        data=Refused(sha256=sha256, reason=mask_cpr(refusal.message), problems=problems),
    )


def _received_event(received: Received, *, authority: str, source: str, received_at: datetime) -> CloudEvent:
    persons = (received.supplier, received.payee, received.buyer)
    return CloudEvent(
        id=received.sha256,
        source=source,
        type=RECEIVED,
        subject=subject_of(received, authority),
        authority=authority,
        time=received_at,
        effective=received.issue_date,
        dataclassification="personal" if any(each and each.is_person for each in persons) else None,
        data=received,
    )


def subject_of(received: Received, authority: str) -> str:
    """The subject of a document; one without a number is a subject of its own."""
    number = received.number or f"document {received.sha256}"
    return invoice_subject(authority, received.supplier.key, number, received.doc_type)
