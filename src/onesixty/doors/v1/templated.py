"""What a request asks of a template: the text of a send, a reply or a change, by `template`, `language`, `variables`.

Rules kept here:
- a text comes from one place: `text`, `binary` or `template`;
- with a template, `language` is that of the text; national shift tables are not used;
- the class of the message is the purpose of its template. A request may repeat it, and not say another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Protocol

from msgspec import Meta
from msgspec.structs import replace

from onesixty.channels.sms.content import Content
from onesixty.channels.sms.orders import SendOrder
from onesixty.core.errors import Problem
from onesixty.templates.sending import Sending, Worded

TemplateName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        description="The name or id of a template, in place of `text`.",
        examples=["order-shipped"],
    ),
]
Language = Annotated[
    str,
    Meta(
        max_length=12,
        description="With a `template`: the language of the text (BCP 47), such as `pt-BR`; another may stand in, "
        "and the answer tells it. Without: use the national shift tables of this language (ISO 639-1), or of any "
        "language with `auto`, if that saves segments. Default: the template's default language; no shift tables.",
    ),
]
Variables = Annotated[
    dict[str, Any],
    Meta(
        max_length=40,
        description="The values of the template's variables.",
        examples=[{"shop": "Acme", "days": 3}],
    ),
]


class Templated(Protocol):
    """The fields of a request that name a template and what takes its place."""

    @property
    def text(self) -> str | None: ...
    @property
    def template(self) -> str | None: ...
    @property
    def language(self) -> str | None: ...
    @property
    def variables(self) -> dict[str, Any] | None: ...


def apply_template(order: SendOrder, request: Templated, templates: Sending, *, binary: bool = False) -> None:
    """Set the text of an order whose request has a template, or variables. Raises Problem."""
    if request.template is None:
        raise Problem("missing_field", "`variables` need a `template`.", param="template", rule="template")
    if request.text is not None or binary:
        other = "binary" if binary else "text"
        raise Problem(
            "invalid_field", f"`{other}` and `template` are mutually exclusive.", param=other, rule="template"
        )
    worded = worded_for(
        templates, order.tenant.account_id, request.template, request.language, request.variables or {}
    )
    check_class(order.class_, worded)
    order.class_ = worded.class_
    order.text, order.language = worded.text, None
    order.content = replace(order.content or Content(), made_from=worded.made_from)


def worded_for(
    templates: Sending, account_id: str, template: str, language: str | None, variables: Mapping[str, Any]
) -> Worded:
    """The text from a template. Raises Problem."""
    try:
        return templates.worded(account_id, template, language, variables)
    except Problem as problem:
        problem.rule = "template"
        raise


def check_class(asked: str | None, worded: Worded) -> None:
    """Refuse a class that is not the purpose of the template."""
    if asked is not None and asked != worded.class_:
        raise Problem(
            "invalid_field",
            f"The template is for the class `{worded.class_}`. Leave `class` out.",
            param="class",
            rule="template",
        )
