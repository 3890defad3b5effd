"""The registers of contracts and suppliers: what they state at first, and what changes in the two years."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

from schemas.contracts import (
    Contract,
    ContractKind,
    Maximum,
    ParallelRunning,
    PaymentTerms,
    Procedure,
    Procurement,
    Succession,
)
from schemas.prices import IndexClause, PriceItem
from schemas.suppliers import CvrState, Payee, Successor, Supplier
from schemas.terms import ExtensionOption, Notice, Option, Termination, Terms
from schemas.values import Money, Party, Reference

from .catalogue import FOREIGN, supplier_cvr, supplier_name
from .deals import Deal, Priced, deal_called
from .facts import Fact, Register, register
from .municipalities import FIRST_DAY, LAST_DAY, Municipality
from .plans import TAKEOVER, Plan
from .story_plans import FRAMEWORKS
from .units import SINCE

_INDEX = IndexClause(
    series="net-price-index-2015", base_period="2021-10", effective_month=1, cap=Decimal(4), notice_days=30
)
PARALLEL = (date(2025, 6, 1), date(2025, 6, 30))
"""The days on which the system that is replaced and the one that takes over are both paid for, as agreed."""


def contract_facts(municipality: Municipality, deals: list[Deal], maximums: Mapping[str, Decimal]) -> Iterator[Fact]:
    """Contracts and their price items. `maximums` is the most that may be bought, by contract number."""
    source = register(municipality, "contracts")
    for key, (supplier, title, term) in FRAMEWORKS.items():
        framework = Contract(
            local_id=_framework_number(key),
            title=title,
            kind="framework",
            supplier=supplier_reference(municipality, supplier),
            terms=Terms(starts_on=term.starts, ends_on=term.ends),
        )
        yield source.states("contract.contract", framework.local_id, framework, told=FIRST_DAY, holds=term.starts)
    for deal in deals:
        for told in _days_of_change(deal.plan):
            holds = deal.plan.term.starts if told == first_told(deal.plan) else told
            contract = _contract(municipality, deal, deals, known=told, maximum=maximums.get(deal.number))
            yield source.states("contract.contract", deal.number, contract, told=told, holds=holds)
        for priced in deal.items:
            yield from _price_facts(source, deal, priced)


def first_told(plan: Plan) -> date:
    """What begins later is registered two months before it does, unless it is known for longer."""
    return plan.known_on or max(FIRST_DAY, plan.term.starts - timedelta(days=60))


def _days_of_change(plan: Plan) -> list[date]:
    """The days on which the contract is stated: at first, and whenever something happened to it."""
    term = plan.term
    days = {
        first_told(plan),
        term.notice_on or FIRST_DAY,
        term.option[1] if term.option else FIRST_DAY,
        plan.takeover[1] - timedelta(days=30) if plan.takeover else FIRST_DAY,
    }
    return sorted(day for day in days if first_told(plan) <= day <= LAST_DAY)


def _contract(
    municipality: Municipality, deal: Deal, deals: list[Deal], *, known: date, maximum: Decimal | None
) -> Contract:
    plan = deal.plan
    framework = plan.framework
    return Contract(
        local_id=deal.number,
        title=deal.title,
        kind=plan.kind,
        parent=framework_reference(municipality, framework) if framework else None,
        replaces=deal_called(deals, plan.replaces).reference if plan.replaces else None,
        supplier=supplier_reference(municipality, plan.supplier),
        successions=_successions(municipality, plan, known),
        parallel_running=_parallel(deals) if plan.key == "new-system" else (),
        responsible_unit=deal.usage.unit.reference if deal.usage else None,
        usages=(deal.usage.reference,) if deal.usage else (),
        order_numbers=(deal.order,),
        procurement=_procurement(plan),
        signed_on=plan.term.starts - timedelta(days=20),
        maximum=Maximum(net=Money(amount=maximum)) if maximum is not None else None,
        index_clause=_INDEX if plan.rises == "indexed" else None,
        retender_lead_months=plan.lead_months,
        payment=PaymentTerms(credit_days=30, invoice_fee=Money(amount=Decimal(plan.fee)) if plan.fee else None),
        terms=_terms(plan, known),
    )


def _terms(plan: Plan, known: date) -> Terms:
    term = plan.term
    noticed = term.notice_on is not None and term.notice_on <= known
    options = (ExtensionOption(months=term.option[0], taken_up_on=term.option[1]),) if term.option else ()
    if term.option and term.option[1] > known:
        options = (ExtensionOption(months=term.option[0], use_by=term.option[1] + timedelta(days=40)),)
    return Terms(
        starts_on=term.starts,
        ends_on=term.ends,
        open_ended=term.ends is None,
        options=options,
        renews_months=term.renews,
        termination=Termination(notice_given_on=term.notice_on) if term.notice_on and noticed else None,
        notice=Notice(months=term.notice_months, to_end_of=term.notice_to),
    )


def _successions(municipality: Municipality, plan: Plan, known: date) -> tuple[Succession, ...]:
    if plan.takeover is None or known < plan.takeover[1] - timedelta(days=30):
        return ()
    to, on, until = plan.takeover
    return (Succession(supplier=supplier_reference(municipality, to), takes_over_on=on, parallel_until=until),)


def _parallel(deals: list[Deal]) -> tuple[ParallelRunning, ...]:
    first, last = PARALLEL
    return (ParallelRunning(contract=deal_called(deals, "old-system").reference, first_day=first, last_day=last),)


def procedure_of(plan: Plan) -> Procedure:
    """How it was bought: as planned, else by what kind of contract it is."""
    by_kind: dict[ContractKind, Procedure] = {"accession": "accession", "call-off": "mini-tender"}
    return plan.procedure or by_kind.get(plan.kind, "quotes")


def _procurement(plan: Plan) -> Procurement:
    framework = FRAMEWORKS[plan.framework][1] if plan.kind == "call-off" and plan.framework else None
    return Procurement(procedure=procedure_of(plan), framework=framework)


def _framework_number(key: str) -> str:
    return f"R-{key}"


def framework_reference(municipality: Municipality, key: str) -> Reference:
    """The framework agreement with that key, as other facts point at it."""
    return register(municipality, "contracts").reference(_framework_number(key), FRAMEWORKS[key][1])


def _price_facts(source: Register, deal: Deal, priced: Priced) -> Iterator[Fact]:
    """A statement for each year, told before it begins; and one when an option is taken up."""
    starts = deal.plan.term.starts
    for year, item in priced.years.items():
        holds = max(date(year, 1, 1), starts)
        if holds.year > year:
            continue
        told = max(FIRST_DAY, date(year - 1, 6, 1) if deal.plan.rises == "set" else date(year - 1, 12, 1))
        yield source.states(
            "contract.price-item", priced.local_id, _with_option(priced, item, told=told), told=told, holds=holds
        )
    taken = priced.part.option_on
    if taken:
        item = _with_option(priced, priced.on(taken), told=taken)
        yield source.states("contract.price-item", priced.local_id, item, told=taken, holds=taken)


def _with_option(priced: Priced, item: PriceItem, *, told: date) -> PriceItem:
    taken = priced.part.option_on
    if taken is None or told < taken:
        return item
    return item.model_copy(update={"option": Option(use_by=LAST_DAY, taken_up_on=taken)})


def supplier_reference(municipality: Municipality, key: str) -> Reference:
    """The supplier as the municipality's own register of creditors knows it."""
    return register(municipality, "suppliers").reference(key, supplier_name(key))


