"""Which systems there are, how they hang together, and who answers for them; pure."""

from collections.abc import Mapping
from datetime import date

from consumers.runtime.links import Named, by_name, named, named_if, unresolved
from kernel.alphabet import alphabetical
from schemas.contracts import Contract
from schemas.organisation import RoleHeld, Unit
from schemas.sources import DataSource, DataSourceUse
from schemas.suppliers import Supplier
from schemas.systems import CatalogueSystem, DataElement, Interface, Relation, SystemUsage

from .links import owners, supplier_of, titles
from .rows import OwnerRow, RelationRow, SystemRow


def system_rows(
    usages: Mapping[str, SystemUsage],
    *,
    systems: Mapping[str, CatalogueSystem],
    contracts: Mapping[str, Contract],
    suppliers: Mapping[str, Supplier],
    units: Mapping[str, Unit],
    roles: Mapping[str, RoleHeld],
    on: date,
) -> tuple[SystemRow, ...]:
    """A row per usage, by name."""
    system_names = {subject: system.name for subject, system in systems.items()}
    unit_names = {subject: unit.name for subject, unit in units.items()}
    contract_names = titles(contracts)
    owned = owners(roles.values())
    rows = []
    for subject, usage in usages.items():
        system = systems.get(str(usage.system.id))
        contract = contracts.get(str(usage.main_contract.id)) if usage.main_contract else None
        links = {
            "system": named(usage.system, system_names),
            "supplier": supplier_of(contract, suppliers, on) if contract else None,
            "responsible_unit": named_if(usage.responsible_unit, unit_names),
            "main_contract": named_if(usage.main_contract, contract_names),
        }
        using = tuple(sorted((named(unit, unit_names) for unit in usage.using_units), key=by_name))
        rows.append(
            SystemRow(
                id=subject,
                name=usage.name,
                local_id=usage.local_id,
                system=named(usage.system, system_names),
                life_cycle=usage.life_cycle,
                supplier=links["supplier"],
                rights_holder=system.rights_holder.name if system and system.rights_holder else None,
                owners=tuple(held.holder.name for held in owned.get(subject, ())),
                responsible_unit=links["responsible_unit"],
                using_units=using,
                main_contract=links["main_contract"],
                unresolved=unresolved(*links.values(), *using),
            )
        )
    return tuple(sorted(rows, key=lambda row: (alphabetical(row.name), row.id)))


def relation_rows(
    relations: Mapping[str, Relation],
    source_uses: Mapping[str, DataSourceUse],
    *,
    usages: Mapping[str, SystemUsage],
    interfaces: Mapping[str, Interface],
    sources: Mapping[str, DataSource],
    contracts: Mapping[str, Contract],
) -> tuple[RelationRow, ...]:
    """A row per relation and per use of a data source, by the user's name and then the provider's."""
    usage_names = {subject: usage.name for subject, usage in usages.items()}
    interface_names = {subject: interface.name for subject, interface in interfaces.items()}
    source_names = {subject: source.name for subject, source in sources.items()}
    contract_names = titles(contracts)
    rows = [
        RelationRow(
            kind="system",
            id=subject,
            local_id=relation.local_id,
            user=(user := named(relation.user, usage_names)),
            provider=(provider := named(relation.provider, usage_names)),
            via=None,
            interface=(interface := named_if(relation.interface, interface_names)),
            frequency=relation.frequency,
            data_flow=relation.data_flow,
            data=_names(relation.data),
            contract=(contract := named_if(relation.contract, contract_names)),
            unresolved=unresolved(user, provider, interface, contract),
        )
        for subject, relation in relations.items()
    ]
    rows += [
        RelationRow(
            kind="data-source",
            id=subject,
            local_id=use.local_id,
            user=(user := named(use.usage, usage_names)),
            provider=(provider := named(use.source, source_names)),
            via=(via := named_if(use.via, source_names)),
            interface=None,
            frequency=use.frequency,
            data_flow="read",
            data=_names(use.data),
            contract=(contract := named_if(use.contract, contract_names)),
            unresolved=unresolved(user, provider, via, contract),
        )
        for subject, use in source_uses.items()
    ]
    return tuple(sorted(rows, key=lambda row: (by_name(row.user), by_name(row.provider), row.id)))


def owner_rows(
    usages: Mapping[str, SystemUsage], *, units: Mapping[str, Unit], roles: Mapping[str, RoleHeld]
) -> tuple[OwnerRow, ...]:
    """A row per usage and owner: those without an owner first, then by the usage's name."""
    unit_names = {subject: unit.name for subject, unit in units.items()}
    owned = owners(roles.values())
    rows = []
    for subject, usage in usages.items():
        of = Named(subject, usage.name)
        responsible = named_if(usage.responsible_unit, unit_names)
        for held in owned.get(subject, ()):
            unit = named_if(held.unit, unit_names) or responsible
            rows.append(OwnerRow(of, held.holder.name, held.title, unit))
        if subject not in owned:
            rows.append(OwnerRow(of, None, None, responsible))
    return tuple(sorted(rows, key=lambda row: (row.owner is not None, by_name(row.usage), row.owner or "")))


def _names(data: tuple[DataElement, ...]) -> tuple[str, ...]:
    return tuple(sorted((element.name for element in data), key=str.casefold))
