"""`/v1/captures`: SMPP traffic of this node as files for Wireshark, for operators."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Protocol

from fastapi import Depends, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from onesixty.captures.captures import Capture, Captures
from onesixty.core import ids
from onesixty.core.contracts import CarrierConfig
from onesixty.core.errors import Problem
from onesixty.core.message import Message, from_row
from onesixty.customers.credentials import SmppCredentials
from onesixty.http.answers import empty_answer, json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import Body
from onesixty.http.noting import noted
from onesixty.http.openapi import Router
from onesixty.http.paging import PageQuery, cut, page_answer
from onesixty.http.scopes import Principal
from onesixty.store.contract import Store
from onesixty.store.notes import Notes

Operator = Annotated[Principal, Depends(Requires("carriers"))]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]

#: application/vnd.tcpdump.pcap is the type registered with IANA.
MEDIA_TYPE: Final = "application/vnd.tcpdump.pcap"


class NewCapture(Body):
    """What to capture: a carrier (or one of its binds), a customer's credential, or the number of a message."""

    carrier: Annotated[
        str | None, Field(max_length=100, description="The name or id of an SMPP carrier.")
    ] = None
    bind: Annotated[
        str | None, Field(max_length=20, description="The number of one of its binds, from `1`.")
    ] = None
    credential: Annotated[str | None, Field(max_length=100, description="The id of an SMPP credential.")] = (
        None
    )
    message_id: Annotated[
        str | None,
        Field(
            max_length=40,
            description="The id of a message: captures everything to and from its number, over every link of "
            "this node.",
        ),
    ] = None
    seconds: Annotated[float, Field(ge=1, le=3600)] = 60
    max_bytes: Annotated[int, Field(ge=1024, le=104_857_600)] = 10_485_760
    bodies: Annotated[bool, Field(description="Include message bodies. Passwords are always masked.")] = False


class CaptureQuery(PageQuery):
    """The query of `GET /v1/captures`."""

    kind = ids.CAPTURE

    status: Annotated[
        Literal["running", "stopped"] | None, Field(description="Only those in this state.")
    ] = None
    carrier: Annotated[
        str | None,
        Field(max_length=100, description="Only those of this carrier or one of its binds: its name or id."),
    ] = None
    credential: Annotated[
        str | None, Field(max_length=100, description="Only those of the SMPP credential with this id.")
    ] = None
    message_id: Annotated[
        str | None, Field(max_length=40, description="Only those of the number of this message.")
    ] = None

    def covers(self, capture: Capture) -> bool:
        """Whether the filters let a capture pass."""
        of = capture.of
        return (
            self.status in (None, capture.status)
            and (self.carrier is None or self.carrier in (of.get("carrier"), capture.carrier_id))
            and self.credential in (None, of.get("credential"))
            and self.message_id in (None, of.get("message_id"))
        )


class CaptureView(BaseModel):
    """A capture. Its file is kept for one day."""

    id: str
    carrier: str | None
    bind: str | None
    credential: str | None
    message_id: str | None
    status: Literal["running", "stopped"]
    reason: Annotated[str | None, Field(description="Why the capture ended.")]
    bodies: bool
    frames: int
    bytes: int
    started_at: Time
    ends_at: Time
    stopped_at: Time | None


class CaptureList(BaseModel):
    """The captures of this node."""

    data: list[CaptureView]
    next: str | None


class Carriers(Protocol):
    """The configured carriers."""

    async def named_carrier(self, id_or_name: str, param: str) -> CarrierConfig: ...


class Subjects:
    """How the endpoints find the subject of a capture."""

    def __init__(
        self, store: Store, carriers: Carriers, captures: Captures, credentials: SmppCredentials
    ) -> None:
        self._store = store
        self._credentials = credentials
        self.named_carrier = carriers.named_carrier
        self.binds = captures.binds_of

    def is_credential(self, id_: str) -> bool:
        """Whether the credential exists or existed."""
        return id_ in self._credentials.book

    async def message(self, id_: str) -> Message | None:
        """The message of this id, of any account."""
        rows = await self._store.fetch("messages_by_id", ids=[id_])
        return from_row(rows[0]) if rows else None