def supplier_facts(municipality: Municipality, keys: Iterable[str], deals: list[Deal]) -> Iterator[Fact]:
    """The register of creditors; one goes bankrupt, one is taken over, one sells its claims."""
    source = register(municipality, "suppliers")
    bankrupt = deal_called(deals, "bankrupt").plan
    for number, key in enumerate(keys, 1):
        payees = _payees(deals) if key == deal_called(deals, "factored").plan.supplier else ()
        yield source.states(
            "supplier.supplier", key, _supplier(key, number, payees=payees), told=FIRST_DAY, holds=SINCE
        )
        if key == bankrupt.supplier and bankrupt.bankrupt_on:
            on = bankrupt.bankrupt_on
            gone = _supplier(key, number, cvr_state="bankrupt")
            yield source.states("supplier.supplier", key, gone, told=on, holds=on)
        if key == "havgus":
            told = TAKEOVER[1] - timedelta(days=30)
            successor = Successor(supplier=supplier_reference(municipality, TAKEOVER[0]), takes_over_on=TAKEOVER[1])
            taken_over = _supplier(key, number, successor=successor)
            yield source.states("supplier.supplier", key, taken_over, told=told, holds=told)


def _supplier(
    key: str,
    number: int,
    *,
    payees: tuple[Payee, ...] = (),
    cvr_state: CvrState = "active",
    successor: Successor | None = None,
) -> Supplier:
    foreign = FOREIGN.get(key)
    return Supplier(
        local_id=f"K-{10_000 + 7 * number}",
        name=supplier_name(key),
        cvr=None if foreign else supplier_cvr(key),
        vat_id=foreign,
        cvr_state=cvr_state,
        successor=successor,
        payees=payees,
    )


def _payees(deals: list[Deal]) -> tuple[Payee, ...]:
    party = Party(cvr=supplier_cvr("nordskel"), name=supplier_name("nordskel"))
    since = deal_called(deals, "factored").plan.payee_from
    return (Payee(party=party, reason="factoring", valid_from=since),)
