"""Registers of data sources and of who reads them."""

from adapters.register.columns import Column, Layout
from adapters.register.compound import choice, reference, references
from adapters.register.values import CURRENCY, CVR, IDENTIFIER, NAME, NUMBER, TEXT

from . import words

_SOURCE_KINDS = choice(
    {
        "grunddata": "base-data",
        "kopiregister": "copy-register",
        "register": "register",
        "støttesystem": "support-system",
        "statistik": "statistics",
        "betaling": "payments",
        "integration": "integration",
    }
)
_PRICE_UNITS = choice(
    {
        "fast": "fixed",
        "indbygger": "inhabitant",
        "opslag": "look-up",
        "bruger": "user",
        "post": "record",
        "abonnement": "subscription",
    }
)

DATA_SOURCES = Layout(
    name="data-sources",
    danish="Datakilder",
    kind="data-source",
    family="system.data-source-stated",
    key=("local_id",),
    about="Registre og fælles kilder, som anvendelser læser fra",
    shared=True,
    own_columns=(
        Column(
            "Datakildenummer", "data source id", "local_id", IDENTIFIER, "Nummer eller kort navn", "EKSEMPEL-DPR", True
        ),
        Column("Navn", "name", "name", NAME, "Kildens navn", "DPR", True),
        Column("Slags", "kind", "kind", _SOURCE_KINDS, "Slags kilde", "kopiregister", True),
        Column("Udbyder", "provider", "provider.name", NAME, "Hvem der leverer den", "Bæltdata A/S"),
        Column("Udbyder CVR", "provider cvr", "provider.cvr", CVR, "Udbyderens CVR-nummer", "99000023"),
        Column("Kopi af", "copy of", "copy_of", references("data-source"), "Kilderne, den er kopi af", "EKSEMPEL-CPR"),
        Column("Data", "data", "data", words.DATA, "Hver slags: navn, format, fortrolighed", "Adresser: : almindelige"),
        Column("Beskrivelse", "description", "description", TEXT, "Hvad den indeholder", "Kopi af persondata"),
    ),
)

DATA_SOURCE_USES = Layout(
    name="data-source-uses",
    danish="Datakildebrug",
    kind="data-source-use",
    family="system.data-source-use-stated",
    key=("local_id",),
    about="Hvilke anvendelser der læser hvilke datakilder, og hvad det koster",
    own_columns=(
        Column("Brugsnummer", "use id", "local_id", IDENTIFIER, "Nummer i registret", "EKSEMPEL-DB1", True),
        Column("Anvendelse", "usage", "usage.id", reference("system-usage"), "Anvendelsesnummer", "EKSEMPEL-A1", True),
        Column("Datakilde", "source", "source.id", reference("data-source"), "Datakildenummer", "EKSEMPEL-DPR", True),
        Column("Gennem", "via", "via.id", reference("data-source"), "Kilden, der læses gennem", "EKSEMPEL-SP"),
        Column("Frekvens", "frequency", "frequency", words.FREQUENCY, "Hvor tit", "efter behov"),
        Column("Data", "data", "data", words.DATA, "Hver slags: navn, format, fortrolighed", "Adresser: : almindelige"),
        Column(
            "Stykpris", "unit price", "price.unit_price.amount", NUMBER, "Uden moms", "0,18", also=("Pris Stykpris",)
        ),
        Column("Valuta", "currency", "price.unit_price.currency", CURRENCY, "Tom: DKK", also=("Pris Valuta",)),
        Column(
            "Prisenhed", "price unit", "price.unit", _PRICE_UNITS, "Hvad prisen er for", "opslag", also=("Pris Enhed",)
        ),
        Column("Antal pr. år", "units per year", "price.units_per_year", NUMBER, "Ventet antal om året", "250.000"),
        Column("Kontrakt", "contract", "contract.id", reference("contract"), "Kontrakten, der betales", "EKSEMPEL-K1"),
        Column("Serviceaftale", "agreement", "agreement", IDENTIFIER, "Tilladelsen til at udveksle", "SA-2025-118"),
    ),
)
