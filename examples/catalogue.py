"""The systems that authorities share a catalogue of, and who makes them. Every product and company is made up."""

from dataclasses import dataclass

from schemas.systems import Method

from .names import COMPANY_ENDINGS, COMPANY_STEMS
from .numbers import cvr

NAMED_SUPPLIERS = {
    "fjordbro": (1, "Fjordbro Software A/S"),
    "baeltdata": (2, "Bæltdata A/S"),
    "faelles": (5, "Fælles-IT A/S"),
    "havgus": (6, "Havgus IT A/S"),
    "kortvaerk": (7, "Kortværk ApS"),
    "vestersoe": (8, "Vestersø Systemer A/S"),
    "skovsoen": (9, "Skovsøen Digital A/S"),
    "laerkefelt": (10, "Lærkefelt Data A/S"),
    "nordskel": (11, "Nordskel Factoring A/S"),
    "plingsms": (12, "PlingSMS ApS"),
    "aadal": (13, "Ådal Drift A/S"),
    "taarnborg": (14, "Tårnborg Konsulenter P/S"),
    "storaas": (15, "Storås Licens A/S"),
    "bogkaeden": (16, "Bogkæden Systemer ApS"),
    "tandem": (17, "Tandtid ApS"),
    "sundvej": (18, "Sundvej Software ApS"),
    "havgus-next": (20, "Kystlinje IT A/S"),
    "kildemark": (21, "Kildemark Cloud Ltd"),
}
"""Suppliers with a part of their own in the story: the serial of their CVR number, and their name."""
FOREIGN = {"kildemark": "IE9999017X"}
"""Suppliers without a CVR number, by VAT number."""
FIRST_OTHER = 30
"""The serial of the first of the many smaller suppliers' CVR numbers."""
VENDORS = 40
"""How many of the smaller suppliers make systems of the catalogue; those after them do not."""


def supplier_name(key: str) -> str:
    """What the company calls itself."""
    if key in NAMED_SUPPLIERS:
        return NAMED_SUPPLIERS[key][1]
    number = _other(key)
    stem = COMPANY_STEMS[number % len(COMPANY_STEMS)]
    return f"{stem} {COMPANY_ENDINGS[number // len(COMPANY_STEMS)]}"


def supplier_cvr(key: str) -> str:
    """The company's CVR number."""
    return cvr(NAMED_SUPPLIERS[key][0] if key in NAMED_SUPPLIERS else FIRST_OTHER + _other(key))


def other_supplier(number: int) -> str:
    """The key of one of the smaller suppliers, from 0."""
    return f"other-{number:03}"


def _other(key: str) -> int:
    return int(key.removeprefix("other-"))


@dataclass(frozen=True, slots=True)
class System:
    """A product of the catalogue. `centre` is the index of the centre that mostly uses it."""

    key: str
    name: str
    supplier: str
    kle: str
    centre: int
    personal: bool = True


NAMED_SYSTEMS = (
    System("erp", "Regnskab360", "baeltdata", "00", 0, personal=False),
    System("payroll", "LønPuls", "baeltdata", "81", 0),
    System("care", "OmsorgNær", "fjordbro", "27", 2),
    System("esdh", "SagsArk", "skovsoen", "85", 0),
    System("social", "Forløb+", "fjordbro", "27", 2),
    System("job", "JobVej", "havgus", "15", 3),
    System("benefits", "Fælles Kontanthjælp", "faelles", "32", 3),
    System("sickness", "Fælles Sygedagpenge", "faelles", "32", 3),
    System("overview", "Fælles Sagsoverblik", "faelles", "32", 0),
    System("school", "Læringsporten", "faelles", "17", 1),
    System("infrastructure", "Fælles Infrastruktur", "faelles", "85", 0, personal=False),
    System("library", "Bogkæden", "bogkaeden", "21", 5),
    System("dental", "TandTid", "tandem", "29", 2),
    System("health", "SundVej", "sundvej", "29", 2),
    System("building", "ByggeVej", "kortvaerk", "02", 4),
    System("maps", "KortBord", "kortvaerk", "01", 4, personal=False),
    System("planning", "PlanLinje", "vestersoe", "01", 4, personal=False),
    System("environment", "TilsynsTid", "vestersoe", "09", 4, personal=False),
    System("intranet", "Lærke Intranet", "laerkefelt", "00", 0),
    System("web", "Lærke Web", "laerkefelt", "00", 0, personal=False),
    System("booking", "Lærke Booking", "laerkefelt", "04", 5),
    System("forms", "Lærke Blanket", "laerkefelt", "23", 0),
    System("sms-pling", "PlingSMS", "plingsms", "23", 1),
    System("sms-baelt", "Bælt Besked", "baeltdata", "29", 2),
    System("sms-laerke", "Lærke SMS", "laerkefelt", "04", 5),
    System("bi-joint", "Fælles Ledelsestal", "faelles", "00", 0, personal=False),
    System("bi-care", "OmsorgNær Tal", "fjordbro", "27", 2, personal=False),
    System("bi-erp", "Regnskab360 Tal", "baeltdata", "00", 0, personal=False),
    System("office", "Kildemark Kontor", "storaas", "85", 0),
    System("operation", "Ådal Serverdrift", "aadal", "85", 0),
    System("telephony", "Ådal Telefoni", "aadal", "85", 0),
    System("network", "Ådal Netværk", "aadal", "85", 0, personal=False),
    System("base-data", "Bælt Grunddatakopi", "baeltdata", "23", 0),
    System("property", "Bælt Ejendomskopi", "baeltdata", "82", 4),
)

