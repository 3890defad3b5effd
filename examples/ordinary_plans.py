"""The many small contracts that nobody watches: subscriptions and licences of a few shapes, one for a usage each."""

from collections.abc import Iterator
from datetime import date
from random import Random

from .plans import LONG, Part, Plan, Term
from .usages import Usage

_SHAPES = (
    "yearly", "yearly-users", "quarterly", "monthly", "schools", "yearly", "half-yearly", "hours", "yearly-from-august",
    "quarterly-users", "yearly", "monthly",
)  # fmt: skip


def ordinary_plans(usages: list[Usage], chance: Random) -> Iterator[Plan]:
    """A plan for each usage, its shape by turns and its size by chance."""
    for number, usage in enumerate(usages):
        shape = _SHAPES[number % len(_SHAPES)]
        yield _shaped(shape, usage, chance, open_ended=number % 7 == 0)


def _shaped(shape: str, usage: Usage, chance: Random, *, open_ended: bool) -> Plan:
    term = Term(starts=date(chance.randrange(2015, 2022), 1, 1)) if open_ended else LONG
    name, key, supplier = usage.system.name, usage.system.key, usage.system.supplier
    fixed = str(chance.randrange(40, 700) * 120)
    licence = str(chance.randrange(20, 90) * 12)
    users = Part(title=f"{name}, licens", price=licence, base="user", volume=(usage.users, usage.users + 12))
    subscription = Part(title=f"{name}, abonnement", price=fixed)
    match shape:
        case "yearly-users":
            return Plan(key=key, supplier=supplier, term=term, parts=(subscription, users))
        case "quarterly":
            return Plan(key=key, supplier=supplier, term=term, parts=(subscription,), months=3)
        case "quarterly-users":
            return Plan(key=key, supplier=supplier, term=term, parts=(users,), months=3)
        case "half-yearly":
            return Plan(key=key, supplier=supplier, term=term, parts=(subscription,), months=6, rises="none")
        case "monthly":
            part = Part(title=f"{name}, drift", price=str(chance.randrange(12, 90) * 100), period="month")
            return Plan(key=key, supplier=supplier, term=term, parts=(part,), months=1, advance=False)
        case "hours":
            price = str(chance.randrange(78, 130) * 10)
            part = Part(
                title=f"{name}, konsulenttimer", price=price, base="hour", volume=(2, 24), period="once", unit="HUR"
            )
            return Plan(key=key, supplier=supplier, term=term, parts=(part,), months=1, advance=False, rises="none")
        case "schools":
            part = Part(title=f"{name}, skolelicens", price=str(chance.randrange(30, 120) * 60))
            return Plan(key=key, supplier=supplier, term=term, parts=(part,), recipients="schools")
        case "yearly-from-august":
            return Plan(key=key, supplier=supplier, term=term, parts=(subscription,), starts_in=8, rises="set")
        case _:
            return Plan(key=key, supplier=supplier, term=term, parts=(subscription,))
