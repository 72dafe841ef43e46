"""Long messages are cut, numbered and put together again without a character lost."""

from tests.scenarios.conftest import StartNode
from tests.support.far_end import FarEnd, recipient_of

TEXTS = {
    "cyrillic and emoji": ("Привет, " * 12 + "👩‍👩‍👧‍👦🇩🇪" * 8 + " конец", 4),
    "an extension character at the edge": ("a" * 152 + "€" + "b" * 100, 2),
    "one septet too many": ("a" * 159 + "{", 2),
    "ten segments": ("0123456789" * 150, 10),
}


async def test_a_long_unicode_message_arrives_whole(start_node: StartNode, far_end: FarEnd) -> None:
    """Promise 8: nothing is cut. Each text to a handset of its own."""
    node = await start_node([far_end.table("acme", window=3)])
    for place, (name, (text, segments)) in enumerate(TEXTS.items()):
        to = f"+1555123456{place}"
        reply = await node.api.send(to, text)
        assert (reply.status, reply.json["segments"]) == (202, segments), name
        message = await node.api.until(reply.id, "delivered")
        assert message["text"] == text
        assert far_end.text_for(to) == text
        copies = {key: count for key, count in far_end.copies().items() if key[0] == to}
        assert copies == {(to, number): 1 for number in range(1, segments + 1)}, name
        parts = [pdu for pdu in far_end.smsc.messages if recipient_of(pdu) == to]
        references = {pdu.octets("short_message")[3] for pdu in parts}
        assert len(references) == 1, f"{name}: one reference for all parts"
        assert [event["type"] for event in await node.api.events(reply.id)] == [
            "message.sent",
            "message.delivered",
        ]
    # What is beyond the limit is refused whole, never cut short silently.
    before = len(far_end.recipients)
    reply = await node.api.send("+15551234569", "0123456789" * 154)
    assert (reply.status, reply.code, reply.json["param"]) == (422, "text_too_long", "text")
    assert len(far_end.recipients) == before
