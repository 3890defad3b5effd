"""What events of the portfolio look like: a re-tender of the care record, from the alarm of its contract."""

from .catalogue import Json
from .project_model import standard_model

_UNIT: Json = {"id": "6b2a0000-0000-4000-8000-0000000000c1", "name": "Center for Social og Sundhed"}
_IT_UNIT: Json = {"id": "6b2a0000-0000-4000-8000-0000000000c7", "name": "Center for Digitalisering"}
_CHAIR: Json = {"id": "heje", "name": "Henrik Jessen"}
_OWNER: Json = {"id": "kali", "name": "Karen Lindholt"}
_MANAGER: Json = {"id": "mho", "name": "Mette Holm"}

MODEL: Json = standard_model().model_dump(mode="json", exclude_none=True)
PROJECT: Json = {
    "local_id": "P-2026-07",
    "title": "Genudbud af omsorgsjournal",
    "purpose": "Kontrakten om OmsorgNær udløber 31. december 2027 og kan ikke forlænges",
    "category": "Genudbud",
    "driver": "own",
    "kle": "27.36",
    "unit": _UNIT,
    "usages": [{"id": "6b2a0000-0000-4000-8000-000000000001", "name": "OmsorgNær"}],
    "contracts": [{"id": "7c3b0000-0000-4000-8000-000000000001", "name": "OmsorgNær, drift og vedligehold"}],
    "planned_start": "2026-01-05",
    "planned_end": "2027-12-31",
    "budget": {"amount": "1800000", "currency": "DKK"},
    "origin": {
        "kind": "contract",
        "id": "7c3b0000-0000-4000-8000-000000000001",
        "name": "OmsorgNær, drift og vedligehold",
    },
}
PROPOSED: Json = {"project": PROJECT, "by": _OWNER}
BUSINESS_CASE: Json = {
    "summary": "Ny journal med fælles snitflader; to overflødige integrationer afvikles",
    "investment": {"amount": "1800000", "currency": "DKK"},
    "yearly_cost": {"amount": "2300000", "currency": "DKK"},
    "yearly_gain": {"amount": "650000", "currency": "DKK"},
    "lifetime_years": 6,
    "alternatives": ["Forlænge uden konkurrence: ikke lovligt", "Fællesudbud med nabokommunerne"],
    "risks": "Konvertering af journaler",
    "as_is": "Egen drift, 11 integrationer",
    "to_be": "Software som service, 6 integrationer over fælles snitflader",
}
BENEFITS: Json = {
    "benefits": [
        {
            "id": "G1",
            "title": "Færre minutter til dokumentation pr. besøg",
            "kind": "time",
            "unit": "minutter",
            "baseline": "7.5",
            "target": "5",
            "due_on": "2028-06-30",
            "yearly_gain": {"amount": "450000", "currency": "DKK"},
            "owner": _OWNER,
        },
        {
            "id": "G2",
            "title": "Lavere udgift til integrationer",
            "kind": "economy",
            "unit": "DKK",
            "baseline": "200000",
            "target": "0",
            "due_on": "2028-12-31",
            "yearly_gain": {"amount": "200000", "currency": "DKK"},
        },
    ]
}
RESOURCES: Json = {
    "allocations": [
        {
            "role": "projektleder",
            "unit": _IT_UNIT,
            "first": "2026-01",
            "last": "2027-12",
            "planned": "60",
            "allocated": "60",
        },
        {
            "role": "sygeplejerske",
            "unit": _UNIT,
            "first": "2026-03",
            "last": "2026-09",
            "planned": "20",
            "allocated": "12",
        },
    ]
}
CAPACITY: Json = {"role": "projektleder", "unit": _IT_UNIT, "hours": "240"}
EVIDENCE_FILED: Json = {
    "kind": "risk-assessment",
    "document": {"local_id": "2026-014477-3", "name": "Risikovurdering, omsorgsjournal"},
    "by": _MANAGER,
}
SCORES_GIVEN: Json = {
    "scores": [
        {"criterion": "strategy", "score": "4"},
        {"criterion": "economy", "score": "3", "reason": "Gevinsten er sikker, men lille"},
        {"criterion": "service", "score": "4"},
        {"criterion": "obligation", "score": "5", "reason": "Kontrakten udløber"},
        {"criterion": "feasibility", "score": "2.5"},
    ],
    "by": _CHAIR,
}
RECOMMENDED: Json = {"advice": "approve", "reason": "Kontrakten kan ikke forlænges", "by": _CHAIR}
APPROVED: Json = {
    "reason": "Som indstillet",
    "budget": {"amount": "1800000", "currency": "DKK"},
    "conditions": ["Konvertering afprøves før kontrakten underskrives"],
    "by": _CHAIR,
}
REJECTED: Json = {"reason": "Gevinsterne har ingen ejere", "by": _CHAIR}
PHASE_ENTERED: Json = {"phase": "implementation"}
GATE_PASSED: Json = {
    "gate": "start-implementation",
    "evidence": [EVIDENCE_FILED],
    "remarks": "Enstemmigt",
    "by": _CHAIR,
}
STATUS_REPORTED: Json = {
    "overall": "yellow",
    "time": "yellow",
    "economy": "green",
    "quality": "green",
    "summary": "Leverandøren er tre uger forsinket med konverteringen",
    "spent": {"amount": "640000", "currency": "DKK"},
    "expected_cost": {"amount": "1800000", "currency": "DKK"},
    "expected_end": "2028-01-31",
    "by": _MANAGER,
}
BENEFIT_MEASURED: Json = {"benefit": "G1", "value": "5.8", "method": "Stikprøve, 200 besøg", "by": _OWNER}
CLOSED: Json = {
    "outcome": "completed",
    "reason": "I drift, gevinsterne er målt",
    "lessons": "Begynd konverteringen før udbuddet",
    "by": _OWNER,
}
