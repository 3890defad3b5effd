"""The register of contracts."""

from adapters.register.columns import Column, Json, Layout
from adapters.register.compound import choice, many, reference, references
from adapters.register.values import CPV, CURRENCY, DATE, IDENTIFIER, NAME, NUMBER, PERIOD, TEXT, WHOLE, YES_NO

from . import words
from .clauses import INDEX_CLAUSE, OPTIONS, PARALLEL, SERVICE_LEVELS, SUCCESSIONS

_KINDS = {
    "kontrakt": "contract",
    "rammeaftale": "framework",
    "leveringsaftale": "call-off",
    "tilslutningsaftale": "accession",
    "tillæg": "addendum",
}
_PROCEDURES = {
    "offentligt udbud": "open",
    "begrænset udbud": "restricted",
    "udbud med forhandling": "negotiated",
    "konkurrencepræget dialog": "dialogue",
    "miniudbud": "mini-tender",
    "direkte tildeling": "direct-award",
    "tilbudsindhentning": "quotes",
    "tilslutning": "accession",
    "ingen": "none",
}
_AMOUNTS = {
    "maximum": ("net",),
    "procurement": ("total_value",),
    "exit": ("exit_price", "archival_version_price"),
    "payment": ("invoice_fee",),
}


def _contract(data: Json) -> Json:
    """Every contract has terms, if only unknown ones, and its amounts have one currency."""
    currency = data.pop("currency", None)
    for part, amounts in _AMOUNTS.items():
        for amount in amounts:
            if currency is not None and amount in data.get(part, {}):
                data[part][amount]["currency"] = currency
    return {"terms": {}} | data


