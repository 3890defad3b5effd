"""Registers of the landscape: systems and their interfaces, and an authority's use of them."""

from adapters.register.columns import Column, Layout
from adapters.register.compound import choice, many, reference, references
from adapters.register.values import CVR, IDENTIFIER, KLE, NAME, TEXT, VAT_ID, WHOLE, YES_NO

from . import words

SYSTEMS = Layout(
    name="systems",
    danish="Systemer",
    also=("it-systemer", "systemkatalog"),
    kind="system",
    family="system.catalogue-stated",
    key=("local_id",),
    about="It-systemer, som de findes på markedet; hvem der bruger dem, står i Anvendelser",
    shared=True,
    own_columns=(
        Column(
            "Systemnummer", "system id", "local_id", IDENTIFIER, "Systemets nummer i registret", "EKSEMPEL-S1", True
        ),
        Column("Navn", "name", "name", NAME, "Systemets navn", "OmsorgNær", True, also=("Systemnavn",)),
        Column("Tidligere navn", "former name", "former_name", NAME, "Hvad det hed før", "Omsorg Plus"),
        Column("Beskrivelse", "description", "description", TEXT, "Hvad det bruges til", "Fagsystem til omsorg"),
        Column("Forretningstype", "business type", "business_type", NAME, "Slags system", "Sagsbærende"),
        Column(
            "Rettighedshaver",
            "rights holder",
            "rights_holder.name",
            NAME,
            "Hvem der ejer systemet",
            "Fjordbro A/S",
            also=("Rettighedshaver Navn",),
        ),
        Column("Rettighedshaver CVR", "rights holder cvr", "rights_holder.cvr", CVR, "Ejerens CVR-nummer", "99000015"),
        Column(
            "Rettighedshaver momsnummer",
            "rights holder vat id",
            "rights_holder.vat_id",
            VAT_ID,
            "Når ejeren er udenlandsk",
        ),
        Column("Overordnet system", "parent", "parent.id", reference("system"), "Systemet, det er en del af"),
        Column("KLE", "kle", "kle", many(KLE, commas=True), "De emner, det tjener", "27.36; 27.12.04"),
        Column(
            "Anbefalet arkivering",
            "recommended archive duty",
            "recommended_archive_duty",
            words.ARCHIVE_DUTY,
            "Rigsarkivets anbefaling",
            "B",
        ),
        Column("Deaktiveret", "deactivated", "deactivated", YES_NO, "Om det er trukket tilbage", "nej"),
    ),
)

INTERFACES = Layout(
    name="interfaces",
    danish="Snitflader",
    kind="interface",
    family="system.interface-stated",
    key=("local_id",),
    about="Hvad systemer udstiller til andre",
    shared=True,
    own_columns=(
        Column("Snitfladenummer", "interface id", "local_id", IDENTIFIER, "Dens nummer", "EKSEMPEL-SF1", True),
        Column("Navn", "name", "name", NAME, "Snitfladens navn", "Journalisering", True),
        Column(
            "Udstilles af",
            "exposed by",
            "exposed_by.id",
            reference("system"),
            "Systemnummer",
            "EKSEMPEL-S1",
            True,
            also=("System",),
        ),
        Column("Version", "version", "version", IDENTIFIER, "Dens version", "3"),
        Column("Metode", "method", "method", words.METHOD, "Hvordan data flyttes", "api"),
        Column(
            "Data", "data", "data", words.DATA, "Hver slags: navn, format, fortrolighed", "Journalpost: JSON: følsomme"
        ),
        Column("Beskrivelse", "description", "description", TEXT, "Hvad den bruges til", "Afgørelser journaliseres"),
        Column("Deaktiveret", "deactivated", "deactivated", YES_NO, "Om den er trukket tilbage", "nej"),
    ),
)