def capture_routes(captures: Captures, subjects: Subjects, notes: Notes) -> Router:
    """The routes, for keys with the scope `carriers`."""
    router = Router("captures", "/v1/captures")

    @router.post("", status_code=201, response_model=CaptureView)
    async def create_capture(request: Request, caller: Operator, body: NewCapture) -> Response:
        """Start a capture of SMPP traffic.

        Name exactly one of `carrier` (optionally with `bind`), `credential` and `message_id`. You can download the
        file while it grows. Message bodies are masked unless you ask for them; passwords are always masked.
        """
        of, carrier_id, number = await _subject(body, subjects)
        made = captures.begin(
            of, carrier_id=carrier_id, number=number, seconds=body.seconds, most=body.max_bytes,
            bodies=body.bodies, who=caller.actor.who,
        )  # fmt: skip
        details = {**of, "seconds": body.seconds, "bodies": body.bodies}
        await notes.record(noted(request, caller, "started", "capture", made.id, details=details))
        return json_answer(made.view(), 201)

    @router.get("", response_model=CaptureList)
    async def list_captures(_: Operator, query: Annotated[CaptureQuery, Query()]) -> Response:
        """List the captures of this node, newest first."""
        found = [
            capture
            for capture in captures.list()
            if query.covers(capture) and (query.after is None or capture.id < query.after)
        ]
        page, next_ = cut(found, query.limit, lambda capture: capture.id)
        return json_answer(page_answer([capture.view() for capture in page], next_))

    @router.get("/{id}", response_model=CaptureView)
    async def get_capture(_: Operator, id: str) -> Response:  # noqa: A002
        """Get a capture."""
        return json_answer(captures.get(id).view())

    @router.post("/{id}/stop", response_model=CaptureView)
    async def stop_capture(request: Request, caller: Operator, id: str) -> Response:  # noqa: A002
        """Stop a capture."""
        view = captures.stop(id).view()
        await notes.record(noted(request, caller, "stopped", "capture", id))
        return json_answer(view)

    @router.get(
        "/{id}/file",
        response_class=FileResponse,
        response_model=None,
        responses={200: {"description": "A pcap file.", "content": {MEDIA_TYPE: {}}}},
    )
    async def get_capture_file(request: Request, caller: Operator, id: str) -> Response:  # noqa: A002
        """Download the file of a capture, for Wireshark or tshark."""
        capture = captures.get(id)
        await notes.record(noted(request, caller, "exported", "capture", id))
        capture.flush()
        return FileResponse(capture.path, media_type=MEDIA_TYPE, filename=f"{capture.id}.pcap")

    @router.delete("/{id}", status_code=204)
    async def delete_capture(request: Request, caller: Operator, id: str) -> Response:  # noqa: A002
        """Stop a capture and delete its file."""
        captures.delete(id)
        await notes.record(noted(request, caller, "removed", "capture", id))
        return empty_answer()

    return router


async def _subject(body: NewCapture, subjects: Subjects) -> tuple[dict[str, str], str | None, str | None]:
    """The subject as shown; the carrier's id; the message's number. Raises Problem."""
    named = [name for name in ("carrier", "credential", "message_id") if getattr(body, name) is not None]
    if len(named) != 1:
        param = named[1] if named else "carrier"
        raise Problem(
            "invalid_field", "Name exactly one of `carrier`, `credential` and `message_id`.", param=param
        )
    if body.bind is not None and body.carrier is None:
        raise Problem("invalid_field", "`bind` needs `carrier`.", param="bind")
    if body.carrier is not None:
        config = await subjects.named_carrier(body.carrier, "carrier")
        binds = subjects.binds(config.id)
        if binds is None:
            raise Problem(
                "invalid_field", "This carrier has no SMPP connection on this node.", param="carrier"
            )
        if body.bind is not None and body.bind not in binds:
            raise Problem("invalid_field", f"`bind` must be one of: {', '.join(binds)}.", param="bind")
        of = {"carrier": config.name} | ({"bind": body.bind} if body.bind else {})
        return of, config.id, None
    if body.credential is not None:
        if not subjects.is_credential(body.credential):
            raise Problem("invalid_field", "Unknown SMPP credential.", param="credential")
        return {"credential": body.credential}, None, None
    message = await subjects.message(body.message_id or "")
    if message is None:
        raise Problem("invalid_field", "Unknown message.", param="message_id")
    if message.redacted_at is not None:
        raise Problem(
            "invalid_field", "The message was redacted, so its number is no longer known.", param="message_id"
        )
    number = message.recipient if message.direction == "outbound" else message.sender
    return {"message_id": message.id}, None, number.lstrip("+")
