"""What workflows and projects are about, by id: what it is called, and the page that shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
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
    """The contracts, projects, systems and units of an authority today; each kind is read when it is asked for."""

    visit: Visit

    def find(self, subject: str) -> Subject | None:
        """None for what is not kept here."""
        return self._contracts.get(subject) or self._projects.get(subject) or self._systems.get(subject)

    def get(self, subject: str) -> Subject:
        """By its id, which is all that is known of what is not kept here."""
        return self.find(subject) or Subject(subject)

    def of_instance(self, business_key: str, values: Mapping[str, Any]) -> Subject:
        """What an instance is for: the invoice or the contract among its values, else what its key is."""
        if invoice := values.get("invoice"):
            number = str(values.get("invoice_number") or invoice)
            name = self.visit.language.text("workflows.invoice", number=number)
            return Subject(name, self.visit.url("invoices", invoice))
        if contract := values.get("contract"):
            return self._contracts.get(str(contract)) or Subject(str(values.get("contract_title") or contract))
        return self.get(business_key)

    @cached_property
    def _contracts(self) -> Mapping[str, Subject]:
        def question(connection: Connection) -> dict[str, Subject]:
            rows = contracts.contracts(connection, self.visit.cvr, self.visit.today)
            return {row.id: Subject(row.title, self.visit.url("contracts", row.id)) for row in rows}

        return self.visit.ask("contracts", question, {})

    @cached_property
    def _projects(self) -> Mapping[str, Subject]:
        def question(connection: Connection) -> dict[str, Subject]:
            rows = portfolio.overview(connection, self.visit.cvr, self.visit.today)
            return {row.id: Subject(row.title or row.id, self.visit.url("portfolio", row.id)) for row in rows}

        return self.visit.ask("portfolio", question, {})

    @cached_property
    def _systems(self) -> Mapping[str, Subject]:
        def question(connection: Connection) -> dict[str, Subject]:
            asked = (connection, self.visit.cvr, self.visit.today)
            units = {id_: Subject(name) for id_, name in landscape.units(*asked).items()}
            systems = landscape.systems(*asked)
            return units | {row.id: Subject(row.name, self.visit.url("system", row.id)) for row in systems}

        return self.visit.ask("landscape", question, {})
