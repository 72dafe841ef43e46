"""What is told to a person who looks at a thing of theirs: a sentence, and the code and values that it is made of.

Rules kept here: the code and the names of the values stay as they are, because others make their own words of them.
The sentence may change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

#: What the documents of clients say of the code, and of the values.
ABOUT_CODE: Final = "It stays the same when the sentence changes."
ABOUT_VALUES: Final = "The figures and names in the sentence. The end of a name is its unit: `_seconds`."


class Remark(NamedTuple):
    """A remark. A value is a number, a text, or a list of texts."""

    code: str
    values: dict[str, Any]
    text: str


def remark(sentences: Mapping[str, str], code: str, **values: str | int | list[str]) -> Remark:
    """The remark that a sentence of a table makes with values. A list stands in it with commas."""
    said = {name: ", ".join(value) if isinstance(value, list) else value for name, value in values.items()}
    return Remark(code, values, sentences[code].format(**said))
