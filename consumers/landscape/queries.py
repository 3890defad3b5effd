"""The questions to a landscape, each as of any date and as far as the hub knew at any time.

The caller has chosen the projection and the reader: `runtime.projections.use_active` and the authority's setting.
"""

from datetime import date, datetime

from sqlalchemy import Connection, func, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from consumers.runtime.reading import AsOf
from schemas.conformity import Conformity, RequirementList
from schemas.contracts import Contract
from schemas.organisation import RoleHeld, Unit
from schemas.prices import PriceItem
from schemas.sources import DataSource, DataSourceUse
from schemas.statistics import Count
from schemas.suppliers import Supplier
from schemas.systems import CatalogueSystem, Interface, Relation, SystemUsage, UserCount

from . import tables
from .conformities import conformity_rows
from .costs import Bearers, Invoiced, cost_rows
from .counting import Counts
from .graph import Graph, graph_of
from .retendering import retender_rows
from .rows import ConformityRow, CostRow, OwnerRow, RelationRow, RetenderRow, SystemRow, UsageStated
from .systems import owner_rows, relation_rows, system_rows


def systems(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None
) -> tuple[SystemRow, ...]:
    """Which systems do we use: their phase, supplier, owner and units."""
    seen = AsOf(connection, authority, valid_at, known_at)
    return system_rows(
        seen.own(tables.USAGE, SystemUsage),
        systems=seen.shared(tables.SYSTEM, CatalogueSystem),
        contracts=seen.own(tables.CONTRACT, Contract),
        suppliers=seen.shared(tables.SUPPLIER, Supplier),
        units=seen.own(tables.UNIT, Unit),
        roles=seen.own(tables.ROLE, RoleHeld),
        on=valid_at,
    )


def units(connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None) -> dict[str, str]:
    """What the authority's units are called, by id."""
    held = AsOf(connection, authority, valid_at, known_at).own(tables.UNIT, Unit)
    return {subject: unit.name for subject, unit in held.items()}


def usage(
    connection: Connection, authority: str, subject: str, valid_at: date, known_at: datetime | None = None
) -> UsageStated | None:
    """What is stated of one usage, of the system it is a use of, and of how many use it; None when it is not known."""
    seen = AsOf(connection, authority, valid_at, known_at)
    stated = seen.own(tables.USAGE, SystemUsage).get(subject)
    if stated is None:
        return None
    counts = seen.own(tables.USER_COUNT, UserCount).values()
    return UsageStated(
        usage=stated,
        system=seen.shared(tables.SYSTEM, CatalogueSystem).get(str(stated.system.id)),
        counts=tuple(count for count in counts if str(count.usage.id) == subject),
    )


def paying(
    connection: Connection, authority: str, subject: str, valid_at: date, known_at: datetime | None = None
) -> tuple[str, ...]:
    """The contracts that are for one usage: its main contract, and those that name it."""
    seen = AsOf(connection, authority, valid_at, known_at)
    stated = seen.own(tables.USAGE, SystemUsage).get(subject)
    main = {str(stated.main_contract.id)} if stated and stated.main_contract else set()
    naming = {
        contract
        for contract, each in seen.own(tables.CONTRACT, Contract).items()
        if any(str(usage.id) == subject for usage in each.usages)
    }
    return tuple(sorted(main | naming))


def relations(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None
) -> tuple[RelationRow, ...]:
    """How do they hang together: which use which, and which data sources they read."""
    seen = AsOf(connection, authority, valid_at, known_at)
    return relation_rows(
        seen.own(tables.RELATION, Relation),
        seen.own(tables.DATA_SOURCE_USE, DataSourceUse),
        usages=seen.own(tables.USAGE, SystemUsage),
        interfaces=seen.shared(tables.INTERFACE, Interface),
        sources=seen.shared(tables.DATA_SOURCE, DataSource),
        contracts=seen.own(tables.CONTRACT, Contract),
    )


def graph(connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None) -> Graph:
    """How do they hang together, drawn: what `impact` and a picture of a system's neighbourhood are made of."""
    return graph_of(
        systems(connection, authority, valid_at, known_at), relations(connection, authority, valid_at, known_at)
    )


def costs(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None
) -> tuple[CostRow, ...]:
    """What do they cost in the year of `valid_at`: as agreed that day, and as invoiced in all of the year."""
    seen = AsOf(connection, authority, valid_at, known_at)
    bearers = Bearers(
        usages=seen.own(tables.USAGE, SystemUsage),
        contracts=seen.own(tables.CONTRACT, Contract),
        suppliers=seen.shared(tables.SUPPLIER, Supplier),
    )
    return cost_rows(
        bearers,
        seen.own(tables.PRICE_ITEM, PriceItem),
        seen.own(tables.DATA_SOURCE_USE, DataSourceUse),
        _invoiced(connection, authority, valid_at.year, known_at),
        counts=Counts(
            tuple(seen.own(tables.COUNT, Count).values()), tuple(seen.own(tables.USER_COUNT, UserCount).values())
        ),
        on=valid_at,
    )


def retendering(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None
) -> tuple[RetenderRow, ...]:
    """When must we buy anew: ends with options, the latest day for notice, and when to begin."""
    seen = AsOf(connection, authority, valid_at, known_at)
    return retender_rows(
        seen.own(tables.CONTRACT, Contract), suppliers=seen.shared(tables.SUPPLIER, Supplier), on=valid_at
    )


def owners(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None
) -> tuple[OwnerRow, ...]:
    """Who answers for them: usages without an owner first."""
    seen = AsOf(connection, authority, valid_at, known_at)
    return owner_rows(
        seen.own(tables.USAGE, SystemUsage),
        units=seen.own(tables.UNIT, Unit),
        roles=seen.own(tables.ROLE, RoleHeld),
    )


def conformity(
    connection: Connection, authority: str, valid_at: date, known_at: datetime | None = None
) -> tuple[ConformityRow, ...]:
    """Do they follow the lists of requirements: per requirement of the version they were judged by, and the share."""
    seen = AsOf(connection, authority, valid_at, known_at)
    return conformity_rows(
        seen.own(tables.CONFORMITY, Conformity),
        usages=seen.own(tables.USAGE, SystemUsage),
        lists=seen.shared(tables.REQUIREMENT_LIST, RequirementList),
    )


def _invoiced(connection: Connection, authority: str, year: int, known_at: datetime | None) -> list[Invoiced]:
    """The sums of the year's documents, each counted once however many sources told of it."""
    table = tables.INVOICED.c
    documents = (
        select(tables.INVOICED)
        .ext(distinct_on(table.subject, table.sha256))
        .where(
            table.authority == authority,
            table.year == year,
            true() if known_at is None else table.recorded <= known_at,
        )
        .order_by(table.subject, table.sha256, table.position)
        .subquery()
    )
    key = (documents.c.supplier, documents.c.reference, documents.c.currency)
    rows = connection.execute(select(*key, func.count(), func.sum(documents.c.net)).group_by(*key))
    return [Invoiced(*row) for row in rows]
