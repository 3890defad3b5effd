"""What was known of a document is kept with it, and goes with it."""

import gc
import weakref
from uuid import UUID

from consumers.invoice_control.documents import Document, Origin
from consumers.invoice_control.facts import Facts, Units
from consumers.invoice_control.rules.judgement import judge_documents
from schemas.invoices import Received
from tests.support.invoice_control import AUTHORITY, invoice


def test_it_goes_with_the_document() -> None:
    """Nothing that was worked out keeps a document alive, not even until garbage is looked for."""
    event = invoice("100")
    facts = Facts(AUTHORITY, {}, {}, {}, Units({}))
    document = Document(UUID(event.subject), Origin(AUTHORITY, "urn:test", "1"), Received.model_validate(event.data))
    gc.disable()
    try:
        judge_documents(facts, [document])
        alive = weakref.ref(document)
        del document
        assert alive() is None
    finally:
        gc.enable()
