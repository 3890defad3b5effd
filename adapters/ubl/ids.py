"""Who a party is: its identifiers in the order they identify by, and which is a CVR number, a GLN or a CPR number.

OIOUBL 2.x names its schemes (`DK:CVR` with the value `DK12345678`, `GLN`, `DK:CPR`); Peppol and OIOUBL 3 use ISO 6523
codes (`0184` for CVR, eight digits with or without `DK`; `0088` for GLN), older Peppol the codes from 9900.
"""

import re
from collections.abc import Iterable
from typing import Literal

from kernel.masking import holds_written_cpr, is_cpr, mask_digits, mask_message
from schemas.invoice_parts import CPR_SCHEMES, CVR_SCHEMES, GLN_SCHEMES, SE_SCHEMES, InvoiceParty, PartyId, is_person_id
from schemas.values import bare_cvr, bare_gln, valid_cvr, valid_gln

Role = Literal["address", "legal", "vat", "party"]
Found = tuple[Role, str | None, str | None]
"""What a document says: role, scheme and identifier."""

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
    ids = _without_persons([(role, scheme, text) for role, scheme, text in found if text], country)
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
    """As much of a name as a name may hold, masked before it is cut: half a CPR number is not recognised."""
    return mask_message(text)[:_NAME_LENGTH] if text else None


def long(text: str | None) -> str | None:
    """As much of a text as free text may hold, masked before it is cut."""
    return mask_message(text)[:_TEXT_LENGTH] if text else None


def masked_file_name(name: str) -> str:
    """A file's name as it can be shown: CPR numbers masked whatever stands around them; stray bytes and control
    characters, which no key may hold, written out."""
    name = name.encode("utf-8", "backslashreplace").decode()
    return mask_digits(re.sub(r"[\x00-\x1f\x7f-\x9f]", lambda found: f"\\x{ord(found[0]):02x}", name))


def _without_persons(
    ids: list[tuple[Role, str | None, str]], country: str | None
) -> list[tuple[Role, str | None, str]]:
    """A number that one identifier says or writes as a CPR number is one in the others too, whatever they call it."""
    persons = {_digits(text) for _, scheme, text in ids if _is_persons(scheme, text, country)} - {""}
    if not persons:
        return ids
    return [(role, "DK:CPR" if _digits(text) in persons else scheme, text) for role, scheme, text in ids]


def _is_persons(scheme: str | None, text: str, country: str | None) -> bool:
    """Whether an identifier is a CPR number; without a scheme, or as a VAT id, ten digits of a Danish party are one."""
    unsaid = (scheme or "VAT").upper() in ("VAT", "VA") and (country or "DK").upper() == "DK"
    return is_person_id(scheme, text) or holds_written_cpr(text) or (unsaid and is_cpr(text))


def _is_cpr(scheme: str | None) -> bool:
    return scheme is not None and scheme.upper() in CPR_SCHEMES


def _cvr(ids: list[tuple[Role, str | None, str]], country: str | None) -> str | None:
    """The CVR number: one that says so, else the number in a Danish VAT id, which is the CVR number of most."""
    stated = [text for _, scheme, text in ids if scheme and scheme.upper() in CVR_SCHEMES]
    implied = [text for role, scheme, text in ids if _may_be_cvr(role, scheme, text, country)]
    return next(filter(valid_cvr, map(bare_cvr, [*stated, *implied])), None)


def _may_be_cvr(role: Role, scheme: str | None, text: str, country: str | None) -> bool:
    if role not in ("legal", "vat") or (scheme and scheme.upper() not in {*SE_SCHEMES, "VA", "VAT"}):
        return False
    return text.upper().startswith("DK") or (country or "").upper() == "DK"


def _gln(ids: list[tuple[Role, str | None, str]]) -> str | None:
    stated = (bare_gln(text) for _, scheme, text in ids if scheme and scheme.upper() in GLN_SCHEMES)
    return next(filter(valid_gln, stated), None)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text, flags=re.ASCII)