_WHO = (
    Column("Kontraktnummer", "contract id", "local_id", IDENTIFIER, "Nummer i registret", "EKSEMPEL-K1", True),
    Column("Titel", "title", "title", NAME, "Kontraktens titel", "SagsArk, sags- og dokumentsystem", True),
    Column("Type", "kind", "kind", choice(_KINDS), "Tom: kontrakt", "leveringsaftale", also=("Kontrakttype",)),
    Column(
        "Leverandør",
        "supplier",
        "supplier.id",
        reference("supplier"),
        "Leverandørnummer",
        "EKSEMPEL-L1",
        True,
        also=("Leverandørnummer", "Leverandør Nummer"),
    ),
    Column(
        "Leverandørnavn",
        "supplier name",
        "supplier.name",
        NAME,
        "Til læsning",
        "Skovsøen Digital A/S",
        also=("Leverandør Navn",),
    ),
    Column("Forhandler", "reseller", "reseller.id", reference("supplier"), "Den, der fakturerer i stedet"),
    Column(
        "Leverandørskifte",
        "successions",
        "successions",
        SUCCESSIONS,
        "Leverandørnummer, første dag og sidste dag med begge",
    ),
    Column("Overordnet kontrakt", "parent", "parent.id", reference("contract"), "Rammeaftalen eller hovedkontrakten"),
    Column("Afløser kontrakt", "replaces", "replaces.id", reference("contract"), "Den tidligere for samme opgave"),
    Column(
        "Parallel drift",
        "parallel running",
        "parallel_running",
        PARALLEL,
        "Kontraktnummer, første og sidste dag, hvor begge må fakturere",
    ),
    Column(
        "Ansvarlig enhed", "responsible unit", "responsible_unit.id", reference("unit"), "Enhedsnummer", "EKSEMPEL-E1"
    ),
    Column("Anvendelser", "usages", "usages", references("system-usage"), "Dem, den betaler for", "EKSEMPEL-A1"),
    Column("Enheder", "units", "units", references("unit"), "Dem, den gælder; tom: alle", "EKSEMPEL-E1"),
    Column("GLN", "gln", "glns", words.GLNS, "EAN, der faktureres til; tom: alle", "9521234000013", also=("EAN",)),
    Column("Ordrenumre", "order numbers", "order_numbers", many(IDENTIFIER), "Dem, der faktureres under", "4500017731"),
)
_TERMS = (
    Column(
        "Startdato",
        "start date",
        "terms.starts_on",
        DATE,
        "Første dag",
        "01-01-2022",
        also=("Periode Start", "Periode Startdato", "Start"),
    ),
    Column(
        "Slutdato",
        "end date",
        "terms.ends_on",
        DATE,
        "Sidste dag uden optioner",
        "31-12-2025",
        also=("Periode Slut", "Periode Slutdato", "Slut", "Udløb"),
    ),
    Column("Løbende", "open-ended", "terms.open_ended", YES_NO, "Om den løber, til den siges op", "nej"),
    Column(
        "Optioner",
        "options",
        "terms.options",
        OPTIONS,
        "Hver: måneder, senest brugt, taget i brug",
        "12: 30-06-2025: 20-05-2025; 12: 30-06-2026",
    ),
    Column(
        "Uopsigelig til",
        "irrevocable until",
        "terms.irrevocable_until",
        DATE,
        "Før den dag virker ingen opsigelse",
        "31-12-2023",
    ),
    Column("Fornyes (måneder)", "renews months", "terms.renews_months", WHOLE, "Løber videre af sig selv så længe"),
    Column(
        "Opsigelsesvarsel (måneder)",
        "notice months",
        "terms.notice.months",
        WHOLE,
        "Måneders varsel",
        "6",
        also=("Opsigelsesvarsel", "Opsigelse Måneder", "Opsigelse Varsel"),
    ),
    Column(
        "Varsel til udgangen af",
        "notice to end of",
        "terms.notice.to_end_of",
        choice({"måned": "month", "kvartal": "quarter", "år": "year"}),
        "Tom: til en hvilken som helst dag",
        "kvartal",
        also=("Opsigelse Til udgangen af",),
    ),
    Column(
        "Opsagt den",
        "notice given",
        "terms.termination.notice_given_on",
        DATE,
        "Dagen, der blev sagt op",
        also=("Opsigelse Opsagt den",),
    ),
    Column("Ophør aftalt til", "agreed last day", "terms.termination.last_day", DATE, "Sidste dag, når den er aftalt"),
)
_BOUGHT = (
    Column(
        "Procedure", "procedure", "procurement.procedure", choice(_PROCEDURES), "Hvordan den blev udbudt", "miniudbud"
    ),
    Column("Hjemmel", "legal basis", "procurement.legal_basis", NAME, "Lovens paragraf", "udbudsloven § 98"),
    Column(
        "Bekendtgørelse", "notice number", "procurement.notice_number", IDENTIFIER, "TED-nummer", "2021/S 118-309821"
    ),
    Column("Bekendtgjort", "notice published", "procurement.notice_published_on", DATE, "Dagen", "21-06-2021"),
    Column("Rammeaftale", "framework", "procurement.framework", NAME, "Når den ikke selv er i registret", "SKI 02.19"),
    Column("CPV", "cpv", "procurement.cpv", many(CPV, commas=True), "CPV-koder", "48311100-2"),
    Column(
        "Samlet værdi", "total value", "procurement.total_value.amount", NUMBER, "Med alle optioner", "6.900.000,00"
    ),
    Column("Genudbud", "retender", "retender_in", PERIOD, "Hvornår det er planlagt", "2026-Q3"),
    Column(
        "Genudbud varsles (måneder)",
        "retender lead months",
        "retender_lead_months",
        WHOLE,
        "Hvor længe før udløb; tom: 24, miniudbud 12, uden udbud 6",
    ),
    Column("Underskrevet", "signed", "signed_on", DATE, "Dagen", "14-12-2021"),
    Column("Loft", "maximum", "maximum.net.amount", NUMBER, "Det højeste køb, uden moms", "7.500.000,00"),
    Column("Loft reguleres", "maximum indexed", "maximum.indexed", YES_NO, "Om loftet følger indekset", "ja"),
    Column("Valuta", "currency", "currency", CURRENCY, "For alle beløb i rækken; tom: DKK", "DKK"),
)
_SERVICE_AND_EXIT = (
    Column(
        "Servicemål",
        "service levels",
        "service_levels",
        SERVICE_LEVELS,
        "Hvert: nummer, navn, mål, værdi, enhed, periode, bod i % og højst, hvornår det gælder",
        "SLA-1 | Oppetid | oppetid | 99,5 | procent | måned | 5 | 25 | hverdage 7-17",
    ),
    Column(
        "Data ejes af",
        "data owner",
        "exit.data_owner",
        choice({"myndigheden": "authority", "leverandøren": "supplier", "uafklaret": "unsettled"}),
        "Ved ophør",
        "myndigheden",
    ),
    Column("Returformat", "return format", "exit.return_format", NAME, "Formatet, data leveres i", "SIARD 2.2"),
    Column("Returfrist (dage)", "return days", "exit.return_days", WHOLE, "Dage efter ophør", "30"),
    Column(
        "Pris for ophør", "exit price", "exit.exit_price.amount", NUMBER, "0 er gratis; tom: ikke aftalt", "95.000,00"
    ),
    Column(
        "Pris for arkivering",
        "archival version price",
        "exit.archival_version_price.amount",
        NUMBER,
        "For en arkiveringsversion",
        "60.000,00",
    ),
    Column("Ophørsbistand", "exit assistance", "exit.assistance", TEXT, "Hvad leverandøren skal hjælpe med"),
    Column("Betalingsfrist (dage)", "credit days", "payment.credit_days", WHOLE, "Dage fra fakturaen", "30"),
    Column("Fakturagebyr", "invoice fee", "payment.invoice_fee.amount", NUMBER, "Kun når det er udtrykkeligt aftalt"),
    Column("Bemærkninger", "remarks", "remarks", TEXT, "Fri tekst"),
)

CONTRACTS = Layout(
    name="contracts",
    danish="Kontrakter",
    also=("kontrakt",),
    kind="contract",
    family="contract.contract-stated",
    key=("local_id",),
    about="Kontrakter med parter, løbetid, opsigelse, udbud, regulering, servicemål og ophør; beløb uden moms",
    finish=_contract,
    own_columns=(*_WHO, *_TERMS, *_BOUGHT, *INDEX_CLAUSE, *_SERVICE_AND_EXIT),
)
