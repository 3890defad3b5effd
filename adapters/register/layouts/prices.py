"""Registers of prices and of the numbers they depend on: price items, counts and indexes."""

from adapters.register.columns import Column, Json, Layout
from adapters.register.compound import Part, choice, items, many, reference
from adapters.register.values import CURRENCY, DATE, IDENTIFIER, MONTH, MONTH_DAY, NAME, NUMBER, PERIOD, WHOLE, YES_NO

from . import words
from .clauses import INDEX_CLAUSE

_TIERS = items(
    Part("above", NUMBER, required=True), Part("price", NUMBER, required=True), example="0: 25,00; 150000: 12,50"
)


def _price_item(data: Json) -> Json:
    """A price for each of something is the one tier it begins with, unless tiers are given; any other is fixed."""
    price = data.get("price", {})
    if "base" not in price and "tiers" not in price:
        return data | {"price": {"model": "fixed"} | price}
    if "amount" in price and "tiers" not in price:
        amount = price["amount"]
        price = {name: value for name, value in price.items() if name != "amount"}
        price["tiers"] = [{"above": 0, "price": amount}]
    return data | {"price": {"model": "per-unit"} | price}


PRICE_ITEMS = Layout(
    name="price-items",
    danish="Prisposter",
    also=("priser",),
    kind="price-item",
    family="contract.price-item-stated",
    key=("local_id",),
    about="Kontrakternes priser, uden moms; en ny pris er samme nummer med en ny dato i Gælder fra",
    finish=_price_item,
    own_columns=(
        Column("Prispostnummer", "price item id", "local_id", IDENTIFIER, "Nummer i registret", "EKSEMPEL-P1", True),
        Column(
            "Kontrakt",
            "contract",
            "contract.id",
            reference("contract"),
            "Kontraktnummer",
            "EKSEMPEL-K1",
            True,
            also=("Kontraktnummer",),
        ),
        Column("Titel", "title", "title", NAME, "Hvad der betales for", "SagsArk, licens pr. bruger", True),
        Column("Varenumre", "item numbers", "item_numbers", many(IDENTIFIER), "Som på fakturaen", "SA-LIC-N"),
        Column(
            "Linjetekster",
            "line patterns",
            "line_patterns",
            many(NAME),
            "Som på fakturaen; * er hvad som helst",
            "SagsArk licens*",
        ),
        Column("Måleenhed", "unit", "unit", IDENTIFIER, "Kode efter UN/ECE 20, fx EA, HUR, MON", "EA"),
        Column(
            "Pris",
            "price",
            "price.amount",
            NUMBER,
            "Fast pris, eller for hver af det, der står i Pris pr.",
            "",
            also=("Pris Beløb", "Beløb"),
        ),
        Column("Pris pr.", "price per", "price.base", words.BASE, "Tom: fast pris", "bruger", also=("Pris Pr",)),
        Column(
            "Trin",
            "tiers",
            "price.tiers",
            _TIERS,
            "I stedet for Pris: over så mange: pris for hver",
            "0: 1.480; 500: 1.110",
            also=("Pris Trin",),
        ),
        Column("Valuta", "currency", "currency", CURRENCY, "Tom: DKK", "DKK", also=("Pris Valuta",)),
        Column(
            "Periode",
            "period",
            "period",
            words.BILLING_PERIOD,
            "Hvad prisen er for",
            "år",
            True,
            also=("Pris Periode",),
        ),
        Column("Faktureres hver", "billed each", "billed_each", words.BILLING_PERIOD, "Når den afviger fra perioden"),
        Column(
            "Faktureres",
            "billed in",
            "billed_in",
            choice({"forud": "advance", "bagud": "arrears"}),
            "Forud eller bagud",
            "forud",
        ),
        Column("Statistik", "statistic", "counting.statistic", IDENTIFIER, "Serie fra Optællinger", "EKSEMPEL-BRUGERE"),
        Column("Tælledag", "count day", "counting.day", MONTH_DAY, "Dag i året, der tælles på", "01-01"),
        Column("År før", "years before", "counting.years_before", WHOLE, "Når der tælles tidligere år", "0"),
        Column("Mindstebetaling", "minimum fee", "minimum_fee", NUMBER, "Hver gang der faktureres", "250.000,00"),
        Column("Aconto", "on account", "on_account", YES_NO, "Om der afregnes efter årets tal", "ja"),
        Column("Afregnes i", "settled in", "settled_in", MONTH, "Måned for afregning af aconto", "februar"),
        Column(
            "Regulering",
            "regulation",
            "regulation",
            choice({"ingen": "none", "fastsættes": "set", "indeks": "indexed"}),
            "Hvordan prisen ændres",
            "indeks",
            also=("Regulering Model",),
        ),
        *INDEX_CLAUSE,
        Column(
            "Option senest",
            "option by",
            "option.use_by",
            DATE,
            "Modulet kan tilkøbes til og med",
            also=("Option Senest",),
        ),
        Column(
            "Option i brug",
            "option taken up",
            "option.taken_up_on",
            DATE,
            "Dagen, det blev tilkøbt",
            also=("Option I brug",),
        ),
        Column(
            "Anvendelse", "usage", "usage.id", reference("system-usage"), "Den, prisen er en udgift til", "EKSEMPEL-A1"
        ),
    ),
)

