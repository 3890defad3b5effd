"""The database: connections, embedded PostgreSQL, bulk writes, roles and row-level security, migrations, backup."""
