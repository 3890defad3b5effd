"""The way of one event is asked for by its id, and by the id of what caused it."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("CREATE INDEX event_id ON hub.event (id)")
    op.execute("CREATE INDEX event_causation ON hub.event (causation_id) WHERE causation_id IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP INDEX hub.event_causation")
    op.execute("DROP INDEX hub.event_id")
