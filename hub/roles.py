"""The roles that accept asks for when a person decides about an invoice or its alert: read where the alerts and the
roles are, when both are there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from access.principals import Principal
from consumers.alerts.consumer import ALERTS
from consumers.alerts.overview import alerts_page
from consumers.alerts.queries import one_alert
from consumers.alerts.rows import AlertFilter
from consumers.runtime.coverage import wait_for
from consumers.runtime.projections import use_active
from consumers.workflows.deciding import Finding, is_discrepancy, require_decider
from consumers.workflows.desk import Desk
from kernel.errors import Invalid, Retryable
from producers.store import stands_at
from schemas.envelope import Event

MOST = 100
"""Alerts of one invoice that are asked for the unit it was sent to: each of them names the same."""


@dataclass(frozen=True)
class RolesOfDeciders:
    """The port `producers.accept.Roles` on the tables of alerts and workflows."""

    desk: Desk

    def require(self, person: Principal, decisions: Sequence[Event]) -> None:
        """Raises Forbidden without the role, Invalid for an alert that is none, Retryable when tables are behind."""
        for event in decisions:
            if event.domain == "invoice":
                findings = self._about(event)
            else:
                findings = [finding for finding in self._of(event) if is_discrepancy(finding)]
                if not findings:
                    continue
            require_decider(self.desk.library, self.desk.people(event.authority), person.name, findings)

    def _of(self, event: Event) -> list[Finding]:
        """What the alert says that the event is about."""
        database = self.desk.database
        with database.reading((event.authority,)) as connection:
            position = stands_at(connection, event.authority, event.subject)
        if not wait_for(database, ALERTS, event.authority, position):
            raise Retryable("the alerts are behind the store", hint="`samspil status` shows what they wait for")
        with database.reading((event.authority,)) as connection:
            if use_active(connection, ALERTS.name) is None:
                raise Invalid("no alert has been told yet")
            return [one_alert(connection, event.authority, event.subject).finding]

    def _about(self, event: Event) -> list[Finding]:
        """What every alert says that was told about the invoice."""
        with self.desk.database.reading((event.authority,)) as connection:
            if use_active(connection, ALERTS.name) is None:
                return []
            wanted = AlertFilter(subject=event.subject, statuses=("open", "acknowledged", "resolved"))
            alerts, _ = alerts_page(connection, event.authority, wanted, limit=MOST)
            return [alert.finding for alert in alerts]
