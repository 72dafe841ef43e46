"""The schemas that the document shows of the network desk: pauses, probes, jobs."""

from __future__ import annotations

from typing import Final

from onesixty.http.openapi import Schema, list_of, of_struct
from onesixty.http.shapes import TEXT_OR_NULL, TIME, TIME_OR_NULL, described, object_of
from onesixty.pauses.pauses import KINDS, MODES
from onesixty.pauses.probes import ProbeResult

_COUNTS: Final[Schema] = {"type": "object", "additionalProperties": {"type": "integer"}}

DESK_SCHEMAS: Final[dict[str, Schema]] = {
    "Pause": object_of(
        "Something that is paused or drained.",
        {
            "id": {"type": "string"},
            "kind": {"type": "string", "enum": list(KINDS)},
            "value": described({"type": "string"}, "As people name it."),
            "subject": described({"type": "string"}, "The same by id, where it has one."),
            "mode": {"type": "string", "enum": list(MODES)},
            "reason": TEXT_OR_NULL,
            "made_by": described({"type": "string"}, "The key that asked."),
            "created_at": TIME,
        },
    ),
    "PauseList": list_of("Pause"),
    **of_struct(ProbeResult),
    "DryRun": object_of(
        "What a job would find.",
        {
            "total": {"type": "integer"},
            "by_status": _COUNTS,
            "sample": described({"type": "array", "items": {"type": "string"}}, "Ids of some messages."),
        },
    ),
    "Job": object_of(
        "Bulk work, and how far it is.",
        {
            "id": {"type": "string"},
            "kind": {"type": "string", "enum": ["cancel", "requeue", "reroute"]},
            "status": {"type": "string", "enum": ["running", "done", "stopped", "failed"]},
            "filter": {"type": "object"},
            "to": described({"type": ["object", "null"]}, "Of reroute: the route or the carrier, by id."),
            "total": described({"type": "integer"}, "How many were found when it began."),
            "counts": described(
                _COUNTS,
                "`done`; `skipped`: on their way or nothing to do; or the code that spoke against it.",
            ),
            "made_by": {"type": "string"},
            "created_at": TIME,
            "done_at": TIME_OR_NULL,
        },
    ),
    "JobList": list_of("Job"),
}
