"""Registers of what systems and suppliers must live up to: requirements, processing agreements, supervisions."""

from adapters.register.columns import Column, Layout, Repeated
from adapters.register.compound import Part, choice, items, many, reference, references
from adapters.register.values import COUNTRY, DATE, IDENTIFIER, NAME, NUMBER, TEXT, WHOLE, YES_NO

REQUIREMENT_LISTS = Layout(
    name="requirement-lists",
    danish="Kravlister",
    also=("krav",),
    kind="requirement-list",
    family="system.requirement-list-stated",
    key=("local_id", "version"),
    about="Lister over krav: en række for hvert krav, med listens nummer og version på hver",
    repeated=Repeated("requirements", "number"),
    shared=True,
    own_columns=(
        Column("Kravliste", "requirement list", "local_id", IDENTIFIER, "Listens nummer", "EKSEMPEL-RA", True),
        Column("Version", "version", "version", IDENTIFIER, "Listens version", "2026-1", True),
        Column(
            "Listenavn", "list name", "name", NAME, "På mindst en af rækkerne", "Den fælleskommunale rammearkitektur"
        ),
        Column("Udsteder", "issuer", "issuer", NAME, "Hvem der har skrevet listen", "Kommunernes fællesskab"),
        Column(
            "Krav", "number", "requirements.number", IDENTIFIER, "Kravets nummer", "RA-1", True, also=("Kravnummer",)
        ),
        Column(
            "Tekst",
            "text",
            "requirements.text",
            TEXT,
            "Kravet",
            "Systemet læser organisation",
            True,
            also=("Kravtekst",),
        ),
        Column("Område", "area", "requirements.area", NAME, "Emnet", "Organisation"),
        Column("Obligatorisk", "mandatory", "requirements.mandatory", YES_NO, "Tom: ja", "ja"),
        Column("Vægt", "weight", "requirements.weight", NUMBER, "Hvor meget det tæller; tom: 1", "1"),
    ),
)

CONFORMITY = Layout(
    name="conformity",
    danish="Kravopfyldelse",
    kind="conformity",
    family="system.conformity-stated",
    key=("usage.id", "requirement_list.id"),
    about="Hvordan anvendelser opfylder krav: en række for hvert krav, med anvendelse og kravliste på hver",
    repeated=Repeated("requirements", "requirement"),
    own_columns=(
        Column("Anvendelse", "usage", "usage.id", reference("system-usage"), "Anvendelsesnummer", "EKSEMPEL-A1", True),
        Column(
            "Kravliste",
            "requirement list",
            "requirement_list.id",
            reference("requirement-list"),
            "Listens nummer og version med / imellem",
            "EKSEMPEL-RA/2026-1",
            True,
        ),
        Column("Vurderet den", "assessed on", "assessed_on", DATE, "Dagen", "11-02-2026"),
        Column("Vurderet af", "assessed by", "assessed_by", NAME, "Hvem", "Digitalisering og IT"),
        Column("Krav", "requirement", "requirements.requirement", IDENTIFIER, "Kravets nummer", "RA-1", True),
        Column(
            "Opfyldt",
            "status",
            "requirements.status",
            choice(
                {
                    "ja": "met",
                    "delvist": "partly-met",
                    "nej": "not-met",
                    "ikke relevant": "not-relevant",
                    "ukendt": "unknown",
                }
            ),
            "Om det er opfyldt",
            "nej",
            True,
        ),
        Column("Opfyldes den", "met by", "requirements.met_by", DATE, "Dagen, det er lovet", "30-06-2027"),
        Column("Note", "note", "requirements.note", TEXT, "Fri tekst", "Lovet i næste udgave"),
    ),
)

_SUB_PROCESSORS = items(
    Part("party.name", NAME, required=True),
    Part("country", COUNTRY, required=True),
    Part("task", TEXT),
    Part(
        "transfer_basis",
        choice(
            {
                "tilstrækkelighed": "adequacy",
                "standardbestemmelser": "standard-clauses",
                "bindende regler": "binding-rules",
                "undtagelse": "derogation",
            }
        ),
    ),
    Part("approved_on", DATE),
    example="Kildemark Cloud Ltd: IE: Drift: : 20-11-2023",
)

