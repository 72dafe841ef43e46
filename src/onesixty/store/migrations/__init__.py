"""The schema, as one line of revisions, and how a database gets to the newest one.

Rules kept here:
- revisions are the one truth of the schema; both engines have the same tables, columns, keys and indexes;
- a revision is DDL and SQL, nothing that reads rows in Python: on PostgreSQL it is rendered to SQL and run by
  the driver that everything else uses;
- an upgrade is one transaction: it happens as a whole or not at all, and of several processes that start it
  together one does it and the others find it done.
"""

from onesixty.store.migrations.runner import (
    SchemaError,
    current,
    current_of_connection,
    head,
    migrate,
    migrate_connection,
)

__all__ = ["SchemaError", "current", "current_of_connection", "head", "migrate", "migrate_connection"]
