"""Which events are empty is asked for every batch that comes over Kafka."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("CREATE INDEX event_emptied ON hub.event (position) WHERE payload IS NULL")


def downgrade() -> None:
    op.execute("DROP INDEX hub.event_emptied")
