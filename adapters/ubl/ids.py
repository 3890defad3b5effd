"""Who a party is: its identifiers in the order they identify by, and which is a CVR number, a GLN or a CPR number.

OIOUBL 2.x names its schemes (`DK:CVR` with the value `DK12345678`, `GLN`, `DK:CPR`); Peppol and OIOUBL 3 use ISO 6523
codes (`0184` for CVR, eight digits with or without `DK`; `0088` for GLN), older Peppol the codes from 9900.
"""

import re
from collections.abc import Iterable
from typing import Literal

from kernel.masking import holds_written_cpr, mask_cpr
from schemas.invoice_parts import CPR_SCHEMES, InvoiceParty, PartyId
from schemas.values import valid_cvr, valid_gln

Role = Literal["address", "legal", "vat", "party"]
Found = tuple[Role, str | None, str | None]
"""What a document says: role, scheme and identifier."""

_CVR_SCHEMES = frozenset({"DK:CVR", "CVR", "0184", "9902"})
_VAT_SCHEMES = frozenset({"DK:SE", "SE", "0198", "9904"})
_GLN_SCHEMES = frozenset({"GLN", "DK:GLN", "EAN", "0088"})
_NAME_LENGTH = 300
_TEXT_LENGTH = 20_000


def party(
    found: Iterable[Found],
    *,
    names: Iterable[str | None] = (),
    country: str | None = None,
    contact_id: str | None = None,
    contact_name: str | None = None,
) -> InvoiceParty:
    """The party that `found` identifies, its first name that is not empty, every CPR number in it masked."""
    ids = _without_persons([(role, scheme, text) for role, scheme, text in found if text])
    return InvoiceParty(
        ids=tuple(PartyId(role=role, scheme=scheme, id=text) for role, scheme, text in ids),
        cvr=_cvr(ids, country),
        vat_id=next((text for role, scheme, text in ids if role == "vat" and not _is_cpr(scheme)), None),
        gln=_gln(ids),
        name=short(next(filter(None, names), None)),
        country=country,
        contact_id=contact_id,
        contact_name=short(contact_name),
    )


def short(text: str | None) -> str | None:
    """As much of a name as a name may hold."""
    return text[:_NAME_LENGTH] if text else None


def long(text: str | None) -> str | None:
    """As much of a text as free text may hold."""
    return text[:_TEXT_LENGTH] if text else None


def masked_file_name(name: str) -> str:
    """A file's name as it can be shown: CPR numbers masked whatever stands around them, stray bytes written out."""
    name = name.encode("utf-8", "backslashreplace").decode()
    return re.sub(r"(?<!\d)\d{6}[- ]?\d{4}(?!\d)", lambda found: mask_cpr(found[0]), name)


def _without_persons(ids: list[tuple[Role, str | None, str]]) -> list[tuple[Role, str | None, str]]:
    """A number that one identifier says or writes as a CPR number is one in the others too, whatever they call it."""
    persons = {_digits(text) for _, scheme, text in ids if _is_cpr(scheme) or holds_written_cpr(text)} - {""}
    if not persons:
        return ids
    return [(role, "DK:CPR" if _digits(text) in persons else scheme, text) for role, scheme, text in ids]


def _is_cpr(scheme: str | None) -> bool:
    return scheme is not None and scheme.upper() in CPR_SCHEMES


def _cvr(ids: list[tuple[Role, str | None, str]], country: str | None) -> str | None:
    """The CVR number: one that says so, else the number in a Danish VAT id, which is the CVR number of most."""
    stated = [text for _, scheme, text in ids if scheme and scheme.upper() in _CVR_SCHEMES]
    implied = [text for role, scheme, text in ids if _may_be_cvr(role, scheme, text, country)]
    bare = (re.sub(r"[\s.]", "", text).upper().removeprefix("DK") for text in [*stated, *implied])
    return next(filter(valid_cvr, bare), None)


def _may_be_cvr(role: Role, scheme: str | None, text: str, country: str | None) -> bool:
    if role not in ("legal", "vat") or (scheme and scheme.upper() not in {*_VAT_SCHEMES, "VA", "VAT"}):
        return False
    return text.upper().startswith("DK") or (country or "").upper() == "DK"


def _gln(ids: list[tuple[Role, str | None, str]]) -> str | None:
    return next(
        (text for _, scheme, text in ids if scheme and scheme.upper() in _GLN_SCHEMES and valid_gln(text)), None
    )


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text, flags=re.ASCII)
