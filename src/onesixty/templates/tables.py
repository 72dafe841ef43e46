"""The tables of templates and of their approved versions. Times are epoch milliseconds.

The row of a template holds its newest version, and what is sent: the approved one. When a version is approved, it is
also written down as a row of its own, which never changes except to be retired.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from onesixty.core import ids
from onesixty.store.table import Table, Unique, text_part
from onesixty.templates.states import DRAFT, State
from onesixty.templates.variables import Variable

Purpose = Literal["otp", "transactional", "marketing"]
PURPOSES: Final[tuple[Purpose, ...]] = ("otp", "transactional", "marketing")


class Registration(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Ids under which a text is registered in a country, for all carriers or for one."""

    country: Annotated[str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166.", examples=["IN"])]
    ids: Annotated[
        dict[
            Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,31}$")],
            Annotated[str, Meta(min_length=1, max_length=100, pattern="^[!-~]+$")],
        ],
        Meta(
            min_length=1,
            max_length=10,
            description="The ids by name. A carrier takes them as `{registration:NAME}` in its TLVs, or as "
            "`{registration_NAME}` in the fields of its requests.",
            examples=[{"entity": "1101230000000001234", "template": "1107160000000001234"}],
        ),
    ]
    carrier: (
        Annotated[
            str,
            Meta(
                max_length=40,
                description="The id of the carrier that these ids are for. Default: every carrier.",
            ),
        ]
        | None
    ) = None
    language: (
        Annotated[
            str,
            Meta(max_length=12, description="The language of the text that is registered. Default: all."),
        ]
        | None
    ) = None
    number: (
        Annotated[
            int,
            Meta(ge=1, description="The version of the template that is registered. Default: every one."),
        ]
        | None
    ) = None


class Wording(msgspec.Struct, kw_only=True, frozen=True):
    """What a version says: its texts by language, and the variables in them."""

    purpose: Purpose
    default_language: str
    texts: dict[str, str]
    variables: dict[str, Variable] = {}
    #: The most segments that a message of it may have. None: no limit of its own.
    max_segments: int | None = None


WORDING: Final = Wording.__struct_fields__


class Template(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `templates`. `number` and `state` are those of its newest version, `approved` the number of the one
    that is sent, and `live` what that one says."""

    id: str
    account_id: str
    name: str
    purpose: Purpose
    default_language: str
    texts: dict[str, str]
    variables: dict[str, Variable] = {}
    max_segments: int | None = None
    registrations: tuple[Registration, ...] = ()
    number: int = 1
    state: State = DRAFT
    reasons: tuple[str, ...] = ()
    approved: int | None = None
    live: Wording | None = None
    submitted_at: int | None = None
    decided_at: int | None = None
    version: int = 1
    created_at: int

    @property
    def wording(self) -> Wording:
        """What its newest version says."""
        return Wording(**{name: getattr(self, name) for name in WORDING})


class Version(msgspec.Struct, kw_only=True, frozen=True):
    """A row of `template_versions`: a version that was approved. `created_at` is when."""

    id: str
    template_id: str
    account_id: str
    number: int
    state: State
    purpose: Purpose
    default_language: str
    texts: dict[str, str]
    variables: dict[str, Variable] = {}
    max_segments: int | None = None
    retired_at: int | None = None
    created_at: int


TEMPLATES: Final = Table(
    "templates",
    Template,
    prefix=ids.TEMPLATE,
    owner=("account_id",),
    fixed=("account_id",),
    filters=("state", "purpose"),
    conditions={"name_part": text_part("name", "name_part")},
    unique=(Unique("templates_name", ("account_id", "name"), "A template has this name.", "name"),),
    named="name",
    internal=("live",),
    tells="templates",
)
VERSIONS: Final = Table(
    "template_versions",
    Version,
    prefix=ids.TEMPLATE_VERSION,
    owner=("account_id",),
    filters=("template_id",),
)
TABLES: Final = (TEMPLATES, VERSIONS)
