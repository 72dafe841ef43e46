"""`/v1/numbers`: the account of each number or short code, and the keywords that tell accounts of a shared number
apart.

Operators assign numbers to accounts and set where incoming messages are delivered. Every key can read the numbers
of its account and mode.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, Protocol

import msgspec
from msgspec import UNSET, Meta, UnsetType
from pydantic import Field

from onesixty.core import ids
from onesixty.core.contracts import CarrierConfig
from onesixty.core.errors import Problem
from onesixty.core.tenant import Reach, Tenant
from onesixty.http.bodies import Query
from onesixty.http.exports import ExportQuery, Table, columns_of
from onesixty.http.paging import PageQuery
from onesixty.http.resource import ByVerb, Changed, Made, Resource
from onesixty.http.scopes import Principal
from onesixty.http.structs import Answer, Body, Time, shown_fields
from onesixty.inventory.own_numbers import MOST_KEYWORDS, OwnNumbers, checked_keywords, keyword_writes
from onesixty.inventory.tables import DeliverTo, NumberSettings, OwnNumber
from onesixty.kit.observer import Observer
from onesixty.numbers import displayed
from onesixty.store.rows import By
from onesixty.store.table import pattern_of

SCOPE: Final = "numbers"

AccountId = Annotated[str, Meta(max_length=40, description="The account that the number is assigned to.")]


class _Settings(Body):
    """The fields that a new number and a change have in common."""

    carrier: Annotated[
        Annotated[str, Meta(max_length=100)] | None,
        Meta(description="The name or id of the carrier that hosts the number; null for any carrier."),
    ] = None
    test: Annotated[bool, Meta(description="Whether incoming messages are test traffic.")] = False
    keywords: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=100)]],
        Meta(
            max_length=MOST_KEYWORDS,
            description="Keywords: this account gets messages whose first word is one of these, if several "
            "accounts share the number. Empty: all other messages.",
        ),
    ] = msgspec.field(default_factory=list)
    deliver_to: Annotated[
        DeliverTo, Meta(description="Where incoming messages are delivered. They are stored in any case.")
    ] = "both"
    credential_id: Annotated[
        Annotated[str, Meta(max_length=40)] | None,
        Meta(
            description="The SMPP credential whose binds get the messages; null: any credential of the account."
        ),
    ] = None


class NewNumberBody(_Settings, kw_only=True):
    """A number to assign to an account."""

    number: Annotated[
        str, Meta(max_length=40, description="E.164, or a short code.", examples=["+15550001111"])
    ]
    account_id: AccountId | None = None


class NumberFields(_Settings, kw_only=True):
    """The fields of a number that can be changed."""

    account_id: AccountId


class Number(Answer, kw_only=True):
    """A number or short code that is assigned to an account. `carrier` is shown to operators' keys."""

    id: str
    number: str
    account_id: str
    carrier: str | UnsetType | None = UNSET
    test: bool
    keywords: list[str]
    deliver_to: DeliverTo
    credential_id: str | None
    last_received_at: Annotated[
        Time | None,
        Meta(description="When the account last got a message to the number; null if it has none in store."),
    ]
    version: int
    created_at: Time


class NumberFilters(Query):
    """The filters of a list or an export."""

    account_id: Annotated[
        str | None, Field(max_length=40, description="Only numbers of this account; for operators' keys.")
    ] = None
    number: Annotated[
        str | None,
        Field(min_length=1, max_length=20, description="Part of the number, such as its last digits."),
    ] = None
    mode: Annotated[Literal["live", "test"] | None, Field(description="Only numbers of this mode.")] = None


class NumberQuery(NumberFilters, PageQuery):
    """The query of `GET /v1/numbers`."""

    kind = ids.NUMBER


class NumberExport(ExportQuery, NumberFilters):
    """The query of an export."""

    kind = ids.NUMBER


#: What an export has for everybody: only operators see the carrier.
TABLE: Final = Table("numbers", columns_of(Number, "carrier"))


class ConfiguredCarriers(Protocol):
    """The configured carriers."""

    async def named_carrier(self, id_or_name: str, param: str) -> CarrierConfig: ...


class Credentials(Protocol):
    """SMPP credentials of customers."""

    def valid(self, credential_id: str, tenant: Tenant) -> bool: ...


