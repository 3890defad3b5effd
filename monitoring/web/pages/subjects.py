"""What workflows and projects are about, by id: what it is called, and the page that shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from consumers.contracts import queries as contracts
from consumers.landscape import queries as landscape
from consumers.portfolio import queries as portfolio
from monitoring.web.frame import Visit


@dataclass(frozen=True)
class Subject:
    """A name, and the address of a page; None for what has none."""

    name: str
    href: str | None = None


@dataclass(frozen=True)
class Subjects:
    """The contracts, systems, projects and units of an authority today."""

    visit: Visit
    known: dict[str, Subject]

    @classmethod
    def of(cls, visit: Visit) -> "Subjects":
        asked = (visit.cvr, visit.today)

        def systems(connection: Connection) -> dict[str, Subject]:
            rows = landscape.systems(connection, *asked)
            units = [unit for row in rows for unit in (row.responsible_unit, *row.using_units) if unit]
            return {unit.id: Subject(unit.name or unit.id) for unit in units} | {
                row.id: Subject(row.name, visit.url("system", row.id)) for row in rows
            }

        def titles(connection: Connection) -> dict[str, Subject]:
            rows = contracts.contracts(connection, *asked)
            return {row.id: Subject(row.title, visit.url("contracts", row.id)) for row in rows}

        def projects(connection: Connection) -> dict[str, Subject]:
            rows = portfolio.overview(connection, *asked)
            return {row.id: Subject(row.title or row.id, visit.url("portfolio", row.id)) for row in rows}

        known = visit.ask("landscape", systems, {})
        known |= visit.ask("contracts", titles, {})
        return cls(visit, known | visit.ask("portfolio", projects, {}))

    def get(self, subject: str) -> Subject:
        """By its id, which is all that is known of what is not kept here."""
        return self.known.get(subject) or Subject(subject)

    def of_instance(self, business_key: str, values: Mapping[str, Any]) -> Subject:
        """What an instance is for: its key, where that is known, else the invoice or the contract among its values."""
        if business_key in self.known:
            return self.known[business_key]
        if invoice := values.get("invoice"):
            number = str(values.get("invoice_number") or invoice)
            return Subject(
                self.visit.language.text("workflows.invoice", number=number), self.visit.url("invoices", invoice)
            )
        if contract := values.get("contract"):
            return self.known.get(str(contract)) or Subject(str(values.get("contract_title") or contract))
        return Subject(business_key)
