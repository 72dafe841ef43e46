"""The truth: rows on disk. Engines (SQLite, PostgreSQL), units, group commit, migrations, the loader of statements.

`open_store` gives a `Store`; everything that writes hands it units, everything that reads names a statement.
"""
