"""Alembic's entry: it is handed a connection by `storage.migrate` and nothing else."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table="alembic_version", version_table_schema="hub")
with context.begin_transaction():
    context.run_migrations()
