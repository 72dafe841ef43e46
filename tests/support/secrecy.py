"""Whether something tells a one-time code."""

import re


def tells(shown: object, code: str) -> bool:
    """Whether the code stands in what is shown. The digits of a time or a number may contain those of a code: that
    tells nobody anything."""
    text = shown.decode(errors="replace") if isinstance(shown, bytes) else str(shown)
    return re.search(rf"(?<!\d){re.escape(code)}(?!\d)", text) is not None
