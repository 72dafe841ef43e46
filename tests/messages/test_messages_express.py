"""The express lane gives what the general way gives: the same answers, rows, ledger, events and octets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onesixty.accounts import Account, AccountSettings
from onesixty.accounts.account import ACTIVE, SUSPENDED, Defaults
from onesixty.carriers.smpp.plan import Plans
from onesixty.carriers.smpp.settings import SmppSettings
from onesixty.channels.sms.orders import PlainSend, SendOrder
from onesixty.core.errors import Problem
from onesixty.core.message import Message
from onesixty.core.orders import Fact
from onesixty.core.tenant import Tenant
from onesixty.doors.v1.sent import sent_body
from onesixty.inventory.tables import NumberSettings, OwnNumber
from onesixty.messages.drafts import Draft, Step
from tests.support.message_path import START_MS, Lease, Node

ACCOUNTS = ("acc_one", "acc_two")
SENDERS = ("Acme", "acme ", "+15550001111", "12345", "", "far too long for a sender")
RECIPIENTS = ("+15551234567", "+447700900123", "0044 7700 900123", "+4915112345678", "+3361", "nobody")
TEXTS = ("hello", "Your code is 482931", "ä€", "Привет", "", "x" * 161, "y" * 2000, "BUY NOW", "half \ud800")
CARRIERS = ("car_a", "car_b")


class ByFacts(Step):
    """A rule that depends on facts alone, and says so. What it does changes now and then."""

    name = "by_facts"

    def __init__(self) -> None:
        self.refused: str | None = None
        self.mark: str | None = None

    def judge(self, draft: Draft) -> None:
        if draft.message.country == self.refused and self.refused is not None:
            raise Problem("message_refused", "Not to this country.")
        if draft.message.class_ == self.mark:
            draft.message.priority = 3

    def depends_on(self) -> frozenset[Fact]:
        return frozenset({"country", "class"})

    def version(self) -> object:
        return self.refused, self.mark


class ByText(Step):
    """A rule that depends on the text, and says nothing."""

    name = "by_text"
    on: ClassVar[bool] = True

    def judge(self, draft: Draft) -> None:
        if draft.message.text.isupper():
            raise Problem("message_refused", "The text is in capitals.")


orders = st.builds(
    PlainSend,
    tenant=st.builds(Tenant, st.sampled_from(ACCOUNTS), st.sampled_from([False, False, False, True])),
    sender=st.sampled_from(SENDERS),
    recipient=st.sampled_from(RECIPIENTS),
    text=st.sampled_from(TEXTS),
    class_=st.sampled_from([None, None, "otp", "marketing"]),
    reference=st.sampled_from([None, "order 7"]),
    origin=st.sampled_from([None, None, '{"door":"pager"}']),
    batch_id=st.sampled_from([None, None, "bat_1"]),
)
likely = st.builds(
    PlainSend,
    tenant=st.just(Tenant("acc_one", False)),
    sender=st.just("Acme"),
    recipient=st.sampled_from(RECIPIENTS[:4]),
    text=st.sampled_from(TEXTS[:4]),
    class_=st.none(),
    reference=st.sampled_from([None, "order 7"]),
    origin=st.sampled_from([None, None, '{"door":"pager"}']),
    batch_id=st.sampled_from([None, None, "bat_1"]),
)
filters = st.fixed_dictionaries(
    {},
    optional={
        "countries": st.just(["GB"]),
        "accounts": st.just(["acc_two"]),
        "classes": st.just(["otp"]),
        "senders": st.sampled_from([["Acme"], ["Ac*"]]),
        "sender_kinds": st.just(["numeric"]),
        "networks": st.just(["23410"]),
        "prefixes": st.just(["+4477"]),
        "tags": st.just(["news"]),
    },
)
defaults = st.builds(
    Defaults,
    class_=st.sampled_from([None, "marketing"]),
    valid_for=st.sampled_from([{}, {"otp": 60}, {"transactional": 600}]),
)
one_way = st.sampled_from([["car_a"], ["car_b"], ["car_a", "car_b"]])
any_way = st.sampled_from(
    [
        [{"carrier": "car_a", "order": 1, "weight": 1}, {"carrier": "car_b", "order": 1, "weight": 1}],
        [],
    ]
)
changes = st.one_of(
    st.tuples(
        st.just("account"),
        st.tuples(
            st.sampled_from(ACCOUNTS),
            st.sampled_from([0, 7_500, 9_000]),
            st.builds(AccountSettings, may_use_otp=st.booleans(), defaults=defaults),
            st.sampled_from([ACTIVE, ACTIVE, SUSPENDED]),
        ),
    ),
    st.tuples(st.just("routes"), st.tuples(one_way, one_way, filters)),
    st.tuples(st.just("routes"), st.tuples(one_way, st.one_of(one_way, any_way), filters)),
    st.tuples(st.just("networks"), st.sampled_from([{}, {"4477": "23410"}, {"447700": "23415", "1": "310"}])),
    st.tuples(st.just("numbers"), st.sampled_from([(), ("car_a",), ("car_b",)])),
    st.tuples(st.just("rule"), st.tuples(st.sampled_from([None, "GB"]), st.sampled_from([None, "otp"]))),
    st.tuples(st.just("pass"), st.integers(0, 90_000)),
)
batches = st.one_of(
    st.lists(likely, min_size=1, max_size=4), st.lists(st.one_of(orders, likely), min_size=1, max_size=4)
)
#: A change, and what is sent until the next one.
rounds = st.tuples(changes, st.lists(batches, min_size=1, max_size=4))


class Twin:
    """One of two nodes to which the same happens."""

    def __init__(self, node: Node, rule: ByFacts) -> None:
        self.node, self.rule = node, rule
        self.sent: list[str] = []
        self.answers: list[Any] = []
        self.now = self.sends = 0
        node.clock.now_ms = lambda: START_MS + self.now  # type: ignore[method-assign]
        node.clock.monotonic = lambda: self.now / 1000  # type: ignore[method-assign]

    async def happen(self, what: str, given: Any) -> None:
        """Something that happens to both."""
        node = self.node
        if what == "send":
            self.sends += 1
            found = await node.intake.accept([order if self.sends % 2 else order.full() for order in given])
            self.answers += [self._answer(one) for one in found]
            self.sent += [one.id for one in found if isinstance(one, Message)]
            await node.until_idle()
        elif what == "account":
            id_, price, settings_, state = given
            node.accounts.book[id_] = Account(
                id=id_, name=id_, currency="EUR", price_per_segment=price, settings=settings_, created_at=0,
                state=state,
            )  # fmt: skip
            node.accounts.tree.renew()
            node.accounts.version += 1
        elif what == "routes":
            first, second, match = given
            node.load_routes({"narrow": first, "default": second}, {"car_a": 100}, only="narrow", **match)
        elif what == "networks":
            node.networks._take_over(given)
        elif what == "numbers":
            node.numbers._fill([_number(carrier) for carrier in given])
        elif what == "rule":
            self.rule.refused, self.rule.mark = given
        elif what == "pass":
            self.now += given

    def _answer(self, result: Any) -> Any:
        if isinstance(result, Message):
            return sent_body(result).replace(result.id.encode(), b"ID")
        return (result.code, result.detail, result.param, result.rule, result.extra)

    async def rows(self) -> list[Any]:
        """All that is on disk of the messages, in their order, without ids that are drawn."""
        found: list[Any] = []
        for id_ in self.sent:
            message = await self.node.get(id_)
            row = msgspec.structs.asdict(message) | {"id": ""}
            attempts = [
                msgspec.structs.asdict(one) | {"message_id": "", "match_id": "", "carrier_message_id": ""}
                for one in await self.node.attempts(message)
            ]
            found.append((row, await self.node.ledger(message), await self.node.events(message), attempts))
        return found

    def octets(self) -> list[bytes]:
        """What a carrier over SMPP writes for each message."""
        plan = Plans(SmppSettings(host="smsc.example", port=2775, system_id="a", password="b")).common
        found = []
        for carrier in self.node.carriers.values():
            for submission in carrier.submissions:
                rendered = plan.render(submission.message, submission.rendered.sender, 7)
                again = msgspec.structs.replace(submission, rendered=rendered)
                body = plan.body(again, 0)
                found.append(body if body is not None else repr(plan.submit(again, 0)).encode())
        return found


def _number(carrier: str) -> OwnNumber:
    return OwnNumber(
        id="num_1", number="+15550001111", account_id="acc_one", test=False, carrier_id=carrier,
        settings=NumberSettings(), created_at=0,
    )  # fmt: skip


async def _twin(new_node: Callable[..., Awaitable[Node]], rules: Sequence[Step]) -> Twin:
    rule = ByFacts()
    node = await new_node(carriers=CARRIERS, rules=[rule, *rules], window=1000)
    for carrier in node.carriers.values():
        carrier.script = carrier.accept
    node.keeper = Lease(node.lease)
    return Twin(node, rule)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    history=st.lists(rounds, min_size=3, max_size=12), by_text=st.sampled_from([False, False, False, True])
)
def test_both_ways_give_the_same(history: Sequence[tuple[tuple[str, Any], Any]], by_text: bool) -> None:
    async def run() -> None:
        nodes: list[Node] = []

        async def start(**given: Any) -> Node:
            nodes.append(await Node.start(**given))
            return nodes[-1]

        rules = [ByText()] if by_text else []
        express, general = await _twin(start, rules), await _twin(start, rules)
        general.node.intake._express.look = lambda: False  # type: ignore[method-assign]  # it stays closed
        try:
            for change, sent in history:
                for what, given_ in (change, *(("send", batch) for batch in sent)):
                    await express.happen(what, given_)
                    await general.happen(what, given_)
            assert express.answers == general.answers
            assert await express.rows() == await general.rows()
            assert express.octets() == general.octets()
        finally:
            for node in nodes:
                await node.close()

    asyncio.run(run())


async def test_messages_alike_ask_the_steps_once(new_node: Callable[..., Awaitable[Node]]) -> None:
    """Until a book changes. The rule is asked when it is not known what it says."""
    asked: list[str] = []

    class Counting(ByFacts):
        def judge(self, draft: Draft) -> None:
            asked.append(draft.message.recipient)
            super().judge(draft)

    rule = Counting()
    node = await new_node(rules=[rule])
    node.accounts.book["acc_one"] = node.accounts.book["acc_one"]

    async def send(recipient: str, **fields: Any) -> None:
        order = PlainSend(Tenant("acc_one", False), "Acme", recipient, "hello", **fields)
        (result,) = await node.intake.accept([order])
        assert isinstance(result, Message)

    for number in range(5):
        await send(f"+1555123456{number}")
    assert asked == ["+15551234560"]
    await send("+447700900123")
    assert asked == ["+15551234560", "+447700900123"], "another country"
    rule.mark = "otp"
    await send("+15551234569")
    assert asked[2:] == ["+15551234569"], "its version changed"
    node.accounts.version += 1
    await send("+15551234570")
    assert asked[3:] == ["+15551234570"], "an account changed"


async def test_messages_of_one_validity_are_alike(new_node: Callable[..., Awaitable[Node]]) -> None:
    """With a guard of their door, too. An order that is judged alone is asked about each time."""
    asked: list[str] = []

    class Counting(ByFacts):
        def judge(self, draft: Draft) -> None:
            asked.append(draft.message.recipient)
            super().judge(draft)

    node = await new_node(rules=[Counting()])
    node.accounts.book["acc_one"] = node.accounts.book["acc_one"]

    async def send(last: int, **fields: Any) -> Message:
        order = SendOrder(
            tenant=Tenant("acc_one", False), sender="Acme", recipient=f"+1555123456{last}", text="hello",
            guards=lambda _: (), **fields,
        )  # fmt: skip
        (result,) = await node.intake.accept([order])
        assert isinstance(result, Message)
        return result

    for last, seconds in enumerate((600, 600, 300, 600, 300)):
        made = await send(last, valid_for=seconds)
        assert made.expires_at - made.created_at == seconds * 1000
    assert asked == ["+15551234560", "+15551234562"]
    await send(6, valid_for=600, alone=True)
    assert asked[2:] == ["+15551234566"]


async def test_a_step_that_says_nothing_is_asked_about_every_message(
    new_node: Callable[..., Awaitable[Node]],
) -> None:
    node = await new_node(rules=[ByText()])
    orders_ = [
        PlainSend(Tenant("acc_one", False), "Acme", "+15551234567", text)
        for text in ("buy now", "buy now", "BUY NOW")
    ]
    first, second, loud = [(await node.intake.accept([order]))[0] for order in orders_]
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    assert isinstance(loud, Problem)
    assert loud.rule == "by_text"


@pytest.mark.parametrize("others", [False, True], ids=["alone", "others look meanwhile"])
async def test_nothing_is_kept_of_what_changes_while_a_message_waits(
    new_node: Callable[..., Awaitable[Node]], others: bool
) -> None:
    """An account changes between the judgement and the wait for its holds."""
    node = await new_node()
    order = PlainSend(Tenant("acc_one", False), "Acme", "+15551234567", "hello")
    node.accounts.book["acc_one"] = node.accounts.book["acc_one"]
    holds = node.intake._holds
    filled = holds.filled

    async def changed(drafts: Sequence[Draft]) -> None:
        await filled(drafts)
        account = node.accounts.book["acc_one"]
        node.accounts.book["acc_one"] = msgspec.structs.replace(account, price_per_segment=1)
        node.accounts.version += 1
        if others:
            node.intake._express.look()

    holds.filled = changed  # type: ignore[method-assign]
    (first,) = await node.intake.accept([order])
    holds.filled = filled  # type: ignore[method-assign]
    (second,) = await node.intake.accept([order])
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    assert (first.price, second.price) == (7500, 1)
