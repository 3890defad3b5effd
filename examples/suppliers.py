"""The suppliers that have one contract only."""

from .catalogue import VENDORS, other_supplier


def story_supplier(number: int) -> str:
    """A supplier with one contract only."""
    return other_supplier(VENDORS + number)
