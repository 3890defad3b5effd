"""A re-tender step by step: what people answer, from the alarm of a contract to the next contract."""

from schemas.catalogue import Json

BUSINESS_CASE: Json = {
    "case_summary": "Fælles snitflader", "investment": "1800000", "yearly_cost": "2300000", "yearly_gain": "650000",
    "risks": "Konvertering", "risk_document": "2026-014-3", "benefit_title": "Kortere journal", "benefit_kind": "time",
    "benefit_unit": "minutter", "benefit_baseline": "7.5", "benefit_target": "5", "benefit_due": "2028-06-30",
    "project_end": "2027-12-31", "hours": "60",
}  # fmt: skip
SCORES: Json = {f"score_{name}": "4" for name in ("strategy", "economy", "service", "obligation", "feasibility")}
STANDARDS: Json = dict.fromkeys(("architecture", "security", "data_protection", "accessibility", "archiving"), True)
LEVELS: Json = {"template": "K02", "uptime": "99.5", "uptime_credit": "5", "resolution": "8", "return_format": "SIARD"}
TENDER: Json = {
    "procedure": "restricted", "next_number": "K-2", "same_supplier": False, "winner": "Skovsøen Digital A/S",
    "signed_on": "2027-09-01", "next_starts_on": "2028-01-01", "next_ends_on": "2031-12-31", "next_notice": "6",
    "total_value": "9000000",
}  # fmt: skip
CHECKED: Json = {"result": "accepted", "light": "green", "status": "I drift", "test_document": "2027-1"}

Steps = list[tuple[str, Json]]
ASKED: Steps = [("AskCentralUnit", {"route": "retender", "what": "Omsorgsjournal"})]
TO_THE_BOARD: Steps = [
    ("AnalyseNeeds", {"needs": "Journal", "users": "900"}),
    ("DescribeAsIsToBe", {"as_is": "Egen drift", "to_be": "Service"}),
    ("MakeBusinessCase", BUSINESS_CASE),
    ("Recommend", {"recommendation": "Begrænset udbud"}),
    ("CouncilDecides", {**SCORES, "advice": "approve", "advice_reason": "Kontrakten udløber"}),
]
REJECTED: Steps = [("BoardDecides", {"board_decision": "reject", "board_reason": "Gevinsterne har ingen ejere"})]
APPROVED: Steps = [
    ("BoardDecides", {"board_decision": "approve", "board_reason": "Som indstillet", "budget": "1800000"})
]
TO_THE_CONTRACT: Steps = [
    ("AppointManager", {"manager_id": "mho", "manager_name": "Mette Holm"}),
    ("FormTeam", {"team": "Sygeplejerske, it"}),
    ("SpecifyRequirements", {"requirements_document": "D-1", **STANDARDS, "archiving": False}),
    ("SpecifyRequirements", {"requirements_document": "D-2", **STANDARDS}),
    ("DraftContract", LEVELS),
    ("RunTender", TENDER | {"next_ends_on": "2027-12-31"}),
    ("RunTender", TENDER),
]
TO_THE_END: Steps = [
    ("CheckImplementation", CHECKED | {"result": "change"}),
    (
        "HandleChange",
        {"change": "Flere brugere", "change_value": "100000", "change_basis": "180", "change_reason": "Under 10 %"},
    ),
    ("CheckImplementation", CHECKED),
    ("HandOver", {}),
    ("CloseProject", {"closing_document": "D-9", "lessons": "Begynd før"}),
]
WITH_ONE_REJECTION: Steps = [
    *ASKED, *TO_THE_BOARD, *REJECTED, *TO_THE_BOARD, *APPROVED, *TO_THE_CONTRACT, *TO_THE_END,
]  # fmt: skip
