"""`/v1/templates`: texts with variables, their versions, previews, and texts that are ready to be used.

Rules kept here:
- a template belongs to an account in both modes: the sandbox renders what is sent later. So a test key reads and uses
  templates, and only a live caller changes them;
- who writes a text and who approves it have a scope each. One caller may have both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
from fastapi import Depends, Path, Query
from msgspec.structs import asdict, replace
from starlette.requests import Request
from starlette.responses import Response

from onesixty.core.errors import Problem
from onesixty.core.tenant import Reach
from onesixty.http import openapi, structs
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.call import SCOPE_KEY, Call
from onesixty.http.etags import IfMatch
from onesixty.http.idempotency import Idempotency
from onesixty.http.noting import author
from onesixty.http.openapi import Router
from onesixty.http.paging import page_answer
from onesixty.http.resource import ByVerb, Changed, Made, Resource
from onesixty.http.resource_routes import check_version, routes
from onesixty.http.scopes import Principal
from onesixty.http.structs import shown_fields
from onesixty.store.rows import By
from onesixty.store.table import pattern_of
from onesixty.templates.bodies import (
    PreviewBody,
    ReadyQuery,
    ReadyTextList,
    TemplateDecision,
    TemplateFields,
    TemplatePreview,
    TemplateQuery,
    TemplateVersionView,
    TemplateView,
    VersionQuery,
)
from onesixty.templates.previewing import previewed, ready_texts
from onesixty.templates.registering import FindAsked, nothing_asked
from onesixty.templates.service import Templates, newest
from onesixty.templates.tables import Template, Version

SCOPE: Final = "templates"
DECIDES: Final = "templates:approve"
READS: Final = "messages:read"
_PATH: Final = "/v1/templates"

Author = Annotated[Principal, Depends(Requires(SCOPE))]
Approver = Annotated[Principal, Depends(Requires(DECIDES))]
Reader = Annotated[Principal, Depends(Requires(READS))]


class TemplatesResource(Resource[Template, TemplateFields, TemplateFields, TemplateView]):
    """`/v1/templates`."""

    path, tag, one, many, scope, reads = _PATH, "templates", "template", "templates", SCOPE, READS
    new, fields, shown, query = TemplateFields, TemplateFields, TemplateView, TemplateQuery
    list_name, change_name = "TemplateList", "TemplateChange"
    about = ByVerb(
        make="Create a template.\n\nIt begins as the draft of version 1. Submit it, and have it approved, before "
        "messages can use it.",
        list="List templates, newest first.",
        get="Get a template, by id or name: its newest version.",
        change="Change a template.\n\nA change of what it says changes the draft, or begins the next version after "
        "an approved one, which is sent until the new one is approved. A submitted version has to be withdrawn "
        "first. Name and registrations can be changed at any time.",
        remove="Delete a template that never had an approved version.\n\nMessages keep the version that they were "
        "made of, so retire any other.",
    )

    def __init__(self, templates: Templates) -> None:
        super().__init__(templates.rows)
        self._templates = templates

    def reach(self, caller: Principal) -> Reach:
        return Reach(caller.account_id)

    async def page(self, caller: Principal, query: TemplateQuery) -> tuple[Sequence[Template], str | None]:
        return await self.rows.page(
            query.limit,
            query.after,
            self.reach(caller),
            state=query.state,
            purpose=query.purpose,
            name_part=pattern_of(query.name),
        )

    async def made(self, body: TemplateFields, caller: Principal) -> Made:
        row = Template(
            id=self.rows.new_id(), account_id=caller.account_id, created_at=self.rows.now(), **_given(body)
        )
        return Made(self.rows.table.typed(await self._templates.made(row)))

    async def changed(
        self, row: Template, fields: TemplateFields, said: Mapping[str, Any], caller: Principal
    ) -> Changed:
        after = self.rows.table.typed(replace(row, **_given(fields)))
        return Changed(self._templates.changed(row, after, said))

    async def remove(self, row: Template, caller: Principal, by: By) -> None:
        await self._templates.remove(row, by)

    def view(self, row: Template, caller: Principal) -> TemplateView:
        return TemplateView(**shown_fields(TemplateView, row) | {"reasons": list(row.reasons)})


def template_routes(
    templates: Templates, idempotency: Idempotency, asked: FindAsked = nothing_asked
) -> Router:
    """The routes. That of ready texts comes first: its path looks like that of a template. `asked` finds the ids of
    registrations that carriers ask for."""
    router = Router("templates")
    router.describe(
        lambda: openapi.of_struct(
            PreviewBody, TemplateDecision, TemplatePreview, ReadyTextList, pages=[TemplateVersionView]
        )
    )
    resource = TemplatesResource(templates)
    _add_ready(router)
    routes(resource, idempotency, router)
    _add_moves(router, resource, templates)
    _add_versions(router, resource, templates, asked)
    return router


def _add_ready(router: Router) -> None:
    @router.get(f"{_PATH}/ready", responses=openapi.answers(200, "ReadyTextList", "The texts."))
    async def list_ready_texts(caller: Reader, query: Annotated[ReadyQuery, Query()]) -> Response:
        """List texts for one-time codes that are ready to be used, in more than 40 languages.

        Their variables are `app`, `code` and `minutes`, and for payments also `amount` and `payee`.
        """
        return json_answer(ReadyTextList(data=ready_texts(query.purpose, query.language)))


def _add_moves(router: Router, resource: TemplatesResource, templates: Templates) -> None:
    answer = openapi.answers(200, "TemplateView", "The template after the change.")
    decode = msgspec.json.Decoder(TemplateDecision).decode

    @router.post(f"{_PATH}/{{id}}/submit", responses=answer)
    async def submit_template(
        request: Request,
        caller: Author,
        id: str,  # noqa: A002
        if_match: IfMatch = None,
    ) -> Response:
        """Submit the newest version of a template for approval.

        It stays as it is until somebody decides, or it is withdrawn.
        """
        row = await _found(resource, caller, id, if_match)
        return json_answer(resource.view(await templates.submit(row, author(request, caller)), caller))

    @router.post(f"{_PATH}/{{id}}/withdraw", responses=answer)
    async def withdraw_template(
        request: Request,
        caller: Author,
        id: str,  # noqa: A002
        if_match: IfMatch = None,
    ) -> Response:
        """Withdraw the submitted version of a template, to change it."""
        row = await _found(resource, caller, id, if_match)
        return json_answer(resource.view(await templates.withdraw(row, author(request, caller)), caller))

    @router.post(
        f"{_PATH}/{{id}}/decide", responses=answer, openapi_extra=openapi.json_body("TemplateDecision")
    )
    async def decide_template(
        request: Request,
        caller: Approver,
        id: str,  # noqa: A002
        if_match: IfMatch = None,
    ) -> Response:
        """Decide on the submitted version of a template.

        An approved version is sent at once, on other nodes within seconds, and the one before it is retired. A
        rejection needs reasons; the version is then a draft again.
        """
        call: Call = request.scope[SCOPE_KEY]
        body = structs.read(decode, call.body)
        if body.decision == "reject" and not body.reasons:
            raise Problem("missing_field", "A rejection needs `reasons`.", param="reasons")
        if body.decision == "approve" and body.reasons:
            raise Problem("invalid_field", "Only a rejection has `reasons`.", param="reasons")
        row = await _found(resource, caller, id, if_match)
        decided = await templates.decide(row, body.decision, body.reasons, author(request, caller))
        return json_answer(resource.view(decided, caller))

    @router.post(f"{_PATH}/{{id}}/retire", responses=answer)
    async def retire_template(
        request: Request,
        caller: Approver,
        id: str,  # noqa: A002
        if_match: IfMatch = None,
    ) -> Response:
        """Take the approved version of a template out of use.

        Messages cannot use the template until a version is approved again. What was accepted is sent.
        """
        row = await _found(resource, caller, id, if_match)
        return json_answer(resource.view(await templates.retire(row, author(request, caller)), caller))


def _add_versions(
    router: Router, resource: TemplatesResource, templates: Templates, asked: FindAsked
) -> None:
    decode = msgspec.json.Decoder(PreviewBody).decode

    @router.get(
        f"{_PATH}/{{id}}/versions",
        responses=openapi.answers(200, "TemplateVersionViewList", "A page of versions."),
    )
    async def list_template_versions(
        caller: Reader,
        id: str,  # noqa: A002
        query: Annotated[VersionQuery, Query()],
    ) -> Response:
        """List the versions of a template that were approved, newest first."""
        row = await resource.find(caller, id)
        found, next_ = await templates.numbered(row, query.limit, query.after)
        return json_answer(page_answer([_version(one) for one in found], next_))

    @router.get(
        f"{_PATH}/{{id}}/versions/{{version}}",
        responses=openapi.answers(200, "TemplateVersionView", "The version."),
    )
    async def get_template_version(
        caller: Reader,
        id: str,  # noqa: A002
        version: Annotated[int, Path(ge=1, le=2**31 - 1, description="The number of the version.")],
    ) -> Response:
        """Get a version of a template, such as the one that a message was made of."""
        row = await resource.find(caller, id)
        return json_answer(_version(await templates.version(row, version)))

    @router.post(
        f"{_PATH}/{{id}}/preview",
        responses=openapi.answers(200, "TemplatePreview", "The preview. Nothing was sent."),
        openapi_extra=openapi.json_body("PreviewBody"),
    )
    async def preview_template(request: Request, caller: Reader, id: str) -> Response:  # noqa: A002
        """Preview a template: its texts with your values, and what they cost.

        Each text is counted with the values given, and with the shortest and the longest that its variables allow.
        """
        call: Call = request.scope[SCOPE_KEY]
        body = structs.read(decode, call.body or b"{}")
        row = await resource.find(caller, id)
        version = newest(row) if body.version is None else await templates.version(row, body.version)
        return json_answer(await previewed(row, version, body, await asked()))


async def _found(resource: TemplatesResource, caller: Principal, key: str, if_match: str | None) -> Template:
    row = await resource.find(caller, key)
    check_version(resource, if_match, row)
    return row


def _given(body: TemplateFields) -> dict[str, Any]:
    """The fields of a body under the names of the row."""
    return {name: getattr(body, name) for name in asdict(body)}


def _version(row: Version) -> TemplateVersionView:
    return TemplateVersionView(**shown_fields(TemplateVersionView, row))
