"""What the municipalities buy, before anyone has agreed on a date: parts, prices and rhythm of each contract.

The spread of price models is that of real municipalities; amounts are estimates, in DKK without VAT.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from schemas.contracts import ContractKind, Procedure
from schemas.months import CalendarPeriod
from schemas.prices import BillingPeriod
from schemas.statistics import CountedBase

Recipients = Literal["owner", "schools", "many", "office"]
"""Who is sent an invoice each time: the unit that answers for it, each school, each of many units, the IT office."""
Rise = Literal["none", "indexed", "set"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One priced part. `price` is for the `period`; `volume` is how many are billed each time, from and to.

    A counted part without a `volume` is counted in inhabitants. `tier` is above how many, and the price there.
    `option_on`: a module that the authority may buy, and did on that day.
    """

    title: str
    price: str
    base: CountedBase | None = None
    volume: tuple[int, int] | None = None
    period: BillingPeriod = "year"
    tier: tuple[int, str] | None = None
    minimum: str | None = None
    unit: str = "EA"
    option_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """For how long. Without `ends` it is open-ended; `notice_on` is the day the authority gave its notice.

    `option` is for how many months, and the day it is taken up. Notice runs to the end of a `notice_to`.
    """

    starts: date = date(2020, 1, 1)
    ends: date | None = None
    option: tuple[int, date] | None = None
    notice_months: int = 6
    notice_to: CalendarPeriod | None = "month"
    notice_on: date | None = None
    renews: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One contract. `months` is between bills, the first period of a year begins in `starts_in`.

    - `billed_until`: the last day that is billed for, where it is not simply the last day of the contract.
    - `takeover`: another supplier holds the contract from that day; until the second day both may bill.
    - `fee`: the agreed invoice fee. `free_line`: each invoice shows what is included for nothing.
    - `rounds`: the supplier rounds its unit price to the øre before it multiplies, as agreed decimals let it.
    - `payee_from`: from that day the supplier's claims are sold to a factoring company.
    - `procedure`: how it was bought, where that does not follow from its kind; `lead_months` is how long before its end
      it is to be bought anew, where the contract says so itself.
    - `replaces`: the key of the contract whose task it takes over. `known_on`: the day it is registered, where that is
      not two months before it starts.
    """

    key: str
    supplier: str
    parts: tuple[Part, ...]
    months: Literal[1, 3, 6, 12] = 12
    advance: bool = True
    recipients: Recipients = "owner"
    kind: ContractKind = "contract"
    term: Term = Term()
    rises: Rise = "indexed"
    starts_in: int = 1
    billed_until: date | None = None
    takeover: tuple[str, date, date] | None = None
    fee: str | None = None
    free_line: bool = False
    rounds: bool = False
    states_period: bool = True
    payee_from: date | None = None
    bankrupt_on: date | None = None
    currency: str = "DKK"
    framework: str | None = None
    procedure: Procedure | None = None
    lead_months: int | None = None
    replaces: str | None = None
    known_on: date | None = None


TAKEOVER = ("havgus-next", date(2025, 7, 1), date(2025, 9, 30))
"""A company takes over another with a new CVR number in the middle of the second year; both bill for three months."""
LONG = Term(starts=date(2020, 1, 1), ends=date(2027, 12, 31), option=(24, date(2027, 6, 30)))
"""Four or six years with an extension, none of which ends in the years of the demo."""


def _sms(key: str, supplier: str, name: str, volume: tuple[int, int]) -> Plan:
    part = Part(
        title=f"{name}, afsendt besked", price="0.36", base="message", volume=volume, period="once", minimum="900"
    )
    return Plan(key=key, supplier=supplier, parts=(part,), months=1, advance=False, rises="none")


def _joint(key: str, title: str, price: str) -> Plan:
    """A joint solution, by accession: a price per inhabitant, decided anew each year."""
    part = Part(title=f"{title}, pr. indbygger", price=price, base="inhabitant")
    return Plan(key=key, supplier="faelles", parts=(part,), months=6, kind="accession", rises="set")


def _simple(
    key: str, supplier: str, name: str, fixed: str, user: str | None = None, months: Literal[3, 12] = 12
) -> Plan:
    """A subscription, and a price for each user where there is one."""
    parts = [Part(title=f"{name}, abonnement", price=fixed)]
    if user:
        parts.append(Part(title=f"{name}, bruger", price=user, base="user", volume=(20, 90)))
    return Plan(key=key, supplier=supplier, parts=tuple(parts), months=months, term=LONG)


NAMED_PLANS = (
    Plan(
        key="erp",
        supplier="baeltdata",
        parts=(
            Part(title="Regnskab360, grundpris pr. indbygger", price="78.00", base="inhabitant"),
            Part(title="Regnskab360, modul Indkøb", price="240000"),
            Part(title="Regnskab360, modul Budget", price="186000", option_on=date(2024, 9, 12)),
        ),
        months=3,
    ),
    Plan(
        key="payroll",
        supplier="baeltdata",
        parts=(Part(title="LønPuls, lønseddel", price="14.40", base="payslip", volume=(2600, 3100), period="once"),),
        months=1,
        advance=False,
    ),
    Plan(
        key="care",
        supplier="fjordbro",
        parts=(
            Part(title="OmsorgNær, drift og support", price="1200000"),
            Part(title="OmsorgNær, borger i pleje", price="480.00", base="citizen", volume=(1100, 1300)),
        ),
        months=3,
        kind="call-off",
    ),
    Plan(
        key="esdh",
        supplier="skovsoen",
        parts=(Part(title="SagsArk licens", price="1500.00", base="user", volume=(625, 625), tier=(500, "1110.00")),),
        kind="call-off",
    ),
    Plan(
        key="social",
        supplier="fjordbro",
        parts=(Part(title="Forløb+, sagsbehandler", price="9600.00", base="user", volume=(95, 105)),),
        months=3,
    ),
    Plan(
        key="job",
        supplier="havgus",
        parts=(Part(title="JobVej, pr. indbygger", price="24.84", base="inhabitant"),),
        months=3,
        takeover=TAKEOVER,
    ),
    _joint("benefits", "Fælles Kontanthjælp", "17.40"),
    _joint("sickness", "Fælles Sygedagpenge", "15.60"),
    _joint("overview", "Fælles Sagsoverblik", "14.40"),
    _joint("infrastructure", "Fælles Infrastruktur, takst", "6.00"),
    _joint("bi-joint", "Fælles Ledelsestal", "4.80"),
    Plan(
        key="school",
        supplier="faelles",
        parts=(Part(title="Læringsporten, barn", price="132.00", base="child", volume=(4600, 4601)),),
        months=6,
        kind="accession",
        rises="set",
    ),
    _simple("library", "bogkaeden", "Bogkæden", "342000"),
    _simple("dental", "tandem", "TandTid", "98400"),
    _simple("health", "sundvej", "SundVej", "126000"),
    _simple("building", "kortvaerk", "ByggeVej", "168000", "1800.00"),
    _simple("maps", "kortvaerk", "KortBord", "264000"),
    _simple("planning", "vestersoe", "PlanLinje", "62400", "960.00"),
    _simple("environment", "vestersoe", "TilsynsTid", "84000", "1440.00"),
    _simple("intranet", "laerkefelt", "Lærke Intranet", "222000"),
    _simple("web", "laerkefelt", "Lærke Web", "138000", months=3),
    _simple("booking", "laerkefelt", "Lærke Booking", "62400"),
    _simple("forms", "laerkefelt", "Lærke Blanket", "90000", "360.00"),
    _sms("sms-pling", "plingsms", "PlingSMS", (3000, 9000)),
    _sms("sms-baelt", "baeltdata", "Bælt Besked", (1500, 6000)),
    _sms("sms-laerke", "laerkefelt", "Lærke SMS", (2600, 4000)),
    _simple("bi-care", "fjordbro", "OmsorgNær Tal", "111600"),
    _simple("bi-erp", "baeltdata", "Regnskab360 Tal", "174000"),
    Plan(
        key="office",
        supplier="storaas",
        parts=(Part(title="Kildemark Kontor, licens", price="2160.00", base="user", volume=(1900, 2100)),),
        kind="call-off",
    ),
    Plan(
        key="operation",
        supplier="aadal",
        parts=(
            Part(title="Serverdrift, server", price="1176.00", base="device", volume=(88, 96), period="month"),
            Part(title="Serverdrift, lager pr. GB", price="0.96", base="device", volume=(40000, 46000), period="month"),
        ),
        months=1,
        advance=False,
    ),
    Plan(
        key="telephony",
        supplier="aadal",
        parts=(Part(title="Telefoni, abonnement", price="84.00", base="device", volume=(4, 40), period="month"),),
        months=1,
        advance=False,
        recipients="many",
    ),
    Plan(
        key="network",
        supplier="aadal",
        parts=(Part(title="Netværk, accesspunkt", price="60.00", base="device", volume=(6, 30), period="month"),),
        months=3,
        recipients="many",
    ),
    Plan(
        key="printing",
        supplier="aadal",
        parts=(Part(title="Udskrift, multimaskine", price="1440.00", base="device", volume=(1, 5)),),
        recipients="many",
        term=LONG,
    ),
    Plan(
        key="base-data",
        supplier="baeltdata",
        parts=(
            Part(title="P-data, opslag", price="0.18", base="call", volume=(40000, 60000), period="once"),
            Part(title="DPR, pr. indbygger", price="1.08", base="inhabitant"),
        ),
        months=3,
        advance=False,
    ),
    Plan(
        key="property",
        supplier="baeltdata",
        parts=(Part(title="ESR-kopi, opslag", price="0.25", base="call", volume=(9000, 20000), period="once"),),
        months=3,
        advance=False,
        rises="none",
    ),
)
