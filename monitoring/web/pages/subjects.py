"""What workflows and projects are about, by id: what it is called, and the page that shows it."""

from dataclasses import dataclass

from sqlalchemy import Connection

from consumers.contracts import queries as contracts
from consumers.landscape import queries as landscape
from consumers.portfolio import queries as portfolio
from monitoring.web.frame import Visit


@dataclass(frozen=True)
class Subject:
    """A name and the address of a page."""

    name: str
    href: str


@dataclass(frozen=True)
class Subjects:
    """The contracts, systems and projects of an authority today."""

    known: dict[str, Subject]

    @classmethod
    def of(cls, visit: Visit) -> "Subjects":
        asked = (visit.cvr, visit.today)

        def systems(connection: Connection) -> dict[str, str]:
            return {row.id: row.name for row in landscape.systems(connection, *asked)}

        def titles(connection: Connection) -> dict[str, str]:
            return {row.id: row.title for row in contracts.contracts(connection, *asked)}

        def projects(connection: Connection) -> dict[str, str]:
            return {row.id: row.title or row.id for row in portfolio.overview(connection, *asked)}

        known = dict[str, Subject]()
        for consumer, page, question in (
            ("landscape", "system", systems),
            ("contracts", "contracts", titles),
            ("portfolio", "portfolio", projects),
        ):
            found = visit.ask(consumer, question, {})
            known |= {subject: Subject(name, visit.url(page, subject)) for subject, name in found.items()}
        return cls(known)

    def get(self, subject: str) -> Subject | None:
        return self.known.get(subject)