_AREAS = (
    ("Affald", "07", 4), ("Aktiv", "18", 5), ("Ansøg", "23", 0), ("Arkiv", "85", 0), ("Bibliotek", "21", 5),
    ("Bolig", "03", 2), ("Brand", "14", 4), ("Budget", "00", 0), ("Bygning", "82", 4), ("Børne", "28", 1),
    ("Dagtilbud", "28", 1), ("Drift", "05", 4), ("Elev", "17", 1), ("Energi", "82", 4), ("Erhverv", "24", 3),
    ("Familie", "27", 1), ("Flygtninge", "15", 3), ("Forsikring", "83", 0), ("Fravær", "81", 0), ("Fritid", "18", 5),
    ("Genoptræning", "29", 2), ("Grunddata", "23", 0), ("Hjælpemiddel", "27", 2), ("Hal", "04", 5),
    ("Hjemmepleje", "27", 2), ("Idræt", "04", 5), ("Indkøb", "83", 0), ("Institution", "28", 1), ("Kantine", "82", 0),
    ("Klima", "09", 4), ("Kompetence", "81", 0), ("Kultur", "20", 5), ("Kørsel", "08", 2), ("Ledelse", "00", 0),
    ("Lokale", "82", 0), ("Læse", "17", 1), ("Mad", "27", 2), ("Matematik", "17", 1), ("Medicin", "29", 2),
    ("Miljø", "09", 4), ("Møde", "00", 0), ("Museum", "20", 5), ("Natur", "01", 4), ("Park", "04", 4),
    ("Pension", "32", 3), ("Plads", "28", 1), ("Post", "85", 0), ("Projekt", "85", 0), ("Rekruttering", "81", 0),
    ("Rengøring", "82", 4), ("Rusmiddel", "27", 2), ("Skema", "17", 1), ("Skov", "01", 4), ("Spildevand", "06", 4),
    ("Sprog", "17", 1), ("Sundhed", "29", 2), ("Sygefravær", "81", 0), ("Tilskud", "18", 5), ("Trafik", "05", 4),
    ("Træning", "29", 2), ("Ungdom", "18", 1), ("Uddannelse", "17", 1), ("Vagt", "81", 2), ("Valg", "84", 0),
    ("Vand", "06", 4), ("Vej", "05", 4),
)  # fmt: skip
_ENDINGS = ("Plan", "Log", "Nær", "Tavle")


def systems() -> tuple[System, ...]:
    """The whole catalogue, the systems with a part of their own first."""
    others = (
        System(
            f"{stem}{ending}".casefold(),
            f"{stem}{ending}",
            other_supplier((index + 7 * step) % VENDORS),
            kle,
            centre,
            personal=kle in {"15", "17", "18", "23", "27", "28", "29", "32", "81"},
        )
        for step, ending in enumerate(_ENDINGS)
        for index, (stem, kle, centre) in enumerate(_AREAS)
    )
    return (*NAMED_SYSTEMS, *others)


INTERFACES: dict[str, tuple[str, Method]] = {
    "erp": ("Bogføring", "api"),
    "payroll": ("Lønbilag", "file"),
    "esdh": ("Journalisering", "api"),
    "care": ("Visiteret hjælp", "api"),
    "maps": ("Kortopslag", "api"),
    "sms-pling": ("Send besked", "api"),
    "intranet": ("Personer og enheder", "api"),
    "operation": ("Brugerkatalog", "api"),
    "base-data": ("Personopslag", "api"),
    "property": ("Ejendomsopslag", "api"),
    "bi-erp": ("Nøgletal", "file"),
}
"""What systems expose to others: the interface most relations go through."""
