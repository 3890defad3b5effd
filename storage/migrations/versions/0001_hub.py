"""The hub's own tables: the event store, what consumers have done, and who may."""

from alembic import op

revision = "0001"
down_revision = None

EVENT_STORE = """
CREATE TABLE hub.store (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    partitions integer NOT NULL DEFAULT 3
);
COMMENT ON TABLE hub.store IS 'which store this is; the id is new at every init and restore';
INSERT INTO hub.store DEFAULT VALUES;

CREATE SEQUENCE hub.event_position;
CREATE TABLE hub.event (
    position bigint PRIMARY KEY DEFAULT nextval('hub.event_position'),
    id text NOT NULL,
    aggregatetype text NOT NULL,
    aggregateid text NOT NULL,
    type text NOT NULL,
    payload text,
    authority text NOT NULL,
    source text NOT NULL,
    subject text NOT NULL,
    time timestamptz NOT NULL,
    effective date,
    effective_to date,
    correlation_id text,
    causation_id text,
    classification text NOT NULL,
    shared boolean NOT NULL,
    sequence text,
    traceparent text,
    depth smallint NOT NULL,
    recorded timestamptz NOT NULL
);
COMMENT ON COLUMN hub.event.payload IS 'canonical JSON of the data; null once the law has emptied it';
CREATE INDEX event_subject ON hub.event (authority, subject, position);

CREATE TABLE hub.event_key (key uuid PRIMARY KEY, hash bytea NOT NULL);
COMMENT ON TABLE hub.event_key IS 'digest of (authority, source, id): what has been taken, with the hash of its body';
CREATE TABLE hub.event_state (key uuid PRIMARY KEY, hash bytea NOT NULL);
COMMENT ON TABLE hub.event_state IS 'digest of (authority, source, type, subject): the last state that was stated';
CREATE TABLE hub.head (
    authority text NOT NULL,
    domain text NOT NULL,
    position bigint NOT NULL,
    shared bigint NOT NULL,
    PRIMARY KEY (authority, domain)
);
COMMENT ON TABLE hub.head IS 'the last position of each authority and domain, and its last shared one (0: none)';
"""

KAFKA = """
CREATE TABLE hub.lease (
    name text PRIMARY KEY,
    epoch bigint NOT NULL,
    holder text NOT NULL,
    renewed timestamptz NOT NULL
);
CREATE TABLE hub.relay (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL,
    sent bigint NOT NULL
);
INSERT INTO hub.relay (position, sent) VALUES (0, 0);
CREATE TABLE hub.relay_partition (
    topic text NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (topic, partition)
);
"""

CONSUMERS = """
CREATE TABLE hub.projection (
    consumer text NOT NULL,
    version integer NOT NULL,
    code_version integer NOT NULL,
    state text NOT NULL CHECK (state IN ('building', 'active', 'retired')),
    position bigint NOT NULL DEFAULT 0,
    advanced timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, version)
);
CREATE UNIQUE INDEX projection_active ON hub.projection (consumer) WHERE state = 'active';
CREATE TABLE hub.position (
    consumer text NOT NULL,
    version integer NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (consumer, version, topic, partition)
);
CREATE TABLE hub.parked (
    consumer text NOT NULL,
    position bigint NOT NULL,
    authority text NOT NULL,
    subject text NOT NULL,
    type text NOT NULL,
    reason text NOT NULL,
    status text NOT NULL DEFAULT 'parked' CHECK (status IN ('parked', 'replayed', 'discarded')),
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, position)
);
CREATE INDEX parked_subject ON hub.parked (consumer, authority, subject) WHERE status = 'parked';
CREATE TABLE hub.pending (
    consumer text NOT NULL,
    authority text NOT NULL,
    fingerprint uuid NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (consumer, authority, fingerprint)
);
COMMENT ON TABLE hub.pending IS 'findings that changed and are told when all that the store then held is applied';
CREATE TABLE hub.announced (
    consumer text NOT NULL,
    authority text NOT NULL,
    fingerprint uuid NOT NULL,
    hash bytea NOT NULL,
    data jsonb,
    ordinal integer NOT NULL,
    PRIMARY KEY (consumer, authority, fingerprint)
);
"""

ACCESS = """
CREATE TABLE hub.principal (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('system', 'person', 'hub')),
    key_hash bytea UNIQUE,
    registrar boolean NOT NULL DEFAULT false,
    created timestamptz NOT NULL DEFAULT now(),
    ended timestamptz
);
CREATE TABLE hub.authority (
    authority text PRIMARY KEY,
    name text NOT NULL DEFAULT '',
    created timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE hub.agreement (
    id uuid PRIMARY KEY,
    authority text NOT NULL,
    principal uuid NOT NULL REFERENCES hub.principal (id),
    direction text NOT NULL CHECK (direction IN ('send', 'receive')),
    types text[] NOT NULL,
    status text NOT NULL CHECK (status IN ('requested', 'approved', 'active', 'ended')),
    requested_by text NOT NULL,
    approved_by text,
    changed timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX agreement_principal ON hub.agreement (principal, authority);
CREATE TABLE hub.audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    authority text NOT NULL,
    principal text NOT NULL,
    action text NOT NULL,
    detail text NOT NULL
);
"""

OPEN_TO_WEB = ("event", "head", "parked", "pending", "announced", "authority", "agreement", "audit")
WORKER_ONLY = ("event_key", "event_state", "principal")
OPEN_TO_ALL = ("store", "projection", "position", "relay", "relay_partition", "lease")


def upgrade() -> None:
    for statements in (EVENT_STORE, KAFKA, CONSUMERS, ACCESS):
        op.execute(statements)
    for table in (*OPEN_TO_WEB, *OPEN_TO_ALL, *WORKER_ONLY):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON hub.{table} TO samspil_worker")
    for table in (*OPEN_TO_WEB, *OPEN_TO_ALL):
        op.execute(f"GRANT SELECT ON hub.{table} TO samspil_web")
    op.execute("GRANT USAGE ON SEQUENCE hub.event_position TO samspil_worker")
    for table in OPEN_TO_WEB:
        _protect(table)


def _protect(table: str) -> None:
    mine = "authority = ANY (string_to_array(current_setting('samspil.authorities', true), ','))"
    if table == "event":
        mine += " OR (shared AND coalesce(current_setting('samspil.authorities', true), '') <> '')"
    op.execute(f"ALTER TABLE hub.{table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE hub.{table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY worker ON hub.{table} TO samspil_worker USING (true) WITH CHECK (true)")
    op.execute(f"CREATE POLICY web ON hub.{table} FOR SELECT TO samspil_web USING ({mine})")


def downgrade() -> None:
    op.execute("DROP SCHEMA hub CASCADE")
