"""Contracts with a story: the ones that end, change hands, go bankrupt or have a ceiling within the two years."""

from datetime import date

from .plans import LONG, TAKEOVER, Part, Plan, Term
from .suppliers import story_supplier
from .watched_plans import WATCHED


def _hours(title: str, price: str, volume: tuple[int, int]) -> Part:
    return Part(title=f"{title}, timer", price=price, base="hour", volume=volume, period="once", unit="HUR")


def _monthly(title: str, price: str) -> Part:
    return Part(title=f"{title}, drift", price=price, period="month")


ENDING = (
    Plan(
        key="ended-before",
        supplier=story_supplier(0),
        parts=(_monthly("Tavlevisning", "4200"),),
        months=1,
        advance=False,
        term=Term(starts=date(2019, 1, 1), ends=date(2023, 12, 31)),
    ),
    Plan(
        key="ended-term",
        supplier=story_supplier(1),
        parts=(_monthly("Sensorvagt", "6800"),),
        months=1,
        advance=False,
        term=Term(starts=date(2020, 7, 1), ends=date(2024, 6, 30)),
    ),
    Plan(
        key="ended-notice",
        supplier=story_supplier(2),
        parts=(Part(title="Rejseplan, abonnement", price="96000"),),
        months=3,
        term=Term(starts=date(2017, 1, 1), notice_on=date(2025, 3, 14)),
        billed_until=date(2025, 9, 30),
    ),
    Plan(
        key="ended-midyear",
        supplier=story_supplier(3),
        parts=(Part(title="Kursusbank, abonnement", price="72000"),),
        term=Term(starts=date(2018, 1, 1), notice_on=date(2025, 2, 20)),
        billed_until=date(2025, 12, 31),
    ),
    Plan(
        key="ended-repaid",
        supplier=story_supplier(4),
        parts=(Part(title="Billedbank, abonnement", price="43200"),),
        term=Term(starts=date(2018, 1, 1), notice_on=date(2025, 2, 11)),
        billed_until=date(2025, 12, 31),
    ),
    Plan(
        key="ended-late-bill",
        supplier=story_supplier(5),
        parts=(_hours("Dataoprydning", "980.00", (6, 20)),),
        months=1,
        advance=False,
        term=Term(starts=date(2022, 4, 1), ends=date(2025, 3, 31)),
        rises="none",
        states_period=False,
    ),
    Plan(
        key="extended",
        supplier=story_supplier(6),
        parts=(Part(title="Mødebank, abonnement", price="54000"),),
        months=3,
        term=Term(starts=date(2021, 1, 1), ends=date(2024, 12, 31), option=(24, date(2024, 5, 22))),
    ),
    Plan(
        key="renewed",
        supplier=story_supplier(7),
        parts=(Part(title="Formularbank, abonnement", price="26400"),),
        months=6,
        term=Term(starts=date(2020, 1, 1), ends=date(2022, 12, 31), renews=12),
    ),
    Plan(
        key="begins-late",
        supplier=story_supplier(8),
        parts=(_monthly("Ladestander", "5200"),),
        months=1,
        advance=False,
        term=Term(starts=date(2025, 3, 1), ends=date(2028, 2, 29)),
    ),
    Plan(
        key="old-system",
        supplier=story_supplier(9),
        parts=(_monthly("Ruteplan gammel", "11400"),),
        months=1,
        advance=False,
        term=Term(starts=date(2016, 1, 1), notice_on=date(2024, 12, 18)),
        billed_until=date(2025, 6, 30),
    ),
    Plan(
        key="new-system",
        supplier=story_supplier(10),
        parts=(_monthly("Ruteplan ny", "9600"),),
        months=1,
        advance=False,
        term=Term(starts=date(2025, 6, 1), ends=date(2029, 5, 31)),
        replaces="old-system",
        known_on=date(2024, 12, 2),
    ),
)
"""Contracts whose end, or beginning, lies within the two years."""

CAPPED = (
    Plan(
        key="capped-consultants",
        supplier="taarnborg",
        parts=(
            _hours("Konsulent", "895.00", (40, 90)),
            _hours("Projektleder", "1050.00", (10, 40)),
            _hours("Seniorkonsulent", "1150.00", (5, 30)),
        ),
        months=1,
        advance=False,
        kind="call-off",
        framework="consultants",
        rises="none",
    ),
    Plan(
        key="capped-advice",
        supplier=story_supplier(11),
        parts=(_hours("Sikkerhedsrådgiver", "1240.00", (10, 40)),),
        months=1,
        advance=False,
        rises="none",
    ),
    Plan(
        key="capped-exactly",
        supplier=story_supplier(12),
        parts=(_hours("Arkivar", "760.00", (20, 50)),),
        months=1,
        advance=False,
        rises="none",
    ),
    Plan(
        key="capped-credited",
        supplier=story_supplier(13),
        parts=(_hours("Tester", "840.00", (20, 50)),),
        months=1,
        advance=False,
        rises="none",
    ),
)
"""Contracts with a maximum, which the municipality reaches, exceeds, or would without a credit note."""

OTHER_STORIES = (
    Plan(
        key="job-hours",
        supplier="havgus",
        parts=(_hours("JobVej tilpasning", "1120.00", (8, 30)),),
        months=1,
        advance=False,
        rises="none",
        takeover=TAKEOVER,
    ),
    Plan(
        key="bankrupt",
        supplier=story_supplier(14),
        parts=(_monthly("Parkvagt", "7400"),),
        months=1,
        advance=False,
        bankrupt_on=date(2025, 5, 12),
        billed_until=date(2025, 9, 30),
    ),
    Plan(
        key="factored",
        supplier=story_supplier(15),
        parts=(_monthly("Adgangskort", "5600"),),
        months=1,
        advance=False,
        payee_from=date(2024, 9, 1),
        term=LONG,
    ),
    Plan(
        key="foreign",
        supplier="kildemark",
        parts=(Part(title="Kildemark Cloud, reservation", price="14400"),),
        months=3,
        rises="none",
        currency="EUR",
    ),
    Plan(
        key="with-fee",
        supplier=story_supplier(16),
        parts=(_monthly("Nøgleboks", "3900"),),
        months=1,
        advance=False,
        fee="45.00",
    ),
    Plan(
        key="rounded-price",
        supplier=story_supplier(17),
        parts=(Part(title="Feltplan, medarbejder", price="1400.00", base="user", volume=(90, 140)),),
        months=1,
        rounds=True,
        rises="none",
    ),
    Plan(
        key="split-years",
        supplier=story_supplier(18),
        parts=(Part(title="Sommerbook, abonnement", price="86400"),),
        starts_in=7,
        rises="set",
    ),
    Plan(
        key="call-off-alone",
        supplier=story_supplier(19),
        parts=(_monthly("Journalscan", "8800"),),
        months=1,
        advance=False,
        kind="call-off",
        framework="software",
        free_line=True,
    ),
)

FRAMEWORKS = {
    "software": (story_supplier(19), "SKI-aftale om software som tjeneste", Term(ends=date(2024, 8, 31))),
    "consultants": ("taarnborg", "SKI-aftale om it-rådgivning", Term(ends=date(2028, 3, 31))),
}
"""Framework agreements, which nobody bills: supplier, title and term. A call-off outlives its framework."""

STORIES = (*ENDING, *CAPPED, *OTHER_STORIES, *WATCHED)
