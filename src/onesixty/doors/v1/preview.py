"""`POST /v1/sms/preview`: what a send would do, without doing it. The body is that of a send.

Rules kept here:
- intake itself judges, so that a preview always agrees with the send;
- nothing is kept: no place in a lane, no row, no id that a caller sees;
- a refused order is described as far as possible: a text that is too long still shows its segments.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from onesixty import numbers, text
from onesixty.channels.sms.content import content_of, registration
from onesixty.channels.sms.orders import SendOrder
from onesixty.channels.sms.view import sms_view
from onesixty.core import money, notices, times
from onesixty.core.message import CLASSES
from onesixty.doors.v1.send import SCOPE, order_of, read_request
from onesixty.doors.v1.send_request import SendRequest
from onesixty.http import openapi, problems
from onesixty.http.answers import json_answer
from onesixty.http.auth import Requires
from onesixty.http.call import SCOPE_KEY
from onesixty.http.openapi import REF, Schema
from onesixty.http.scopes import Principal
from onesixty.http.shapes import (
    CHANGES,
    ERROR_CODE,
    NOTICES,
    TEXT_OR_NULL,
    TIME_OR_NULL,
    described,
    list_of_ref,
    object_of,
)
from onesixty.messages.drafts import Draft
from onesixty.messages.intake import Intake
from onesixty.network.configs import Configs
from onesixty.network.route_endpoints import explained
from onesixty.routing.router import Router
from onesixty.templates.registering import COUNTRIES, FindAsked, missing
from onesixty.templates.sending import Sending

PREVIEW_PATH: Final = "/v1/sms/preview"


def preview_routes(
    intake: Intake,
    router: Router,
    configs: Configs,
    public_url: str,
    templates: Sending,
    asked: FindAsked,
) -> openapi.Router:
    """The route, for keys that may send. Intake judges. `configs` has the names for the router's explanation, `asked`
    the ids of registered texts that carriers ask for."""
    api = openapi.Router("messages")

    @api.post(
        PREVIEW_PATH,
        response_model=None,
        responses=openapi.answers(200, "Preview", "The preview. Nothing was sent."),
        openapi_extra=openapi.json_body("SendRequest"),
    )
    async def preview_message(
        request: Request, caller: Annotated[Principal, Depends(Requires(SCOPE))]
    ) -> Response:
        """Preview a send: encoding, segments, price, and any refusal.

        `costly` lists the characters that raise the cost; `route` explains the routing decision and shows what
        each carrier costs (operators' keys only). A malformed request is refused as in a send.
        """
        call = request.scope[SCOPE_KEY]
        body: SendRequest = read_request(call.body)
        order = order_of(body, caller, templates)
        draft = await intake.foresee(order)
        view = _view(order, draft)
        if draft.refusal is not None:
            document = problems.document(draft.refusal, call.request_id, public_url)
            view["refusal"] = {name: document[name] for name in document if name != "request_id"}
            return json_answer(view)
        view["missing_registration"] = await _missing(draft, asked)
        if "routes" in caller.scopes:
            explanation = router.explain(draft.message, draft.hops)
            view["route"] = explained(explanation, await configs.names(), draft.message.sender)
        return json_answer(view)

    return api


def _view(order: SendOrder, draft: Draft) -> dict[str, Any]:
    message, costs, number = draft.message, _costs(order), numbers.look_up(order.recipient)
    count = None if costs is None else costs.transliterated if order.transliterate else costs.now
    view: dict[str, Any] = {
        "refusal": None,
        "from": None,
        "to": number.number,
        "text": None,
        "template": None,
        "registration": {},
        "missing_registration": [],
        "encoding": None if count is None else count.encoding,
        "characters": None if count is None else count.characters,
        "segments": None if count is None else count.segments,
        "class": None,
        "price": None,
        "currency": None,
        "country": number.country,
        "scheduled_at": None,
        "not_before": None,
        "held_for": None,
        "expires_at": None,
        "notices": [],
        "changes": [],
        "costly": [] if costs is None else [one._asdict() for one in costs.costly],
        "if_transliterated": None if costs is None else _count(costs.transliterated),
        "if_removed": None if costs is None else _count(costs.without),
        "number": {**msgspec.to_builtins(number), "network": message.network if number.possible else None},
        "route": None,
    }
    if draft.refusal is not None:
        return view
    shown = sms_view(message)
    shared = (
        *("from", "to", "text", "template", "encoding", "segments", "class", "currency", "country"),
        *("scheduled_at", "not_before", "held_for", "notices"),
    )
    view |= {name: shown[name] for name in shared}
    view["characters"] = None if view["text"] is None else len(message.text)
    view["registration"] = registration(content_of(message.content), message)
    view["price"] = money.to_text(message.price)
    view["expires_at"] = times.to_text(message.expires_at)
    view["changes"] = notices.replaced(message.notices)
    return view


async def _missing(draft: Draft, asked: FindAsked) -> list[str]:
    """The ids that carriers of the route ask for, and that the text does not have."""
    if draft.message.country not in COUNTRIES:
        return []
    made_from = content_of(draft.message.content).made_from
    known = () if made_from is None else made_from.registered
    carriers = [hop.carrier_id for hop in draft.hops]
    return missing(known, draft.message.country, carriers, await asked())


def _costs(order: SendOrder) -> text.Costs | None:
    """What the text costs in each way of writing it. None without a text, or for a text that cannot be encoded."""
    if order.binary is not None or not order.text:
        return None
    try:
        return text.costs(order.text, order.encoding, order.language)  # type: ignore[arg-type]
    except (text.NotInAlphabet, text.UnknownLanguage):
        pass  # then show the costs in the encoding that fits
    except text.TextError:
        return None
    try:
        return text.costs(order.text)
    except text.TextError:
        return None


def _count(count: text.Count) -> dict[str, Any]:
    return {"encoding": count.encoding, "characters": count.characters, "segments": count.segments}


_ENCODINGS: Final = ("gsm7", "ucs2", "binary")
_INTEGER_OR_NULL: Final[Schema] = {"type": ["integer", "null"]}
_COUNT_OR_NULL: Final[Schema] = {"anyOf": [{"$ref": REF.format(name="TextCount")}, {"type": "null"}]}

PREVIEW_SCHEMAS: Final[dict[str, Schema]] = {
    "Preview": object_of(
        "The result of a send. Fields that could not be determined because of a refusal are null.",
        {
            "refusal": described(
                {"anyOf": [{"$ref": REF.format(name="PreviewRefusal")}, {"type": "null"}]},
                "The refusal that a send would get; null if it would be accepted.",
            ),
            "from": described(TEXT_OR_NULL, "The sender as given to the carrier."),
            "to": described(TEXT_OR_NULL, "E.164."),
            "text": described(TEXT_OR_NULL, "The text as sent; null for binary content."),
            "template": described(
                {"anyOf": [{"$ref": REF.format(name="MessageTemplate")}, {"type": "null"}]},
                "The template that the text is made from.",
            ),
            "registration": described(
                {"type": "object", "additionalProperties": {"type": "string"}},
                "The ids under which the text is registered in the country, for carriers that ask for them.",
            ),
            "missing_registration": described(
                {"type": "array", "items": {"type": "string"}},
                "The ids that carriers of the route ask for in this country, and that the text does not have: they "
                "will probably refuse it.",
            ),
            "encoding": {"type": ["string", "null"], "enum": [*_ENCODINGS, None]},
            "characters": _INTEGER_OR_NULL,
            "segments": _INTEGER_OR_NULL,
            "class": {"type": ["string", "null"], "enum": [*CLASSES, None]},
            "price": described(TEXT_OR_NULL, "A decimal string."),
            "currency": TEXT_OR_NULL,
            "country": TEXT_OR_NULL,
            "scheduled_at": TIME_OR_NULL,
            "not_before": described(TIME_OR_NULL, "Until when a rule would defer the message."),
            "held_for": described(TEXT_OR_NULL, "What a rule would hold the message for."),
            "expires_at": TIME_OR_NULL,
            "notices": NOTICES,
            "changes": CHANGES,
            "costly": described(list_of_ref("CostlyCharacter"), "In order of first appearance."),
            "if_transliterated": described(_COUNT_OR_NULL, "The number of segments with `transliterate`."),
            "if_removed": described(
                _COUNT_OR_NULL, "The number of segments without the characters that force UCS-2."
            ),
            "number": described({"$ref": REF.format(name="LookupView")}, "As in `GET /v1/lookup/{number}`."),
            "route": described(
                {"anyOf": [{"$ref": REF.format(name="RouteExplanation")}, {"type": "null"}]},
                "Only for keys with the scope `routes`.",
            ),
        },
    ),
    "PreviewRefusal": {
        "type": "object",
        "description": "The members of the problem that a send would answer.",
        "required": ["type", "title", "status", "detail", "code", "param", "retryable", "doc_url"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": ERROR_CODE,
            "param": TEXT_OR_NULL,
            "retryable": {"type": "boolean"},
            "doc_url": {"type": "string"},
        },
    },
    "CostlyCharacter": object_of(
        "A character that raises the cost, with all its positions.",
        {
            "character": {"type": "string"},
            "code_point": described({"type": "string"}, "For example U+2019."),
            "name": described({"type": "string"}, "Unicode's."),
            "why": described(
                {"type": "string", "enum": ["ucs2", "two_septets"]},
                "Whether it forces UCS-2 for the whole text, or takes two septets.",
            ),
            "positions": described(
                {"type": "array", "items": {"type": "integer"}}, "Character positions, from 0."
            ),
            "look_alike": described(
                TEXT_OR_NULL,
                "The replacement with `transliterate`; empty if it is removed, null if there is none.",
            ),
        },
    ),
    "TextCount": object_of(
        "The encoding and segments of a text variant.",
        {
            "encoding": {"type": "string", "enum": list(_ENCODINGS)},
            "characters": {"type": "integer"},
            "segments": {"type": "integer"},
        },
    ),
}
