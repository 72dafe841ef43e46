"""The answers of `/v1/doctor`, `/v1/settings` and `/v1/nodes`."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from onesixty.doctor import checks
from onesixty.doctor.codes import CODES
from onesixty.http.paging import NumberedQuery
from onesixty.http.structs import Answer, Time, one_of


class CheckResult(Answer):
    """A check and what it found."""

    name: Annotated[str, Meta(description="The check.", examples=["disk"])]
    about: Annotated[str, Meta(description="What it looks at.")]
    level: Annotated[
        str,
        one_of(checks.LEVELS),
        Meta(description="`skipped` tells nothing: the check was not run, or there is nothing to look at."),
    ]
    code: Annotated[
        str,
        one_of(tuple(CODES)),
        Meta(
            description="What was found, for programs. It stays the same when the sentence changes.",
            examples=["disk_space"],
        ),
    ]
    values: Annotated[
        dict[str, Any],
        Meta(
            description="The figures and names of it. The end of a name is its unit: `_bytes`, `_seconds`, `_ms`, "
            "`_days`. Lists are complete, also where the sentence names the first ones.",
            examples=[
                {"free_bytes": 53687091200, "total_bytes": 107374182400, "folder": "/var/lib/onesixty"}
            ],
        ),
    ]
    found: Annotated[str, Meta(description="The same in a sentence, in English.")]
    remedy: Annotated[str | None, Meta(description="What to do; null if nothing has to be done.")]
    costs: Annotated[
        bool,
        Meta(description="It writes to the disk or connects to others, so only `POST /v1/doctor` runs it."),
    ]
    seconds: Annotated[float, Meta(description="How long it took.")]


class Diagnosis(Answer):
    """What the checks of this installation found."""

    level: Annotated[str, one_of(checks.LEVELS[1:]), Meta(description="The worst level of all checks.")]
    checked_at: Time
    node: Annotated[int | None, Meta(description="The lease of the node that ran the checks.")]
    version: Annotated[str, Meta(description="The version of onesixty.")]
    checks: list[CheckResult]


class SettingView(Answer):
    """A setting of the node that answers."""

    name: Annotated[str, Meta(description="Its key in `onesixty.toml`.", examples=["http_listen"])]
    variable: Annotated[
        str, Meta(description="Its variable, which wins over the file.", examples=["ONESIXTY_HTTP_LISTEN"])
    ]
    value: Annotated[
        Any,
        Meta(
            description="The value in force. Secrets are covered; of carriers, routes and extensions only the names "
            "are shown."
        ),
    ]
    default: Annotated[Any, Meta(description="The value without a setting; null if there is none.")]
    source: Annotated[
        str,
        one_of(("variable", "file", "default")),
        Meta(description="Where the value comes from."),
    ]
    secret: Annotated[bool, Meta(description="Whether the value is covered.")]


class NodeView(Answer):
    """A start of a node. Each start has a lease of its own."""

    lease: Annotated[int, Meta(description="The lease: the claim on the work of this start.")]
    name: Annotated[str, Meta(description="The name of its machine.")]
    state: Annotated[
        str,
        Meta(
            description="`running`; `gone` (its lease ran out without a stop); `stopped`.",
            extra_json_schema={"enum": ["running", "gone", "stopped"]},
        ),
    ]
    answers: Annotated[bool, Meta(description="Whether it is the node that gives this answer.")]
    version: Annotated[str | None, Meta(description="The version of onesixty; null if it did not say.")]
    addresses: Annotated[
        dict[str, str], Meta(description="What it listens on: `http`, `metrics`, `smpp`, `smpp_tls`.")
    ]
    roles: Annotated[list[str], Meta(description="What it does.")]
    processes: int
    started_at: Time
    ended_at: Time | None
    lease_seconds: Annotated[
        float | None,
        Meta(description="How long its lease lasts unless it is renewed; null if it was ended."),
    ]


class NodeQuery(NumberedQuery):
    """`?limit=50&after=...`."""
