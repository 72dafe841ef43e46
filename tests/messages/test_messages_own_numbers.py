"""Whose an incoming message is: numbers, carriers, keywords of several languages."""

from __future__ import annotations

import msgspec
import pytest

from onesixty.core.errors import Problem
from onesixty.core.ids import IdSource
from onesixty.messages.own_numbers import NumberSettings, OwnNumbers, begins_with, normal_keyword
from tests.support.message_path import Node
from tests.support.path_fixtures import NewNode


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
    await numbers.add("40404", "acc_all")
    await numbers.add("40404", "acc_join", keywords=["JOIN"])
    await numbers.add("40404", "acc_vip", keywords=["join vip", "vip"])
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
    await numbers.add("+15550001111", "acc_any")
    await numbers.add("+15550001111", "acc_a", carrier_id="car_a", keywords=["a"])
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
    first = await numbers.add("40404", "acc_one", keywords=["Join", "JOIN", "start"])
    assert first.keywords == ("join", "start")
    with pytest.raises(Problem) as refused:
        await numbers.add("40404", "acc_two", keywords=["START"])
    assert refused.value.code == "conflict"
    changed = await numbers.change(first, msgspec.structs.replace(first, keywords=("join",)))
    second = await numbers.add(
        "40404", "acc_two", keywords=["start"], settings=NumberSettings(deliver_to="binds")
    )
    with pytest.raises(Problem):  # it was read before the change
        await numbers.change(first, msgspec.structs.replace(first, keywords=()))
    others = OwnNumbers(node.store, node.clock, node.ids)
    await others.load()
    assert others.all() == [second, changed]
    assert others.settings_of("40404", "acc_two", False) == NumberSettings(deliver_to="binds")
    await others.remove(second)
    assert others.owner("40404", None, "start") is None


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
        await numbers.add(number, "acc_one", keywords=keywords)
    assert (refused.value.code, refused.value.param) == ("invalid_field", param)
