"""The event types of the portfolio: states of a project, capacity and the project model, and facts of a project."""

from . import portfolio
from . import portfolio_samples as samples
from .catalogue import EventType, Json, removal_of
from .project_model import ProjectModel
from .values import Sensitivity, Value


def _stated(fact: str, model: type[Value], key: str, sample: Json, sensitivity: Sensitivity = "internal") -> EventType:
    return EventType(
        domain="portfolio",
        fact=fact,
        model=model,
        owner="portfolio",
        key=key,
        sensitivity=sensitivity,
        state=True,
        uuid_subject=True,
        sample=sample,
    )


def _fact(fact: str, model: type[Value], sample: Json) -> EventType:
    return EventType(
        domain="portfolio",
        fact=fact,
        model=model,
        owner="portfolio",
        key="project",
        sensitivity="personal",
        uuid_subject=True,
        sample=sample,
    )


_STATED = (
    _stated("project-stated", portfolio.Project, "project", samples.PROJECT),
    _stated("business-case-stated", portfolio.BusinessCase, "project", samples.BUSINESS_CASE),
    _stated("benefits-stated", portfolio.Benefits, "project", samples.BENEFITS, "personal"),
    _stated("resources-stated", portfolio.Resources, "project", samples.RESOURCES),
    _stated("capacity-stated", portfolio.Capacity, "a unit's capacity of a role", samples.CAPACITY),
)

EVENTS: tuple[EventType, ...] = (
    _stated("model-adopted", ProjectModel, "project model", samples.MODEL),
    *_STATED,
    *map(removal_of, _STATED),
    _fact("proposed", portfolio.Proposed, samples.PROPOSED),
    _fact("evidence-filed", portfolio.EvidenceFiled, samples.EVIDENCE_FILED),
    _fact("scores-given", portfolio.ScoresGiven, samples.SCORES_GIVEN),
    _fact("recommended", portfolio.Recommended, samples.RECOMMENDED),
    _fact("approved", portfolio.Approved, samples.APPROVED),
    _fact("rejected", portfolio.Rejected, samples.REJECTED),
    _fact("phase-entered", portfolio.PhaseEntered, samples.PHASE_ENTERED),
    _fact("gate-passed", portfolio.GatePassed, samples.GATE_PASSED),
    _fact("status-reported", portfolio.StatusReported, samples.STATUS_REPORTED),
    _fact("benefit-measured", portfolio.BenefitMeasured, samples.BENEFIT_MEASURED),
    _fact("closed", portfolio.Closed, samples.CLOSED),
)
