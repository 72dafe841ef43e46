"""The filters of messages in a query, as lists, counts and exports take them.

Rules kept here:
- all filters of a query hold together;
- a filter and its negation (`country`, `country_not`) read values in the same way. The negation may be repeated: a
  message passes it if its value is none of those, or if it has none. Where an empty value finds messages without
  one, its negation leaves them out;
- a filter for a part of a value (`number`, `from_prefix`, `reference_prefix`) has no negation: whole values are left
  out, so that nobody leaves out more than was meant.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from onesixty import numbers
from onesixty.core import ids
from onesixty.core.errors import CATALOGUE, Problem
from onesixty.http import bodies, moments
from onesixty.http.bodies import OR_NONE, CountryOrNone, NetworkOrNone, Query, negated
from onesixty.http.exports import PERSONAL
from onesixty.http.scopes import Principal, check_scope
from onesixty.messages.queries import Filters
from onesixty.network.configs import Configs

Status = Literal[
    "scheduled",
    "queued",
    "held",
    "sent",
    "delivered",
    "undelivered",
    "unconfirmed",
    "failed",
    "expired",
    "canceled",
    "received",
]
Class = Literal["otp", "transactional", "marketing"]
Direction = Literal["outbound", "inbound"]
Address = Annotated[str, Field(max_length=64)]
Name = Annotated[str, Field(max_length=100)]
Tag = Annotated[str, Field(max_length=50)]
_CODE: Final[dict[str, Any]] = {"anyOf": [bodies.named("ErrorCode"), {"enum": [""]}]}
Code = Annotated[str, Field(max_length=50, json_schema_extra=_CODE)]

#: The cursor of a list of messages is the id of one, perhaps of none that exists.
CURSOR: Final = "^msg_[0-9a-hjkmnp-tv-z]{26}$"
#: Keys with this scope see carriers, routes, costs and raw codes.
OPERATOR: Final = "carriers"


class FilterQuery(Query):
    """The filters of a list or an export."""

    status: Annotated[
        list[Status] | None,
        Field(
            description="Only messages with this status. Repeat it for several: `status=sent&status=queued`."
        ),
    ] = None
    held_for: Annotated[
        str | None,
        Field(max_length=50, description="Only messages held for this: `outcome_unknown`, `review`."),
    ] = None
    to: Annotated[
        str | None, Field(max_length=64, description="The recipient, in any notation."), PERSONAL
    ] = None
    sender: Annotated[
        str | None, Field(max_length=64, alias="from", description="The sender, in any notation."), PERSONAL
    ] = None
    from_prefix: Annotated[
        str | None, Field(min_length=1, max_length=64, description="The beginning of the sender."), PERSONAL
    ] = None
    sender_shown: Annotated[
        str | None,
        Field(
            max_length=64,
            description="The sender that the recipient sees, by which reports count: `sender_used` once a carrier "
            "has the message, else `from`; of an incoming message the number that it came to.",
        ),
        PERSONAL,
    ] = None
    created_after: Annotated[str | None, Field(max_length=40, description="RFC 3339; inclusive.")] = None
    created_before: Annotated[str | None, Field(max_length=40, description="RFC 3339; exclusive.")] = None
    tag: Annotated[str | None, Field(max_length=50)] = None
    reference: Annotated[str | None, Field(max_length=255)] = None
    batch_id: Annotated[str | None, Field(max_length=40)] = None
    campaign_id: Annotated[
        str | None, Field(max_length=40, description="Reserved: matches nothing in this version.")
    ] = None
    direction: Direction | None = None
    country: Annotated[
        CountryOrNone | None,
        Field(description="ISO 3166 country of the recipient. An empty value finds messages without one."),
    ] = None
    class_: Annotated[Class | None, Field(alias="class")] = None
    error_code: Annotated[
        str | None,
        Field(
            max_length=50,
            description="Only messages with this error code. An empty value finds messages without one.",
            json_schema_extra=_CODE,
        ),
    ] = None
    updated_after: Annotated[
        str | None,
        Field(
            max_length=40,
            description="RFC 3339; inclusive: only messages that were accepted, queued, sent, ended or redacted "
            "since. Needs `created_after`, because it is read from all messages accepted since then.",
        ),
    ] = None
    network: Annotated[
        NetworkOrNone | None,
        Field(description="MCC and MNC of the recipient's range. An empty value finds messages without one."),
    ] = None
    carrier: Annotated[
        str | None,
        Field(max_length=100, description="Only messages over this carrier, by name or id. For operators."),
    ] = None
    route: Annotated[
        str | None,
        Field(max_length=100, description="Only messages over this route, by name or id. For operators."),
    ] = None
    number: Annotated[
        str | None,
        Field(
            pattern=r"^\+?[0-9]{3,15}$",
            description="Part of a number, at least 3 digits: messages to or from numbers that contain it.",
        ),
        PERSONAL,
    ] = None
    reference_prefix: Annotated[
        str | None, Field(min_length=1, max_length=255, description="The beginning of the reference.")
    ] = None
    duplicates: Annotated[
        bool | None,
        Field(
            description="`true`: only messages that may have been sent more than once, because an attempt was "
            "repeated although an earlier one may have arrived. `false`: only the others."
        ),
    ] = None

    status_not: Annotated[list[Status] | None, negated("messages whose status is")] = None
    held_for_not: Annotated[list[Tag] | None, negated("messages that are held for", ", or not held")] = None
    to_not: Annotated[
        list[Address] | None,
        negated("messages whose recipient, a whole number in any notation, is"),
        PERSONAL,
    ] = None
    from_not: Annotated[
        list[Address] | None, negated("messages whose sender, in any notation, is"), PERSONAL
    ] = None
    sender_shown_not: Annotated[
        list[Address] | None,
        negated("messages whose sender that the recipient sees (`sender_shown`) is"),
        PERSONAL,
    ] = None
    direction_not: Annotated[list[Direction] | None, negated("messages whose direction is")] = None
    tag_not: Annotated[list[Tag] | None, negated("messages that have", " tags")] = None
    batch_id_not: Annotated[list[Tag] | None, negated("messages that are in", " batches, or in no batch")] = (
        None
    )
    country_not: Annotated[
        list[CountryOrNone] | None,
        negated("messages whose country is", OR_NONE),
    ] = None
    network_not: Annotated[
        list[NetworkOrNone] | None,
        negated("messages whose network is", OR_NONE),
    ] = None
    class_not: Annotated[list[Class] | None, negated("messages whose class is")] = None
    error_code_not: Annotated[list[Code] | None, negated("messages whose error code is", OR_NONE)] = None
    carrier_not: Annotated[
        list[Name] | None,
        negated("messages whose carrier, by name or id, is", ", or that have none yet; for operators"),
    ] = None
    route_not: Annotated[
        list[Name] | None,
        negated("messages whose route, by name or id, is", ", or that have none yet; for operators"),
    ] = None

    async def filters(self, caller: Principal, configs: Configs) -> Filters:
        """The filters for `messages.queries`. `configs` has the carriers and routes by name. Raises Problem."""
        if self.updated_after is not None and self.created_after is None:
            raise Problem(
                "invalid_parameter",
                "`updated_after` needs `created_after`: name the time since which the messages were accepted.",
                param="updated_after",
            )
        return Filters(
            statuses=tuple(self.status or ()),
            sender_prefix=self.from_prefix,
            updated_after=moments.of_query(self.updated_after, "updated_after"),
            network=self.network,
            **await self._of_network(caller, configs),
            number_part=None if self.number is None else self.number.removeprefix("+"),
            reference_prefix=self.reference_prefix,
            duplicates=self.duplicates,
            held_for=self.held_for,
            to=None if self.to is None else numbers.displayed(self.to),
            sender=None if self.sender is None else numbers.displayed(self.sender),
            sender_shown=None if self.sender_shown is None else numbers.displayed(self.sender_shown),
            created_after=moments.of_query(self.created_after, "created_after"),
            created_before=moments.of_query(self.created_before, "created_before"),
            tag=self.tag,
            reference=self.reference,
            batch_id=self.batch_id,
            campaign_id=self.campaign_id,
            direction=self.direction,
            country=None if self.country is None else self.country.upper(),
            class_=self.class_,
            error_code=None if self.error_code is None else _code("error_code", self.error_code),
            status_not=tuple(self.status_not or ()),
            held_for_not=tuple(self.held_for_not or ()),
            to_not=_addresses(self.to_not),
            sender_not=_addresses(self.from_not),
            sender_shown_not=_addresses(self.sender_shown_not),
            direction_not=tuple(self.direction_not or ()),
            tag_not=tuple(self.tag_not or ()),
            batch_id_not=tuple(self.batch_id_not or ()),
            country_not=tuple(each.upper() for each in self.country_not or ()),
            network_not=tuple(self.network_not or ()),
            class_not=tuple(self.class_not or ()),
            error_code_not=tuple(_code("error_code_not", each) for each in self.error_code_not or ()),
        )

    async def _of_network(self, caller: Principal, configs: Configs) -> dict[str, Any]:
        """The ids of the carriers and the routes that the query names. Raises Problem `forbidden` or
        `invalid_parameter`."""
        found: dict[str, Any] = {}
        for kind, name, said in (
            (ids.CARRIER, "carrier", self.carrier),
            (ids.ROUTE, "route", self.route),
        ):
            if said is not None:
                found[f"{name}_id"] = await _id_of(kind, said, name, caller, configs)
        for kind, name, several in (
            (ids.CARRIER, "carrier", self.carrier_not),
            (ids.ROUTE, "route", self.route_not),
        ):
            found[f"{name}_id_not"] = tuple(
                [await _id_of(kind, said, f"{name}_not", caller, configs) for said in several or ()]
            )
        return found


#: The parameters that may be repeated, by path.
REPEATED: Final = dict.fromkeys(
    ("/v1/messages", "/v1/messages/counts", "/v1/messages/export"), bodies.repeated(FilterQuery)
)


async def _id_of(kind: str, said: str, param: str, caller: Principal, configs: Configs) -> str:
    """The id of a carrier or route, by its name or id. Raises Problem `forbidden` or `invalid_parameter`."""
    check_scope(caller, OPERATOR)
    if ids.is_id(kind, said):  # it may be gone
        return said
    one = await (configs.carrier(said) if kind == ids.CARRIER else configs.route(said))
    if one is None:
        what = "carrier" if kind == ids.CARRIER else "route"
        raise Problem("invalid_parameter", f"Unknown {what} `{said}`.", param=param)
    return one.id


def _addresses(several: list[str] | None) -> tuple[str, ...]:
    """Recipients or senders as messages have them."""
    return tuple(map(numbers.displayed, several or ()))


def _code(param: str, value: str) -> str:
    """An error code. Raises Problem `invalid_parameter`."""
    if value and value not in CATALOGUE:
        raise Problem("invalid_parameter", f"Unknown error code `{value[:50]}`.", param=param)
    return value
