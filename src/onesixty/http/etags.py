"""The `ETag` of what has a version, and `If-Match`: change it only at that version (RFC 9110, 8.8.3 and 13.1.1).

Rules kept here:
- without `If-Match`, or with `*`, every version is meant;
- a request for another version changes nothing: 412 `precondition_failed` names the present one.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from fastapi import Header

from onesixty.core.errors import Problem
from onesixty.http import openapi

_TAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')
_NUMBER: Final = re.compile(r'"([0-9]{1,18})"')

IfMatch = Annotated[
    str | None,
    Header(
        description="The `ETag` of the version to change. The request is refused with 412 if the resource has "
        "another version."
    ),
]


def of(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def versions_of(if_match: str | None) -> frozenset[int] | None:
    """The versions that `If-Match` names; None: any. Raises Problem `invalid_parameter`."""
    if if_match is None or if_match.strip() == "*":
        return None
    tags = [tag.strip() for tag in if_match.split(",")]
    if not all(_TAG.fullmatch(tag) for tag in tags):
        raise Problem(
            "invalid_parameter", '`If-Match` must be an ETag such as `"3"`, or `*`.', param="If-Match"
        )
    # A tag that is no version of ours names none. A weak one never matches.
    return frozenset(int(found[1]) for tag in tags if (found := _NUMBER.fullmatch(tag)) is not None)


def check(wanted: frozenset[int] | None, version: int, one: str) -> None:
    """Raise Problem `precondition_failed` unless the version is one of those that are wanted. `one` is the word for
    the resource."""
    if wanted is not None and version not in wanted:
        raise Problem(
            "precondition_failed",
            f"The {one} is at version {version}. Read it again before you change it.",
            param="If-Match",
            extra={"version": version},
        )


def answers(status: int, name: str, description: str) -> dict[int | str, dict[str, Any]]:
    """`responses` for a route whose answer is one resource with its version."""
    found = openapi.answers(status, name, description)
    found[status]["headers"] = {
        "ETag": {
            "description": "The version of the resource, for `If-Match`.",
            "schema": {"type": "string"},
        }
    }
    return found
