"""`/v1/captures/{id}/pdus`: the PDUs of a capture, listed and taken apart, for operators.

Rules kept here:
- what the file masks is masked here, and the answer says which octets and why: nothing is read but the file;
- looking at PDUs leaves one entry in the audit log for each capture and person, not one for each page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Final, TypeVar

import msgspec
from fastapi import Depends, Path, Query
from msgspec import Meta
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from onesixty.captures.captures import Capture, Captures, Via
from onesixty.captures.dissection import Part, dissect
from onesixty.captures.pdus import PduIndex, Wanted, header
from onesixty.core import times
from onesixty.core.errors import Problem
from onesixty.http import openapi
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.noting import noted
from onesixty.http.paging import NumberedQuery, page_answer
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Time, one_of
from onesixty.smpp import constants as c
from onesixty.smpp.layouts import LAYOUTS, command_name
from onesixty.smpp.masking import Cover, Why, covers
from onesixty.smpp.pcap import Endpoint
from onesixty.smpp.pcap_reading import Captured
from onesixty.store.notes import Notes

Operator = Annotated[Principal, Depends(Requires("carriers"))]

_T = TypeVar("_T")

_COMMANDS: Final = {layout.name: id_ for id_, layout in LAYOUTS.items()}
_MASKED: Final = Meta(
    description="Why octets are masked. `password`: always. `text`: the capture was started without `bodies`. "
    "`unread`: the PDU could not be read when it was captured, so all of it is masked."
)


class PduQuery(NumberedQuery):
    """The query of `GET /v1/captures/{id}/pdus`."""

    command: Annotated[
        str | None, Field(max_length=40, description="Only this command: `submit_sm`, `deliver_sm_resp`.")
    ] = None
    sequence: Annotated[int | None, Field(ge=0, le=0xFFFFFFFF, description="The sequence number.")] = None
    number: Annotated[
        str | None,
        Field(
            pattern=r"^\+?[0-9]{3,15}$",
            description="Part of a number, at least 3 digits: PDUs that contain it, and their answers.",
        ),
    ] = None
    failed: Annotated[
        bool, Field(description="Only answers with an error, and the requests that they answer.")
    ] = False


class CapturedPdu(Answer):
    """A PDU of a capture."""

    number: Annotated[int, Meta(description="Its place in the capture, from 1.", examples=[3])]
    at: Time
    direction: Annotated[str, one_of(("in", "out")), Meta(description="`out`: onesixty sent it.")]
    carrier: Annotated[str | None, Meta(description="The name of the carrier, or its id if it is removed.")]
    bind: Annotated[str | None, Meta(description="The bind of the carrier.")]
    system_id: Annotated[str | None, Meta(description="The system_id of a customer's bind.")]
    peer: Annotated[str, Meta(description="Address and port of the other end.", examples=["192.0.2.7:2775"])]
    command: Annotated[str, Meta(examples=["submit_sm"])]
    sequence: int
    status: Annotated[
        str | None, Meta(description="Of an answer: the name of its command_status.", examples=[None])
    ]
    length: Annotated[int, Meta(description="Octets.")]
    sender: Annotated[str | None, Meta(description="source_addr.")]
    recipient: Annotated[str | None, Meta(description="destination_addr.", examples=["15551234567"])]
    pair: Annotated[
        int | None,
        Meta(description="The number of its answer, or of the request that it answers.", examples=[4]),
    ]
    pair_ms: Annotated[int | None, Meta(description="Milliseconds between the two.")]
    masked: Annotated[list[Why], _MASKED]
    problem: Annotated[str | None, Meta(description="Why it cannot be read to its end.", examples=[None])]


class PduField(Answer):
    """A field of a PDU, and the octets from `start` to before `end`."""

    name: Annotated[str, Meta(description="As in SMPP.", examples=["destination_addr"])]
    kind: Annotated[
        str,
        one_of(("header", "field", "tlv", "rest")),
        Meta(description="`rest`: octets that cannot be read."),
    ]
    start: int
    end: int
    value: Annotated[
        str | None,
        Meta(description="As text; null if all of it is masked.", examples=['"15551234567"']),
    ]
    meaning: Annotated[str | None, Meta(description="What the value means.", examples=[None])]
    tag: Annotated[int | None, Meta(description="The tag of a TLV.")]
    masked: Annotated[Why | None, _MASKED]


class MaskedOctets(Answer):
    """Octets that are masked: from `start` to before `end`."""

    start: int
    end: int
    why: Annotated[Why, _MASKED]


class DecodedPdu(CapturedPdu):
    """A PDU of a capture, taken apart."""

    octets: Annotated[
        str, Meta(description="All octets, in hexadecimal.", examples=["00000010000000150000000000000007"])
    ]
    fields: list[PduField]
    masks: list[MaskedOctets]


NameOf = Callable[[str], Awaitable[str]]


def pdu_routes(captures: Captures, name_of: NameOf, notes: Notes) -> openapi.Router:
    """The routes, for keys with the scope `carriers`. `name_of` is the name of a carrier, or its id if it is gone."""
    router = openapi.Router("captures", "/v1/captures")
    router.describe(lambda: openapi.of_struct(DecodedPdu, pages=[CapturedPdu]))
    seen: dict[str, set[str]] = {}

    async def look(request: Request, caller: Principal, id_: str) -> tuple[Capture, PduIndex]:
        """The capture, and the index of all that is in its file now."""
        capture, index = captures.get(id_), captures.pdus(id_)
        await _reading(index, index.grow)
        for gone in seen.keys() - {one.id for one in captures.list()}:
            del seen[gone]
        if caller.actor.who not in seen.setdefault(id_, set()):
            seen[id_].add(caller.actor.who)
            await notes.record(noted(request, caller, "read", "capture", id_))
        return capture, index

    @router.get("/{id}/pdus", responses=openapi.answers(200, "CapturedPduList", "A page of PDUs."))
    async def list_captured_pdus(
        request: Request, caller: Operator, id: str, query: Annotated[PduQuery, Query()]  # noqa: A002
    ) -> Response:  # fmt: skip
        """List the PDUs of a capture, oldest first, also while it runs.

        What the capture masks is masked here: `masked` says what and why.
        """
        wanted, after = _wanted(query), int(query.after or 0)
        capture, index = await look(request, caller, id)
        numbers = await _reading(index, index.find, wanted, after, query.limit + 1)
        shown = numbers[: query.limit]
        views = await _views(capture, index, shown, name_of)
        return json_answer(page_answer(views, str(shown[-1]) if len(numbers) > len(shown) else None))

    @router.get("/{id}/pdus/{place}", responses=openapi.answers(200, "DecodedPdu", "The PDU."))
    async def get_captured_pdu(
        request: Request, caller: Operator, id: str,  # noqa: A002
        place: Annotated[str, Path(pattern="^[1-9][0-9]{0,8}$", description="The `number` of the PDU.")],
    ) -> Response:  # fmt: skip
        """Get a PDU of a capture: its octets, its fields with their octets and meaning, and what is masked."""
        capture, index = await look(request, caller, id)
        number = int(place)
        if number > len(index):
            raise Problem("not_found", f"The capture has {len(index)} PDUs.")
        (captured,) = await _reading(index, index.at, [number])
        (view,) = await _views(capture, index, [number], name_of)
        found = covers(captured.frame, bodies=not capture.bodies)
        decoded = DecodedPdu(
            **msgspec.structs.asdict(view),
            octets=captured.frame.hex(),
            fields=[_field(part, found) for part in dissect(captured.frame).parts],
            masks=[MaskedOctets(start=one.start, end=one.end, why=one.why) for one in found],
        )
        return json_answer(decoded)

    return router


async def _reading(index: PduIndex, read: Callable[..., _T], *given: object) -> _T:
    """Read the file in a thread. Raises Problem `not_found` if the capture is deleted meanwhile."""
    async with index.lock:
        try:
            return await asyncio.to_thread(read, *given)
        except FileNotFoundError:
            raise Problem("not_found", "Capture not found on this node.") from None


def _wanted(query: PduQuery) -> Wanted:
    if query.command is not None and query.command not in _COMMANDS:
        raise Problem("invalid_parameter", f"Unknown command `{query.command}`.", param="command")
    return Wanted(
        commands=frozenset() if query.command is None else frozenset({_COMMANDS[query.command]}),
        sequence=query.sequence,
        digits=(query.number or "").lstrip("+").encode(),
        failed=query.failed,
    )


async def _views(
    capture: Capture, index: PduIndex, numbers: Sequence[int], name_of: NameOf
) -> list[CapturedPdu]:
    """The rows of some PDUs."""
    pairs = {number: index.pair(number) for number in numbers}
    wanted = sorted({*numbers, *(pair for pair in pairs.values() if pair is not None)})
    found = dict(zip(wanted, await _reading(index, index.at, wanted), strict=True))
    links = capture.links()
    names = {id_: await name_of(id_) for id_ in {via.carrier_id for via in links.values()} if id_ is not None}
    views = []
    for number in numbers:
        pair = pairs[number]
        other = None if pair is None else found[pair]
        views.append(_view(number, found[number], pair, other, capture, links, names))
    return views


def _view(
    number: int, captured: Captured, pair: int | None, other: Captured | None, capture: Capture,
    links: Mapping[tuple[Endpoint, Endpoint], Via], names: Mapping[str, str],
) -> CapturedPdu:  # fmt: skip
    sent = (captured.source, captured.target) in links
    ours, peer = (captured.source, captured.target) if sent else (captured.target, captured.source)
    via = links.get((ours, peer), Via())
    _, command, status, sequence = header(captured.frame)
    parts, problem = dissect(captured.frame)
    values = {part.name: part.value.strip('"') for part in parts if part.kind == "field"}
    return CapturedPdu(
        number=number,
        at=times.to_text(captured.at),
        direction="out" if sent else "in",
        carrier=None if via.carrier_id is None else names[via.carrier_id],
        bind=via.bind,
        system_id=via.system_id,
        peer=f"[{peer[0]}]:{peer[1]}" if ":" in peer[0] else f"{peer[0]}:{peer[1]}",
        command=command_name(command),
        sequence=sequence,
        status=c.status_name(status) if command & c.RESPONSE_BIT else None,
        length=len(captured.frame),
        sender=values.get("source_addr") or None,
        recipient=values.get("destination_addr") or None,
        pair=pair,
        pair_ms=None if other is None else abs(other.at - captured.at),
        masked=sorted({one.why for one in covers(captured.frame, bodies=not capture.bodies)}),
        problem=problem,
    )


def _field(part: Part, found: Sequence[Cover]) -> PduField:
    """A field, without its value if all of that is masked."""
    over = [one for one in found if one.start < part.end and part.start < one.end]
    whole = any(one.start <= part.start + part.head and one.end >= part.end - part.tail for one in over)
    return PduField(
        name=part.name,
        kind=part.kind,
        start=part.start,
        end=part.end,
        value=None if whole else part.value,
        meaning=part.meaning,
        tag=part.tag,
        masked=over[0].why if over else None,
    )
