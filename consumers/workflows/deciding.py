"""Who decides about the discrepancy of an invoice, whichever way the decision comes: the task, the alert, or an event.

The roles are those that the process asks for its first task. Pure.
"""

from collections.abc import Collection, Mapping
from typing import Any

from .library import Library
from .people import About, People

PROCESS, STEP = "invoice_discrepancy", "Assess"
SEVERITIES = ("hold", "block")
INVOICES = ("invoice", "credit-note")

Finding = Mapping[str, Any]
"""What an alert says was found."""


def is_discrepancy(finding: Finding) -> bool:
    """Whether what was found keeps an invoice or a credit note from being paid."""
    return (
        finding["consumer"] == "invoice-control"
        and finding["severity"] in SEVERITIES
        and finding["subject_kind"] in INVOICES
    )


def decides(library: Library, people: People, person: str, findings: Collection[Finding]) -> bool:
    """Whether the person holds the role for what was found."""
    return people.may(person, _roles(library), _units(findings))


def require_decider(library: Library, people: People, person: str, findings: Collection[Finding]) -> None:
    """Raises Forbidden, naming the role that is needed and who holds it."""
    people.require(person, _roles(library), _units(findings))


def _roles(library: Library) -> tuple[str, ...]:
    return library.latest(PROCESS).definition.tasks[STEP].roles


def _units(findings: Collection[Finding]) -> About:
    """The units that the invoice was sent to; none where its address is none's, and then the role for any will do."""
    references = (each for finding in findings for each in finding.get("references", ()))
    return {("unit", str(each["id"])) for each in references if each["kind"] == "unit" and each.get("id")}
