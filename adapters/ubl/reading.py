"""What both formats' readers hand on: the document as an event's data, and what only the arithmetic needs to know."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from schemas.invoices import Received


class LineSide(NamedTuple):
    """What the check of a line needs beside the line itself.

    `factor` takes the place of the base quantity where price and quantity have different units (OIOUBL 2.x); a line
    that does not `count` is free of charge or only groups others.
    """

    currency: str | None = None
    factor: Decimal | None = None
    counts: bool = True


class Reading(NamedTuple):
    """A document as read. `tax_exclusive` is the element of that name as stated, whatever the format means by it."""

    received: Received
    tax_exclusive: Decimal | None
    payable_currency: str | None
    sides: Sequence[LineSide]
