"""The register of suppliers."""

from adapters.register.columns import Column, Layout
from adapters.register.compound import Part, choice, items, many, reference
from adapters.register.values import CVR, DATE, IDENTIFIER, LAST_DAY, NAME, VAT_ID

from . import words

_PAYEES = items(
    Part("party.cvr", CVR, required=True),
    Part("party.name", NAME, required=True),
    Part("reason", choice({"factoring": "factoring", "koncern": "group", "bo": "estate"}), required=True),
    Part("valid_from", DATE),
    Part("valid_to", LAST_DAY),
    example="99000120: Nordskel Factoring A/S: factoring: 01-03-2025",
)

SUPPLIERS = Layout(
    name="suppliers",
    danish="Leverandører",
    kind="supplier",
    family="supplier.supplier-stated",
    key=("local_id",),
    about="Leverandører, som myndigheden kender dem; CVR- eller udenlandsk momsnummer skal være der",
    own_columns=(
        Column(
            "Leverandørnummer", "supplier id", "local_id", IDENTIFIER, "Nummer i kreditorregistret", "EKSEMPEL-L1", True
        ),
        Column(
            "Navn", "name", "name", NAME, "Leverandørens navn", "Skovsøen Digital A/S", True, also=("Leverandørnavn",)
        ),
        Column("CVR", "cvr", "cvr", CVR, "Dansk leverandør", "99000104", also=("CVR-nummer", "CVR-nr.")),
        Column("Udenlandsk momsnummer", "vat id", "vat_id", VAT_ID, "Udenlandsk leverandør"),
        Column(
            "Andre navne", "other names", "other_names", many(NAME), "Binavne og tidligere navne", "Skovsøen Data ApS"
        ),
        Column("GLN", "gln", "glns", words.GLNS, "Leverandørens EAN-lokationsnumre", "9521234000105"),
        Column(
            "CVR-status",
            "cvr state",
            "cvr_state",
            choice({"aktiv": "active", "konkurs": "bankrupt", "opløst": "dissolved"}),
            "Fra CVR-registret",
            "aktiv",
        ),
        Column("Afløses af", "successor", "successor.supplier.id", reference("supplier"), "Leverandørnummer"),
        Column("Afløses den", "successor from", "successor.takes_over_on", DATE, "Første dag, afløseren leverer"),
        Column(
            "Betalingsmodtagere",
            "payees",
            "payees",
            _PAYEES,
            "Andre, der må betales: CVR, navn, grund, første og sidste dag",
            "99000120: Nordskel Factoring A/S: factoring: 01-03-2025",
        ),
    ),
)