class Numbers(Resource[OwnNumber, NewNumberBody, NumberFields, Number]):
    """`/v1/numbers`."""

    path, tag, one, many, scope, reads = "/v1/numbers", "numbers", "number", "numbers", SCOPE, "account:read"
    new, fields, shown, query, spans = NewNumberBody, NumberFields, Number, NumberQuery, True
    change_name = "NumberChangeBody"
    about = ByVerb(
        make="Assign a number to an account.\n\nDefault for `account_id`: your own account. Several "
        "accounts can share a number and are told apart by keywords; a message without a known "
        "keyword goes to the account without keywords.",
        list="List numbers, newest first.\n\nThe numbers of your own account; with the scope `numbers`, "
        "those of all accounts.",
        get="Get a number, by its id or the number itself.",
        change="Change the account of a number, its keywords, and where incoming messages are delivered.\n\n"
        "Messages received before the change stay where they are.",
        remove="Release a number.\n\nLater messages to it belong to no customer and go to the operator's "
        "account.",
    )

    def __init__(
        self,
        numbers: OwnNumbers,
        *,
        carriers: ConfiguredCarriers,
        accounts: Container[str],
        credentials: Credentials,
        names: Observer,
    ) -> None:
        """`names` gives the names of carriers."""
        super().__init__(numbers.rows)
        self._numbers = numbers
        self._carriers = carriers
        self._accounts = accounts
        self._credentials = credentials
        self._names = names

    def reach(self, caller: Principal) -> Reach:
        return caller.reach(SCOPE)

    async def find(self, caller: Principal, key: str) -> OwnNumber:
        wanted = key if ids.is_id(ids.NUMBER, key) else displayed(key)
        known = self._numbers.get(wanted, self.reach(caller))
        row = await self.rows.get(wanted if known is None else known.id, self.reach(caller))
        return (await self._shown([row]))[0]

    async def page(self, caller: Principal, query: NumberQuery) -> tuple[Sequence[OwnNumber], str | None]:
        reach = self.reach(caller)
        if query.account_id not in (None, caller.account_id) and not caller.operates(SCOPE):
            raise Problem(
                "forbidden", "Only operators can read numbers of other accounts.", param="account_id"
            )
        if query.account_id is not None:
            reach = Tenant(query.account_id, caller.test).setup
        if query.mode is not None:
            if caller.test and query.mode == "live":
                raise Problem("wrong_mode", "A test key sees only what is for tests.", param="mode")
            reach = reach._replace(test=query.mode == "test")
        rows, next_ = await self.rows.page(query.limit, query.after, reach, part=pattern_of(query.number))
        return await self._shown(rows), next_

    async def made(self, body: NewNumberBody, caller: Principal) -> Made:
        row = self._numbers.new(
            body.number,
            Tenant(body.account_id or caller.account_id, body.test),
            carrier_id=await self._carrier_id(body.carrier),
            keywords=body.keywords,
            settings=NumberSettings(deliver_to=body.deliver_to, credential_id=body.credential_id),
        )
        self._check(row)
        return Made(row, writes=keyword_writes(None, row))

    def fields_of(self, row: OwnNumber) -> NumberFields:
        return NumberFields(
            account_id=row.account_id,
            carrier=row.carrier_id,
            test=row.test,
            keywords=list(row.keywords),
            deliver_to=row.settings.deliver_to,
            credential_id=row.settings.credential_id,
        )

    async def changed(
        self, row: OwnNumber, fields: NumberFields, said: Mapping[str, Any], caller: Principal
    ) -> Changed:
        after = msgspec.structs.replace(
            row,
            account_id=fields.account_id,
            carrier_id=await self._carrier_id(fields.carrier) if "carrier" in said else row.carrier_id,
            test=fields.test,
            keywords=checked_keywords(fields.keywords),
            settings=NumberSettings(deliver_to=fields.deliver_to, credential_id=fields.credential_id),
        )
        self._check(after)
        return Changed(after, keyword_writes(row, after))

    async def remove(self, row: OwnNumber, caller: Principal, by: By) -> None:
        await self._numbers.remove(row, by)

    def view(self, row: OwnNumber, caller: Principal) -> Number:
        shown = Number(
            deliver_to=row.settings.deliver_to,
            credential_id=row.settings.credential_id,
            **shown_fields(Number, row),
        )
        if caller.operates(SCOPE):
            shown.carrier = None if row.carrier_id is None else self._names.carrier_name(row.carrier_id)
        return shown

    async def _shown(self, rows: Sequence[OwnNumber]) -> list[OwnNumber]:
        return await self._numbers.with_last_received(await self._numbers.with_keywords(rows))

    async def _carrier_id(self, name: str | None) -> str | None:
        return None if name is None else (await self._carriers.named_carrier(name, "carrier")).id

    def _check(self, row: OwnNumber) -> None:
        """Raise Problem if an account or a credential does not exist."""
        if row.account_id not in self._accounts:
            raise Problem("invalid_field", "Unknown account.", param="account_id")
        credential_id = row.settings.credential_id
        if credential_id is not None and not self._credentials.valid(credential_id, row.tenant):
            detail = "The account has no such SMPP credential in this mode."
            raise Problem("invalid_field", detail, param="credential_id")
