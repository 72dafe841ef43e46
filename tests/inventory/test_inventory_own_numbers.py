"""Whose an incoming message is: numbers, carriers, keywords of several languages."""

from __future__ import annotations

import msgspec
import pytest

from onesixty.core.contracts import InboundMessage
from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.core.message import Message
from onesixty.core.tenant import Tenant
from onesixty.inventory.own_numbers import OwnNumbers, begins_with, normal_keyword
from onesixty.inventory.tables import NumberSettings
from onesixty.messages.inbound import Inbound
from onesixty.messages.queries import Filters
from onesixty.store import migrations
from onesixty.store.sqlite import MemoryDatabase
from onesixty.store.statements import load
from tests.support.message_path import ACCOUNT, Node
from tests.support.path_fixtures import NewNode
from tests.support.waiting import wait_until_async


@pytest.mark.parametrize(
    ("keyword", "said", "fits"),
    [
        ("stop", "STOP", True),
        ("stop", "  ¡Stop! Now", True),
        ("stop", "stopped", False),
        ("stop", "stop.now", True),
        ("stop", "please stop", False),
        ("iptal", "İPTAL", True),
        ("iptal", "IPTAL lütfen", True),
        ("iptal", "ıptal", True),
        ("ΣΤΟΠ", "στοπ", True),
        ("STRASSE", "straße", True),
        ("退订", "退订了谢谢", True),
        ("หยุด", "หยุดส่ง", True),
        ("हाँ", "हाँ जी", True),
        ("ह", "हाँ", False),  # the vowel sign belongs to the word
        ("стоп", "СТОП", True),
        ("stop", "\u200bＳＴＯＰ", True),
        ("join now", "Join   NOW please", True),
        ("join now", "join nowhere", False),
        ("توقف", "توقف الآن", True),
        ("1", "1", True),
        ("1", "12", False),
    ],
)
def test_a_keyword_is_the_first_word_however_it_is_written(keyword: str, said: str, fits: bool) -> None:
    assert begins_with(normal_keyword(said), normal_keyword(keyword)) is fits


@pytest.fixture
async def numbers(node: Node) -> OwnNumbers:
    return OwnNumbers(node.store, node.clock, IdSource(node.clock, node.random))  # type: ignore[arg-type]


async def test_the_longest_keyword_wins_and_the_rest_is_caught(numbers: OwnNumbers) -> None:
    await numbers.add("40404", Tenant("acc_all", False))
    await numbers.add("40404", Tenant("acc_join", False), keywords=["JOIN"])
    await numbers.add("40404", Tenant("acc_vip", False), keywords=["join vip", "vip"])
    owners = {
        said: owner.account_id if (owner := numbers.owner("40404", "car_a", said)) else None
        for said in ("join", "Join VIP!", "vip", "hello", "")
    }
    assert owners == {
        "join": "acc_join",
        "Join VIP!": "acc_vip",
        "vip": "acc_vip",
        "hello": "acc_all",
        "": "acc_all",
    }
    assert numbers.owner("50505", None, "join") is None


async def test_the_row_of_the_carrier_goes_before_that_of_any(numbers: OwnNumbers) -> None:
    await numbers.add("+15550001111", Tenant("acc_any", False))
    await numbers.add("+15550001111", Tenant("acc_a", False), carrier_id="car_a", keywords=["a"])
    found = [
        numbers.owner("15550001111", carrier, said)
        for carrier, said in (("car_a", "a"), ("car_a", "b"), ("car_b", "a"))
    ]
    assert [row.account_id for row in found if row] == ["acc_a", "acc_any", "acc_any"]
    assert numbers.carrier_of_sender("+15550001111") == "car_a"
    assert numbers.carrier_of_sender("Acme") is None


async def test_a_keyword_of_a_number_belongs_to_one_on_both_engines(
    engine_url: str, new_node: NewNode
) -> None:
    node = await new_node(engine_url)
    numbers = OwnNumbers(node.store, node.clock, node.ids)
    first = await numbers.add("40404", Tenant("acc_one", False), keywords=["Join", "JOIN", "start"])
    assert first.keywords == ("join", "start")
    with pytest.raises(Problem) as refused:
        await numbers.add("40404", Tenant("acc_two", False), keywords=["START"])
    assert refused.value.code == "conflict"
    changed = await numbers.change(first, msgspec.structs.replace(first, keywords=("join",)))
    second = await numbers.add(
        "40404", Tenant("acc_two", False), keywords=["start"], settings=NumberSettings(deliver_to="binds")
    )
    with pytest.raises(Problem):  # it was read before the change
        await numbers.change(first, msgspec.structs.replace(first, keywords=()))
    others = OwnNumbers(node.store, node.clock, node.ids)
    await others.load()
    assert [others.get(row.id) for row in (second, changed)] == [second, changed]
    assert others.get("40404") is None  # two rows have it
    assert others.get("40404", second.tenant.own) == second
    assert others.settings_of(came("40404", "start", "acc_two")) == NumberSettings(deliver_to="binds")
    await others.remove(second)
    assert others.owner("40404", None, "start") is None


