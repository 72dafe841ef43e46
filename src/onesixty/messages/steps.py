"""The steps that every message goes through, in their order. `standard` is the table of contents.

Rules kept here:
- what a recipient, a sender and the content are is decided by the message's channel (`core.channel`);
- validity counts from acceptance, or from `scheduled_at`; an edit keeps counting from there;
- the price follows from the text as it is counted here, and is fixed at release; a message that costs nothing (test
  traffic, an operator's probe of one carrier) stays free;
- the route of a scheduled message is chosen again at its release.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from msgspec import UnsetType

from onesixty.accounts import Accounts
from onesixty.core import message as message_
from onesixty.core import statuses
from onesixty.core.channel import Channels
from onesixty.core.errors import Problem
from onesixty.core.hop import Hop
from onesixty.core.message import Message
from onesixty.core.notices import Replaced
from onesixty.core.orders import Edit, Order
from onesixty.http.urls import check_url
from onesixty.messages.drafts import EDIT, RELEASE, Draft, Moment, Step
from onesixty.ops.settings import Settings
from onesixty.ranges.networks import Networks

#: The default validity of each class, in seconds.
VALIDITY: Final = {message_.OTP: 300, message_.TRANSACTIONAL: 86_400, message_.MARKETING: 172_800}
LONGEST_VALIDITY: Final = 7 * 86_400
FARTHEST_SCHEDULE_MS: Final = 366 * 86_400_000
#: By class, the default treatment of a message whose outcome is unknown.
ON_UNKNOWN: Final = {message_.OTP: "resend", message_.TRANSACTIONAL: "resend", message_.MARKETING: "hold"}

_AT_EDITS: Final[frozenset[Moment]] = frozenset({EDIT})
_AT_EDITS_AND_RELEASE: Final[frozenset[Moment]] = frozenset({EDIT, RELEASE})


class RouteChoice(Protocol):
    """A route and its hops, first choice first."""

    route_id: str
    hops: tuple[Hop, ...]


class Routes(Protocol):
    """The part of routing that the steps need. Both methods raise Problem. Implemented by `routing.router.Router`."""

    #: The fields of an edit after which a route is chosen again.
    FILTERED: frozenset[str]

    def choose(self, message: Message) -> RouteChoice:
        """The route and hops for a message. Its present route and carrier are ignored."""

    def over(self, carrier_id: str, message: Message) -> RouteChoice:
        """The choice of one carrier, past all routes."""


def standard(
    settings: Settings,
    *,
    channels: Channels,
    accounts: Accounts,
    networks: Networks,
    routes: Routes,
    rules: Sequence[Step] = (),
) -> tuple[Step, ...]:
    """All steps. `rules` are the steps of features. They see the complete message, and come before the price and the
    route, which follow their changes. Those that judge hops come last."""
    return (
        Recipient(channels, networks),
        Sender(channels),
        Account(accounts),
        Class(accounts),
        Time(),
        Text(channels),
        Callback(settings.webhook_allow_private),
        *(rule for rule in rules if not rule.judges_hops),
        Price(accounts),
        Route(routes),
        *(rule for rule in rules if rule.judges_hops),
    )


class Recipient(Step):
    """Reads the recipient, and sets its country; of a number, also its network."""

    name = "recipient"

    def __init__(self, channels: Channels, networks: Networks) -> None:
        self._address = channels.each(lambda channel: channel.address)
        self._has_networks = frozenset(channel.name for channel in channels if channel.numbers)
        self._networks = networks

    def judge(self, draft: Draft) -> None:
        message = draft.message
        message.recipient, message.country = self._address[message.channel](message.recipient)
        if message.channel in self._has_networks:
            message.network = self._networks.of(message.recipient)


class Sender(Step):
    """Reads the sender."""

    name = "sender"
    again = _AT_EDITS

    def __init__(self, channels: Channels) -> None:
        self._sender = channels.each(lambda channel: channel.sender)

    def judge(self, draft: Draft) -> None:
        message = draft.message
        message.sender = self._sender[message.channel](message.sender)


class Account(Step):
    """Refuses new messages of a suspended account."""

    name = "account"
    again = _AT_EDITS

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def judge(self, draft: Draft) -> None:
        if self._accounts.book[draft.message.account_id].settings.suspended:
            raise Problem("account_suspended")


class Class(Step):
    """Checks that the account may use the class, and sets the class's default for unknown outcomes."""

    name = "class"
    again = _AT_EDITS

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def judge(self, draft: Draft) -> None:
        message = draft.message
        may_use_otp = self._accounts.book[message.account_id].settings.may_use_otp
        if message.class_ == message_.OTP and not may_use_otp:
            raise Problem("forbidden", "This account may not use class otp.", param="class")
        if not message.on_unknown:
            message.on_unknown = ON_UNKNOWN[message.class_]


