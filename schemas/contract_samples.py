"""Made-up contracts and prices that show what the models of `schemas.contracts` and `schemas.prices` hold."""

from typing import Any

_COMMON: dict[str, Any] = {
    "local_id": "K-2022-044",
    "title": "SagsArk, case and document system",
    "kind": "call-off",
    "supplier": {"id": "0d1f7a52-6c1b-4c57-9d0a-3f5b8f4e2001", "name": "Skovsøen Digital A/S"},
    "responsible_unit": {"id": "6b2a0000-0000-4000-8000-0000000000c2", "name": "Center for Digitalisering"},
    "usages": [{"id": "3e9a6b44-0f0c-4c2d-a2c4-5d7e8f901001", "name": "SagsArk"}],
    "glns": ["9521234000013"],
    "order_numbers": ["4500017731"],
    "procurement": {
        "procedure": "mini-tender",
        "legal_basis": "udbudsloven § 98",
        "notice_number": "2021/S 118-309821",
        "notice_published_on": "2021-06-21",
        "framework": "SKI 02.19",
        "cpv": ["48311100-2"],
        "total_value": {"amount": "6900000"},
    },
    "retender_in": "2026-Q3",
    "signed_on": "2021-12-14",
    "maximum": {"net": {"amount": "7500000"}, "indexed": True},
    "index_clause": {
        "series": "net-price-index-2015",
        "base_period": "2021-10",
        "effective_month": 1,
        "cap": "4",
        "notice_days": 30,
    },
    "service_levels": [
        {
            "local_id": "SLA-1",
            "title": "Uptime on working days 7-17",
            "measure": "uptime",
            "target": "99.5",
            "unit": "percent",
            "measured_over": "month",
            "window": "Working days 7-17; announced service window Sundays 2-6",
            "credit_percent": "5",
            "credit_cap_percent": "25",
        }
    ],
    "exit": {
        "data_owner": "authority",
        "return_format": "SIARD 2.2 and the documents in PDF/A",
        "return_days": 30,
        "exit_price": {"amount": "95000"},
        "archival_version_price": {"amount": "60000"},
    },
    "payment": {"credit_days": 30},
}
_TERMS: dict[str, Any] = {
    "starts_on": "2022-01-01",
    "ends_on": "2025-12-31",
    "options": [
        {"months": 12, "use_by": "2025-06-30", "taken_up_on": "2025-05-20"},
        {"months": 12, "use_by": "2026-06-30"},
    ],
    "irrevocable_until": "2023-12-31",
}

CONTRACT_V1: dict[str, Any] = _COMMON | {"terms": _TERMS, "notice_months": 6}
CONTRACT: dict[str, Any] = _COMMON | {"terms": _TERMS | {"notice": {"months": 6, "to_end_of": "quarter"}}}
PRICE_ITEM: dict[str, Any] = {
    "local_id": "K-2022-044/2",
    "contract": {"id": "7b1d3c0e-58a4-4f0e-8b57-1f6a2d9c3001", "name": "SagsArk, case and document system"},
    "title": "SagsArk, licence per named user",
    "item_numbers": ["SA-LIC-N"],
    "line_patterns": ["SagsArk licens*"],
    "unit": "EA",
    "price": {
        "model": "per-unit",
        "base": "user",
        "tiers": [{"above": "0", "price": "1480"}, {"above": "500", "price": "1110"}],
    },
    "period": "year",
    "billed_in": "advance",
    "counting": {"statistic": "sagsark-users", "day": "01-01"},
    "minimum_fee": "250000",
    "on_account": True,
    "settled_in": 2,
    "regulation": "indexed",
    "usage": {"id": "3e9a6b44-0f0c-4c2d-a2c4-5d7e8f901001", "name": "SagsArk"},
}