def came(number: str, said: str, account_id: str, carrier_id: str | None = None) -> Message:
    """A message that came in."""
    return Message(
        id="msg_1", account_id=account_id, test=False, direction="inbound", sender="+15551234567",
        recipient=number, text=said, encoding="gsm7", segments=1, class_="transactional", currency="EUR",
        created_at=0, expires_at=0, status="received", carrier_id=carrier_id,
    )  # fmt: skip


async def test_of_an_accounts_rows_of_a_number_that_of_the_word_says_where_a_message_goes(
    numbers: OwnNumbers,
) -> None:
    """A shared code's keyword decides; so too of one account."""
    await numbers.add(
        "40404",
        Tenant("acc_one", False),
        keywords=["sale"],
        settings=NumberSettings(credential_id="smpp_sales"),
    )
    await numbers.add(
        "40404",
        Tenant("acc_one", False),
        keywords=["help"],
        settings=NumberSettings(credential_id="smpp_help"),
    )
    await numbers.add("40404", Tenant("acc_one", False), settings=NumberSettings(deliver_to="binds"))
    await numbers.add(
        "40404", Tenant("acc_one", False), carrier_id="car_a", settings=NumberSettings(deliver_to="webhooks")
    )

    def wanted(said: str, carrier_id: str = "car_b") -> NumberSettings | None:
        return numbers.settings_of(came("40404", said, "acc_one", carrier_id))

    assert wanted("HELP me") == NumberSettings(credential_id="smpp_help")
    assert wanted("sale!") == NumberSettings(credential_id="smpp_sales")
    assert wanted("hello") == NumberSettings(deliver_to="binds")
    assert wanted("help", "car_a") == NumberSettings(deliver_to="webhooks")
    assert not numbers.wants_webhooks(came("40404", "hello", "acc_one"))
    assert numbers.wants_webhooks(came("40404", "help", "acc_one"))
    assert numbers.settings_of(came("40404", "hello", "acc_two")) is None


async def test_what_came_to_nobodys_number_goes_to_no_bind(numbers: OwnNumbers) -> None:
    """It is in the operator's account for operators to see; a bind is a customer's."""
    stray = came("40404", "hello", "acc_one")
    stray.tags = '["unassigned"]'
    settings = numbers.settings_of(stray)
    assert settings is not None
    assert (settings.deliver_to, numbers.wants_webhooks(stray)) == ("webhooks", True)
    await numbers.add("40404", Tenant("acc_one", False), settings=NumberSettings(deliver_to="both"))
    assert numbers.settings_of(stray) == settings, (
        "a number that was given later does not change what came before"
    )


@pytest.mark.parametrize(
    ("number", "keywords", "param"),
    [
        ("Acme", [], "number"),
        ("12", [], "number"),
        ("40404", ["!!"], "keywords[0]"),
        ("40404", ["a", "x" * 50], "keywords[1]"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field(
    numbers: OwnNumbers, number: str, keywords: list[str], param: str
) -> None:
    with pytest.raises(Problem) as refused:
        await numbers.add(number, Tenant("acc_one", False), keywords=keywords)
    assert (refused.value.code, refused.value.param) == ("invalid_field", param)


async def test_a_number_shows_when_its_account_last_got_a_message(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    numbers = OwnNumbers(node.store, node.clock, node.ids)
    desk = Inbound(
        node.context_on(node.store, 1), recorder=node.recorder, numbers=numbers, accounts=node.accounts
    )
    ours = await numbers.add("+15550001111", Tenant(ACCOUNT, False))
    quiet = await numbers.add("+15550002222", Tenant(ACCOUNT, False))
    tests = await numbers.add("+15550001111", Tenant(ACCOUNT, True), keywords=["test"])
    assert [row.last_received_at for row in await numbers.with_last_received([ours, quiet])] == [None, None]
    for payload in (b"first", b"second"):
        desk.receive(
            InboundMessage(
                carrier_id="car_a", sender="+15557654321", recipient=ours.number, payload=payload, udh=b"",
                data_coding=0, received_at=node.clock.now_ms(),
            ),
            lambda stored: None,
        )  # fmt: skip
        await wait_until_async(lambda: desk.idle, 20, "an idle desk")
    found, _ = await node.queries.find(Tenant(ACCOUNT, False), Filters(direction="inbound"), 50, None)
    assert [message.text for message in found] == ["second", "first"]
    shown = await numbers.with_last_received([ours, quiet, tests])
    assert [row.last_received_at for row in shown] == [found[0].created_at, None, None]


def test_the_last_message_to_a_number_is_found_by_an_index() -> None:
    """An account may have sent millions of others."""
    database = MemoryDatabase()
    migrations.migrate_connection(database.connection)
    statement = load(["onesixty.inventory"])["numbers_last_received"]
    plan = database.connection.execute(f"EXPLAIN QUERY PLAN {statement.sqlite}", ("[]",)).fetchall()
    assert [step for *_, step in plan if "messages_inbound" in step], plan
    assert not [step for *_, step in plan if "TEMP B-TREE" in step], plan
    database.close()
