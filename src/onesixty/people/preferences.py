"""What users choose for the console: language, time zone, colours, and how lists are shown.

Rules kept here:
- a preference that was not chosen is null: the console then has its own default;
- they are a user's, the same in every account and mode, and grant nothing. They are not in the audit log;
- they are bounded: closed values, and at most `MOST` bytes as JSON.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from onesixty.core.errors import Problem
from onesixty.http.merge_patch import MergePatch
from onesixty.http.structs import Answer, Body
from onesixty.people.tables import Preferences
from onesixty.store.rows import CHANGES, Lost, Rows

#: The bytes of all preferences of a user as JSON.
MOST: Final = 8_192
#: The time zone of the device.
LOCAL: Final = "local"

#: The languages of the console.
Language = Literal["en", "es", "pt-BR", "fr", "ru", "ar"]
Theme = Literal["light", "dark", "auto"]
Density = Literal["comfortable", "compact"]
TimeZone = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=60,
        description="The time zone of times (IANA), or `local`: that of the device.",
        examples=["Europe/Berlin"],
    ),
]
Columns = Annotated[
    dict[
        Annotated[str, Meta(min_length=1, max_length=100)],
        Annotated[list[Annotated[str, Meta(min_length=1, max_length=50)]], Meta(max_length=50)],
    ],
    Meta(
        max_length=50,
        description="The columns that are hidden, by the path of their list.",
        examples=[{"/v1/messages": ["country"]}],
    ),
]


class PreferenceFields(Body):
    """The preferences of a user."""

    language: Annotated[Language | None, Meta(description="The language of the console.")] = None
    time_zone: TimeZone | None = None
    theme: Annotated[Theme | None, Meta(description="`auto` follows the system.")] = None
    density: Annotated[Density | None, Meta(description="How high the rows of lists are.")] = None
    list_pages: Annotated[
        bool | None, Meta(description="Whether lists have pages in place of an endless list.")
    ] = None
    letter_keys: Annotated[bool | None, Meta(description="Whether single letters are shortcuts.")] = None
    first_steps: Annotated[bool | None, Meta(description="Whether the first steps are shown.")] = None
    hidden_columns: Columns = msgspec.field(default_factory=dict)


class PreferencesView(Answer):
    """What a user chose for the console. Null: not chosen."""

    language: Language | None
    time_zone: TimeZone | None
    theme: Theme | None
    density: Density | None
    list_pages: bool | None
    letter_keys: bool | None
    first_steps: bool | None
    hidden_columns: Columns


CHANGE: Final = MergePatch(PreferenceFields)


class PreferenceBook:
    """The preferences of all users. They are read from the database each time: the console reads them once."""

    def __init__(self, rows: Rows[Preferences]) -> None:
        self._rows = rows

    async def of(self, user_id: str) -> PreferenceFields:
        """What a user chose."""
        return _fields(await self._rows.find(user_id))

    async def change(self, user_id: str, patch: dict[str, Any]) -> PreferenceFields:
        """Apply a merge patch. Of two at once, both take effect. Raises Problem."""
        for _ in range(CHANGES):
            before = await self._rows.find(user_id)
            after = CHANGE.apply(_fields(before), patch)
            chosen = _checked(after)
            try:
                if before is None:
                    await self._rows.add(Preferences(user_id=user_id, chosen=chosen))
                elif chosen != before.chosen:
                    await self._rows.change(before, replace(before, chosen=chosen))
            except Lost:
                continue
            return after
        raise Problem("unavailable", "The preferences changed at the same time. Retry.", retry_after=1)


def view(fields: PreferenceFields) -> PreferencesView:
    """The preferences as the API shows them."""
    return PreferencesView(**msgspec.structs.asdict(fields))


def _fields(row: Preferences | None) -> PreferenceFields:
    return PreferenceFields() if row is None else msgspec.convert(row.chosen, PreferenceFields)


def _checked(fields: PreferenceFields) -> dict[str, Any]:
    """What is stored: what was chosen. Raises Problem."""
    zone = fields.time_zone
    if zone is not None and zone != LOCAL:
        try:
            ZoneInfo(zone)
        except (ValueError, OSError, KeyError):  # a name that is a path, a directory, or unknown
            raise Problem(
                "invalid_field", f"`time_zone` `{zone}` is not in the IANA database.", param="time_zone"
            ) from None
    chosen: dict[str, Any] = {
        name: value for name, value in msgspec.structs.asdict(fields).items() if value not in (None, {})
    }
    if len(msgspec.json.encode(chosen)) > MOST:
        raise Problem(
            "invalid_field", f"The preferences must not exceed {MOST} bytes as JSON.", param="hidden_columns"
        )
    return chosen
