"""Erasure at the source: the payloads of a subject are emptied in the store; reason and keyed hash stay.

The event `hub.redacted` makes every projection drop its rows, and a rebuild passes over what is empty. Topics in Kafka
keep what they hold for at most 30 days. Sent again under its id, an emptied event is a duplicate and nothing of it is
stored; what a source states under a new id is a new fact, so it is erased there first.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from kernel.errors import Invalid
from kernel.ids import new_id
from schemas.catalogue import Catalogue, canonical_json
from schemas.envelope import Event
from schemas.hub import Actor, Redacted
from storage.database import cursor_of

from .store import APPEND_LOCK, READ, append_one, event_of
from .verdict import EMPTIED, fingerprint


def redact(
    connection: Connection,
    authority: str,
    subject: str,
    *,
    reason: str,
    by: Actor,
    key: bytes,
    catalogue: Catalogue,
    now: datetime,
) -> int:
    """Empty every event of the subject and of what was made of it; returns how many. Raises Invalid for none.

    Made of it are the alerts about it or that cite it, the journal entries of a case, the workflows that were started
    for any of these, and the alerts that cite those: what they say was copied from it, or written about it. An alert
    whose finding still stands is told anew, by the consumer that finds it.

    Nobody appends meanwhile, so that nothing of the subject slips in between the emptying and the fact that tells it.
    """
    _work_alone(connection, authority, _made_of(connection, authority, subject))
    subjects = _made_of(connection, authority, subject)
    emptied = 0
    facts = []
    for each in subjects:
        events = _events_about(connection, authority, each)
        emptied += len(events)
        if events:
            digest = hmac.new(key, b"\n".join(event.payload for event in events), hashlib.sha256).hexdigest()
            fact = Redacted(subject=each, reason=reason, keyed_hash=digest, by=by)
            facts.append(_fact(authority, fact, now, shared=any(event.shared for event in events)))
            _empty(connection, [event.position for event in events], authority, each)
            _forget(connection, events, catalogue)
    if not emptied:
        raise Invalid(
            f"{authority} has no event of subject {subject} that is not empty already",
            hint="`samspil events --subject ...` shows what there is",
        )
    append_one(connection, facts, catalogue=catalogue, now=now)
    return emptied


def _events_about(connection: Connection, authority: str, subject: str) -> list[Event]:
    """Every event of the subject that says something, held until the commit; what tells of erasures stays."""
    with cursor_of(connection) as cursor:
        cursor.execute(
            f"{READ} WHERE authority = %s AND subject = %s AND payload IS NOT NULL "
            "AND type NOT LIKE 'dk.samspil.hub.redacted.%%' ORDER BY position FOR UPDATE",
            (authority, subject),
            binary=True,
        )
        return [event_of(row) for row in cursor]


def _forget(connection: Connection, events: Sequence[Event], catalogue: Catalogue) -> None:
    """Drop the hashes of what the events said: who can guess it could see that he guessed right.

    That their ids were used stays known. What was sent again and was `unchanged` has the same hash under another id.
    """
    prints = [fingerprint(event, catalogue) for event in events]
    undated = [fingerprint(event._replace(effective=None, effective_to=None), catalogue) for event in events]
    connection.execute(
        text("UPDATE hub.event_key SET hash = :emptied WHERE key = ANY(:keys) OR hash = ANY(:bodies)"),
        {"emptied": EMPTIED, "keys": [each.key for each in prints], "bodies": [each.body for each in undated]},
    )
    connection.execute(
        text("DELETE FROM hub.event_state WHERE key = ANY(:states)"),
        {"states": [each.state for each in prints if each.state]},
    )


def _work_alone(connection: Connection, authority: str, subjects: Sequence[str]) -> None:
    """Keep every writer out; first the rows that others hold while they wait for their turn to append."""
    about = {"authority": authority, "subjects": list(subjects)}
    for query in (
        "SELECT FROM hub.announced WHERE authority = :authority AND data -> 'subject' ->> 'id' = ANY(:subjects)",
        "SELECT FROM hub.parked WHERE authority = :authority AND subject = ANY(:subjects)",
    ):
        connection.execute(text(f"{query} FOR UPDATE"), about)
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": APPEND_LOCK})


def _made_of(connection: Connection, authority: str, subject: str) -> list[str]:
    """The subject, and all that goes with it."""
    subjects = [subject, *_told_of(connection, authority, [subject])]
    workflows = _workflows_for(connection, authority, subjects)
    return list(dict.fromkeys([*subjects, *workflows, *_told_of(connection, authority, workflows)]))


def _told_of(connection: Connection, authority: str, subjects: Sequence[str]) -> list[str]:
    """The alerts that were ever told of the subjects, resolved ones too, and the entries that were filed on a case.

    An alert quotes what it is about, its references, and the events that are its causes.
    """
    found = connection.execute(text(_TOLD_OF), {"authority": authority, "subjects": list(subjects)})
    return list(found.scalars())


_TOLD_OF = """
SELECT DISTINCT subject FROM hub.event WHERE authority = :authority AND subject <> ALL(:subjects) AND (
    aggregatetype = 'case'
        AND EXISTS (SELECT FROM unnest(CAST(:subjects AS text[])) AS it WHERE strpos(payload, it) > 0)
        AND payload::jsonb ->> 'case' = ANY(:subjects)
    OR aggregatetype = 'alert' AND (
        payload::jsonb -> 'subject' ->> 'id' = ANY(:subjects)
        OR payload::jsonb -> 'references' @> ANY(ARRAY(
            SELECT jsonb_build_array(jsonb_build_object('id', it)) FROM unnest(CAST(:subjects AS text[])) AS it))
        OR payload::jsonb -> 'causes' @> ANY(ARRAY(
            SELECT jsonb_build_array(jsonb_build_object('authority', authority, 'source', source, 'id', id))
            FROM hub.event WHERE authority = :authority AND subject = ANY(:subjects)))
    )
) ORDER BY subject
"""


def _workflows_for(connection: Connection, authority: str, subjects: Sequence[str]) -> list[str]:
    """The instances of processes that were started for one of the subjects."""
    found = connection.execute(
        text(
            "SELECT DISTINCT subject FROM hub.event WHERE authority = :authority AND aggregatetype = 'workflow' "
            "AND type LIKE 'dk.samspil.workflow.started.%' AND payload::jsonb ->> 'business_key' = ANY(:subjects) "
            "ORDER BY subject"
        ),
        {"authority": authority, "subjects": list(subjects)},
    )
    return list(found.scalars())


def _empty(connection: Connection, positions: list[int], authority: str, subject: str) -> None:
    connection.execute(
        text("UPDATE hub.event SET payload = NULL WHERE position = ANY(:positions)"), {"positions": positions}
    )
    about = {"authority": authority, "subject": subject}
    connection.execute(
        text(
            "UPDATE hub.parked SET reason = 'redacted', "
            "status = CASE status WHEN 'parked' THEN 'discarded' ELSE status END "
            "WHERE authority = :authority AND subject = :subject"
        ),
        about,
    )
    connection.execute(
        text(
            "UPDATE hub.announced SET data = NULL, hash = '' "
            "WHERE authority = :authority AND (data -> 'subject' ->> 'id' = :subject OR fingerprint::text = :subject)"
        ),
        about,
    )


def _fact(authority: str, fact: Redacted, now: datetime, *, shared: bool) -> Event:
    """The fact concerns all who knew what was emptied: everybody, when it was shared."""
    return Event(
        authority=authority,
        source="urn:samspil:redact",
        id=new_id(),
        type="dk.samspil.hub.redacted.v1",
        subject=fact.subject,
        time=now,
        payload=canonical_json(fact),
        shared=shared,
    )
