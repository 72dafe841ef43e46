"""`/v1/audit`: the audit log of the caller's account; for operators, of every account.

Rules kept here:
- reading the log needs `audit:read`; a caller that acts in another account reads the log of that account;
- an export is noted in the log itself, and so is a redaction;
- only operators redact: who is in the log must not be able to empty it.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Annotated, Final

import msgspec
from fastapi import Depends, Query
from msgspec import Meta
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from onesixty.accounts.reach import AccountId, AccountQuery, account_for
from onesixty.audit_log.export import TABLE, Export, head_view
from onesixty.audit_log.reading import OPERATOR, AuditEntry, Filters, Reading
from onesixty.audit_log.verification import checkpoint_of, end_of
from onesixty.core import ids
from onesixty.core.contracts import Write
from onesixty.core.errors import Problem
from onesixty.http import moments, openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires, reads
from onesixty.http.bodies import Query as QueryModel
from onesixty.http.call import SCOPE_KEY
from onesixty.http.exports import CSV, Format, streamed
from onesixty.http.noting import noted
from onesixty.http.paging import page_answer
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Body, Time, read
from onesixty.store.contract import Store
from onesixty.store.notes import LONGEST, Notes
from onesixty.store.units import StoreError, Unit

SCOPE: Final = "audit:read"

Reader = Annotated[Principal, Depends(Requires(SCOPE))]
Operator = Annotated[Principal, Depends(Requires(OPERATOR))]


class AuditFilters(QueryModel):
    """The filters of a list or an export."""

    actor: Annotated[
        str | None,
        Field(max_length=60, description="Only what this actor did: `key:key_...`, `user:usr_...`, `cli`."),
    ] = None
    action: Annotated[str | None, Field(max_length=40, description="Only this action: `changed`.")] = None
    object: Annotated[str | None, Field(max_length=40, description="Only this kind of thing: `webhook`.")] = (
        None
    )
    object_id: Annotated[
        str | None, Field(max_length=200, description="Only what was done to the thing with this id.")
    ] = None
    created_after: Annotated[str | None, Field(max_length=40, description="RFC 3339; inclusive.")] = None
    created_before: Annotated[str | None, Field(max_length=40, description="RFC 3339; exclusive.")] = None

    def filters(self, account_id: str | None) -> Filters:
        """The filters for `reading`. Raises Problem `invalid_parameter`."""
        return Filters(
            account_id=account_id,
            actor=self.actor,
            action=self.action,
            object=self.object,
            object_id=self.object_id,
            created_after=moments.of_query(self.created_after, "created_after"),
            created_before=moments.of_query(self.created_before, "created_before"),
        )


class AuditQuery(AccountQuery, AuditFilters):
    """The query of `GET /v1/audit`."""

    kind = ids.AUDIT_ENTRY

    all_accounts: Annotated[
        bool, Field(description="The logs of all accounts; needs a key with the scope `accounts`.")
    ] = False


class AuditExportQuery(AuditFilters):
    """The query of `GET /v1/audit/export`."""

    account_id: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=40,
            description="The account; needs a key with the scope `accounts`. Default: your own account.",
        ),
    ] = None
    format: Format = "jsonl"


class AuditHead(Answer):
    """Where the audit log of an account begins and ends."""

    account_id: str
    count: Annotated[
        int, Meta(description="How many entries were ever chained, with those that were removed.")
    ]
    hash: Annotated[str | None, Meta(description="The hash of the last entry; null if there is none.")]
    chained_at: Time | None
    signature: Annotated[str | None, Meta(description="The signature of this installation.")]
    removed: Annotated[int, Meta(description="How many entries retention removed from the beginning.")]
    removed_hash: Annotated[str | None, Meta(description="The hash of the last one that was removed.")]
    removed_until: Annotated[Time | None, Meta(description="The time of the last one that was removed.")]


class AuditRedaction(Body):
    """What to redact: a value everywhere in the log of an account, or all personal values of one entry."""

    value: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=LONGEST,
                description="A number, an email address, a name: as the log shows it.",
            ),
        ]
        | None
    ) = None
    entry_id: Annotated[str, Meta(min_length=1, max_length=40, description="An entry of the log.")] | None = (
        None
    )
    account_id: AccountId = None
    dry_run: Annotated[bool, Meta(description="Only count the entries, and redact nothing.")] = False


_DECODE_REDACTION: Final = msgspec.json.Decoder(AuditRedaction).decode
Redactor = Annotated[Principal, Depends(Requires(OPERATOR, reads(_DECODE_REDACTION)))]


class AuditRedacted(Answer):
    """A redaction, or what one would redact."""

    entries: Annotated[int, Meta(description="How many entries contain it, or contained it.")]


def audit_routes(store: Store, notes: Notes, accounts: Container[str]) -> openapi.Router:
    """The routes of `/v1/audit`."""
    router = openapi.Router("audit", "/v1/audit")
    router.describe(
        lambda: openapi.of_struct(AuditHead, AuditRedaction, AuditRedacted, AuditEntry, pages=(AuditEntry,))
    )
    reading = Reading(store)
    export = Export(store, reading)

    @router.get("", responses=openapi.answers(200, "AuditEntryList", "A page of entries."))
    async def list_audit(caller: Reader, query: Annotated[AuditQuery, Query()]) -> Response:
        """List the audit log, newest first.

        Who changed what, from where, with the fields before and after. An entry appears with the change, and is
        chained within a second.
        """
        if query.all_accounts:
            if not caller.operates(OPERATOR):
                raise Problem(
                    "forbidden",
                    f"The logs of all accounts need a live key with the scope `{OPERATOR}`.",
                    param="all_accounts",
                )
            account_id = query.account_id
        else:
            account_id = account_for(caller, query.account_id, accounts, "invalid_parameter")
        found, next_ = await reading.page(query.filters(account_id), query.limit, query.after)
        return json_answer(page_answer(await reading.views(found, caller), next_))

    @router.get("/head", responses=openapi.answers(200, "AuditHead", "Count and last hash."))
    async def get_audit_head(caller: Reader, query: Annotated[HeadQuery, Query()]) -> Response:
        """Get the count and the last hash of the audit log.

        Keep them elsewhere: they show later that nothing was cut off or written anew.
        """
        account_id = account_for(caller, query.account_id, accounts, "invalid_parameter")
        head = await end_of(store, account_id)
        return json_answer(head_view(head, await checkpoint_of(store, account_id)))

    @router.get(
        "/export",
        response_class=StreamingResponse,
        responses={200: {"description": "The entries, and the head.", "content": _CONTENT}},
    )
    async def export_audit(
        request: Request, caller: Reader, query: Annotated[AuditExportQuery, Query()]
    ) -> Response:
        """Export the audit log of an account, oldest first, as one stream of any length.

        The last line has the count and the last hash of the log. Each line of JSON has the text that its hash covers.
        """
        account_id = account_for(caller, query.account_id, accounts, "invalid_parameter")
        filters = query.filters(account_id)
        details = query.model_dump(exclude_none=True, exclude={"account_id"})
        await notes.record(
            noted(request, caller, "exported", TABLE.name, details=details, account_id=account_id)
        )
        lines = (export.csv if query.format == CSV else export.json_lines)(account_id, filters, caller)
        return streamed(request, TABLE.name, query.format, lines)

    @router.get("/{id}", responses=openapi.answers(200, "AuditEntry", "The entry."))
    async def get_audit_entry(caller: Reader, id: str) -> Response:  # noqa: A002
        """Get an entry of the audit log."""
        entry = await reading.get(id, None if caller.operates(OPERATOR) else caller.account_id)
        return json_answer((await reading.views([entry], caller))[0])

    @router.post(
        "/redact",
        responses=openapi.answers(200, "AuditRedacted", "It is redacted."),
        openapi_extra=openapi.json_body("AuditRedaction"),
    )
    async def redact_audit(request: Request, caller: Redactor) -> Response:
        """Remove a personal value from the audit log, permanently.

        The log stays verifiable: the hash covers a digest of the value. Redacting a message already removes its
        number and text from the log. With `dry_run`, the entries are only counted.
        """
        body = read(_DECODE_REDACTION, request.scope[SCOPE_KEY].body)
        if (body.value is None) == (body.entry_id is None):
            raise Problem("invalid_field", "Give either `value` or `entry_id`.", param="value")
        if body.entry_id is not None:
            entry = await reading.get(body.entry_id, None)
            account_id, count = entry.account_id, 1
            write: Write = ("audit_redact_entry", (entry.id, account_id))
        else:
            account_id = account_for(caller, body.account_id, accounts)
            ((count,),) = await store.fetch("audit_value_count", account_id=account_id, value=body.value)
            write = ("audit_redact_value", (account_id, body.value))
        if body.dry_run:
            return json_answer(AuditRedacted(entries=count))
        details = {"entries": count}
        note = noted(
            request,
            caller,
            "redacted",
            TABLE.name,
            body.entry_id or "",
            details=details,
            account_id=account_id,
        )
        writes = (write, ("redaction_note", ("redactions",)), *notes.writes(note))
        (result,) = await store.commit([Unit((f"audit {account_id}",), writes=writes)])
        if isinstance(result, StoreError):
            raise result
        return json_answer(AuditRedacted(entries=count))

    return router


class HeadQuery(QueryModel):
    """The query of `GET /v1/audit/head`."""

    account_id: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=40,
            description="The account; needs a key with the scope `accounts`. Default: your own account.",
        ),
    ] = None


_CONTENT: Final = {
    "application/x-ndjson": {
        "schema": {
            "type": "string",
            "description": "One `AuditEntry` per line, with `hashed` and `personal`; the last line is `head`.",
        }
    },
    "text/csv": {"schema": {"type": "string"}},
}
