"""Runs the SQL of a revision on both engines. The SQL is in a file beside the revision, with the same name.

Rules kept here:
- the SQL is written for SQLite. On PostgreSQL, text columns get COLLATE "C" (text is compared by its octets, as
  on SQLite), so that ids and names sort alike, and WITHOUT ROWID is left out;
- columns are TEXT and BIGINT only: times are epoch milliseconds, booleans 0 and 1, JSON is text;
- a statement ends with a semicolon at the end of its line.

Revisions are history: the way their SQL is translated here must not change.
"""

import re
from pathlib import Path

from alembic import op


def run(revision: str) -> None:
    """Run the statements of the SQL file beside the Python file `revision`."""
    script = Path(revision).with_suffix(".sql").read_text(encoding="utf-8")
    if op.get_context().dialect.name == "postgresql":
        script = re.sub(r"\bTEXT\b", 'TEXT COLLATE "C"', script).replace(" WITHOUT ROWID", "")
    for statement in script.split(";\n"):
        if statement.strip():
            op.execute(statement)
