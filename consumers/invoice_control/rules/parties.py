"""Rules about who bills, who is paid and who is addressed: IC07, IC08, IC09."""

from collections.abc import Iterator
from datetime import date

from consumers.invoice_control.documents import Document
from consumers.invoice_control.facts import Entry
from consumers.invoice_control.history import History
from schemas.invoice_parts import GLN_SCHEMES
from schemas.organisation import Unit
from schemas.suppliers import CvrState, may_be_paid
from schemas.values import Party

from .case import Case, Hit

BAD: tuple[CvrState, ...] = ("dissolved", "bankrupt")
"""The states in which a supplier is not paid as usual, the worst first."""


def supplier_unknown(case: Case) -> Iterator[Hit]:
    """IC07: on the issue date the supplier is in no register, or bankrupt or dissolved in every one it is in."""
    document = case.document
    if not case.entries:
        yield Hit(reason="unknown", found=document.supplier, stake=document.net)
        return
    states = [_cvr_state(entry, document.issued) for entry in case.entries]
    if all(state in BAD for state in states):
        worst = next(state for state in BAD if state in states)
        yield Hit(
            reason=worst,
            expected="active",
            found=worst,
            stake=document.net,
            rests_on=tuple(entry.statement for entry in case.entries),
        )


def supplier_mismatch(case: Case) -> Iterator[Hit]:
    """IC08: the contract is not the supplier's to bill, or money is to go to somebody the supplier has not named."""
    document, statements = case.document, tuple(entry.statement for entry in case.entries)
    if case.match and not case.may_bill:
        holder = case.match.statement.value.supplier
        yield Hit(
            reason="supplier",
            expected=holder.name or str(holder.id),
            found=document.received.supplier.name or document.supplier,
            stake=document.net,
            rests_on=(case.match.statement, *statements),
        )
        return
    payee = document.received.payee
    if payee and (payee.cvr or (payee.vat_id and not payee.is_person)):
        named = Party.model_construct(cvr=payee.cvr, vat_id=payee.vat_id, name=payee.name or "")
        if not any(may_be_paid(entry.statement.value, named, document.issued) for entry in case.entries):
            yield Hit(reason="payee", found=payee.name or payee.key, stake=document.net, rests_on=statements)


def buyer_address(case: Case) -> Iterator[Hit]:
    """IC09: the GLN is none, is no unit's, or is closed on the issue date."""
    document = case.document
    written = _written_gln(document)
    if written is None:
        return
    if document.received.buyer.gln is None:
        yield Hit(reason="check-digit", found=written)
        return
    holders = case.facts.units.addresses.get(written, ())
    if not holders:
        if case.facts.units.addresses:
            yield Hit(reason="unknown", found=written)
    elif not any(is_open(unit, written, document.issued) for unit in holders):
        yield Hit(
            reason="closed",
            found=written,
            values={"on": document.issued.isoformat()},
            rests_on=tuple(unit.statements[-1] for unit in holders),
        )


def _cvr_state(entry: Entry, day: date) -> CvrState | None:
    return entry.statement.value.cvr_state if entry.statement.effective <= day else None


def _written_gln(document: Document) -> str | None:
    buyer = document.received.buyer
    written = (each.id for each in buyer.ids if (each.scheme or "").upper() in GLN_SCHEMES)
    return buyer.gln or next(written, None)


def is_open(unit: History[Unit], gln: str, day: date) -> bool:
    """Whether the unit's `gln` may be addressed on `day`; once the unit is removed, only until a stated date."""
    held = unit.known_at(day)
    last = next(reversed([*unit.ever()]), None)
    value = held.value if held else last
    return value is not None and any(
        dated.gln == gln
        and (dated.valid_from or date.min) <= day < (dated.valid_to or date.max)
        and (held is not None or dated.valid_to is not None)
        for dated in value.glns
    )