USAGES = Layout(
    name="usages",
    danish="Anvendelser",
    also=("it-systemanvendelser", "systemanvendelser", "system usages"),
    kind="system-usage",
    family="system.usage-stated",
    key=("local_id",),
    about="Myndighedens brug af systemerne",
    own_columns=(
        Column("Anvendelsesnummer", "usage id", "local_id", IDENTIFIER, "Nummer i registret", "EKSEMPEL-A1", True),
        Column("Navn", "name", "name", NAME, "Hvad det kaldes her", "OmsorgNær", True),
        Column(
            "System",
            "system",
            "system.id",
            reference("system"),
            "Systemnummer fra Systemer",
            "EKSEMPEL-S1",
            True,
            also=("Systemnummer",),
        ),
        Column("Systemnavn", "system name", "system.name", NAME, "Systemets navn, til læsning", "OmsorgNær"),
        Column("Version", "version", "version", IDENTIFIER, "Den version, der bruges", "7.2"),
        Column(
            "Livscyklus", "life cycle", "life_cycle", words.LIFE_CYCLE, "Hvor brugen står", "i drift", also=("Status",)
        ),
        Column("Formål", "purpose", "purpose", TEXT, "Hvad det bruges til", "Pleje og omsorg"),
        Column(
            "Ansvarlig enhed",
            "responsible unit",
            "responsible_unit.id",
            reference("unit"),
            "Enhedsnummer",
            "EKSEMPEL-E1",
        ),
        Column("Anvendende enheder", "using units", "using_units", references("unit"), "Enhedsnumre", "EKSEMPEL-E1"),
        Column(
            "Hovedkontrakt",
            "main contract",
            "main_contract.id",
            reference("contract"),
            "Kontrakten, der betaler for brugen",
            "EKSEMPEL-K1",
        ),
        Column(
            "Brugere fra",
            "expected users from",
            "expected_users.lower",
            WHOLE,
            "Mindst så mange ventede brugere",
            "500",
            also=("Forventede brugere Fra",),
        ),
        Column(
            "Brugere til",
            "expected users to",
            "expected_users.upper",
            WHOLE,
            "Højst så mange; tom: ingen grænse",
            also=("Forventede brugere Til",),
        ),
        Column("Drift", "hosting", "hosting", words.HOSTING, "Hvor det drives", "ekstern"),
        Column("Licens", "licence models", "licence_models", many(words.LICENCE), "Licensmodeller", "proprietær"),
        Column("KLE tilføjet", "kle added", "kle_added", many(KLE, commas=True), "Emner ud over systemets", "29.18"),
        Column(
            "KLE fravalgt", "kle removed", "kle_removed", many(KLE, commas=True), "Systemets emner, der ikke bruges"
        ),
        Column("Forretningskritisk", "business critical", "business_critical", words.ANSWER, "For myndigheden", "ja"),
        Column("Samfundskritisk", "socially critical", "socially_critical", words.ANSWER, "For samfundet", "nej"),
        Column("Kritikalitet", "criticality level", "criticality_level", NAME, "Myndighedens eget niveau", "1"),
        Column(
            "Persondata",
            "confidentiality",
            "confidentiality",
            many(words.CONFIDENTIALITY),
            "Slags personoplysninger",
            "almindelige; følsomme",
        ),
        Column("Risiko", "risk", "risk", words.RISK, "Resultat af risikovurderingen", "middel"),
        Column("Bruger AI", "uses ai", "uses_ai", words.ANSWER, "Om det indeholder kunstig intelligens", "nej"),
        Column(
            "Webtilgængelig",
            "web accessible",
            "web_accessible",
            words.ANSWER,
            "Efter loven om tilgængelighed",
            "delvist",
        ),
        Column("Arkivering", "archive duty", "archive_duty", words.ARCHIVE_DUTY, "Bevares eller kasseres", "B"),
    ),
)

RELATIONS = Layout(
    name="relations",
    danish="Relationer",
    also=("systemrelationer", "system relations"),
    kind="system-relation",
    family="system.relation-stated",
    key=("local_id",),
    about="Hvilke anvendelser der bruger hinanden",
    own_columns=(
        Column("Relationsnummer", "relation id", "local_id", IDENTIFIER, "Nummer i registret", "EKSEMPEL-R1", True),
        Column(
            "Anvender",
            "user",
            "user.id",
            reference("system-usage"),
            "Anvendelsen, der har brug for den anden",
            "EKSEMPEL-A1",
            True,
        ),
        Column(
            "Udstiller",
            "provider",
            "provider.id",
            reference("system-usage"),
            "Anvendelsen, der bruges",
            "EKSEMPEL-A2",
            True,
        ),
        Column("Snitflade", "interface", "interface.id", reference("interface"), "Snitfladenummer", "EKSEMPEL-SF1"),
        Column("Frekvens", "frequency", "frequency", words.FREQUENCY, "Hvor tit", "dagligt"),
        Column(
            "Retning",
            "data flow",
            "data_flow",
            choice({"læser": "read", "skriver": "write", "begge": "both"}),
            "Set fra anvenderen",
            "skriver",
        ),
        Column("Data", "data", "data", words.DATA, "Hver slags: navn, format, fortrolighed", "Afgørelser: : følsomme"),
        Column("Kontrakt", "contract", "contract.id", reference("contract"), "Kontrakten, udvekslingen betales under"),
        Column(
            "Beskrivelse", "description", "description", TEXT, "Hvad der sker", "Afgørelser journaliseres om natten"
        ),
    ),
)

USER_COUNTS = Layout(
    name="user-counts",
    danish="Brugertal",
    kind="user-count",
    family="system.user-count-stated",
    key=("usage.id", "kind", "licence", "unit.id"),
    about="Hvor mange der bruger en anvendelse; priser pr. bruger holdes op mod dem",
    own_columns=(
        Column("Anvendelse", "usage", "usage.id", reference("system-usage"), "Anvendelsesnummer", "EKSEMPEL-A1", True),
        Column(
            "Slags",
            "kind",
            "kind",
            choice(
                {
                    "navngivne brugere": "named-users",
                    "aktive brugere": "active-users",
                    "samtidige brugere": "concurrent-users",
                    "enheder": "devices",
                    "licenser": "licences",
                }
            ),
            "Hvad der er talt",
            "navngivne brugere",
            True,
        ),
        Column("Antal", "count", "count", WHOLE, "Hvor mange", "640", True),
        Column("Licens", "licence", "licence", IDENTIFIER, "Licensens navn eller nummer", "Plejepersonale"),
        Column("Enhed", "unit", "unit.id", reference("unit"), "Enhedsnummer; tom: hele myndigheden", "EKSEMPEL-E1"),
        Column("Optalt af", "counted by", "counted_by", NAME, "Hvem der har talt", "Digitalisering og IT"),
    ),
)
