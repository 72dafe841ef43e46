"""The bodies and answers of `/v1/verify-guards`, `/v1/verify-blocks` and `/v1/trusted-numbers`."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta
from pydantic import Field

from onesixty.core import ids
from onesixty.core.remarks import ABOUT_CODE
from onesixty.http.bodies import Query
from onesixty.http.exports import ExportQuery, Table, columns_of
from onesixty.http.paging import PageQuery
from onesixty.http.structs import Answer, Body, Time, one_of
from onesixty.verify.guards.reasons import REASONS, made_of

#: The same wherever a reason has it beside.
ABOUT_FINDING = "The same for programs; null if the reason is none of a guard, or of another version."

_Number = Annotated[
    str,
    Meta(
        pattern=r"^\+[1-9][0-9]{3,14}\*?$",
        description="A number in E.164, or with `*` at its end all numbers that begin so.",
        examples=["+4915112345678", "+491511234*"],
    ),
]
_Note = Annotated[
    str, Meta(max_length=200, description="Whose it is.", examples=["Phones of our field service"])
]


class ThresholdView(Answer):
    """A threshold of a guard."""

    name: Annotated[str, Meta(description="As a profile names it.", examples=["address.hold_above"])]
    value: Annotated[float, Meta(description="Its value unless a profile has another one.")]
    least: float
    most: float
    about: str


class GuardView(Answer):
    """A guard of verifications."""

    name: str
    action: Annotated[Literal["hold", "block"], Meta(description="The strongest thing that it does.")]
    about: str
    thresholds: list[ThresholdView]


class GuardList(Answer):
    """All guards, in the order in which they are asked."""

    data: list[GuardView]


class GuardFinding(Answer):
    """What a guard found, for programs: they make their own words of it."""

    code: Annotated[
        str,
        one_of(tuple(REASONS)),
        Meta(description=ABOUT_CODE, examples=["number_sends"]),
    ]
    values: Annotated[
        dict[str, str | int | None],
        Meta(
            description="The figures and names in it: `count`, `type`, and what the guard looked at: `number`, "
            "`address`, `device`, `range`, `network` or `country`. null is what is not told: who is verified, in "
            "events and after a redaction.",
            examples=[{"number": "+15551234567", "count": 10}],
        ),
    ]


def finding_of(reason: str | None) -> GuardFinding | None:
    """What a reason is made of; None if no guard says this."""
    made = made_of(reason)
    return None if made is None else GuardFinding(code=made.code, values=made.values)


class VerifyBlockView(Answer):
    """A block or a hold by a guard."""

    id: str
    profile_id: str | None
    guard: str
    subject: Annotated[
        str,
        Meta(description="What it is about: a number, an address, a device, a range, a network, a country."),
    ]
    action: Literal["block", "hold"]
    reason: Annotated[str, Meta(description="Why, in English.")]
    finding: Annotated[GuardFinding | None, Meta(description=ABOUT_FINDING)]
    lasting: Annotated[
        bool,
        Meta(
            description="Whether it stands until `ends_at`. Otherwise it is decided anew for each start, and ends "
            "earlier when users approve."
        ),
    ]
    strikes: Annotated[int, Meta(description="How many blocks of this subject followed each other.")]
    created_at: Time
    ends_at: Time
    released_at: Time | None
    version: Annotated[int, Meta(description="Increases with every change.")]


class VerifyBlockFilters(Query):
    """The filters of a list or an export."""

    profile_id: Annotated[str | None, Field(max_length=40, description="Only those of this profile.")] = None
    guard: Annotated[str | None, Field(max_length=40, description="Only those by this guard.")] = None
    action: Annotated[Literal["block", "hold"] | None, Field(description="Only blocks, or only holds.")] = (
        None
    )
    standing: Annotated[bool, Field(description="Only those that have not ended and were not released.")] = (
        False
    )


class VerifyBlockQuery(VerifyBlockFilters, PageQuery):
    """The query of the list."""

    kind: ClassVar[str] = ids.VERIFY_BLOCK


class VerifyBlockExport(ExportQuery, VerifyBlockFilters):
    """The query of an export."""

    kind: ClassVar[str] = ids.VERIFY_BLOCK


#: What an export has.
BLOCKS: Final = Table("verify_blocks", columns_of(VerifyBlockView))


class TrustedNumberFields(Body):
    """The fields of a trusted number that can be changed."""

    note: _Note = ""


class NewTrustedNumber(TrustedNumberFields, kw_only=True):
    """A new trusted number."""

    number: _Number


class TrustedNumberView(Answer):
    """A number that no guard stops."""

    id: str
    number: _Number
    note: _Note
    version: Annotated[int, Meta(description="Increases with every change.")]
    created_at: Time


class TrustedNumberQuery(PageQuery):
    """The page of the list."""

    kind: ClassVar[str] = ids.TRUSTED_NUMBER
