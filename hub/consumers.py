"""The hub's consumers by name."""

from collections.abc import Collection

from consumers.alerts.consumer import ALERTS
from consumers.automation.consumer import AUTOMATION
from consumers.cases.consumer import CASES
from consumers.contracts.consumer import CONTRACTS
from consumers.invoice_control.consumer import INVOICE_CONTROL
from consumers.landscape.consumer import LANDSCAPE
from consumers.portfolio.consumer import PORTFOLIO
from consumers.runtime.consumer import Consumer
from consumers.workflows.consumer import WORKFLOWS
from kernel.errors import WrongUse

CONSUMERS: tuple[Consumer, ...] = (
    LANDSCAPE, CONTRACTS, INVOICE_CONTROL, CASES, PORTFOLIO, ALERTS, AUTOMATION, WORKFLOWS,
)  # fmt: skip


def consumers_named(names: Collection[str]) -> tuple[Consumer, ...]:
    """The consumers with these names, all of them for no name. Raises WrongUse for a name that is none."""
    known = {consumer.name: consumer for consumer in CONSUMERS}
    for name in names:
        if name not in known:
            raise WrongUse(f"there is no consumer {name!r}", hint=f"there are {', '.join(known)}")
    return tuple(known[name] for name in names) if names else CONSUMERS