COUNTS = Layout(
    name="counts",
    danish="Optællinger",
    also=("tal", "statistik"),
    kind="count",
    family="statistics.count-stated",
    key=("statistic", "counted_on", "usage.id", "unit.id"),
    about="Tal, som priser afhænger af: indbyggere, elever, lønsedler, opslag",
    effective="published_on",
    own_columns=(
        Column("Statistik", "statistic", "statistic", IDENTIFIER, "Statistikkens nummer", "EKSEMPEL-FOLK1A", True),
        Column("Titel", "title", "title", NAME, "Hvad der er talt", "Indbyggere den første i kvartalet", True),
        Column("Tæller", "base", "base", words.BASE, "Hvad der tælles", "indbygger", True),
        Column("Værdi", "value", "value", NUMBER, "Hvor mange", "35.900", True, also=("Antal",)),
        Column(
            "Optalt den",
            "counted on",
            "counted_on",
            DATE,
            "Dagen, eller periodens sidste",
            "01-01-2026",
            True,
            also=("Periode Slut", "Dato"),
        ),
        Column(
            "Optalt fra",
            "counted since",
            "counted_since",
            DATE,
            "Periodens første dag, for det der løber",
            also=("Periode Start",),
        ),
        Column(
            "Offentliggjort",
            "published",
            "published_on",
            DATE,
            "Tallet gælder fra den dag",
            "11-02-2026",
            also=("Offentliggjort den",),
        ),
        Column("Anvendelse", "usage", "usage.id", reference("system-usage"), "Systemet, der er talt i"),
        Column("Enhed", "unit", "unit.id", reference("unit"), "Enhedsnummer; tom: hele myndigheden"),
    ),
)

INDEXES = Layout(
    name="indexes",
    danish="Indeks",
    also=("indekser", "indekstal"),
    kind="index",
    family="statistics.index-stated",
    key=("series", "period"),
    about="Indekstal og skøn, som priser reguleres efter",
    effective="published_on",
    shared=True,
    own_columns=(
        Column(
            "Serie",
            "series",
            "series",
            IDENTIFIER,
            "Seriens nummer; et nyt basisår er en ny serie",
            "EKSEMPEL-NPI",
            True,
        ),
        Column("Titel", "title", "title", NAME, "Seriens navn", "Nettoprisindeks, 2015=100", True),
        Column("Periode", "period", "period", PERIOD, "Måned, kvartal eller år", "2023-10", True),
        Column(
            "Måles som",
            "measure",
            "measure",
            choice({"niveau": "level", "ændring": "change"}),
            "Niveau i forhold til 100, eller ændring i procent",
            "niveau",
            True,
        ),
        Column("Værdi", "value", "value", NUMBER, "Tallet", "118,3", True),
        Column("Basisår", "base year", "base_year", WHOLE, "Året, der er 100", "2015"),
        Column("Offentliggjort", "published", "published_on", DATE, "Tallet gælder fra den dag", "10-11-2023", True),
    ),
)
