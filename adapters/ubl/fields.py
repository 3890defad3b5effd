"""Reading values out of a tree: text, numbers, dates and flags, each refused by line when it is none."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache

from lxml import etree

from kernel.errors import Invalid, Problem
from kernel.masking import mask_digits

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_CII = "urn:un:unece:uncefact:data:standard:"
_NAMESPACES = frozenset(
    {
        f"{_UBL}CommonAggregateComponents-2",
        f"{_UBL}CommonBasicComponents-2",
        f"{_CII}CrossIndustryInvoice:100",
        f"{_CII}ReusableAggregateBusinessInformationEntity:100",
        f"{_CII}QualifiedDataType:100",
        f"{_CII}UnqualifiedDataType:100",
    }
)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
"""xsd:decimal: digits with a decimal point; no comma, exponent, infinity or grouping."""
_MAX_DIGITS = 20
"""More than any amount has, and few enough that sums and roundings stay within the 28 digits that Python's exact
numbers carry; zeros at the end of a fraction are not counted."""
_MAX_WRITTEN = 100
_ISO_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:T[\d:.]+)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_COMPACT_DATE = re.compile(r"(\d{8})(?:\d{4}|\d{6})?", re.ASCII)
"""UNCL 2379 formats 102, 203 and 204: CCYYMMDD, with hours and minutes, with seconds."""


class Node:
    """An element with its children by name. What is not there is empty: reading on from it gives nothing."""

    __slots__ = ("_children", "element")

    def __init__(self, element: etree._Element | None = None) -> None:
        self.element = element
        children: dict[str, list[etree._Element]] = {}
        if element is not None:
            for child in element:
                children.setdefault(_local_name(child.tag), []).append(child)
        self._children = children

    def __bool__(self) -> bool:
        return self.element is not None

    def at(self, *path: str) -> "Node":
        """The first child called so, and its first child called so, and on."""
        node = self
        for name in path:
            found = node._children.get(name)
            if found is None:
                return _NOTHING
            node = Node(found[0])
        return node

    def all(self, name: str) -> Iterator["Node"]:
        """Every child called `name`."""
        return map(Node, self._children.get(name, ()))

    def attribute(self, name: str) -> str | None:
        """An attribute of this element itself, without white space around it."""
        value = None if self.element is None else self.element.get(name)
        return value.strip() or None if value else None

    def value(self) -> str | None:
        """The text of this element itself."""
        return None if self.element is None else _text(self.element)

    def text(self, name: str) -> str | None:
        """The text of the first child called `name`; None when it is missing or empty."""
        found = self._children.get(name)
        return None if found is None else _text(found[0])

    def texts(self, name: str) -> Iterator[str]:
        """The text of every child called `name` that has any."""
        return filter(None, map(_text, self._children.get(name, ())))

    def text_attribute(self, name: str, attribute: str) -> str | None:
        """An attribute of the first child called `name`."""
        found = self._children.get(name)
        value = None if found is None else found[0].get(attribute)
        return value.strip() or None if value else None

    def number(self, name: str) -> Decimal | None:
        """The exact number in a child. Raises Invalid for what is no xsd:decimal, such as `782179,43`."""
        found = self._children.get(name)
        return None if found is None else _number(found[0])

    def own_number(self) -> Decimal | None:
        """The exact number in this element itself, as `number` reads a child's."""
        return None if self.element is None else _number(self.element)

    def day(self, name: str) -> date | None:
        """The day in a child, as written; a time or time zone behind it is left out. Raises Invalid for no date."""
        found = self._children.get(name)
        text = None if found is None else _text(found[0])
        if found is None or text is None:
            return None
        matched = _ISO_DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
        try:
            return date.fromisoformat(matched[1] if matched else text[:0])
        except ValueError:
            raise _refusal(found[0], text, "not a day of the calendar; write 2026-03-31") from None

    def flag(self, name: str) -> bool:
        """Whether a child says true. Raises Invalid for what is no xsd:boolean; missing is false."""
        found = self._children.get(name)
        text = None if found is None else _text(found[0])
        if found is not None and text not in (None, "true", "false", "1", "0"):
            raise _refusal(found[0], text or "", "write true or false")
        return text in ("true", "1")


_NOTHING = Node()


@lru_cache(maxsize=2048)
def _local_name(tag: str) -> str:
    """The name without its namespace, for the namespaces of UBL and CII; others have names that nobody asks for."""
    namespace, _, name = tag.rpartition("}")
    return name if namespace[1:] in _NAMESPACES else tag


def _text(element: etree._Element) -> str | None:
    if len(element):
        raise _refusal(element, "", "elements where a plain value belongs")
    text = element.text
    return text.strip() or None if text else None


def _number(element: etree._Element) -> Decimal | None:
    text = _text(element)
    if text is None:
        return None
    if _NUMBER.fullmatch(text) is None:
        raise _refusal(element, text, "a number has digits and a decimal point only, such as 782179.43")
    if len(text) > _MAX_DIGITS and (len(text) > _MAX_WRITTEN or _significant(text) > _MAX_DIGITS):
        raise _refusal(element, text, f"a number has at most {_MAX_DIGITS} digits")
    return Decimal(text)


def _significant(text: str) -> int:
    whole, _, fraction = text.lstrip("+-").partition(".")
    return len(whole.lstrip("0")) + len(fraction.rstrip("0"))


def _refusal(element: etree._Element, value: str, message: str) -> Invalid:
    name = etree.QName(element).localname
    return Invalid(
        f"{name} on line {element.sourceline} cannot be read",
        hint="ask the sender for a corrected document",
        problems=(Problem(f"line {element.sourceline}, {name}", message, mask_digits(value)[:80]),),
    )
