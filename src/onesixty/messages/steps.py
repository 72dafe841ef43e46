"""The steps that every message goes through, in their order. `standard` is the table of contents.

Rules kept here:
- what a recipient, a sender and the content are is decided by the message's channel (`core.channel`);
- what a caller leaves out gets the account's default, if it has one, in the step of that field; the caller is told;
- validity counts from acceptance, or from `scheduled_at`; an edit keeps counting from there;
- the price follows from the text as it is counted here, and is fixed at release; a message that costs nothing (test
  traffic, an operator's probe of one carrier) stays free;
- the route of a scheduled message is chosen again at its release;
- every step here says what its answer for a plain message depends on, so that one message speaks for those alike
  (`messages.express`). Recipient and text are read for each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from msgspec import UnsetType

from onesixty.accounts import Accounts
from onesixty.accounts.account import CLOSED
from onesixty.core import message as message_
from onesixty.core import statuses
from onesixty.core.channel import Channels
from onesixty.core.errors import Problem
from onesixty.core.hop import Hop
from onesixty.core.message import Message
from onesixty.core.notices import Replaced
from onesixty.core.orders import Edit, Fact, Order
from onesixty.core.paid_above import Share, column_of
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

#: What the steps depend on (`Step.depends_on`).
_NOTHING: Final[frozenset[Fact]] = frozenset()
_SENDER: Final[frozenset[Fact]] = frozenset({"account", "channel", "country", "sender"})
_ACCOUNT: Final[frozenset[Fact]] = frozenset({"account"})
_CLASS: Final[frozenset[Fact]] = frozenset({"class"})
_PRICE: Final[frozenset[Fact]] = frozenset({"account", "test", "segments"})

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
    #: What a choice for a message without tags depends on now; None if on more than facts.
    facts: frozenset[Fact] | None

    @property
    def version(self) -> object:
        """Changes with whatever changes choices."""

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
        Sender(channels, accounts),
        Account(accounts),
        Class(accounts),
        Allowed(),
        Time(accounts),
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
        found = self.read_one(message.channel, message.recipient)
        message.recipient, message.country, message.network = found

    def read_one(self, channel: str, written: str) -> tuple[str, str | None, str | None]:
        """The recipient in the form that messages keep, its country and its network. Raises Problem."""
        recipient, country = self._address[channel](written)
        return recipient, country, self._networks.of(recipient) if channel in self._has_networks else None

    def depends_on(self) -> frozenset[Fact]:
        return _NOTHING  # it is read for each message


class Sender(Step):
    """Reads the sender. A message without one gets the account's own for the recipient's country."""

    name = "sender"
    again = _AT_EDITS

    def __init__(self, channels: Channels, accounts: Accounts) -> None:
        self._sender = channels.each(lambda channel: channel.sender)
        self._accounts = accounts

    def judge(self, draft: Draft) -> None:
        message = draft.message
        if not message.sender and draft.order is not None:
            defaults = self._accounts.book[message.account_id].settings.defaults
            sender = defaults.sender(message.country)
            if sender is not None:
                message.sender = sender
                draft.change(self, "default_sender", f"The account's sender `{sender}` is used.", "from")
            elif draft.order.sender is None:
                raise Problem(
                    "missing_field",
                    "`from` is missing, and the account has no default sender for the recipient's country.",
                    param="from",
                )
        message.sender = self._sender[message.channel](message.sender)

    def depends_on(self) -> frozenset[Fact]:
        return _SENDER

    def version(self) -> object:
        return self._accounts.version


class Account(Step):
    """Refuses new messages of an account that is suspended or closed, itself or by an account above it."""

    name = "account"
    again = _AT_EDITS

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._tree = accounts.tree

    def judge(self, draft: Draft) -> None:
        state = self._tree.stopped.get(draft.message.account_id)
        if state is not None:
            raise Problem("account_closed" if state == CLOSED else "account_suspended")

    def depends_on(self) -> frozenset[Fact]:
        return _ACCOUNT

    def version(self) -> object:
        return self._accounts.version


class Class(Step):
    """Sets the account's class if the caller named none, checks that the account may use it, and sets its default for
    unknown outcomes."""

    name = "class"
    again = _AT_EDITS

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def judge(self, draft: Draft) -> None:
        message = draft.message
        if draft.order is not None and draft.order.class_ is None:
            class_ = self._accounts.book[message.account_id].settings.defaults.class_
            if class_ is not None and class_ != message.class_:
                message.class_ = class_
                draft.change(self, "default_class", f"The account's class `{class_}` is used.", "class")
        if message.class_ == message_.OTP and message.account_id in self._accounts.tree.without_otp:
            raise Problem("forbidden", "This account may not use class otp.", param="class")
        if not message.on_unknown:
            message.on_unknown = ON_UNKNOWN[message.class_]

    def depends_on(self) -> frozenset[Fact]:
        return _ACCOUNT | _CLASS

    def version(self) -> object:
        return self._accounts.version


class Allowed(Step):
    """Refuses senders and classes that the key or SMPP credential of the caller may not use."""

    name = "allowed"
    again = _AT_EDITS

    def judge(self, draft: Draft) -> None:
        asked = draft.order or draft.edit
        grant = None if asked is None else asked.grant
        if grant is not None:
            grant.check_sender(draft.message.sender)
            grant.check_class(draft.message.class_)

    def depends_on(self) -> frozenset[Fact]:
        return frozenset()  # an order with a grant is no plain one


class Time(Step):
    """Sets when sending starts, and when the message expires."""

    name = "time"
    again = _AT_EDITS

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def judge(self, draft: Draft) -> None:
        if draft.order is not None:
            self._new(draft, draft.order)
        elif draft.edit is not None:
            self._edited(draft.message, draft.edit, draft.now)

    def depends_on(self) -> frozenset[Fact]:
        return _ACCOUNT | _CLASS  # a plain message is sent at once

    def version(self) -> object:
        return self._accounts.version

    def _validity(self, message: Message) -> int:
        """The validity in seconds of a message whose caller set none."""
        own = self._accounts.book[message.account_id].settings.defaults.valid_for
        return own[message.class_] if message.class_ in own else VALIDITY[message.class_]

    def _new(self, draft: Draft, order: Order) -> None:
        message, now = draft.message, draft.now
        starts_at = order.scheduled_at
        check_schedule(starts_at, now)
        if starts_at is None:
            starts_at = now
        seconds = order.valid_for if order.valid_for is not None else self._validity(message)
        if order.valid_for is None and seconds != VALIDITY[message.class_]:
            draft.change(
                self, "default_validity", f"The account's validity of {seconds} s is used.", "valid_for"
            )
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
            seconds = self._validity(message) if edit.valid_for is None else edit.valid_for
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

    def depends_on(self) -> frozenset[Fact]:
        return _NOTHING  # it is read for each message


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

    def depends_on(self) -> frozenset[Fact]:
        return _NOTHING  # a plain message has none


class Price(Step):
    """Sets the price for the account, and for each account above it: an estimate until the release, fixed from then
    on."""

    name = "price"
    again = _AT_EDITS_AND_RELEASE

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def judge(self, draft: Draft) -> None:
        message = draft.message
        account = self._accounts.book[message.account_id]
        if draft.order is not None:
            message.currency = account.currency
            if message.test or draft.order.carrier is not None:
                return
        elif not (draft.words is not None or draft.moment == RELEASE) or not (
            message.price or message.paid_above
        ):  # a free message stays free
            return
        message.price = account.price_per_segment * message.segments
        above = self._accounts.tree.above
        if above and message.account_id in above:
            message.paid_above = self._shares(above[message.account_id], message.segments)

    def _shares(self, above: Sequence[str], segments: int) -> str | None:
        """What each account above pays: its own price."""
        accounts = [self._accounts.book[account_id] for account_id in above]
        return column_of([Share(one.id, one.price_per_segment * segments, one.currency) for one in accounts])

    def depends_on(self) -> frozenset[Fact]:
        return _PRICE

    def version(self) -> object:
        return self._accounts.version


class Route(Step):
    """Sets the route and its hops. The carrier that takes the message is known when its place is
    reserved (`messages.holds`)."""

    name = "route"
    again = _AT_EDITS_AND_RELEASE

    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        self._concerned = frozenset({"route", *routes.FILTERED})

    def judge(self, draft: Draft) -> None:
        if not draft.concerns(self._concerned):
            return
        message, order = draft.message, draft.order
        bound = None if order is None else order.carrier
        choice = self._routes.choose(message) if bound is None else self._routes.over(bound, message)
        message.route_id = choice.route_id or None
        draft.hops = choice.hops

    def depends_on(self) -> frozenset[Fact] | None:
        return self._routes.facts

    def version(self) -> object:
        return self._routes.version
