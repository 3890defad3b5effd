"""Bytes to an XML tree, without opening anything the bytes point at: no DTD, no entities, no network, no huge trees."""

import hashlib
import re

from lxml import etree

from kernel.errors import Invalid, Problem
from kernel.masking import mask_cpr

MAX_BYTES = 20 * 1024 * 1024
"""The largest file taken. NemHandel and Peppol access points stop well below it."""

_PARSER = etree.XMLParser(
    resolve_entities=False,
    load_dtd=False,
    no_network=True,
    huge_tree=False,
    remove_blank_text=True,
)
_DOCTYPE = re.compile(rb"(?>[^<]|<\?(?>[^?]|\?(?!>))*\?>|<!--(?>[^-]|-(?!->))*-->)*+<!DOCTYPE")
"""A document type declaration after nothing but text, processing instructions and comments."""


def parse(content: bytes) -> etree._Element:
    """The root element of a well-formed document. Raises Invalid for everything else.

    A DTD is refused before the parser sees it: an invoice has no use for one, and what it declares can read files
    or grow without bound. The parser's own limits stand (nesting 256, a value 10 MB), so that no attachment of more
    than 10 MB passes.
    """
    if len(content) > MAX_BYTES:
        raise Invalid(
            f"the file is larger than {MAX_BYTES // 1024**2} MB",
            hint="ask the sender to leave the attachments out",
        )
    if not content.strip(b" \t\r\n\0"):
        raise Invalid("the file is empty", hint="ask the sender for it again")
    if _declares_type(content):
        raise _dtd_refused()
    try:
        root = etree.fromstring(content, _PARSER)
    except etree.XMLSyntaxError as error:
        raise _not_well_formed(error) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _dtd_refused()
    return root


def canonical_digest(root: etree._Element) -> str:
    """SHA-256 of the document as Canonical XML 1.0 with comments, its layout left out.

    The same document written with other line breaks, indentation, quotes, encoding or order of attributes has the
    same digest; with other namespace prefixes, another comment, or white space within a value, it has another. A sender
    who changes a comment has sent another document; that the number came before is for invoice control to judge.
    """
    try:
        return hashlib.sha256(etree.tostring(root.getroottree(), method="c14n")).hexdigest()
    except etree.C14NError as error:
        raise Invalid(
            "the document has no canonical form",
            hint="its namespaces must be absolute addresses: ask the sender to correct them",
            problems=(Problem("namespaces", _first_line(str(error))),),
        ) from None


def without_remarks(root: etree._Element) -> etree._Element:
    """The document without comments and processing instructions, which say nothing that is read."""
    etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
    return root


def _declares_type(content: bytes) -> bool:
    head = content.replace(b"\0", b"") if b"\0" in content[:200] else content
    return b"<!DOCTYPE" in head and _DOCTYPE.match(head) is not None


def _dtd_refused() -> Invalid:
    return Invalid(
        "the file declares a document type (DTD), which an e-invoice never has",
        hint="a DTD can make the reader open files or fill its memory: have the sender's system checked",
        problems=(Problem("<!DOCTYPE", "a document type declaration is refused unread"),),
    )


def _not_well_formed(error: etree.XMLSyntaxError) -> Invalid:
    if "XML_PARSE_HUGE" in (error.msg or ""):
        return Invalid(
            "the file holds a value of more than 10 MB, or elements more than 256 deep",
            hint="ask the sender to leave the attachments out",
            problems=(Problem(f"line {error.lineno or 1}", "an e-invoice is read no further than that"),),
        )
    return Invalid(
        "the file is not well-formed XML",
        hint="it is cut off, damaged or in another encoding than it says: ask the sender for it again",
        problems=(Problem(f"line {error.lineno or 1}", _first_line(error.msg)),),
    )


def _first_line(message: str | None) -> str:
    return mask_cpr((message or "").partition("\n")[0])[:300]
