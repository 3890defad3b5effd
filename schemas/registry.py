"""Every event type this hub knows, gathered from the domains; the only place that knows all of them."""

from . import (
    alerts,
    automation,
    cases,
    conformity,
    contracts,
    days,
    hub,
    invoices,
    organisation,
    portfolio_events,
    processing,
    sources,
    statistics,
    subscriptions,
    suppliers,
    systems,
    workflows,
)
from .catalogue import Catalogue

_DOMAINS = (
    systems.EVENTS,
    sources.EVENTS,
    conformity.EVENTS,
    organisation.EVENTS,
    suppliers.EVENTS,
    contracts.EVENTS,
    statistics.EVENTS,
    processing.EVENTS,
    invoices.EVENTS,
    cases.EVENTS,
    automation.EVENTS,
    portfolio_events.EVENTS,
    alerts.EVENTS,
    workflows.EVENTS,
    days.EVENTS,
    hub.EVENTS,
    subscriptions.EVENTS,
)

CATALOGUE = Catalogue(kind for events in _DOMAINS for kind in events)
