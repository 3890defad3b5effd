"""The judgement: documents and facts in, findings out. Pure; the order in which either arrived changes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import chain
from typing import Any, Literal, NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

from consumers.invoice_control.documents import ZERO, Document, Refusal
from consumers.invoice_control.facts import Entry, Facts
from consumers.invoice_control.history import Statement
from consumers.invoice_control.ladder import Match, find_contract, may_bill
from consumers.invoice_control.standing import Standing, distinct, standing
from consumers.runtime.findings import Found
from schemas.alerts import Evidence, Finding, Message
from schemas.contracts import Contract
from schemas.hub import EventKey
from schemas.pricing import rounded
from schemas.values import Money, Reference

from .case import Case, Hit, Passed, Rule
from .parties import is_open
from .registry import CREDITABLE, RULES

MOST_DIGITS = 28
"""What `schemas.values.Number` holds."""
FOUND_BY = "invoice-control"
"""What findings call this consumer: its name, written as `schemas.alerts.Code` wants it."""


def judge_documents(facts: Facts, documents: Sequence[Document], rules: Sequence[Rule] = RULES) -> list[Found]:
    """What `rules` find in documents of whole suppliers: all that share a number, a register entry or a contract."""
    return [found for each in judge_by_case(facts, documents, rules) for found in each]


def judge_by_case(
    facts: Facts, documents: Sequence[Document], rules: Sequence[Rule] = RULES
) -> Iterator[Sequence[Found]]:
    """As `judge_documents`, one case after the other, for who has something else to do in between."""
    known = distinct(documents)
    placed = standing([document for document in known if document.is_placed], facts)
    cases = chain(
        (Case(facts, document) for document in known if not document.is_placed),
        _with_sums(_original_cases(placed, facts)),
        (Case(facts, each.repetitions[0], repeats=each, repetition=True) for each in placed.repeats.values()),
    )
    every = tuple(rules)
    return (_judged(case, every) for case in cases)


def judge_refusal(authority: str, refusal: Refusal, rules: Sequence[Rule] = RULES) -> list[Found]:
    """IC01: a file that cannot be read, whatever it was meant to be."""
    return [
        Found(
            authority,
            refusal_group(refusal.subject),
            Finding(
                consumer=FOUND_BY,
                rule=rule.code,
                rule_version=rule.version,
                severity=rule.severity,
                subject=Reference(id=refusal.subject),
                subject_kind="document",
                title=Message(key=f"{rule.code}.refused", values={"reason": refusal.refused.reason}),
                causes=(refusal.origin.key,),
                references=(Evidence(kind="document", local_id=refusal.refused.sha256),),
            ),
        )
        for rule in rules
        if rule.code == "ic01"
    ]


def refusal_group(subject: UUID | str) -> str:
    """A refused file is judged by itself."""
    return f"refused:{subject}"


class Known(NamedTuple):
    """What one original and the facts say by themselves, whatever other documents there are."""

    facts: Facts
    is_free: bool
    entries: tuple[Entry, ...]
    match: Match | None
    may_bill: bool
    found: dict[Any, tuple[Found, ...]]


_KNOWN = WeakKeyDictionary[Document, Known]()
"""What was last known of a document, for as long as the document itself is kept (docs/decisions/0013)."""


def as_before(facts: Facts, documents: Iterable[Document]) -> Facts:
    """The facts by which these documents were last judged, when those say the same; else `facts`."""
    before = {id(known.facts): known.facts for document in documents if (known := _KNOWN.get(document))}
    return next((each for each in before.values() if each.say_the_same(facts)), facts)


def _original_cases(placed: Standing, facts: Facts) -> Iterator[Case]:
    """The originals with their register entries and contracts."""
    free = frozenset(placed.free_credits)
    for document in placed.originals:
        is_free = document in free
        known = _KNOWN.get(document)
        if known is None or known.facts is not facts or known.is_free != is_free:
            known = _KNOWN[document] = _known(facts, document, is_free)
        yield Case(
            facts,
            document,
            entries=known.entries,
            match=known.match,
            may_bill=known.may_bill,
            credited=placed.credited[document],
            found=known.found,
        )


def _known(facts: Facts, document: Document, is_free: bool) -> Known:
    entries = facts.entries(document.supplier, document.issued)
    suppliers = frozenset(entry.id for entry in entries)
    needs_contract = entries and (document.net > 0 or is_free)
    match = find_contract(document, suppliers, facts) if needs_contract else None
    allowed = match is not None and may_bill(document, match.contract, suppliers, facts)
    return Known(facts, is_free, entries, match, allowed, {})


def _with_sums(cases: Iterable[Case]) -> Iterator[Case]:
    """The cases, in their order, each with the maximums that are passed with it."""
    sums = defaultdict[tuple[UUID, str | None], Decimal](Decimal)
    for case in cases:
        if case.match is None or not case.may_bill:
            yield case
            continue
        own = case.document.net - case.credited
        above = list[Passed]()
        for kind, contract, statement in _bounds(case, case.match):
            sums[contract, case.document.currency] += own
            billed, maximum = sums[contract, case.document.currency], statement.value.maximum
            if maximum is None or maximum.indexed or maximum.net.currency != case.document.currency:
                continue
            if billed > maximum.net.amount and own > 0:
                above.append(Passed(kind, statement, maximum.net, billed))
        yield replace(case, above=tuple(above), found={}) if above else case


def _bounds(case: Case, match: Match) -> Iterator[tuple[Literal["contract", "framework"], UUID, Statement[Contract]]]:
    """What the contract bills against: itself, and the framework agreement that it is a call-off of."""
    contract = match.statement.value
    yield "contract", match.contract, match.statement
    if contract.kind != "call-off" or contract.parent is None or contract.parent.id not in case.facts.contracts:
        return
    framework = case.facts.contracts[contract.parent.id].known_at(case.document.service.first)
    if framework is not None and framework.value.kind == "framework":
        yield "framework", contract.parent.id, framework


def _judged(case: Case, rules: tuple[Rule, ...]) -> tuple[Found, ...]:
    key = (rules, case.credited)
    if key not in case.found:
        case.found[key] = tuple(_judge(case, rules))
    return case.found[key]


def _judge(case: Case, rules: Sequence[Rule]) -> Iterator[Found]:
    hits = [(rule, hit) for rule in rules if rule.stage in case.stages for hit in rule.find(case)]
    for rule, hit in _after_credits(hits, case):
        yield Found(case.facts.authority, case.document.supplier, _finding(rule, hit, case))


def _after_credits(hits: Sequence[tuple[Rule, Hit]], case: Case) -> Sequence[tuple[Rule, Hit]]:
    """The findings that remain when credit notes have given back what was at stake, or everything."""
    if case.credited <= 0:
        return hits
    if case.credited >= case.document.net:
        return [(rule, hit) for rule, hit in hits if rule.code in {"ic01", "ic22"}]
    currency = case.document.currency or ""
    stakes = [rounded(hit.stake, currency) for rule, hit in hits if rule.code in CREDITABLE and hit.stake is not None]
    if case.credited < sum(stakes, ZERO):
        return hits
    return [(rule, hit) for rule, hit in hits if rule.code not in CREDITABLE]


def _finding(rule: Rule, hit: Hit, case: Case) -> Finding:
    document = case.document
    return Finding(
        consumer=FOUND_BY,
        rule=rule.code,
        rule_version=rule.version,
        severity=rule.severity,
        subject=Reference(id=document.subject, name=document.received.number),
        subject_kind=document.received.doc_type,
        line_id=hit.line_id,
        title=Message(key=f"{rule.code}.{hit.reason}", values=dict(hit.values)),
        expected=hit.expected,
        found=hit.found,
        tolerance=hit.tolerance,
        unit=hit.unit,
        amount_at_stake=_at_stake(hit, document.currency),
        causes=tuple(_causes(hit, case)),
        references=tuple(_references(case)),
    )


def _at_stake(hit: Hit, currency: str | None) -> Money | None:
    """In the document's currency; nothing for more digits than an amount may have."""
    if hit.stake is None or currency is None:
        return None
    amount = rounded(hit.stake, currency)
    plain = Decimal(int(amount)) if amount == int(amount) else amount
    return Money(amount=plain, currency=currency) if len(plain.as_tuple().digits) <= MOST_DIGITS else None


def _causes(hit: Hit, case: Case) -> list[EventKey]:
    repeats = case.repeats
    documents = (repeats.original, *repeats.repetitions) if repeats else (case.document,)
    origins = [*(each.origin for each in documents), *(each.origin for each in hit.rests_on)]
    return [origin.key for origin in dict.fromkeys(origins)]


def _references(case: Case) -> Iterator[Evidence]:
    received = case.document.received
    if received.number:
        yield Evidence(kind=received.doc_type, id=case.document.subject, local_id=received.number)
    for entry in case.entries:
        yield Evidence(kind="supplier", id=entry.id, name=entry.statement.value.name)
    if not case.entries:
        yield Evidence(kind="supplier", local_id=case.document.supplier[:200], name=received.supplier.name)
    yield Evidence(kind="supplier-number", local_id=case.document.supplier[:200])
    gln = received.buyer.gln or ""
    for unit in case.facts.units.addresses.get(gln, ()):
        if case.document.is_placed and is_open(unit, gln, case.document.issued):
            yield Evidence(kind="unit", id=unit.subject, local_id=gln)
    if case.match:
        held = case.match.statement.value
        yield Evidence(kind="contract", id=case.match.contract, local_id=held.local_id, name=held.title)
