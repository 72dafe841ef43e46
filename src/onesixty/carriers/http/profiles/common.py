"""What the profiles share: the settings of the link, the kinds of ids, and tables with an operator's own rows."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from onesixty.carriers.http.settings import Answers, LinkSettings, ProfileSettings

#: An account's id or key as it stands in a path or a header.
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=512, pattern=r"^[!-z|~]+$")]
OptionalKey = Annotated[str, msgspec.Meta(max_length=4096, pattern=r"^[!-z|~]*$")]


def link_of(settings: ProfileSettings) -> dict[str, Any]:
    """The settings of the link, to hand on."""
    return {name: getattr(settings, name) for name in LinkSettings.__struct_fields__}


def answers(
    settings: ProfileSettings, codes: dict[str, str], statuses: dict[str, str] | None = None, **paths: Any
) -> Answers:
    """How answers are read; the operator's rows go before the profile's."""
    return Answers(codes=codes | settings.codes, statuses=statuses or {}, **paths)


def table(**rows: str) -> dict[str, str]:
    """`code="a b c"` as rows from each of a, b and c to code."""
    return {word: code for code, words in rows.items() for word in words.split()}
