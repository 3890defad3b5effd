"""Where usages get base data and other shared data from, and what it costs them.

Data sources are the same for every authority (envelope `shared`); the use of one is an authority's own.
"""

from typing import Literal

from pydantic import Field

from .catalogue import EventType, removal_of
from .systems import DataElement, Frequency
from .values import FreeText, LocalId, Money, Name, Number, Party, Reference, Value


class DataSource(Value):
    """A national register or shared source that usages read from: the CPR register, DPR, BBR, CVR, SAPA, FLIS.

    A copy register names what it copies in `copy_of`, so that the same data bought twice can be found.
    """

    name: Name
    local_id: LocalId
    kind: Literal["base-data", "copy-register", "register", "support-system", "statistics", "payments", "integration"]
    provider: Party | None = None
    copy_of: tuple[Reference, ...] = ()
    data: tuple[DataElement, ...] = ()
    description: FreeText | None = None


class SourcePrice(Value):
    """What reading a source costs without VAT: a year's price is `unit_price` times `units_per_year`.

    A fixed price is one unit a year.
    """

    unit_price: Money
    unit: Literal["fixed", "inhabitant", "look-up", "user", "record", "subscription"] = "fixed"
    units_per_year: Number = Field(ge=0)


class DataSourceUse(Value):
    """A usage reads a data source, directly or `via` another (such as Serviceplatformen), and what that costs.

    `agreement` is the local id of the permission to exchange (serviceaftale); `contract` is the one that is paid.
    """

    usage: Reference
    source: Reference
    local_id: LocalId | None = None
    via: Reference | None = None
    frequency: Frequency | None = None
    data: tuple[DataElement, ...] = ()
    price: SourcePrice | None = None
    contract: Reference | None = None
    agreement: LocalId | None = None


_STATED = (
    EventType(
        domain="system",
        fact="data-source-stated",
        model=DataSource,
        owner="system register",
        key="data source",
        sensitivity="public",
        state=True,
        sample={
            "name": "DPR",
            "local_id": "DPR",
            "kind": "copy-register",
            "provider": {"cvr": "99000023", "name": "Bæltdata A/S"},
            "copy_of": [{"id": "8e4d0000-0000-4000-8000-000000000001", "name": "CPR-registret"}],
            "data": [{"name": "Navn og adresse", "confidentiality": "personal"}],
            "description": "Kopi af persondata, som fagsystemer slår op i",
        },
    ),
    EventType(
        domain="system",
        fact="data-source-use-stated",
        model=DataSourceUse,
        owner="system register",
        key="a usage's use of a data source",
        state=True,
        sample={
            "usage": {"id": "6b2a0000-0000-4000-8000-000000000001", "name": "OmsorgNær"},
            "source": {"id": "8e4d0000-0000-4000-8000-000000000002", "name": "DPR"},
            "local_id": "DKB-007",
            "via": {"id": "8e4d0000-0000-4000-8000-000000000003", "name": "Serviceplatformen"},
            "frequency": "on-demand",
            "data": [{"name": "Navn og adresse", "confidentiality": "personal"}],
            "price": {
                "unit_price": {"amount": "0.18", "currency": "DKK"},
                "unit": "look-up",
                "units_per_year": "250000",
            },
            "contract": {"id": "7c3b0000-0000-4000-8000-000000000009", "name": "Grunddatakopier"},
            "agreement": "SA-2025-118",
        },
    ),
)

EVENTS: tuple[EventType, ...] = (*_STATED, *map(removal_of, _STATED))
