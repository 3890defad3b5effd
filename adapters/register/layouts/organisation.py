"""Registers of the authority's own organisation: units, roles, budgets."""

from adapters.register.columns import Column, Json, Layout
from adapters.register.compound import Local, choice, reference
from adapters.register.values import CURRENCY, IDENTIFIER, NAME, NUMBER, PERSON, WHOLE

from . import words

UNITS = Layout(
    name="units",
    danish="Enheder",
    also=("organisationsenheder", "organisation units"),
    kind="unit",
    family="organisation.unit-stated",
    key=("local_id",),
    about="Centre, afdelinger og institutioner med deres EAN-lokationsnumre",
    own_columns=(
        Column("Enhedsnummer", "unit id", "local_id", IDENTIFIER, "Enhedens nummer i registret", "EKSEMPEL-E1", True),
        Column(
            "Navn", "name", "name", NAME, "Enhedens navn", "Center for Social og Sundhed", True, also=("Enhedsnavn",)
        ),
        Column(
            "Overordnet enhed",
            "parent",
            "parent.id",
            reference("unit"),
            "Enhedsnummer; tom for den øverste",
            "EKSEMPEL-E0",
        ),
        Column(
            "GLN",
            "gln",
            "glns",
            words.DATED_GLNS,
            "Hvert EAN-lokationsnummer, første og sidste dag",
            "9521234000013: 01-01-2020; 9521234000020: : 31-03-2026",
            also=("EAN", "EAN-nummer"),
        ),
    ),
)

_ROLES = {
    "systemejer": "system-owner",
    "systemansvarlig": "system-manager",
    "kontraktejer": "contract-owner",
    "kontraktansvarlig": "contract-manager",
    "enhedsleder": "unit-manager",
    "budgetansvarlig": "budget-holder",
    "bestiller": "orderer",
    "fakturamodtager": "invoice-recipient",
    "attestant": "attestant",
    "anviser": "payment-authoriser",
    "projektejer": "project-owner",
    "projektleder": "project-manager",
    "databeskyttelsesrådgiver": "data-protection-officer",
    "sikkerhedskoordinator": "security-coordinator",
    "arkivar": "archivist",
    "digitaliseringsråd": "digitalisation-council",
    "porteføljestyregruppe": "portfolio-board",
    "central enhed": "central-unit",
    "udbud og indkøb": "procurement",
    "andet": "other",
}
_HELD_FOR = {"anvendelse": "system-usage", "kontrakt": "contract", "enhed": "unit", "projekt": "project"}


def _held_for(data: Json) -> Json:
    """What the role is held for is a number of the register that its kind names."""
    held, kind = data.get("responsible_for", {}).get("id"), data.get("kind")
    if not isinstance(held, Local) or kind is None:
        return data
    return data | {"responsible_for": data["responsible_for"] | {"id": Local(kind, held.local_id)}}


ROLES = Layout(
    name="roles",
    danish="Roller",
    kind="role",
    family="organisation.role-stated",
    key=("responsible_for.id", "kind", "role", "holder.id"),
    about="Hvem der har hvilken rolle for en anvendelse, en kontrakt, en enhed eller et projekt",
    finish=_held_for,
    own_columns=(
        Column(
            "Nummer",
            "responsible for",
            "responsible_for.id",
            reference(""),
            "Nummer på det, rollen gælder",
            "EKSEMPEL-A1",
            True,
        ),
        Column("Slags", "kind", "kind", choice(_HELD_FOR), "Hvad nummeret er på", "anvendelse", True),
        Column(
            "Betegnelse", "responsible for name", "responsible_for.name", NAME, "Navn på det, til læsning", "OmsorgNær"
        ),
        Column("Rolle", "role", "role", choice(_ROLES), "Andet kræver en titel", "systemejer", True),
        Column("Titel", "title", "title", NAME, "Hvad rollen kaldes her", "Systemejer"),
        Column("Initialer", "person id", "holder.id", PERSON, "Medarbejderens id, aldrig CPR", "kali", True),
        Column("Navn", "name", "holder.name", NAME, "Medarbejderens navn", "Karen Lindholt", True),
        Column(
            "Personreference",
            "person reference",
            "holder.person_reference",
            PERSON,
            "Det, leverandøren skriver på fakturaen",
            "KALIN",
        ),
        Column("E-mail", "email", "holder.email", NAME, "Arbejdsmail", "kali@egesoe.example"),
        Column("Enhed", "unit", "unit.id", reference("unit"), "Enhedsnummer", "EKSEMPEL-E1"),
    ),
)

BUDGETS = Layout(
    name="budgets",
    danish="Budgetter",
    also=("budget",),
    kind="budget",
    family="organisation.budget-stated",
    key=("unit.id", "account", "year"),
    about="Hvad en enhed må bruge på en konto i et år, uden moms",
    own_columns=(
        Column(
            "Enhed", "unit", "unit.id", reference("unit"), "Enhedsnummer", "EKSEMPEL-E1", True, also=("Enhedsnummer",)
        ),
        Column("Konto", "account", "account", IDENTIFIER, "Efter den autoriserede kontoplan", "6.45.52", True),
        Column("Kontonavn", "account name", "account_name", NAME, "Kontoens navn", "Fælles IT og telefoni"),
        Column("År", "year", "year", WHOLE, "Kalenderår", "2026", True, also=("Budgetår",)),
        Column("Beløb", "amount", "amount.amount", NUMBER, "Uden moms; negativt er indtægt", "2.600.000,00", True),
        Column("Valuta", "currency", "amount.currency", CURRENCY, "Tom: DKK", "DKK"),
    ),
)