PROCESSING_AGREEMENTS = Layout(
    name="data-processing-agreements",
    danish="Databehandleraftaler",
    kind="processing-agreement",
    family="processing.agreement-stated",
    key=("local_id",),
    about="Aftaler med databehandlere, også dem der mangler eller ikke er nødvendige",
    own_columns=(
        Column("Aftalenummer", "agreement id", "local_id", IDENTIFIER, "Nummer i registret", "EKSEMPEL-DBA1", True),
        Column("Titel", "title", "title", NAME, "Aftalens titel", "SagsArk, databehandleraftale", True),
        Column(
            "Status",
            "state",
            "state",
            choice({"indgået": "concluded", "mangler": "missing", "ikke nødvendig": "not-needed"}),
            "Hvor den står",
            "indgået",
            True,
        ),
        Column(
            "Ikke nødvendig fordi", "not needed because", "not_needed_because", TEXT, "Når status er ikke nødvendig"
        ),
        Column("Databehandler", "processor", "processor.id", reference("supplier"), "Leverandørnummer", "EKSEMPEL-L1"),
        Column("Kontrakt", "contract", "contract.id", reference("contract"), "Kontraktnummer", "EKSEMPEL-K1"),
        Column("Anvendelser", "usages", "usages", references("system-usage"), "Anvendelsesnumre", "EKSEMPEL-A1"),
        Column("Underskrevet", "signed", "signed_on", DATE, "Dagen", "20-11-2023"),
        Column("Skabelon", "template", "template", NAME, "Teksten, den er lavet på", "Datatilsynets, januar 2020"),
        Column(
            "Oplysninger",
            "data kinds",
            "data_kinds",
            many(
                choice(
                    {
                        "almindelige": "personal",
                        "følsomme": "sensitive",
                        "straffedomme": "criminal",
                        "cpr-numre": "cpr-number",
                    }
                )
            ),
            "Slags personoplysninger",
            "almindelige; cpr-numre",
        ),
        Column(
            "Underdatabehandlere",
            "sub-processors",
            "sub_processors",
            _SUB_PROCESSORS,
            "Hver: navn, land, opgave, overførselsgrundlag, godkendt den",
            "Kildemark Cloud Ltd: IE: Drift: : 20-11-2023",
        ),
        Column("Tilsyn hver (måneder)", "supervise every", "supervise_every", WHOLE, "Måneder mellem tilsyn", "12"),
        Column(
            "Intet tilsyn fordi", "no supervision because", "supervision_not_needed_because", TEXT, "Når det ikke føres"
        ),
    ),
)

SUPERVISIONS = Layout(
    name="supervisions",
    danish="Tilsyn",
    kind="supervision",
    family="processing.supervision-stated",
    key=("local_id",),
    about="Planlagte og førte tilsyn med databehandlere",
    own_columns=(
        Column("Tilsynsnummer", "supervision id", "local_id", IDENTIFIER, "Nummer i registret", "EKSEMPEL-T1", True),
        Column(
            "Databehandleraftale",
            "agreement",
            "agreement.id",
            reference("processing-agreement"),
            "Aftalenummer",
            "EKSEMPEL-DBA1",
            True,
            also=("Aftalenummer",),
        ),
        Column("Frist", "due on", "due_on", DATE, "Senest", "30-11-2025", True),
        Column("Ført den", "held on", "held_on", DATE, "Dagen", "12-11-2025"),
        Column(
            "Metode",
            "method",
            "method",
            choice(
                {
                    "egenerklæring": "self-declaration",
                    "revisionserklæring": "audit-report",
                    "spørgeskema": "questionnaire",
                    "besøg": "inspection",
                }
            ),
            "Hvordan",
            "revisionserklæring",
        ),
        Column(
            "Resultat",
            "result",
            "result",
            choice(
                {"tilfredsstillende": "satisfactory", "bemærkninger": "remarks", "utilfredsstillende": "unsatisfactory"}
            ),
            "Hvad det viste",
            "bemærkninger",
        ),
        Column("Bemærkninger", "remarks", "remarks", TEXT, "Fri tekst", "Logge gemmes i tre måneder; seks er aftalt"),
        Column("Rapport", "report", "report", IDENTIFIER, "Nummer eller navn", "ISAE 3000, 2025"),
        Column(
            "Ikke nødvendigt fordi", "not needed because", "not_needed_because", TEXT, "Når det ikke føres denne gang"
        ),
    ),
)