class Time(Step):
    """Sets when sending starts, and when the message expires."""

    name = "time"
    again = _AT_EDITS

    def judge(self, draft: Draft) -> None:
        if draft.order is not None:
            self._new(draft.message, draft.order, draft.now)
        elif draft.edit is not None:
            self._edited(draft.message, draft.edit, draft.now)

    def _new(self, message: Message, order: Order, now: int) -> None:
        starts_at = order.scheduled_at
        check_schedule(starts_at, now)
        if starts_at is None:
            starts_at = now
        seconds = order.valid_for if order.valid_for is not None else VALIDITY[message.class_]
        if not 1 <= seconds <= LONGEST_VALIDITY:
            raise Problem(
                "invalid_field",
                f"`valid_for` must be between 1 and {LONGEST_VALIDITY} seconds.",
                param="valid_for",
            )
        message.expires_at = starts_at + seconds * 1000
        if starts_at > now:
            message.status, message.due_at, message.queued_at = statuses.SCHEDULED, starts_at, None
        else:
            message.due_at = message.expires_at

    def _edited(self, message: Message, edit: Edit, now: int) -> None:
        """Set the times of an edited message, which still has its old ones here."""
        scheduled_at = message.scheduled_at
        asked = edit.scheduled_at
        if not isinstance(asked, UnsetType):
            if message.status != statuses.QUEUED:
                check_schedule(asked, now)
                scheduled_at = now if asked is None else asked
            elif asked is not None:
                raise Problem(
                    "too_late",
                    "The message is already queued, so it can no longer be rescheduled.",
                    param="scheduled_at",
                )
        began = message.created_at if message.scheduled_at is None else message.scheduled_at
        begins = message.created_at if scheduled_at is None else scheduled_at
        message.scheduled_at = scheduled_at
        if not isinstance(edit.expires_at, UnsetType):
            expires_at = edit.expires_at
        elif not isinstance(edit.valid_for, UnsetType):
            seconds = VALIDITY[message.class_] if edit.valid_for is None else edit.valid_for
            expires_at = begins + seconds * 1000
        else:
            message.expires_at += begins - began
            return
        if not max(begins, now) < expires_at <= begins + LONGEST_VALIDITY * 1000:
            raise Problem(
                "invalid_field",
                f"The validity period must end in the future and must not exceed {LONGEST_VALIDITY} seconds.",
                param="valid_for",
            )
        message.expires_at = expires_at


def check_schedule(scheduled_at: int | None, now: int) -> None:
    """Raise Problem unless a message may be scheduled for this time. Both times are in epoch ms."""
    if scheduled_at is not None:
        if scheduled_at < now:
            raise Problem("scheduled_in_past", param="scheduled_at")
        if scheduled_at > now + FARTHEST_SCHEDULE_MS:
            raise Problem("scheduled_too_far", param="scheduled_at")


class Text(Step):
    """Sets the content and the number of units, which is what is paid for."""

    name = "text"
    again = _AT_EDITS

    def __init__(self, channels: Channels) -> None:
        self._compose = channels.each(lambda channel: channel.compose)

    def judge(self, draft: Draft) -> None:
        if draft.words is None:
            draft.keep(self)
            return
        message = draft.message
        (
            message.text,
            message.encoding,
            message.segments,
            message.content,
            changes,
        ) = self._compose[message.channel](draft.words)
        if changes:
            replaced = tuple(Replaced(c.character, c.replacement, len(c.positions)) for c in changes)
            draft.change(self, "transliterated", "Similar characters replaced some.", "text", replaced)


class Callback(Step):
    """Checks the URL that gets the message's own events."""

    name = "callback"
    again = _AT_EDITS

    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private

    def judge(self, draft: Draft) -> None:
        url = draft.message.status_callback
        if url is not None:
            check_url(url, self._allow_private, param="status_callback")


class Price(Step):
    """Sets the price for the account: an estimate until the release, fixed from then on."""

    name = "price"
    again = _AT_EDITS_AND_RELEASE

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def judge(self, draft: Draft) -> None:
        message = draft.message
        account = self._accounts.book[message.account_id]
        if draft.order is not None:
            message.currency = account.currency
            if not message.test and draft.order.carrier is None:
                message.price = account.price_per_segment * message.segments
        elif message.price and (
            draft.words is not None or draft.moment == RELEASE
        ):  # a free message stays free
            message.price = account.price_per_segment * message.segments


class Route(Step):
    """Sets the route and its hops. The carrier that takes the message is known when its place is
    reserved (`messages.holds`)."""

    name = "route"
    again = _AT_EDITS_AND_RELEASE

    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        self._depends_on = frozenset({"route", *routes.FILTERED})

    def judge(self, draft: Draft) -> None:
        if not draft.concerns(self._depends_on):
            return
        message, order = draft.message, draft.order
        bound = None if order is None else order.carrier
        choice = self._routes.choose(message) if bound is None else self._routes.over(bound, message)
        message.route_id = choice.route_id or None
        draft.hops = choice.hops
