"""What the documents of suppliers are to one another: originals, repetitions of them, and what gives money back."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from schemas.months import add_months

from .documents import ZERO, Document
from .facts import Facts

WINDOW_MONTHS = 24
"""How long a number is not used again: what bears it later is another document."""


class Repeats(NamedTuple):
    """The documents of one subject that repeat `original`, and how much of their net no credit has given back."""

    original: Document
    repetitions: tuple[Document, ...]
    unpaid: Decimal


@dataclass(frozen=True)
class Standing:
    """Every placed document in its place.

    `credited` is what was given back on an original itself, by its event; `credits` are the originals that give back
    and belong to no other.
    """

    originals: tuple[Document, ...]
    repeats: Mapping[UUID, Repeats]
    credited: Mapping[Document, Decimal]
    free_credits: tuple[Document, ...]


def distinct(documents: Iterable[Document]) -> list[Document]:
    """Each document once, however often and over however many sources it came, in an order that is always the same."""
    first = dict[tuple[UUID, str], Document]()
    for document in sorted(documents, key=lambda each: each.origin):
        first.setdefault((document.subject, document.received.sha256), document)
    return sorted(first.values(), key=lambda each: (each.received.sha256, each.origin))


def standing(documents: Sequence[Document], facts: Facts) -> Standing:
    """Tell originals from repetitions, and let credits pay: first the repetitions of a number, then the original."""
    families = list(_families(documents, facts))
    originals = sorted((family[0] for family in families), key=lambda each: each.order)
    given, free = _given_back(originals, facts)
    credited = dict[Document, Decimal]()
    unpaid = dict[UUID, Repeats]()
    for original, *repetitions in families:
        left = given.get(original, ZERO)
        for repetition in repetitions:
            paid = min(left, abs(repetition.net))
            left -= paid
            before = unpaid.get(repetition.subject, Repeats(original, (), ZERO))
            unpaid[repetition.subject] = before._replace(
                repetitions=(*before.repetitions, repetition), unpaid=before.unpaid + abs(repetition.net) - paid
            )
        credited[original] = left
    return Standing(tuple(originals), unpaid, credited, free)


def _families(documents: Iterable[Document], facts: Facts) -> Iterator[list[Document]]:
    """Each original with its repetitions behind it."""

    def same(document: Document) -> tuple[str, str, str]:
        return facts.identity(document.supplier), document.received.doc_type, document.number

    for _, twins in groupby(sorted(documents, key=lambda each: (same(each), each.order)), key=same):
        family: list[Document] = []
        for document in twins:
            if family and document.issued > add_months(family[0].issued, WINDOW_MONTHS):
                yield family
                family = []
            family.append(document)
        yield family


def _given_back(originals: Sequence[Document], facts: Facts) -> tuple[dict[Document, Decimal], tuple[Document, ...]]:
    """What is given back on each original that asks for payment, and the credits that name none of them."""
    asking = defaultdict[tuple[str, str], list[Document]](list)
    for document in originals:
        if document.net > 0:
            asking[facts.identity(document.supplier), document.number].append(document)
    given = defaultdict[Document, Decimal](Decimal)
    free = []
    for credit in originals:
        if credit.net < 0:
            credited = _credited(credit, facts.identity(credit.supplier), asking)
            if credited is None:
                free.append(credit)
            else:
                given[credited] -= credit.net
    return given, tuple(free)


def _credited(credit: Document, supplier: str, asking: Mapping[tuple[str, str], Sequence[Document]]) -> Document | None:
    """The document that `credit` gives money back on: of several with the number the latest before it."""
    for reference in credit.received.billing_refs:
        named = asking.get((supplier, reference.normal_number), ())
        if named:
            before = [document for document in named if document.issued <= credit.issued]
            return before[-1] if before else named[0]
    return None
