"""The front of the reader: the bytes of an e-invoice to what it states, or a refusal that says why and where."""

from dataclasses import dataclass
from typing import Literal

from lxml import etree
from pydantic import ValidationError

from kernel.errors import Invalid, Problem
from kernel.masking import mask_digits
from schemas.catalogue import problems_of
from schemas.invoices import Received

from .arithmetic import arithmetic_findings
from .checks import document_findings
from .cii import read_cii
from .fields import Node
from .parse import canonical_digest, parse, without_remarks
from .reading import Reading
from .ubl import read_ubl

Root = Literal["Invoice", "CreditNote", "CII"]

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_ROOTS: dict[str, Root] = {
    f"{{{_UBL}Invoice-2}}Invoice": "Invoice",
    f"{{{_UBL}CreditNote-2}}CreditNote": "CreditNote",
    "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice": "CII",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A document that could be read: its root and what it states."""

    root: Root
    received: Received


def read_document(content: bytes) -> Document:
    """What an invoice or credit note in OIOUBL 2.x, OIOUBL 3, Peppol BIS 3, EN 16931 UBL or CII states.

    Raises Invalid when it cannot be read: no well-formed XML, a DTD, another kind of document, a number or date that is
    none. What can be read but does not agree with itself is among the findings.
    """
    tree = parse(content)
    root = _root(tree)
    digest = canonical_digest(tree)
    try:
        reading = _read(Node(without_remarks(tree)), root, digest)
        findings = (*document_findings(reading), *arithmetic_findings(reading))
    except ValidationError as error:
        raise _unfit(error) from None
    received = reading.received.model_copy(update={"findings": findings}) if findings else reading.received
    return Document(root=root, received=received)


def _root(tree: etree._Element) -> Root:
    try:
        return _ROOTS[tree.tag]
    except KeyError:
        name = etree.QName(tree)
        raise Invalid(
            "the file is XML, but no invoice or credit note that can be read",
            hint="UBL 2 Invoice and CreditNote and CII CrossIndustryInvoice are read",
            problems=(Problem(f"line {tree.sourceline}", "the root element is unknown", mask_digits(name.text)[:200]),),
        ) from None


def _read(tree: Node, root: Root, sha256: str) -> Reading:
    if root == "CII":
        return read_cii(tree, sha256=sha256)
    return read_ubl(tree, credit_note=root == "CreditNote", sha256=sha256)


def _unfit(error: ValidationError) -> Invalid:
    return Invalid(
        "the document states something that no invoice holds",
        hint="ask the sender for a corrected document",
        problems=problems_of(error, error.title),
    )
