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
        "A pause or drain in force.",
        {
            "id": {"type": "string"},
            "kind": {"type": "string", "enum": list(KINDS)},
            "value": described({"type": "string"}, "The subject by name."),
            "subject": described({"type": "string"}, "The subject by id, if it has one."),
            "mode": {"type": "string", "enum": list(MODES)},
            "reason": TEXT_OR_NULL,
            "made_by": described({"type": "string"}, "The id of the key that made the request."),
            "created_at": TIME,
        },
    ),
    "PauseList": list_of("Pause"),
    **of_struct(ProbeResult),
    "DryRun": object_of(
        "How many messages a job would change.",
        {
            "total": {"type": "integer"},
            "by_status": _COUNTS,
            "sample": described(
                {"type": "array", "items": {"type": "string"}}, "The ids of some of the messages."
            ),
        },
    ),
    "Job": object_of(
        "A bulk job and its progress.",
        {
            "id": {"type": "string"},
            "kind": {"type": "string", "enum": ["cancel", "requeue", "reroute"]},
            "status": {"type": "string", "enum": ["running", "done", "stopped", "failed"]},
            "filter": {"type": "object"},
            "to": described({"type": ["object", "null"]}, "For a reroute: the new route or carrier, by id."),
            "total": described({"type": "integer"}, "How many messages matched when the job began."),
            "counts": described(
                _COUNTS,
                "Counts by result: `done`; `skipped` (already being sent, or nothing to do); or the "
                "error code of a refusal.",
            ),
            "made_by": {"type": "string"},
            "created_at": TIME,
            "done_at": TIME_OR_NULL,
        },
    ),
    "JobList": list_of("Job"),
}
