"""How usages hang together: relations between them, the national sources they read, and how they meet requirements."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

from schemas.conformity import Conformity, RequirementMet
from schemas.sources import DataSourceUse, SourcePrice
from schemas.systems import DataElement, Frequency, Relation
from schemas.values import Money, Reference

from .catalogue import INTERFACES
from .facts import Fact, Register, register
from .municipalities import FIRST_DAY, Municipality
from .national import REQUIREMENTS, interface_reference, requirements_reference, source_reference
from .numbers import stream
from .units import SINCE
from .usages import REPLACED_ON, Usage, replaced

_FREQUENCIES: tuple[Frequency, ...] = ("continuous", "hourly", "daily", "daily", "weekly", "monthly", "on-demand")
_READ_BY = {
    "27": ("P-DATA", "SAPA", "UDK", "KY"),
    "32": ("DPR", "KY", "KSD", "UDK", "EIND", "NEM"),
    "15": ("P-DATA", "KY", "CVR", "EIND"),
    "17": ("P-DATA", "ORG", "FLIS"),
    "28": ("P-DATA", "FLIS", "UDK"),
    "29": ("DPR", "SAPA", "FLIS"),
    "81": ("CPR", "EIND", "NEM", "ORG"),
    "82": ("BBR", "ESR", "MAT"),
    "85": ("ORG", "KLA", "DP", "SAPA"),
    "02": ("BBR", "ESR", "DAR", "CVR"),
    "01": ("MAT", "DAR", "BBR"),
    "09": ("CVR", "BBR", "DAR"),
    "00": ("CVR", "ORG", "NEM", "FLIS"),
    "23": ("CPR", "P-DATA", "DP"),
}
"""National sources by the KLE main group of the systems that read them."""
_OTHERWISE = ("DAR", "CVR", "ORG")
_PRICED = {
    "P-DATA": ("0.18", "look-up", 40_000),
    "DPR": ("1.10", "inhabitant", 30_000),
    "ESR": ("0.25", "record", 9_000),
}


def exchange_facts(
    seed: int, municipality: Municipality, usages: tuple[Usage, ...], payer: Reference
) -> Iterator[Fact]:
    """Relations, uses of data sources and conformities; `payer` is the contract that base data is paid under."""
    source = register(municipality, "systems")
    chance = stream(seed, municipality.code, "exchanges")
    yield from _relations(source, municipality, usages, chance)
    yield from _source_uses(source, usages, payer, chance)
    yield from _conformities(source, usages, chance)


def _relations(
    source: Register, municipality: Municipality, usages: tuple[Usage, ...], chance: Random
) -> Iterator[Fact]:
    """As many relations as the municipality has, no two alike; one of them ends with the system that is replaced."""
    providers = [usage for usage in usages if usage.system.key in INTERFACES]
    ends, _ = replaced(usages)
    others = [usage for usage in usages if usage is not ends]
    pairs = [(user, provider) for user in others for provider in providers if user is not provider]
    chosen = [pairs[i] for i in sorted(chance.sample(range(len(pairs)), municipality.relations - 1))]
    for number, (user, provider) in enumerate([(ends, providers[0]), *chosen], 1):
        name = INTERFACES[provider.system.key][0]
        relation = Relation(
            user=user.reference,
            provider=provider.reference,
            local_id=f"REL-{number:03}",
            interface=interface_reference(provider.system.key),
            frequency=chance.choice(_FREQUENCIES),
            data_flow="write" if provider.system.key in {"erp", "esdh"} else "read",
            data=(DataElement(name=name, confidentiality="personal" if user.system.personal else "none"),),
        )
        yield source.states("system.relation", f"REL-{number:03}", relation, told=FIRST_DAY, holds=SINCE)
        if user is ends:
            yield source.removes(
                "system.relation", f"REL-{number:03}", "systemet er afløst", told=REPLACED_ON, holds=REPLACED_ON
            )


def _source_uses(source: Register, usages: tuple[Usage, ...], payer: Reference, chance: Random) -> Iterator[Fact]:
    number = 0
    for usage in usages:
        sources = _READ_BY.get(usage.system.kle, _OTHERWISE)
        for key in sorted(chance.sample(sources, 1 + chance.randrange(2))):
            number += 1
            use = DataSourceUse(
                usage=usage.reference,
                source=source_reference(key),
                local_id=f"DKB-{number:03}",
                via=source_reference("SP") if chance.random() < 0.5 else None,
                frequency=chance.choice(_FREQUENCIES),
                price=_price(key, chance),
                contract=payer if key in _PRICED else None,
                agreement=f"SA-{2020 + number % 5}-{number:03}",
            )
            yield source.states("system.data-source-use", f"DKB-{number:03}", use, told=FIRST_DAY, holds=SINCE)


def _price(key: str, chance: Random) -> SourcePrice | None:
    if key not in _PRICED:
        return None
    price, unit, most = _PRICED[key]
    return SourcePrice.model_validate(
        {
            "unit_price": Money(amount=Decimal(price)),
            "unit": unit,
            "units_per_year": Decimal(chance.randrange(most // 10, most)),
        }
    )


def _conformities(source: Register, usages: tuple[Usage, ...], chance: Random) -> Iterator[Fact]:
    """Every second usage has been held against the requirements; some are assessed again and have come further."""
    again = date(2025, 3, 3)
    for number, usage in enumerate(usages[::2]):
        first = {number: chance.choice(("met", "met", "partly-met", "not-met")) for number, *_ in REQUIREMENTS}
        yield _conformity(source, usage, first, FIRST_DAY)
        if number % 5 == 0:
            better = {key: "met" if status == "partly-met" else status for key, status in first.items()}
            yield _conformity(source, usage, better, again)


def _conformity(source: Register, usage: Usage, answers: dict[str, str], on: date) -> Fact:
    stated = Conformity(
        usage=usage.reference,
        requirement_list=requirements_reference(),
        requirements=tuple(
            RequirementMet.model_validate({"requirement": key, "status": status}) for key, status in answers.items()
        ),
        assessed_on=on,
        assessed_by="Digitalisering",
    )
    return source.states("system.conformity", f"{usage.local_id}/RA:2024-1", stated, told=on, holds=on)
