"""The bodies and answers of templates."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta
from pydantic import Field

from onesixty.core import ids
from onesixty.core.remarks import ABOUT_CODE, ABOUT_VALUES
from onesixty.http.bodies import Query
from onesixty.http.paging import PageQuery
from onesixty.http.structs import Answer, Body, Time, one_of
from onesixty.templates import ready
from onesixty.templates.checks import SENTENCES
from onesixty.templates.states import STATES, Decision, State
from onesixty.templates.tables import PURPOSES, Purpose, Registration
from onesixty.templates.variables import Variable

_Name = Annotated[
    str,
    Meta(min_length=1, max_length=100, description="By which messages name it.", examples=["order-shipped"]),
]
_Purpose = Annotated[Purpose, Meta(description="The class of its messages.")]
_DefaultLanguage = Annotated[
    str,
    Meta(max_length=12, description="The language of who asks for none that fits.", examples=["en"]),
]
_Texts = Annotated[
    dict[str, Annotated[str, Meta(max_length=2000)]],
    Meta(
        min_length=1,
        description="The text in each language (BCP 47). Variables stand in braces; formats, plurals and selects are "
        "written as in ICU MessageFormat.",
        examples=[
            {
                "en": "{shop}: your order arrives in {days, plural, one {# day} other {# days}}.",
                "de": "{shop}: Ihre Bestellung kommt in {days, plural, one {# Tag} other {# Tagen}}.",
            }
        ],
    ),
]
_Variables = Annotated[
    dict[str, Variable],
    Meta(
        description="The variables by name.",
        examples=[{"shop": {"type": "string", "longest": 20}, "days": {"type": "number", "longest": 2}}],
    ),
]
_MaxSegments = (
    Annotated[
        int,
        Meta(
            ge=1,
            le=255,
            description="The most segments of a message. Longer values are refused. Default: no limit.",
        ),
    ]
    | None
)
_Registrations = Annotated[
    tuple[Registration, ...],
    Meta(max_length=200, description="Under which ids its texts are registered, by country."),
]
_Reasons = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=500)], ...],
    Meta(max_length=10, description="Why it is rejected.", examples=[["The text does not name the shop."]]),
]


class TemplateFields(Body):
    """The fields of a template."""

    name: _Name
    purpose: _Purpose
    default_language: _DefaultLanguage
    texts: _Texts
    variables: _Variables = msgspec.field(default_factory=dict)
    max_segments: _MaxSegments = None
    registrations: _Registrations = ()


class TemplateDecision(Body):
    """What is decided on a submitted version."""

    decision: Annotated[
        Decision, Meta(description="`approve` puts it in use; `reject` makes it a draft again.")
    ]
    reasons: _Reasons = ()


class TemplateView(Answer):
    """A template: its newest version, and which version is sent."""

    id: str
    name: _Name
    number: Annotated[int, Meta(description="The number of its newest version.")]
    state: Annotated[str, one_of(STATES), Meta(description="The state of its newest version.")]
    approved: Annotated[
        int | None, Meta(description="The number of the version that is sent. Null: none is approved.")
    ]
    purpose: _Purpose
    default_language: _DefaultLanguage
    texts: _Texts
    variables: _Variables
    max_segments: _MaxSegments
    registrations: _Registrations
    reasons: Annotated[list[str], Meta(description="Why its newest version was rejected.")]
    submitted_at: Time | None
    decided_at: Time | None
    version: Annotated[int, Meta(description="Increases with every change.")]
    created_at: Time


class TemplateVersionView(Answer):
    """A version of a template."""

    template_id: str
    number: int
    state: Annotated[str, one_of(STATES)]
    purpose: _Purpose
    default_language: _DefaultLanguage
    texts: _Texts
    variables: _Variables
    max_segments: _MaxSegments
    retired_at: Annotated[
        Time | None, Meta(description="When another version took its place, or it was retired.")
    ]
    created_at: Annotated[
        Time, Meta(description="When it was approved; of a draft, when the template was created.")
    ]


class TemplateQuery(PageQuery):
    """The filters of the list."""

    kind: ClassVar[str] = ids.TEMPLATE

    state: Annotated[
        State | None, Field(description="Only templates whose newest version is in this state.")
    ] = None
    purpose: Annotated[Purpose | None, Field(description="Only templates of this purpose.")] = None
    name: Annotated[str | None, Field(max_length=100, description="A part of the name.")] = None


class VersionQuery(PageQuery):
    """The query of the list of versions."""

    kind: ClassVar[str] = ids.TEMPLATE_VERSION


class ReadyQuery(Query):
    """The query of ready texts."""

    purpose: Annotated[
        ready.Purpose,
        Field(
            description="`verification`: a one-time code, how long it is valid, and a warning. `short`: without the "
            "warning. `payment`: also what it pays and whom."
        ),
    ] = "verification"
    language: Annotated[str | None, Field(max_length=12, description="Only the text for this language.")] = (
        None
    )


class PreviewBody(Body):
    """What of a template is previewed, and with which values."""

    version: (
        Annotated[int, Meta(ge=1, description="The number of a version. Default: the newest.")] | None
    ) = None
    language: (
        Annotated[str, Meta(max_length=12, description="The language asked for. Default: each of the texts.")]
        | None
    ) = None
    variables: Annotated[
        dict[str, Any], Meta(description="Values. A variable that is left out has its example.")
    ] = msgspec.field(default_factory=dict)
    text: (
        Annotated[
            str,
            Meta(
                max_length=2000,
                description="A text to preview in place of that of `language`. Nothing is saved.",
            ),
        ]
        | None
    ) = None


class SampleView(Answer):
    """A text and what it costs. `encoding` and `segments` are null if it is longer than a message can be."""

    text: str
    characters: int
    encoding: Annotated[str | None, Meta(extra_json_schema={"enum": ["gsm7", "ucs2", None]})]
    segments: int | None


class CostlyView(Answer):
    """A character that costs more, as in the preview of a send."""

    character: str
    code_point: str
    name: str
    why: Annotated[str, one_of(("ucs2", "two_septets"))]
    positions: list[int]
    look_alike: str | None


class SpanView(Answer):
    """Where the value of a variable stands in the text, in characters from 0."""

    variable: str
    start: int
    length: int


class MissingRegistration(Answer):
    """The ids that carriers of a country ask for, and a text does not have."""

    country: Annotated[str, Meta(description="ISO 3166.")]
    ids: Annotated[list[str], Meta(examples=[["entity", "template"]])]


class TextRemark(Answer):
    """What the author of a text should know."""

    code: Annotated[
        str,
        one_of(tuple(SENTENCES)),
        Meta(description=ABOUT_CODE, examples=["variable_unused"]),
    ]
    values: Annotated[
        dict[str, str | int | list[str]],
        Meta(description=ABOUT_VALUES, examples=[{"variable": "shop"}]),
    ]
    text: Annotated[str, Meta(description="The sentence, in English, as in `remarks`.")]


class TextPreview(Answer):
    """A text of a template, rendered and counted."""

    language: Annotated[str, Meta(description="The language of the text.")]
    direction: Annotated[str, one_of(("ltr", "rtl"))]
    rendered: Annotated[SampleView, Meta(description="With the values given, and examples for others.")]
    spans: list[SpanView]
    shortest: SampleView
    longest: SampleView
    longest_ucs2: Annotated[
        SampleView | None,
        Meta(
            description="The longest text if a string has a letter beyond GSM-7. Null if that changes nothing."
        ),
    ]
    costly: Annotated[list[CostlyView], Meta(description="The characters of `rendered` that cost more.")]
    if_transliterated: Annotated[
        SampleView | None, Meta(description="`rendered` with `transliterate`, if that changes it.")
    ]
    remarks: Annotated[list[str], Meta(description="What the author should know: one sentence each.")]
    findings: Annotated[
        list[TextRemark], Meta(description="The remarks, for programs that make their own words of them.")
    ]
    registrations: Annotated[
        list[Registration], Meta(description="The ids that messages of this text carry, by country.")
    ]
    missing_registrations: Annotated[
        list[MissingRegistration],
        Meta(
            description="The ids that carriers ask for in countries that refuse texts without them, and that no "
            "registration of this text has."
        ),
    ]


class TemplatePreview(Answer):
    """A preview of a template."""

    template_id: str
    number: int
    state: Annotated[str, one_of(STATES)]
    purpose: Annotated[str, one_of(PURPOSES)]
    asked: Annotated[str | None, Meta(description="The language asked for. Null: none.")]
    texts: list[TextPreview]


class ReadyText(Answer):
    """A text that is ready to be used in a template."""

    language: str
    direction: Annotated[str, one_of(("ltr", "rtl"))]
    text: str
    variables: _Variables
    example: SampleView


class ReadyTextList(Answer):
    """Ready texts."""

    data: list[ReadyText]
