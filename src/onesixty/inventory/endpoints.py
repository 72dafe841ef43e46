"""`/v1/numbers`: whose numbers and short codes are, and by which words a shared one is told apart.

Operators give numbers to accounts and say where what comes in goes; every key sees its account's numbers of its mode.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response

from onesixty.core import ids
from onesixty.core.errors import Problem
from onesixty.http import openapi
from onesixty.http.answers import empty_answer, json_answer
from onesixty.http.auth import Requires
from onesixty.http.bodies import Body
from onesixty.http.openapi import Schema, list_of
from onesixty.http.paging import PageQuery, page_answer
from onesixty.http.scopes import Principal
from onesixty.inventory.own_numbers import MOST_KEYWORDS, NumberSettings, OwnNumber, OwnNumbers
from onesixty.numbers import displayed

Reader = Annotated[Principal, Depends(Requires("account:read"))]
Operator = Annotated[Principal, Depends(Requires("numbers"))]
SCOPE: Final = "numbers"

Carrier = Annotated[
    str | None, Field(max_length=100, description="Name or id of the carrier it is at; null for any.")
]
Account = Annotated[str, Field(max_length=40, description="The account that has it.")]
Keywords = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=100)]],
    Field(
        max_length=MOST_KEYWORDS,
        description="First words of what is for this account, of a shared number. Empty: all other messages.",
    ),
]
DeliverTo = Annotated[
    Literal["webhooks", "binds", "both"], Field(description="Where what comes in goes to; it is kept anyway.")
]
Credential = Annotated[
    str | None,
    Field(max_length=40, description="The SMPP credential whose binds get it; null for any of the account."),
]


class NewNumberBody(Body):
    """A number to give to an account."""

    number: Annotated[
        str, Field(max_length=40, description="E.164, or a short code.", examples=["+15550001111"])
    ]
    account_id: Account | None = None
    carrier: Carrier = None
    test: Annotated[bool, Field(description="Whether what comes in is test traffic.")] = False
    keywords: Keywords = Field(default_factory=list)
    deliver_to: DeliverTo = "both"
    credential_id: Credential = None


class NumberChangeBody(Body):
    """What to change; what is left out stays."""

    account_id: Account | None = None
    carrier: Carrier = None
    test: bool | None = None
    keywords: Keywords | None = None
    deliver_to: DeliverTo | None = None
    credential_id: Credential = None


class NumberQuery(PageQuery):
    """The query of `GET /v1/numbers`."""

    kind = ids.NUMBER

    account_id: Annotated[
        str | None, Field(max_length=40, description="Of this account; for operators' keys.")
    ] = None


class Surroundings(NamedTuple):
    """What the routes need to know of others: the id of a carrier by name or id, its name, and whether accounts
    and credentials (of an account, in a mode) exist."""

    carrier_id: Callable[[str], Awaitable[str | None]]
    carrier_name: Callable[[str], str]
    has_account: Callable[[str], bool]
    has_credential: Callable[[str, str, bool], bool]


_TEXT: Schema = {"type": "string"}
_TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
_FIELDS: Final[Mapping[str, Schema]] = {
    "id": _TEXT,
    "number": _TEXT,
    "account_id": _TEXT,
    "carrier": _TEXT_OR_NULL,
    "test": {"type": "boolean"},
    "keywords": {"type": "array", "items": _TEXT},
    "deliver_to": {"type": "string", "enum": ["webhooks", "binds", "both"]},
    "credential_id": _TEXT_OR_NULL,
    "version": {"type": "integer"},
    "created_at": {"type": "string", "format": "date-time"},
}
NUMBER_SCHEMAS: Final[dict[str, Schema]] = {
    "Number": {
        "type": "object",
        "description": "A number or short code of an account. `carrier` is for operators' keys.",
        "required": [name for name in _FIELDS if name != "carrier"],
        "properties": dict(_FIELDS),
    },
    "NumberList": list_of("Number"),
}


def number_routes(numbers: OwnNumbers, around: Surroundings) -> APIRouter:
    """`/v1/numbers`."""
    router = APIRouter(prefix="/v1/numbers", tags=["numbers"])
    shown = openapi.answers(200, "Number", "The number as it is now.")

    def view(number: OwnNumber, caller: Principal) -> dict[str, Any]:
        seen = number.view()
        carrier_id = seen.pop("carrier_id")
        if _operates(caller):
            seen["carrier"] = None if carrier_id is None else around.carrier_name(carrier_id)
        return seen

    def find(caller: Principal, id_or_number: str) -> OwnNumber:
        wanted = id_or_number if ids.is_id(ids.NUMBER, id_or_number) else displayed(id_or_number)
        number = numbers.get(wanted, None if _operates(caller) else caller.account_id)
        if number is None or (caller.test and not number.test):
            raise Problem("not_found", "There is no such number.")
        return number

    async def checked(number: OwnNumber, carrier: str | None) -> str | None:
        """The carrier's id. Raises Problem for what there is not."""
        if not around.has_account(number.account_id):
            raise Problem("invalid_field", "There is no such account.", param="account_id")
        credential_id = number.settings.credential_id
        if credential_id is not None and not around.has_credential(
            credential_id, number.account_id, number.test
        ):
            detail = "The account has no such credential in this mode."
            raise Problem("invalid_field", detail, param="credential_id")
        if carrier is None:
            return None
        carrier_id = await around.carrier_id(carrier)
        if carrier_id is None:
            raise Problem("invalid_field", f"There is no carrier {carrier!r}.", param="carrier")
        return carrier_id

    @router.post("", status_code=201, responses=openapi.answers(201, "Number", "It was given."))
    async def create_number(caller: Operator, body: NewNumberBody) -> Response:
        """Give a number to an account.

        Without `account_id` to your own. A number may be given to several, told apart by keywords; what begins
        with none of them goes to the one without.
        """
        wanted = OwnNumber(
            id="",
            number=body.number,
            account_id=body.account_id or caller.account_id,
            carrier_id=None,
            test=body.test,
            settings=NumberSettings(deliver_to=body.deliver_to, credential_id=body.credential_id),
            version=0,
            created_at=0,
        )
        made = await numbers.add(
            body.number,
            wanted.account_id,
            carrier_id=await checked(wanted, body.carrier),
            test=body.test,
            keywords=body.keywords,
            settings=wanted.settings,
        )
        return json_answer(view(made, caller), 201)

    @router.get("", responses=openapi.answers(200, "NumberList", "A page of them."))
    async def list_numbers(caller: Reader, query: Annotated[NumberQuery, Query()]) -> Response:
        """List numbers, newest first.

        Those of the own account; of all accounts for keys with the scope `numbers`.
        """
        if query.account_id not in (None, caller.account_id) and not _operates(caller):
            raise Problem("forbidden", "Numbers of other accounts are for operators.", param="account_id")
        account_id = query.account_id if _operates(caller) else caller.account_id
        found = [
            number
            for number in numbers.all(account_id)
            if (number.test or not caller.test) and (query.after is None or number.id < query.after)
        ]
        page = found[: query.limit]
        next_ = page[-1].id if len(found) > len(page) else None
        return json_answer(page_answer([view(number, caller) for number in page], next_))

    @router.get("/{id:path}", responses=shown)
    async def get_number(caller: Reader, id: str) -> Response:  # noqa: A002
        """Read a number, by its id or by itself."""
        return json_answer(view(find(caller, id), caller))

    @router.patch("/{id:path}", responses=shown)
    async def change_number(caller: Operator, id: str, body: NumberChangeBody) -> Response:  # noqa: A002
        """Change whose a number is, its keywords, and where what comes in goes.

        What came in before stays where it is.
        """
        number = find(caller, id)
        given = body.model_fields_set
        settings = NumberSettings(
            deliver_to=body.deliver_to or number.settings.deliver_to,
            credential_id=body.credential_id if "credential_id" in given else number.settings.credential_id,
        )
        wanted = msgspec.structs.replace(
            number,
            account_id=body.account_id or number.account_id,
            test=number.test if body.test is None else body.test,
            keywords=number.keywords if body.keywords is None else tuple(body.keywords),
            settings=settings,
        )
        carrier_id = await checked(wanted, body.carrier)
        if "carrier" not in given:
            carrier_id = number.carrier_id
        wanted = msgspec.structs.replace(wanted, carrier_id=carrier_id)
        return json_answer(view(await numbers.change(number, wanted), caller))

    @router.delete("/{id:path}", status_code=204)
    async def delete_number(caller: Operator, id: str) -> Response:  # noqa: A002
        """Take a number back. What comes to it from then on is nobody's, and goes to the first account."""
        await numbers.remove(find(caller, id))
        return empty_answer()

    return router


def _operates(caller: Principal) -> bool:
    return SCOPE in caller.scopes and not caller.test
