"""Alembic migrations of the hub's own tables. Projections are never migrated: they are rebuilt from the event store."""
