"""What is the same for every authority: the catalogue, the national sources by their names, indexes, requirements."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from schemas.conformity import Requirement, RequirementList
from schemas.sources import DataSource
from schemas.statistics import Index
from schemas.systems import CatalogueSystem, DataElement, Interface
from schemas.values import Party, Reference

from .catalogue import INTERFACES, supplier_cvr, supplier_name, systems
from .facts import Fact, shared_register
from .municipalities import FIRST_DAY
from .units import SINCE

CATALOGUE = shared_register("catalogue")
SOURCES = shared_register("data-sources")
STATISTICS = shared_register("statistics")

NATIONAL: dict[str, tuple[str, str]] = {
    "CPR": ("CPR-registret", "base-data"),
    "P-DATA": ("P-data", "copy-register"),
    "DPR": ("DPR", "copy-register"),
    "BBR": ("BBR", "base-data"),
    "CVR": ("CVR", "base-data"),
    "ESR": ("ESR", "copy-register"),
    "DAR": ("Danmarks Adresseregister", "base-data"),
    "MAT": ("Matriklen", "base-data"),
    "EJF": ("Ejerfortegnelsen", "base-data"),
    "DAF": ("Datafordeleren", "integration"),
    "SP": ("Serviceplatformen", "integration"),
    "BF": ("Beskedfordeleren", "support-system"),
    "ORG": ("Støttesystemet Organisation", "support-system"),
    "KLA": ("Støttesystemet Klassifikation", "support-system"),
    "SAPA": ("SAPA", "support-system"),
    "KY": ("KY", "payments"),
    "KSD": ("KSD", "payments"),
    "UDK": ("Udbetaling Danmark", "payments"),
    "NEM": ("NemKonto", "payments"),
    "EIND": ("eIndkomst", "register"),
    "FLIS": ("FLIS", "statistics"),
    "DP": ("Digital Post", "integration"),
}
"""Registers and joint solutions that municipal systems read: what they are called, and of which kind they are."""
_COPIES = {"P-DATA": ("CPR",), "DPR": ("CPR",), "ESR": ("BBR", "MAT", "EJF")}
_PERSONAL = frozenset({"CPR", "P-DATA", "DPR", "SAPA", "KY", "KSD", "UDK", "EIND", "DP"})

REQUIREMENTS = (
    ("RA-1", "Systemet læser organisation fra støttesystemet", "Organisation", True),
    ("RA-2", "Systemet læser klassifikation fra støttesystemet", "Klassifikation", True),
    ("RA-3", "Systemet modtager hændelser fra støttesystemet", "Hændelser", False),
    ("RA-4", "Brugere logger på med den fælles adgangsstyring", "Adgang", True),
    ("RA-5", "Sager vises i det fælles sagsoverblik", "Sager", False),
    ("RA-6", "Snitflader er beskrevet og kan bruges af andre", "Integration", True),
)
_PRICE_INDEX = {"2021-10": "106.7", "2022-10": "117.7", "2023-10": "118.3", "2024-10": "120.1"}
"""Net price index, October. The first three are Statistics Denmark's; the last is made up."""


def national_facts() -> Iterator[Fact]:
    """All of it, told on the first day; later index figures on the day they are published."""
    yield from _catalogue()
    yield from _sources()
    yield from _indexes()
    yield _requirement_list()


def system_reference(key: str, name: str) -> Reference:
    """A system of the catalogue."""
    return CATALOGUE.reference(f"system:{key}", name)


def source_reference(key: str) -> Reference:
    """A national source."""
    return SOURCES.reference(key, NATIONAL[key][0])


def requirements_reference() -> Reference:
    """The list of requirements that usages are held against."""
    return CATALOGUE.reference("requirements:RA:2024-1", "Rammearkitekturen 2024-1")


def interface_reference(key: str) -> Reference:
    """The interface that a system exposes."""
    return CATALOGUE.reference(f"interface:{key}", INTERFACES[key][0])


def _catalogue() -> Iterator[Fact]:
    for number, system in enumerate(systems(), 1):
        holder = Party(cvr=supplier_cvr(system.supplier), name=supplier_name(system.supplier))
        entry = CatalogueSystem(
            name=system.name, local_id=f"SYS-{number:04}", rights_holder=holder, kle=(system.kle,),
            recommended_archive_duty="B" if system.personal else "K",
        )  # fmt: skip
        yield CATALOGUE.states("system.catalogue", f"system:{system.key}", entry, told=FIRST_DAY, holds=SINCE)
    names = {system.key: system.name for system in systems()}
    for key, (name, method) in INTERFACES.items():
        exposed = Interface(
            name=name, exposed_by=system_reference(key, names[key]), local_id=f"IF-{key}", method=method, version="1"
        )
        yield CATALOGUE.states("system.interface", f"interface:{key}", exposed, told=FIRST_DAY, holds=SINCE)


def _sources() -> Iterator[Fact]:
    for key, (name, kind) in NATIONAL.items():
        level = "personal" if key in _PERSONAL else "none"
        source = DataSource.model_validate(
            {
                "name": name,
                "local_id": key,
                "kind": kind,
                "copy_of": [source_reference(copied) for copied in _COPIES.get(key, ())],
                "data": [DataElement(name=f"Oplysninger fra {name}", confidentiality=level)],
            }
        )
        yield SOURCES.states("system.data-source", key, source, told=FIRST_DAY, holds=SINCE)


def _indexes() -> Iterator[Fact]:
    for period, value in _PRICE_INDEX.items():
        published = date(int(period[:4]), 11, 10)
        figure = Index(
            series="net-price-index-2015", title="Nettoprisindeks, 2015=100", period=period, measure="level",
            value=Decimal(value), base_year=2015, published_on=published,
        )  # fmt: skip
        told = max(published, FIRST_DAY)
        yield STATISTICS.states("statistics.index", f"net-price-index:{period}", figure, told=told, holds=published)


def _requirement_list() -> Fact:
    wanted = RequirementList(
        name="Den fælleskommunale rammearkitektur",
        local_id="RA",
        version="2024-1",
        issuer="Kommunernes fællesskab",
        requirements=tuple(
            Requirement(number=number, text=text, area=area, mandatory=mandatory)
            for number, text, area, mandatory in REQUIREMENTS
        ),
    )
    return CATALOGUE.states(
        "system.requirement-list", "requirements:RA:2024-1", wanted, told=FIRST_DAY, holds=FIRST_DAY
    )
