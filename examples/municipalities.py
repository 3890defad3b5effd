"""The two municipalities: who they are, and how large. The figures are estimates of bodies of their size."""

from dataclasses import dataclass
from datetime import date

from .numbers import cvr

FIRST_DAY = date(2024, 1, 1)
LAST_DAY = date(2025, 12, 31)

OPERATOR = cvr(4)
"""Runs the hub, and publishes as registrar what is the same for every authority."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Municipality:
    """One authority of the demo. `inhabitants` is the count on 1 January, by year; `serials` starts its GLNs."""

    cvr: str
    name: str
    code: str
    serials: int
    inhabitants: dict[int, int]
    centres: tuple[str, ...]
    units: dict[str, int]
    usages: int
    contracts: int
    suppliers: int
    relations: int
    projects: int
    cases: int


EGESOE = Municipality(
    cvr=cvr(0),
    name="Egesø Kommune",
    code="egesoe",
    serials=10_000,
    inhabitants={2022: 29_900, 2023: 30_050, 2024: 30_200, 2025: 30_310},
    centres=(
        "Stab og Digitalisering",
        "Center for Børn og Læring",
        "Center for Social og Sundhed",
        "Center for Arbejdsmarked",
        "Center for Teknik og Miljø",
        "Center for Kultur og Fritid",
    ),
    units={
        "school": 9, "day-care": 22, "youth": 3, "dental": 2, "health": 3, "care-home": 7, "home-care": 6,
        "social-home": 9, "job": 4, "technical": 7, "library": 3, "hall": 5, "staff": 9,
    },
    usages=210,
    contracts=130,
    suppliers=95,
    relations=225,
    projects=35,
    cases=260,
)  # fmt: skip
RAVNSTRUP = Municipality(
    cvr=cvr(3),
    name="Ravnstrup Kommune",
    code="ravnstrup",
    serials=20_000,
    inhabitants={2022: 35_610, 2023: 35_760, 2024: 35_900, 2025: 36_020},
    centres=(
        "Stab og Digitalisering",
        "Center for Børn og Læring",
        "Center for Social og Sundhed",
        "Center for Arbejdsmarked",
        "Center for Teknik og Miljø",
        "Center for Kultur og Fritid",
        "Center for Ældre og Omsorg",
    ),
    units={
        "school": 11, "day-care": 29, "youth": 4, "dental": 3, "health": 4, "care-home": 9, "home-care": 8,
        "social-home": 11, "job": 5, "technical": 8, "library": 4, "hall": 7, "staff": 10,
    },
    usages=250,
    contracts=150,
    suppliers=110,
    relations=255,
    projects=45,
    cases=320,
)  # fmt: skip

MUNICIPALITIES = (EGESOE, RAVNSTRUP)
