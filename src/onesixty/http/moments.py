"""Times in queries and pydantic bodies, as epoch milliseconds; structs use `http.structs.Moment`.

Rules kept here:
- RFC 3339 with a time zone; everything else is refused with one sentence. Times before 1970 count as 1970;
- a plus that a query did not escape arrives as a space, and counts as a plus.
"""

from __future__ import annotations

from onesixty.core import times
from onesixty.core.errors import Problem
from onesixty.http import wording
from onesixty.ops import invalid


def of_body(text: str | None, param: str) -> int | None:
    """The time of a field. Raises Problem `invalid_field`."""
    return None if text is None else _of(text, param, "invalid_field")


def of_query(text: str | None, param: str) -> int | None:
    """The time of a query parameter. Raises Problem `invalid_parameter`."""
    return None if text is None else _of(text.replace(" ", "+"), param, "invalid_parameter")


def _of(text: str, param: str, code: str) -> int:
    try:
        return max(0, times.from_text(text))
    except (ValueError, OverflowError):
        raise Problem(code, wording.sentence(param, invalid.TIME), param=param) from None
