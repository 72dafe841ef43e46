"""Long messages are cut, numbered and put together again without a character lost."""

import pytest

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd

TO = "+15551234567"

TEXTS = {
    "cyrillic and emoji": ("Привет, " * 12 + "👩‍👩‍👧‍👦🇩🇪" * 8 + " конец", 4),
    "an extension character at the edge": ("a" * 152 + "€" + "b" * 100, 2),
    "one septet too many": ("a" * 159 + "{", 2),
    "ten segments": ("0123456789" * 150, 10),
}


@pytest.mark.parametrize("name", TEXTS)
async def test_a_long_unicode_message_arrives_whole(
    name: str, start_node: StartNode, far_end: FarEnd
) -> None:
    """Field notes 14, 17, 18 and 23; promise 8: nothing is cut."""
    text, segments = TEXTS[name]
    node = await start_node([far_end.table("acme", window=3)])
    reply = await node.api.send(TO, text)
    assert (reply.status, reply.json["segments"]) == (202, segments)
    message = await node.api.until(reply.id, "delivered")
    assert message["text"] == text
    assert far_end.text_for(TO) == text
    assert far_end.copies() == {(TO, number): 1 for number in range(1, segments + 1)}
    references = {pdu.octets("short_message")[3] for pdu in far_end.smsc.messages}
    assert len(references) == 1, "one reference for all parts"
    assert [event["type"] for event in await node.api.events(reply.id)] == [
        "message.sent",
        "message.delivered",
    ]


async def test_a_text_beyond_the_limit_is_refused_whole(start_node: StartNode, far_end: FarEnd) -> None:
    """Field note 22: never cut short silently."""
    node = await start_node([far_end.table("acme")])
    reply = await node.api.send(TO, "0123456789" * 154)
    assert (reply.status, reply.code, reply.json["param"]) == (422, "text_too_long", "text")
    assert not far_end.recipients
