"""Numbers that look real and belong to nobody: CVR numbers, GLNs, and streams of chance that a seed decides."""

from functools import lru_cache
from itertools import count, islice
from random import Random

from schemas.values import valid_cvr, valid_gln

_GS1_EXAMPLES = "9521234"
"""GS1 keeps 952 for examples; no organisation has it."""


def stream(seed: int, *topic: object) -> Random:
    """The chances of one topic: adding a topic, or drawing more from another, changes nothing here."""
    return Random("/".join(map(str, (seed, *topic))))


@lru_cache(maxsize=1)
def _cvrs() -> tuple[str, ...]:
    return tuple(islice((text for text in map(str, count(99_000_007)) if valid_cvr(text)), 600))


def cvr(serial: int) -> str:
    """The CVR number with that serial number, from 0, among those from 99000007 on that pass the check."""
    return _cvrs()[serial]


def gln(serial: int) -> str:
    """The GLN with that serial number of five digits."""
    stem = f"{_GS1_EXAMPLES}{serial:05}"
    return next(text for digit in range(10) if valid_gln(text := f"{stem}{digit}"))
