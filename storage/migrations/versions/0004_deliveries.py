"""Who gets which events: subscriptions, how far each is, what was tried, and which mails were sent."""

from alembic import op

revision = "0004"
down_revision = "0003"

AGREEMENTS = """
ALTER TABLE hub.agreement
    ADD COLUMN purpose text NOT NULL DEFAULT '',
    ADD COLUMN max_sensitivity text NOT NULL DEFAULT 'internal'
        CHECK (max_sensitivity IN ('public', 'internal', 'personal', 'sensitive'));
COMMENT ON COLUMN hub.agreement.max_sensitivity IS 'the most closely kept data that a receiver gets under it';
"""

SUBSCRIPTIONS = """
CREATE TABLE hub.subscription (
    id uuid PRIMARY KEY,
    authority text NOT NULL,
    principal uuid NOT NULL REFERENCES hub.principal (id),
    subscriber text NOT NULL,
    types text[] NOT NULL,
    way text NOT NULL CHECK (way IN ('webhook', 'sse', 'pull', 'email')),
    address text,
    secret_number integer NOT NULL DEFAULT 1,
    rotated timestamptz,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused', 'ended')),
    reason text NOT NULL DEFAULT '',
    made_by text NOT NULL,
    made timestamptz NOT NULL
);
COMMENT ON COLUMN hub.subscription.secret_number IS 'secrets are derived from the hub''s key; none is stored';
CREATE INDEX subscription_principal ON hub.subscription (principal);
CREATE TABLE hub.delivery (
    subscription uuid PRIMARY KEY REFERENCES hub.subscription (id),
    authority text NOT NULL,
    position bigint NOT NULL,
    done bigint[] NOT NULL DEFAULT '{}',
    attempt integer NOT NULL DEFAULT 0,
    due timestamptz,
    holder text,
    held_until timestamptz,
    handed bigint,
    delivered bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE hub.delivery IS 'how far each subscription is; everything up to position is done, and what done lists';
COMMENT ON COLUMN hub.delivery.handed IS 'the last position of the batch that is handed out to whoever pulls';
CREATE TABLE hub.delivery_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    authority text NOT NULL,
    subscription uuid NOT NULL,
    position bigint NOT NULL,
    webhook_id uuid,
    attempt integer NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('delivered', 'failed')),
    status integer,
    ms integer NOT NULL,
    note text NOT NULL DEFAULT ''
);
CREATE INDEX delivery_log_subscription ON hub.delivery_log (subscription, id);
"""

MAIL = """
CREATE TABLE hub.mail_alert (
    subscription uuid NOT NULL,
    authority text NOT NULL,
    alert text NOT NULL,
    group_key uuid NOT NULL,
    position bigint NOT NULL,
    firing boolean NOT NULL,
    decided text,
    silenced date,
    PRIMARY KEY (subscription, alert)
);
COMMENT ON COLUMN hub.mail_alert.decided IS 'hash of the values that a person''s decision closes the alert for';
CREATE INDEX mail_alert_group ON hub.mail_alert (subscription, group_key) WHERE firing;
CREATE TABLE hub.mail_group (
    subscription uuid NOT NULL,
    authority text NOT NULL,
    group_key uuid NOT NULL,
    due timestamptz,
    sent timestamptz,
    sent_hash text NOT NULL DEFAULT '',
    number integer NOT NULL DEFAULT 0,
    PRIMARY KEY (subscription, group_key)
);
COMMENT ON COLUMN hub.mail_group.sent_hash IS 'hash of the alerts that the last mail told as open';
"""
TABLES = ("subscription", "delivery", "delivery_log", "mail_alert", "mail_group")


def upgrade() -> None:
    for statements in (AGREEMENTS, SUBSCRIPTIONS, MAIL):
        op.execute(statements)
    mine = "authority = ANY (string_to_array(current_setting('samspil.authorities', true), ','))"
    for table in TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON hub.{table} TO samspil_worker")
        op.execute(f"GRANT SELECT ON hub.{table} TO samspil_web")
        op.execute(f"ALTER TABLE hub.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE hub.{table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY worker ON hub.{table} TO samspil_worker USING (true) WITH CHECK (true)")
        op.execute(f"CREATE POLICY web ON hub.{table} FOR SELECT TO samspil_web USING ({mine})")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE hub.{table}")
    op.execute("ALTER TABLE hub.agreement DROP COLUMN purpose, DROP COLUMN max_sensitivity")
