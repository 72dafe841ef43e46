"""`/v1/documents`: the documents of business profiles.

Rules kept here:
- the body of an upload is the file itself. What it is is found in its content, and has to agree with `Content-Type`;
- a document leaves onesixty as a download only: as an attachment that a browser neither shows, guesses at, nor
  stores;
- a download is noted in the audit log, because documents hold personal data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal
from urllib.parse import quote

from fastapi import Depends, Query
from msgspec import Meta
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from onesixty.accounts import Account
from onesixty.accounts.reach import SCOPE as OPERATORS
from onesixty.accounts.reach import AccountQuery, account_for
from onesixty.core import ids
from onesixty.core.tenant import Reach
from onesixty.http import openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import Query as QueryModel
from onesixty.http.call import SCOPE_KEY, Call
from onesixty.http.idempotency import Idempotency
from onesixty.http.noting import author, noted
from onesixty.http.openapi import Router, Schema
from onesixty.http.resource import GET, LIST, REMOVE, ByVerb, Resource
from onesixty.http.resource_routes import routes
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Body, Time, one_of
from onesixty.profiles.content import TYPES
from onesixty.profiles.service import Profiles
from onesixty.profiles.tables import Document
from onesixty.store.notes import Notes
from onesixty.store.rows import By

SCOPE: Final = "profile"
PATH: Final = "/v1/documents"
Owner = Annotated[Principal, Depends(Requires(SCOPE))]

Kind = Literal["registration", "tax", "identity", "address", "authorization", "other"]
_KINDS: Final = ("registration", "tax", "identity", "address", "authorization", "other")

_FILE: Final[Schema] = {"type": "string", "format": "binary"}
_DOWNLOAD: Final = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class UploadQuery(QueryModel):
    """The query of an upload."""

    name: Annotated[
        str,
        Field(
            min_length=1,
            max_length=200,
            pattern=r"^[^\x00-\x1f\x7f/\\]+$",
            description="The name of the file, for people.",
            examples=["register.pdf"],
        ),
    ]
    kind: Annotated[Kind, Field(description="What it shows.")] = "other"
    account_id: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=40,
            description="The account; needs a key with the scope `accounts`. Default: your own account.",
            examples=["acc_01h455vb4pex5vsknk084sn02q"],
        ),
    ] = None


class DocumentView(Answer):
    """A document of a business profile."""

    id: str
    account_id: str
    kind: Annotated[str, one_of(_KINDS)]
    name: str
    content_type: Annotated[str, one_of(TYPES), Meta(description="As found in its content.")]
    size: Annotated[int, Meta(description="In bytes.")]
    digest: Annotated[str, Meta(description="The SHA-256 of the file, in hex.")]
    created_at: Time


class DocumentQuery(AccountQuery):
    """The query of `GET /v1/documents`."""

    kind = ids.DOCUMENT


class DocumentsResource(Resource[Document, Body, Body, DocumentView]):
    """`/v1/documents`, but for uploads and downloads."""

    path, tag, one, many, scope = PATH, "profiles", "document", "documents", SCOPE
    verbs = (LIST, GET, REMOVE)
    new, fields, shown, query = Body, Body, DocumentView, DocumentQuery
    list_name = "DocumentList"
    about = ByVerb(
        list="List the documents of an account, newest first.\n\nOther accounts need the scope `accounts`.",
        remove="Delete a document and its file.\n\nPossible while the profile may be changed.",
    )

    def __init__(self, profiles: Profiles, book: Mapping[str, Account]) -> None:
        super().__init__(profiles.documents)
        self._profiles = profiles
        self._book = book

    def reach(self, caller: Principal) -> Reach:
        return Reach(None if caller.operates(OPERATORS) else caller.account_id)

    async def page(self, caller: Principal, query: DocumentQuery) -> tuple[Sequence[Document], str | None]:
        account_id = account_for(caller, query.account_id, self._book, "invalid_parameter")
        return await self.rows.page(query.limit, query.after, Reach(account_id))

    async def remove(self, row: Document, caller: Principal, by: By) -> None:
        await self._profiles.give_up(row, by)


def document_routes(
    profiles: Profiles, book: Mapping[str, Account], notes: Notes, idempotency: Idempotency
) -> Router:
    """`/v1/documents`."""
    resource = DocumentsResource(profiles, book)
    router = Router(resource.tag)

    @router.post(
        PATH,
        status_code=201,
        responses=openapi.answers(201, "DocumentView", "The document."),
        openapi_extra={
            "requestBody": {
                "required": True,
                "description": "The file.",
                "content": {kind: {"schema": _FILE} for kind in TYPES},
            }
        },
    )
    async def upload_document(
        request: Request, caller: Owner, query: Annotated[UploadQuery, Query()]
    ) -> Response:
        """Upload a document: a PDF, PNG or JPEG file as the body.

        The type is found in the content, and has to agree with `Content-Type`; the name proves nothing. A file that
        was uploaded before is answered with 200 and the document that it is. A document can be uploaded while the
        profile may be changed.
        """
        call: Call = request.scope[SCOPE_KEY]
        account_id = account_for(caller, query.account_id, book, "invalid_parameter")
        said = (call.header(b"content-type") or b"").partition(b";")[0].strip().lower().decode("latin-1")
        document, new = await profiles.take(
            account_id,
            kind=query.kind,
            name=query.name,
            said=said,
            content=call.body,
            by=author(request, caller),
        )
        return json_answer(resource.view(document, caller), 201 if new else 200)

    @router.get(
        PATH + "/{id}/file",
        responses={
            200: {
                "description": "The file, as an attachment.",
                "content": {kind: {"schema": _FILE} for kind in TYPES},
            }
        },
        response_class=Response,
    )
    async def download_document(request: Request, caller: Owner, id: str) -> Response:  # noqa: A002
        """Download the file of a document.

        On several nodes, each needs the same folder of documents: a node without the file answers
        `document_unavailable`.
        """
        document = await resource.find(caller, id)
        content = await profiles.read(document)
        note = noted(
            request, caller, "exported", "document", document.id, details={"account_id": document.account_id}
        )
        await notes.record(note)
        name = quote(document.name, safe="")
        headers = _DOWNLOAD | {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(content, media_type=document.content_type, headers=headers)

    return routes(resource, idempotency, router)
