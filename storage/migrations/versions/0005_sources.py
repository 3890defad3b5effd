"""Under which names who sends: each name of an authority's sources has one owner."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE hub.source (
            authority text NOT NULL,
            source text NOT NULL,
            principal uuid NOT NULL REFERENCES hub.principal (id),
            claimed timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (authority, source)
        )
        """
    )
    op.execute("CREATE INDEX source_principal ON hub.source (principal)")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON hub.source TO samspil_worker")
    op.execute("GRANT SELECT ON hub.source TO samspil_web")
    op.execute("ALTER TABLE hub.source ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE hub.source FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY worker ON hub.source TO samspil_worker USING (true) WITH CHECK (true)")
    mine = "authority = ANY (string_to_array(current_setting('samspil.authorities', true), ','))"
    op.execute(f"CREATE POLICY web ON hub.source FOR SELECT TO samspil_web USING ({mine})")


def downgrade() -> None:
    op.execute("DROP TABLE hub.source")
