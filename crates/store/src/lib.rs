//! The database: write, read, migrations, jobs, on SQLite and PostgreSQL.
