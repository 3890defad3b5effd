"""Words on the command line that stand for something the hub knows: any other is wrong use, and the known are named."""

from collections.abc import Sequence

from sqlalchemy import select, union

from access.tables import AUTHORITY
from consumers.alerts.hub_facts import CONFLICT, PARKED, PAUSED, REFUSED, STOPPED
from consumers.alerts.overview import rules_in_use
from consumers.contracts import watch_rules
from consumers.invoice_control.rules import registry
from consumers.portfolio import rules as portfolio
from consumers.runtime.projections import use_active
from consumers.workflows import overdue
from kernel.errors import WrongUse
from producers.tables import HEAD
from schemas.registry import CATALOGUE

from .opening import Hub

SHOWN = 20
"""No more authorities than this are named."""
RULES = (
    *(rule.code for rules in (registry.RULES, watch_rules.RULES, portfolio.RULES) for rule in rules),
    overdue.RULE, CONFLICT, STOPPED, REFUSED, PARKED, PAUSED,
)  # fmt: skip
"""The rules of every consumer, and what the hub tells of itself."""
FAMILIES = frozenset(kind.family for kind in CATALOGUE)
DOMAINS = frozenset(kind.domain for kind in CATALOGUE)


def require_authority(hub: Hub, authority: str | None) -> None:
    """Raises WrongUse for an authority that is none of this hub's."""
    if not authority:
        return
    with hub.database.worker.connect() as connection:
        known = sorted(connection.execute(union(select(AUTHORITY.c.authority), select(HEAD.c.authority))).scalars())
    if authority not in known:
        shown = ", ".join(known[:SHOWN]) + (f" and {len(known) - SHOWN} more" if len(known) > SHOWN else "")
        hint = f"there are {shown}" if known else "it has none yet: `samspil ingest --authority CVR PATH...` brings one"
        raise WrongUse(f"this hub has no authority {authority}", hint=hint)


def require_rule(hub: Hub, rule: str | None, authorities: Sequence[str]) -> None:
    """Raises WrongUse for a rule, in either case, that no consumer has and that no alert names."""
    if not rule or rule.lower() in RULES:
        return
    known = list(RULES)
    for each in authorities:
        with hub.database.reading((each,)) as connection:
            if use_active(connection, "alerts") is not None:
                known += rules_in_use(connection, each)
    if rule.lower() not in known:
        raise WrongUse(f"there is no rule {rule}", hint=f"there are {', '.join(dict.fromkeys(known))}")


def require_type(family: str | None) -> None:
    """Raises WrongUse for what is neither a type without its version (`invoice.received`) nor a domain (`invoice`)."""
    if family:
        _require_known(family, FAMILIES | DOMAINS)


def require_types(types: Sequence[str]) -> None:
    """Raises WrongUse for what is none of a type without its version, `invoice.*`, and `*`."""
    for each in types:
        _require_known(each, FAMILIES | {f"{domain}.*" for domain in DOMAINS} | {"*"})


def _require_known(word: str, known: frozenset[str]) -> None:
    if word not in known:
        domain, _, _ = word.partition(".")
        near = [each for each in known if each.startswith(f"{domain}.")] or known - FAMILIES
        raise WrongUse(f"there is no event type {word}", hint=f"there are {', '.join(sorted(near))}")
