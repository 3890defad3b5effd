"""Secrets that the hub makes itself, and the adopted rules that are asked for with every batch of automation."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("CREATE TABLE hub.secret (name text PRIMARY KEY, value bytea NOT NULL)")
    op.execute("COMMENT ON TABLE hub.secret IS 'made at first use; without it pseudonyms cannot be made again'")
    op.execute("GRANT SELECT, INSERT ON hub.secret TO samspil_worker")
    op.execute(
        "CREATE INDEX event_rule ON hub.event (authority, position) WHERE type LIKE 'dk.samspil.automation.rule-%'"
    )


def downgrade() -> None:
    op.execute("DROP INDEX hub.event_rule")
    op.execute("DROP TABLE hub.secret")
