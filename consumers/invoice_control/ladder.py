"""The ladder: which contract a document bills, and which price item a line bills."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from fnmatch import translate
from functools import lru_cache
from typing import Literal, NamedTuple
from uuid import UUID

from schemas.contracts import Contract
from schemas.invoices import normal_number
from schemas.prices import PriceItem
from schemas.terms import runs

from .documents import Document, Line
from .facts import Billed, Facts
from .history import Statement

Step = Literal["contract-reference", "order-reference", "line", "only-contract"]


class Match(NamedTuple):
    """The contract that a document bills, as it stands on the first day of service, and how it was found."""

    contract: UUID
    statement: Statement[Contract]
    step: Step


def find_contract(document: Document, suppliers: frozenset[UUID], facts: Facts) -> Match | None:
    """The contract that the first step of the ladder yields. `suppliers` are the document's register entries."""
    day = document.service.first
    steps: tuple[tuple[Step, Callable[[], Iterable[UUID]]], ...] = (
        ("contract-reference", lambda: _by_contract_number(document, facts)),
        ("order-reference", lambda: _by_order_number(document, facts)),
        ("line", lambda: (each for each in _named(suppliers, facts) if any(_billing(document, each, facts)))),
        ("only-contract", lambda: _only(document, suppliers, facts)),
    )
    for step, candidates in steps:
        standing = [
            Match(contract, statement, step)
            for contract in candidates()
            if (statement := _standing(facts, contract, day)) is not None
        ]
        if len(standing) > 1:
            return min(standing, key=lambda match: _rank(match, document, suppliers, facts))
        if standing:
            return standing[0]
    return None


def billed_item(line: Line, document: Document, contract: UUID, facts: Facts) -> Billed | None:
    """The price item of the contract that `line` bills: by its number, else by the longest pattern its text fits."""
    known = facts.billed.setdefault(line, {})
    if contract not in known:
        known[contract] = _billed_item(line, document, contract, facts)
    return known[contract]


def _billed_item(line: Line, document: Document, contract: UUID, facts: Facts) -> Billed | None:
    by = max(document.issued, line.service.last)
    fits = [
        (fit, billed.statement.value.local_id, billed.item, billed)
        for billed in facts.agreed_on(contract, line.service.first)
        if _is_taken_up(billed.statement.value, by) and (fit := _fit(billed.statement.value, line)) is not None
    ]
    return min(fits)[-1] if fits else None


def _standing(facts: Facts, contract: UUID, day: date) -> Statement[Contract] | None:
    history = facts.contracts.get(contract)
    found = history.known_at(day) if history else None
    return found if found and found.value.kind != "framework" else None


def _by_contract_number(document: Document, facts: Facts) -> Iterator[UUID]:
    """Those with the first number that any contract has on the first day of service."""
    day = document.service.first
    return _first_known(document.contract_refs, day, facts, lambda contract: (contract.local_id,))


def _by_order_number(document: Document, facts: Facts) -> Iterator[UUID]:
    day = document.service.first
    return _first_known(document.order_refs, day, facts, lambda contract: contract.order_numbers)


def _first_known(
    references: Iterable[str], day: date, facts: Facts, numbers: Callable[[Contract], Iterable[str]]
) -> Iterator[UUID]:
    for reference in references:
        wanted = normal_number(reference)
        found = {
            facts.folded(contract)
            for contract in facts.referred(reference)
            if (held := facts.contracts[contract].known_at(day)) is not None
            and wanted in map(normal_number, numbers(held.value))
        }
        standing = sorted(contract for contract in found if _standing(facts, contract, day))
        if standing:
            yield from standing
            return


def _named(suppliers: frozenset[UUID], facts: Facts) -> list[UUID]:
    return sorted(frozenset().union(*(facts.naming(supplier) for supplier in suppliers)))


def _only(document: Document, suppliers: frozenset[UUID], facts: Facts) -> list[UUID]:
    day = document.service.first
    live = [
        contract
        for contract in _named(suppliers, facts)
        if (held := _standing(facts, contract, day)) is not None
        and runs(held.value.terms, day)
        and may_bill(document, contract, suppliers, facts)
    ]
    return live if len(live) == 1 else []


def may_bill(document: Document, contract: UUID, suppliers: frozenset[UUID], facts: Facts) -> bool:
    """Whether one of the suppliers may bill the contract on the first or the last day that the document covers.

    A document that states no period may be billed by whoever might bill when it was issued or 30 days before.
    """
    first, last, stated = document.service
    days = (first, last) if stated else (document.issued, days_before(document.issued, 30))
    return any(facts.may_bill(contract, suppliers, day) for day in days)


def days_before(day: date, days: int) -> date:
    return date.fromordinal(max(1, day.toordinal() - days))


def _rank(
    match: Match, document: Document, suppliers: frozenset[UUID], facts: Facts
) -> tuple[bool, int, bool, str, UUID]:
    held = match.statement.value
    billable = may_bill(document, match.contract, suppliers, facts)
    return (
        not billable,
        -sum(_billing(document, match.contract, facts)) if billable else 0,
        not runs(held.terms, document.service.first),
        held.local_id,
        match.contract,
    )


def _billing(document: Document, contract: UUID, facts: Facts) -> Iterator[bool]:
    """For each line whether it bills a price item of the contract."""
    return (billed_item(line, document, contract, facts) is not None for line in document.lines)


def _is_taken_up(item: PriceItem, by: date) -> bool:
    return item.option is None or (item.option.taken_up_on is not None and item.option.taken_up_on <= by)


def _fit(item: PriceItem, line: Line) -> int | None:
    """How well the line fits, less is better: its number is the item's, else by how long a pattern its text fits."""
    if item.item_numbers and line.numbers:
        numbers = {number.strip().casefold() for number in line.numbers}
        if not numbers.isdisjoint(number.strip().casefold() for number in item.item_numbers):
            return -1_000
    texts = [_plain(text) for text in line.texts]
    lengths = [
        len(pattern) for pattern in item.line_patterns if any(_compiled(pattern).fullmatch(text) for text in texts)
    ]
    return -max(lengths) if lengths else None


@lru_cache(maxsize=4_096)
def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


@lru_cache(maxsize=4_096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.casefold().replace("[", "[[]")))
