"""Runs the SQL of a revision, which stands beside it under the same name, on both engines.

Rules kept here:
- the SQL is SQLite's. On PostgreSQL text is compared by its octets as well (COLLATE "C"), so that ids and names sort
  alike, and there is no WITHOUT ROWID;
- columns are TEXT and BIGINT alone: times are epoch milliseconds, truths 0 and 1, JSON is text;
- a statement ends with a semicolon at the end of its line.

Revisions are history: what is done to their SQL here may not change.
"""

import re
from pathlib import Path

from alembic import op


def run(revision: str) -> None:
    """Run the statements beside the file `revision`."""
    script = Path(revision).with_suffix(".sql").read_text(encoding="utf-8")
    if op.get_context().dialect.name == "postgresql":
        script = re.sub(r"\bTEXT\b", 'TEXT COLLATE "C"', script).replace(" WITHOUT ROWID", "")
    for statement in script.split(";\n"):
        if statement.strip():
            op.execute(statement)
