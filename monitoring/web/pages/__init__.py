"""The pages, each a module with a `router` whose paths begin with the page's name.

A page reads through `visit.ask`, is drawn by `visit.page("<name>.html", ...)` and has its words in
`messages/<language>/<name>.json`. One that stands in the main menu is listed in `monitoring.web.navigation` too.
"""

from fastapi import APIRouter

from . import alerts, cases, contracts, events, invoices, landscape, operations, portfolio, system, today, workflows

PAGES: tuple[APIRouter, ...] = (
    today.router,
    landscape.router,
    system.router,
    contracts.router,
    portfolio.router,
    workflows.router,
    alerts.router,
    invoices.router,
    cases.router,
    events.router,
    operations.router,
)
