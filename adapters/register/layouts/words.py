"""The Danish words that registers use for the values of a list, and the lists in a cell that several registers have."""

from adapters.register.compound import Part, choice, items, many
from adapters.register.values import DATE, GLN, IDENTIFIER, LAST_DAY, NAME

ANSWER = choice({"ja": "yes", "delvist": "partly", "nej": "no", "uafklaret": "undecided"})
LIFE_CYCLE = choice(
    {
        "uafklaret": "undecided",
        "ikke i brug": "not-in-use",
        "under indfasning": "phasing-in",
        "pilot": "pilot",
        "i drift": "operational",
        "under udfasning": "phasing-out",
    }
)
HOSTING = choice({"uafklaret": "undecided", "egen drift": "on-premise", "ekstern": "external", "hybrid": "hybrid"})
LICENCE = choice({"open source": "open-source", "gratis": "freeware", "proprietær": "proprietary"})
RISK = choice({"uafklaret": "undecided", "lav": "low", "middel": "medium", "høj": "high"})
CONFIDENTIALITY = choice(
    {"ingen": "none", "almindelige": "personal", "følsomme": "sensitive", "straffedomme": "criminal"}
)
ARCHIVE_DUTY = choice(
    {"uafklaret": "undecided", "ukendt": "unknown"}
    | {code: code for code in ("B", "K", "BK", "KB", "KD", "DK", "DD")}
    | {"bevar data, kassér dokumenter": "preserve-data-can-discard-documents"}
)
METHOD = choice(
    {"api": "api", "hændelse": "event", "besked": "message", "fil": "file", "database": "database", "manuel": "manual"}
)
FREQUENCY = choice(
    {
        "løbende": "continuous",
        "hver time": "hourly",
        "dagligt": "daily",
        "ugentligt": "weekly",
        "månedligt": "monthly",
        "kvartalsvist": "quarterly",
        "halvårligt": "half-yearly",
        "årligt": "yearly",
        "efter behov": "on-demand",
    }
)
BASE = choice(
    {
        "bruger": "user",
        "indbygger": "inhabitant",
        "elev": "pupil",
        "barn": "child",
        "borger": "citizen",
        "lønseddel": "payslip",
        "enhed": "device",
        "besked": "message",
        "opslag": "call",
        "time": "hour",
    }
)
BILLING_PERIOD = choice({"engang": "once", "måned": "month", "kvartal": "quarter", "halvår": "half-year", "år": "year"})
_PARTS_OF_DATA = (
    Part("name", NAME, required=True),
    Part("format", IDENTIFIER),
    Part("confidentiality", CONFIDENTIALITY),
)
DATA = items(*_PARTS_OF_DATA, example="Adresser: JSON: almindelige; Afgørelser")
"""Kinds of data: name, format, confidentiality."""
DATED_GLNS = items(
    Part("gln", GLN, required=True),
    Part("valid_from", DATE),
    Part("valid_to", LAST_DAY),
    example="9521234000013: 01-01-2020; 9521234000020: : 31-03-2026",
)
GLNS = many(GLN, commas=True)
