"""Parts of contracts: the lists that stand in one cell, and the index clause that prices share."""

from adapters.register.columns import Column
from adapters.register.compound import Part, choice, items, reference
from adapters.register.values import DATE, IDENTIFIER, MONTH, NAME, NUMBER, PERCENT, PERIOD, TEXT, WHOLE, YES_NO

from . import words

OPTIONS = items(
    Part("months", WHOLE, required=True),
    Part("use_by", DATE),
    Part("taken_up_on", DATE),
    example="12: 30-06-2025: 20-05-2025; 12: 30-06-2026",
)
SUCCESSIONS = items(
    Part("supplier.id", reference("supplier"), required=True),
    Part("takes_over_on", DATE, required=True),
    Part("parallel_until", DATE),
    example="L-204: 01-07-2027: 30-09-2027",
)
PARALLEL = items(
    Part("contract.id", reference("contract"), required=True),
    Part("first_day", DATE, required=True),
    Part("last_day", DATE, required=True),
    example="K-2019-4: 01-01-2026: 31-03-2026",
)
SERVICE_LEVELS = items(
    Part("local_id", IDENTIFIER, required=True),
    Part("title", NAME, required=True),
    Part(
        "measure",
        choice({"oppetid": "uptime", "svartid": "response", "løsningstid": "resolution", "frist": "deadline"}),
        required=True,
    ),
    Part("target", NUMBER, required=True),
    Part(
        "unit",
        choice({"procent": "percent", "minutter": "minutes", "timer": "hours", "arbejdsdage": "working-days"}),
        required=True,
    ),
    Part("measured_over", words.BILLING_PERIOD, required=True),
    Part("credit_percent", PERCENT),
    Part("credit_cap_percent", PERCENT),
    Part("window", TEXT),
    example="SLA-1 | Oppetid | oppetid | 99,5 | procent | måned | 5 | 25 | hverdage 7-17",
)
INDEX_CLAUSE = (
    Column(
        "Indeksserie",
        "index series",
        "index_clause.series",
        IDENTIFIER,
        "Serie fra Indeks",
        "EKSEMPEL-NPI",
        also=("Regulering Indeks",),
    ),
    Column(
        "Basisperiode",
        "base period",
        "index_clause.base_period",
        PERIOD,
        "Perioden, der reguleres fra",
        "2021-10",
        also=("Regulering Basisperiode",),
    ),
    Column(
        "Reguleringsmåned",
        "effective month",
        "index_clause.effective_month",
        MONTH,
        "Første måned med ny pris",
        "januar",
    ),
    Column("Regulering højst (%)", "cap", "index_clause.cap", PERCENT, "Højst så meget ad gangen", "4"),
    Column("Regulering mindst (%)", "floor", "index_clause.floor", PERCENT, "Mindst så meget ad gangen"),
    Column("Reguleringsvarsel (dage)", "notice days", "index_clause.notice_days", WHOLE, "Dage før", "30"),
    Column(
        "Årlig regulering", "once a year", "index_clause.once_a_year", YES_NO, "Højst en gang om året; tom: ja", "ja"
    ),
    Column("Falder med indeks", "negative allowed", "index_clause.negative_allowed", YES_NO, "Tom: ja", "ja"),
)
