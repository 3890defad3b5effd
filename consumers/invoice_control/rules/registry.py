"""The one list of the rules: code, version, severity, when it looks, and the function that does."""

from collections.abc import Collection

from kernel.errors import Fatal

from .agreed import above_maximum, no_contract, outside_term
from .case import Rule
from .papers import incomplete, line_amounts, repeated, totals
from .parties import buyer_address, supplier_mismatch, supplier_unknown
from .prices import price_above_agreed, unagreed_line

RULES: tuple[Rule, ...] = (
    Rule("ic01", 1, "block", "received", incomplete),
    Rule("ic03", 1, "block", "original", totals),
    Rule("ic04", 1, "hold", "original", line_amounts),
    Rule("ic07", 1, "hold", "asking", supplier_unknown),
    Rule("ic08", 1, "hold", "known", supplier_mismatch),
    Rule("ic09", 1, "hold", "asking", buyer_address),
    Rule("ic10", 1, "hold", "known", no_contract),
    Rule("ic12", 1, "hold", "contracted", outside_term),
    Rule("ic13", 1, "hold", "priced", price_above_agreed),
    Rule("ic17", 1, "block", "repeated", repeated),
    Rule("ic22", 2, "block", "contracted", above_maximum),
    Rule("ic26", 1, "hold", "priced", unagreed_line),
)

CREDITABLE = frozenset({"ic03", "ic04", "ic07", "ic08", "ic10", "ic12", "ic13", "ic26"})
"""The rules whose findings a credit note takes away when it gives back what is at stake."""


def rules_without(codes: Collection[str]) -> tuple[Rule, ...]:
    """All rules but those with these codes, in either case. Raises Fatal for a code that no rule has."""
    left_out = {code.lower() for code in codes}
    if unknown := left_out - {rule.code for rule in RULES}:
        raise Fatal(
            f"no rule is called {', '.join(sorted(unknown))}",
            hint=f"the rules are {', '.join(rule.code for rule in RULES)}",
        )
    return tuple(rule for rule in RULES if rule.code not in left_out)
