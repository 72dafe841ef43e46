"""Message ids of eight characters: unique among a credential's while they are known."""

from onesixty.customers import short_ids
from onesixty.customers.short_ids import KEPT_MS, ShortIds, short_of
from onesixty.store.units import Unit
from tests.support.path_fixtures import NewNode

ONE = "msg_00000000000000000000000001"
SAME = "msg_10000000000000000000000001"


async def test_a_short_id_stands_for_one_message_until_it_is_forgotten(
    engine_url: str, new_node: NewNode
) -> None:
    node = await new_node(engine_url)
    known = ShortIds(node.store, node.clock)
    assert short_of(ONE) == short_of(SAME) == "00000001"
    assert short_of("msg_0000000000000000000zzzzzzz") == "ffffffff"
    assert await known.keep("smpp_1", ONE)
    assert await known.find("smpp_1", "1") == ONE
    assert await known.find("smpp_1", "msg_x") is None
    assert await known.find("smpp_2", "00000001") is None
    assert not await known.keep("smpp_1", SAME)
    assert await known.keep("smpp_2", SAME)
    assert await known.find("smpp_1", "00000001") == ONE
    node.clock.advance(KEPT_MS / 1000)
    now = node.clock.now_ms()
    guards = (short_ids.guard("smpp_1", SAME, now),)
    assert await node.store.commit([Unit(keys=(SAME,), guards=guards)]) == [True]
    assert await known.find("smpp_1", "00000001") == SAME
