"""When a consumer on Kafka last came further, as it is kept for one on the event store; and the relay."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("ALTER TABLE hub.position ADD COLUMN advanced timestamptz")
    op.execute("ALTER TABLE hub.relay ADD COLUMN advanced timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE hub.relay DROP COLUMN advanced")
    op.execute("ALTER TABLE hub.position DROP COLUMN advanced")
