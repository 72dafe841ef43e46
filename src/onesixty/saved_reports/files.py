"""What a run sends: the report as a file, and the words of the mail around it."""

from __future__ import annotations

import re
from typing import Final

from onesixty.core import times
from onesixty.mail.postman import File, Mail
from onesixty.saved_reports.tables import SavedReport
from onesixty.statistics import files
from onesixty.statistics.bodies import Report

TYPES: Final = files.TYPES

_UNNAMEABLE: Final = re.compile(r"[^A-Za-z0-9_-]+")


def file_of(saved: SavedReport, report: Report, due_at: int) -> File:
    """The file. Its name has the report's and the date of the run."""
    name = _UNNAMEABLE.sub("-", saved.name).strip("-")[:60] or "report"
    content = files.written(report.data, report.by, saved.format)
    return File(f"{name}-{times.to_text(due_at)[:10]}.{saved.format}", TYPES[saved.format], content)


def mail_of(saved: SavedReport, report: Report) -> Mail:
    """The mail that carries the file."""
    lines = [
        f"{saved.name}",
        "",
        f"From {report.start} to {report.end} ({report.zone}), {report.mode} traffic.",
        f"{len(report.data)} rows, with everything that was known at {report.as_of}.",
    ]
    if report.left_out:
        lines.append(f"{report.left_out} more rows are left out.")
    if not report.complete:
        lines.append("Messages are being counted anew, so the figures are not complete.")
    return Mail(f"Report: {saved.name}", "\n".join([*lines, "", f"Saved report {saved.id}", ""]))
