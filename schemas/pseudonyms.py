"""Keyed pseudonyms of persons and companies: the same number gives the same pseudonym, and nobody can go back.

A source gives a CPR or CVR number; what is made into an event is `person:` or `company:` with 32 hexadecimal digits of
HMAC-SHA256 under the hub's secret (RFC 2104). The number itself is in no event, table or index. Authorities do not
share pseudonyms: what one of them knows of a person cannot be joined with what another one knows.
"""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints, ValidationInfo

from kernel.errors import Invalid
from kernel.masking import is_cpr

from .values import bare_cvr, valid_cvr

_MADE = re.compile(r"(person|company):[0-9a-f]{32}")
_URN = re.compile(r"^urn:oio:c[pv]r(-nr)?:", re.IGNORECASE)
_EXPECTED = "expected a CPR number, a CVR number, or a pseudonym that this hub has made"
_MAKE = "pseudonym"


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Makes pseudonyms under one secret; whoever has another secret makes others."""

    key: bytes = field(repr=False)

    def of(self, authority: str, number: str) -> str:
        """The pseudonym that `authority` knows the holder of a CPR or CVR number by; a pseudonym stays as it is.

        The number may be written with its hyphen, with `DK` before it, or as a URN of OIO. Raises ValueError for what
        is none of these.
        """
        if _MADE.fullmatch(number):
            return number
        kind, digits = _holder(number)
        told = f"{authority}:{kind}:{digits}".encode()
        return f"{kind}:{hmac.digest(self.key, told, 'sha256').hex()[:32]}"

    def sought(self, authority: str, number: str) -> str:
        """As `of`, for what a person looks for. Raises Invalid."""
        try:
            return self.of(authority, number)
        except ValueError as error:
            raise Invalid(f"nobody can be looked for by that: {error}") from None

    def context(self, authority: str) -> dict[str, Any]:
        """What models are validated with, so that a `Pseudonym` in them is made of the number that stands there."""
        return {_MAKE: partial(self.of, authority)}


def _holder(number: str) -> tuple[str, str]:
    """Whether it is a person's or a company's number, and its digits."""
    bare = _URN.sub("", number.strip())
    if is_cpr(bare):
        return "person", re.sub(r"\D", "", bare)
    if valid_cvr(bare_cvr(bare)):
        return "company", bare_cvr(bare)
    raise ValueError(_EXPECTED)


def _made(text: str, info: ValidationInfo) -> str:
    if _MADE.fullmatch(text):
        return text
    make: Callable[[str], str] | None = (info.context or {}).get(_MAKE)
    if make is not None:
        return make(text)
    _holder(text)
    raise ValueError("a CPR or CVR number is kept as a pseudonym only, and here is nobody who can make one")


Pseudonym = Annotated[str, StringConstraints(min_length=1, max_length=60), AfterValidator(_made)]
"""A person or company by keyed pseudonym. Where events come in, a CPR or CVR number may stand instead, and the hub
makes the pseudonym before the event exists; anywhere else a number is refused."""
