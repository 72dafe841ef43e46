"""Which network a number belongs to, on both engines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.core.errors import Problem
from onesixty.ranges.networks import PAGE, Networks
from tests.support.message_path import Node
from tests.support.path_fixtures import NewNode


async def test_the_longest_prefix_decides(node: Node) -> None:
    networks = Networks(node.store)
    assert networks.of("+4915112345678") is None
    assert await networks.put({"49151": "26201", "4915112": "26202", "1": "310260"}, replace=False) == 3
    assert networks.of("+4915199999999") == "26201"
    assert networks.of("+4915112345678") == "26202"
    assert networks.of("+15551234567") == "310260"
    assert networks.of("+442079460000") is None


async def test_ranges_are_added_changed_and_replaced(engine_url: str, new_node: NewNode) -> None:
    node = await new_node(engine_url)
    networks, elsewhere = Networks(node.store), Networks(node.store)
    many = {str(10_000 + n): "26201" for n in range(PAGE + 100)}
    assert await networks.put(many, replace=False) == PAGE + 100
    assert await networks.put({"10000": "26203", "77": "40177"}, replace=False) == PAGE + 101
    assert networks.list("10000", 2) == [("10001", "26201"), ("10002", "26201")]
    assert networks.list("", 5, "77") == [("77", "40177")]
    assert [prefix for prefix, _ in networks.list("10009", 3, "1001")] == ["10010", "10011", "10012"]
    assert networks.list("", 5, "78") == []
    assert await networks.put({"77": "40177"}, replace=True) == 1
    await elsewhere.load()
    assert elsewhere.of("+7712345678") == "40177"
    assert elsewhere.of("+100001234") is None
    elsewhere._by_prefix.clear()
    await elsewhere.load()
    assert elsewhere.of("+7712345678") is None, "a table that did not change is not read again"
    assert await networks.put({"78": "40178"}, replace=False) == 2
    await elsewhere.load()
    assert elsewhere.of("+7712345678") == "40177"


async def test_a_store_that_is_away_is_told(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    networks = Networks(node.store)
    await node.store.close()
    with pytest.raises(Problem, match="unavailable"):
        await networks.put({"1": "310260"}, replace=False)


DIGITS = st.text("0123456789", min_size=8, max_size=12)


@given(
    st.dictionaries(st.from_regex(r"[1-9][0-9]{0,5}", fullmatch=True), st.just("26201")),
    DIGITS,
)
def test_the_answer_is_that_of_asking_every_range(ranges: dict[str, str], digits: str) -> None:
    networks = Networks(None)  # type: ignore[arg-type]  # nothing is read or written
    networks._take_over({prefix: prefix.ljust(5, "0") for prefix in ranges})
    fitting = [prefix for prefix in ranges if digits.startswith(prefix)]
    expected = max(fitting, key=len).ljust(5, "0") if fitting else None
    assert networks.of(f"+{digits}") == expected
