"""Who is logged in: one-time links and sessions, known by hashes only, in the memory of the process.

A link and a session's cookie are 256 random bits each. A process that starts anew forgets them all; whoever was logged
in takes the new link, or their key.
"""

import hashlib
import secrets
import threading
from dataclasses import dataclass

from sqlalchemy import Connection, select

from access.agreements import local_principal
from access.principals import LOCAL_ID, Principal, authenticate, keyholders
from access.tables import AUTHORITY, PRINCIPAL
from consumers.deliveries.reading import allowed
from kernel.alphabet import alphabetical
from kernel.clock import Clock
from kernel.errors import Forbidden
from schemas.values import Sensitivity
from storage.database import Database

IDLE_S = 12 * 3600
"""A session that nobody uses for this long is over."""
LINK_S = 12 * 3600
"""A link that nobody has taken for this long opens nothing: it stands in logs and on screens."""
MOST_SESSIONS = 1_000


@dataclass(frozen=True, slots=True)
class Session:
    """A person at a browser. `csrf` goes with every form they send; `key` is the hash their cookie is known by."""

    key: bytes
    principal: str
    name: str
    csrf: str

    @property
    def local(self) -> bool:
        """Whether it is the person who started the hub on this machine."""
        return self.principal == LOCAL_ID


@dataclass(frozen=True, slots=True)
class Seen:
    """An authority that a session may look at."""

    cvr: str
    name: str


class Sessions:
    """The links that wait to be taken and the sessions that are open."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._invited: dict[bytes, tuple[str, str, float]] = {}
        self._open: dict[bytes, tuple[Session, float]] = {}
        self._lock = threading.Lock()

    def invite(self, principal: str, name: str) -> str:
        """A secret that opens one session for this principal, once, within `LINK_S`."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._invited[_hash(token)] = (principal, name, self._clock.monotonic())
        return token

    def redeem(self, token: str) -> str | None:
        """Take an invitation: returns the new session's cookie, None when there is no such invitation any more."""
        with self._lock:
            invited = self._invited.pop(_hash(token), None)
        if invited is None or self._clock.monotonic() - invited[2] > LINK_S:
            return None
        return self.open(*invited[:2])

    def open(self, principal: str, name: str) -> str:
        """Begin a session; returns its cookie."""
        cookie = secrets.token_urlsafe(32)
        session = Session(_hash(cookie), principal, name, secrets.token_urlsafe(32))
        with self._lock:
            self._forget_idle()
            self._open[session.key] = (session, self._clock.monotonic())
        return cookie

    def get(self, cookie: str | None) -> Session | None:
        """The session of a cookie, None when it is over or never was."""
        if not cookie:
            return None
        with self._lock:
            found = self._open.get(_hash(cookie))
            if found is None or self._clock.monotonic() - found[1] > IDLE_S:
                return None
            self._open[found[0].key] = (found[0], self._clock.monotonic())
            return found[0]

    def end(self, session: Session) -> None:
        with self._lock:
            self._open.pop(session.key, None)

    def _forget_idle(self) -> None:
        limit = self._clock.monotonic() - IDLE_S
        ended = [key for key, (_, used) in self._open.items() if used < limit]
        by_use = sorted(self._open, key=lambda key: self._open[key][1])
        for key in {*ended, *by_use[: max(0, len(by_use) - MOST_SESSIONS + 1)]}:
            del self._open[key]


def key_login(database: Database, key: str) -> Principal:
    """The person whose API key this is. Raises Unauthenticated for an unknown key, Forbidden for a system's."""
    with database.worker.connect() as connection:
        principal = authenticate(connection, key.strip())
    if principal.kind != "person":
        raise Forbidden("this key is a system's; the dashboard is for persons")
    return principal


def authorities(database: Database, session: Session) -> tuple[Seen, ...]:
    """What the session may look at now: all authorities for the local person, else those of active agreements."""
    with database.worker.connect() as connection:
        query = select(AUTHORITY.c.authority, AUTHORITY.c.name)
        if not session.local:
            person = _person(connection, session)
            mine = {grant.authority for grant in person.grants} if person else set[str]()
            query = query.where(AUTHORITY.c.authority.in_(mine))
        seen = [Seen(row.authority, row.name or row.authority) for row in connection.execute(query)]
    return tuple(sorted(seen, key=lambda each: (alphabetical(each.name), each.cvr)))


def may_read(database: Database, session: Session, authority: str, family: str, kept: Sensitivity) -> bool:
    """Whether an active agreement covers these events, which are `kept` so closely: to send them, or to receive what is
    kept so. The local person may read all.
    """
    if session.local:
        return True
    with database.worker.connect() as connection:
        person = _person(connection, session)
        agreed = allowed(connection, session.principal, authority)
    if person is None:
        return False
    sends = any(grant.covers("send", authority, family) for grant in person.grants)
    return sends or any(each.covers(family, kept) for each in agreed)


def principal_for(database: Database, session: Session, authority: str) -> Principal:
    """Who acts for an authority in this session. Raises Forbidden when the person's key was withdrawn."""
    with database.worker.begin() as connection:
        if session.local:
            return local_principal(connection, authority)
        if person := _person(connection, session):
            return person
    raise Forbidden("the key you logged in with has been withdrawn", hint="log in again")


def _person(connection: Connection, session: Session) -> Principal | None:
    found = keyholders(connection, PRINCIPAL.c.id == session.principal)
    return found[0].principal if found else None


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
