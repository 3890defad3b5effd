"""Made-up suppliers, contracts, prices and invoices as events, and the judgement of them without a database."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from consumers.invoice_control.documents import Document, Origin
from consumers.invoice_control.facts import Facts, Units
from consumers.invoice_control.history import History, Statement
from consumers.invoice_control.rules.case import Rule
from consumers.invoice_control.rules.judgement import judge_documents
from consumers.invoice_control.rules.registry import RULES
from kernel.ids import subject_id
from schemas.alerts import Finding
from schemas.catalogue import Json
from schemas.envelope import CloudEvent
from schemas.invoices import Received, invoice_subject, normal_number
from schemas.registry import CATALOGUE

AUTHORITY = "99000007"
SUPPLIER = "99000104"
OTHER = "99000015"
THIRD = "99000120"
GLN = "9521234000013"
OLD_GLN = "9521234000020"
_WHEN = datetime(2024, 1, 1, 9, tzinfo=UTC)


def of(name: str) -> UUID:
    """The UUID of a subject by its short name."""
    return subject_id(AUTHORITY, "urn:test", name)


def ref(name: str) -> Json:
    return {"id": str(of(name)), "name": name}


def state(family: str, name: str, data: Json, since: str = "2024-01-01", until: str | None = None) -> CloudEvent:
    """A statement that `name` is so from `since` on."""
    return CloudEvent.model_validate(
        {
            "id": f"{family}:{name}:{since}:{sha256(repr(data).encode()).hexdigest()[:8]}",
            "source": "urn:test",
            "type": CATALOGUE.latest(family).name,
            "subject": str(of(name)),
            "authority": AUTHORITY,
            "time": _WHEN,
            "effective": since,
            "effectiveto": until,
            "data": data,
        }
    )


def removed(family: str, name: str, since: str) -> CloudEvent:
    return state(f"{family}-removed", name, {"reason": "gone"}, since)


def supplier(cvr: str = SUPPLIER, *, since: str = "2024-01-01", **fields: Any) -> CloudEvent:
    """A supplier of the register; its short name is its CVR."""
    data = {"local_id": cvr, "name": f"Leverandør {cvr}", "cvr": cvr} | fields
    return state("supplier.supplier-stated", cvr, data, since)


def contract(name: str = "K-1", *, since: str = "2024-01-01", **fields: Any) -> CloudEvent:
    """A contract with SUPPLIER for the years 2024 to 2026."""
    data = {
        "local_id": name,
        "title": f"Kontrakt {name}",
        "supplier": ref(SUPPLIER),
        "terms": {"starts_on": "2024-01-01", "ends_on": "2026-12-31"},
    } | fields
    return state("contract.contract-stated", name, data, since)


def item(name: str = "K-1/1", price: Json | str = "1000", *, since: str = "2024-01-01", **fields: Any) -> CloudEvent:
    """A price item of K-1 that lines with the text `Licens` bill: an amount a month, or a price per unit."""
    model = {"model": "fixed", "amount": price} if isinstance(price, str) else {"model": "per-unit"} | price
    data = {
        "local_id": name,
        "contract": ref("K-1"),
        "title": f"Pris {name}",
        "line_patterns": ["Licens*"],
        "price": model,
        "period": "month",
    } | fields
    return state("contract.price-item-stated", name, data, since)


def per_user(*tiers: tuple[str, str]) -> Json:
    """A price per user, by (above, price)."""
    return {"base": "user", "tiers": [{"above": above, "price": price} for above, price in tiers]}


def unit(name: str = "unit", *glns: Json, since: str = "2024-01-01") -> CloudEvent:
    return state("organisation.unit-stated", name, {"name": name, "glns": glns or [{"gln": GLN}]}, since)


def addressed_to(gln: str) -> Json:
    """The buyer, at this address."""
    return {"gln": gln, "ids": [{"role": "address", "scheme": "GLN", "id": gln}], "name": "Kommunen"}


def line(amount: str = "1000", text: str = "Licens", **fields: Any) -> Json:
    return {"name": text, "quantity": "1", "amount": amount} | fields


def invoice(
    number: str = "100",
    *lines: Json,
    issued: str = "2026-03-10",
    cvr: str | None = SUPPLIER,
    kind: str = "invoice",
    copy: str = "",
    **fields: Any,
) -> CloudEvent:
    """A document of 1000 DKK for one licence in March 2026; `copy` makes it another document with the same number."""
    lines = lines or (line(),)
    net = str(sum(Decimal(each["amount"]) for each in lines))
    numbered = [{"id": str(place)} | each for place, each in enumerate(lines, 1)]
    data: Json = {
        "kind": "oioubl",
        "doc_type": kind,
        "number": number,
        "normal_number": normal_number(number),
        "issue_date": issued,
        "currency": "DKK",
        "totals": {"tax_exclusive": net, "payable": net},
        "supplier": {"cvr": cvr, "ids": [{"role": "legal", "id": cvr or "?"}], "name": f"Leverandør {cvr}"},
        "buyer": addressed_to(GLN),
        "lines": numbered,
    } | fields
    data = {"sha256": sha256(f"{number}{copy}{data}".encode()).hexdigest()} | data
    received = Received.model_validate(data)
    return CloudEvent.model_validate(
        {
            "id": received.sha256,
            "source": "urn:test:invoices",
            "type": "dk.samspil.invoice.received.v1",
            "subject": invoice_subject(AUTHORITY, received.supplier.key, number, received.doc_type),
            "authority": AUTHORITY,
            "time": _WHEN,
            "data": received.model_dump(mode="json", exclude_none=True),
        }
    )


def credit_note(number: str, amount: str, of_invoice: str | None = None, **fields: Any) -> CloudEvent:
    """A credit note over `amount`, for the invoice with that number if any."""
    named = {"number": of_invoice or "", "normal_number": normal_number(of_invoice or "0")}
    refs = {"billing_refs": [named]} if of_invoice else {}
    return invoice(number, line(amount), kind="credit-note", **({"issued": "2026-04-01"} | refs | fields))


def judged(events: Iterable[CloudEvent], rules: Sequence[Rule] = RULES) -> list[Finding]:
    """What the rules find in the invoices among `events`, with all the others as facts."""
    documents, stated = [], defaultdict[str, list[CloudEvent]](list)
    for event in events:
        if event.type.startswith("dk.samspil.invoice.received"):
            received = Received.model_validate(event.data)
            documents.append(Document(UUID(event.subject), _origin(event), received))
        else:
            stated[event.type.split(".", 3)[3].rpartition("-")[0]].append(event)
    facts = Facts(
        authority=AUTHORITY,
        suppliers=_histories(stated["supplier"]),
        contracts=_histories(stated["contract"]),
        items=_histories(stated["price-item"]),
        units=Units(_histories(stated["unit"])),
    )
    return [each.finding for each in judge_documents(facts, documents, rules)]


def codes(events: Iterable[CloudEvent]) -> list[str]:
    """The reasons of what is found, such as `ic07.bankrupt`, sorted."""
    return sorted(finding.title.key for finding in judged(events))


def _origin(event: CloudEvent) -> Origin:
    return Origin(event.authority, event.source, event.id)


def _histories(events: Sequence[CloudEvent]) -> Mapping[UUID, History[Any]]:
    found = defaultdict[UUID, list[Statement[Any]]](list)
    for event in events:
        value = None if "removed" in event.type else CATALOGUE.get(event.type).model.model_validate(event.data)
        assert event.effective
        statement = Statement(_origin(event), event.effective, event.effectiveto, value)
        found[UUID(event.subject)].append(statement)
    return {subject: History(subject, tuple(statements)) for subject, statements in found.items()}
