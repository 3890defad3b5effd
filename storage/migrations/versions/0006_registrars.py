"""A registrar publishes for all authorities in the name of one: the operator's. Who was one before is made anew."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE hub.principal ALTER registrar DROP DEFAULT, ALTER registrar DROP NOT NULL, "
        "ALTER registrar TYPE text USING NULL"
    )
    op.execute("COMMENT ON COLUMN hub.principal.registrar IS 'CVR of the operator in whose name it publishes for all'")


def downgrade() -> None:
    op.execute(
        "ALTER TABLE hub.principal ALTER registrar TYPE boolean USING registrar IS NOT NULL, "
        "ALTER registrar SET NOT NULL, ALTER registrar SET DEFAULT false"
    )
