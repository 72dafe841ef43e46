"""submit_sm and its kin over the door: what is taken, what is refused and with which status, what is answered."""

import base64
from typing import Any

import msgspec
import pytest

from onesixty.accounts.account import Account
from onesixty.channels.sms import content
from onesixty.channels.sms.orders import SendOrder
from onesixty.core.errors import Problem
from onesixty.core.tenant import Tenant
from onesixty.customers.origin import SmppOrigin, origin_of
from onesixty.smpp import constants as c
from onesixty.smpp import tlv
from onesixty.smpp.fields import DestAddress, DistributionList
from tests.doors.smpp.esme import Esme, Node, message
from tests.support.waiting import wait_until_async

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_message_is_taken_and_known_by_its_id(tenant: Node) -> None:
    """Bind, submit_sm, query_sm: ESME_ROK comes with the id that query_sm knows."""
    await tenant.credential("acme")
    async with await tenant.esme("acme") as esme:
        answer = await esme.submit(
            b"hello @ you",
            registered_delivery=1,
            service_type="CMT",
            tlvs=(tlv.make("user_message_reference", 77), tlv.make("source_port", 5)),
        )
        assert answer.command_status == c.ESME_ROK
        smpp_id = answer.text("message_id")
        assert len(smpp_id) == 32
        (stored,) = await tenant.messages()
        assert (stored.sender, stored.recipient) == ("Acme", "+15551234567")
        assert stored.text == "hello ¡ you"  # 0x40 is GSM's inverted exclamation mark
        assert stored.reference == "77"
        origin = origin_of(stored.origin)
        assert isinstance(origin, SmppOrigin)
        assert origin.registered_delivery == 1
        assert origin.source == (5, 0, "Acme")
        assert origin.destination == (1, 1, "15551234567")
        assert (origin.service_type, origin.user_message_reference, origin.source_port) == ("CMT", 77, 5)
        told = await esme.ask(c.QUERY_SM, message_id=smpp_id, source_addr_ton=5, source_addr="Acme")
        assert told.command_status == c.ESME_ROK
        assert told.text("message_id") == smpp_id


REFUSALS: dict[str, tuple[int, dict[str, Any]]] = {
    "no number": (c.ESME_RINVDSTADR, {"destination_addr": "hello"}),
    "a name as recipient": (c.ESME_RINVDSTADR, {"dest_addr_ton": 5, "destination_addr": "Shop"}),
    "a sender with a forbidden mark": (c.ESME_RINVSRCADR, {"source_addr": "Ac*me"}),
    "no sender": (c.ESME_RINVSRCADR, {"source_addr": ""}),
    "no text": (c.ESME_RINVMSGLEN, {"short_message": b""}),
    "too long": (c.ESME_RINVMSGLEN, {"tlvs": ((tlv.MESSAGE_PAYLOAD, b"x" * 3000),), "short_message": b""}),
    "two texts": (c.ESME_ROPTPARNOTALLWD, {"tlvs": ((tlv.MESSAGE_PAYLOAD, b"x"),)}),
    "a time that is none": (c.ESME_RINVSCHED, {"schedule_delivery_time": "tomorrow"}),
    "a time gone by": (c.ESME_RINVSCHED, {"schedule_delivery_time": "200101000000000+"}),
    "a validity that is none": (c.ESME_RINVEXPIRY, {"validity_period": "soon"}),
    "a validity gone by": (c.ESME_RINVEXPIRY, {"validity_period": "200101000000000+"}),
    "transaction mode": (c.ESME_RINVESMCLASS, {"esm_class": c.ESM_MODE_FORWARD}),
    "a receipt": (c.ESME_RINVESMCLASS, {"esm_class": c.ESM_TYPE_DELIVERY_RECEIPT}),
    "a header longer than the message": (c.ESME_RINVESMCLASS, {"esm_class": 0x40, "short_message": b"\x09x"}),
    "a priority that is none": (c.ESME_RINVPRTFLG, {"priority_flag": 9}),
    "reserved bits of registered_delivery": (c.ESME_RINVREGDLVFLG, {"registered_delivery": 0x80}),
    "a replace flag that is none": (c.ESME_RINVREPFLAG, {"replace_if_present_flag": 7}),
    "a canned message": (c.ESME_RINVDFTMSGID, {"sm_default_msg_id": 1}),
    "a source TON that is none": (c.ESME_RINVSRCTON, {"source_addr_ton": 9}),
    "a destination TON that is none": (c.ESME_RINVDSTTON, {"dest_addr_ton": 9}),
}


async def test_each_refusal_has_its_status_and_the_session_lives_on(tenant: Node) -> None:
    await tenant.credential("acme")
    async with await tenant.esme("acme") as esme:
        for what, (status, fields) in REFUSALS.items():
            answer = (
                await esme.submit(**fields)
                if "short_message" not in fields
                else await esme.ask(
                    c.SUBMIT_SM,
                    fields.get("tlvs", ()),
                    **message(
                        **{k if k != "short_message" else "text": v for k, v in fields.items() if k != "tlvs"}
                    ),
                )
            )
            assert c.status_name(answer.command_status) == c.status_name(status), what
        assert (await esme.submit()).command_status == c.ESME_ROK
    assert len(await tenant.messages()) == 1


async def test_times_absolute_and_relative(tenant: Node) -> None:
    await tenant.credential("acme")
    async with await tenant.esme("acme") as esme:
        await esme.submit(schedule_delivery_time="000001000000000R", validity_period="000002000000000R")
        await esme.submit(validity_period="000000010000000R")
        await esme.submit(validity_period="010000000000000R")
    long, short, scheduled = await tenant.messages()
    assert scheduled.status == "scheduled"
    assert scheduled.scheduled_at is not None
    assert scheduled.expires_at - scheduled.scheduled_at == 86_400_000
    assert short.expires_at - short.created_at == 3_600_000
    assert long.expires_at - long.created_at == 7 * 86_400_000  # no longer than we keep trying


@pytest.mark.parametrize("form", ["hex", "decimal", "typeid"])
async def test_the_id_has_the_form_that_the_profile_asks_for(tenant: Node, form: str) -> None:
    await tenant.credential("acme", message_id_form=form)
    async with await tenant.esme("acme") as esme:
        smpp_id = (await esme.submit()).text("message_id")
        assert {"hex": len(smpp_id) == 32, "decimal": smpp_id.isdecimal(), "typeid": smpp_id[:4] == "msg_"}[
            form
        ]
        for written in (smpp_id, smpp_id.upper(), smpp_id.lower()):
            told = await esme.ask(c.QUERY_SM, message_id=written)
            assert told.command_status == c.ESME_ROK, written


async def test_data_coding_zero_and_one_mean_what_the_profile_says(tenant: Node) -> None:
    """`@` and the pound sign round-trip in each alphabet."""
    await tenant.credential("gsm", alphabet_1="latin1")
    await tenant.credential("latin", alphabet_0="latin1")
    async with await tenant.esme("gsm") as esme:
        await esme.submit(b"\x00 \x01")
        await esme.submit("@ £ é".encode("latin-1"), data_coding=1)
        await esme.submit("@ £ é".encode("latin-1"), data_coding=3)
        await esme.submit("@ £ é".encode("utf-16-be"), data_coding=8)
    async with await tenant.esme("latin") as esme:
        await esme.submit("@ £ é".encode("latin-1"))
    texts = [one.text for one in reversed(await tenant.messages())]
    assert texts == ["@ £", "@ £ é", "@ £ é", "@ £ é", "@ £ é"]


async def test_flash_binary_and_ports(tenant: Node) -> None:
    await tenant.credential("acme")
    async with await tenant.esme("acme") as esme:
        assert (await esme.submit(b"flash", data_coding=0x10)).command_status == c.ESME_ROK
        assert (await esme.submit(b"\x01\x02\xff", data_coding=4)).command_status == c.ESME_ROK
        ports = b"\x06\x05\x04\x0b\x84\x23\xf0"
        assert (
            await esme.submit(ports + b"\x01", data_coding=4, esm_class=0x40)
        ).command_status == c.ESME_ROK
        tlvs = (tlv.make("destination_port", 2948), tlv.make("source_port", 9200))
        assert (await esme.submit(b"\x01", data_coding=4, tlvs=tlvs)).command_status == c.ESME_ROK
    by_tlv, by_udh, binary, flash = await tenant.messages()
    assert content.content_of(flash.content).flash
    assert flash.text == "flash"
    assert binary.encoding == content.BINARY
    assert base64.b64decode(binary.text) == b"\x01\x02\xff"
    assert content.content_of(by_udh.content).udh == ports.hex()
    assert content.content_of(by_tlv.content).udh == ports.hex()


async def test_parts_that_the_customer_cut_are_one_message_with_an_id_each(tenant: Node) -> None:
    """Each part has its own id, and the parts are one message for rules and price; by UDH and by SAR."""
    await tenant.credential("acme")
    async with await tenant.esme("acme") as esme:
        first = await esme.submit(b"\x05\x00\x03\x07\x02\x01" + b"a" * 100, esm_class=0x40)
        waiting = await esme.ask(c.QUERY_SM, message_id=first.text("message_id"))
        assert (waiting.command_status, waiting.number("message_state")) == (c.ESME_ROK, c.STATE_ENROUTE)
        second = await esme.submit(b"\x05\x00\x03\x07\x02\x02" + b"b" * 100, esm_class=0x40)
        assert first.text("message_id") != second.text("message_id")
        (joined,) = await wait_until_async(tenant.messages, what="the message of both parts")
        assert joined.text == "a" * 100 + "b" * 100
        assert joined.segments == 2
        for part in (first, second):
            told = await esme.ask(c.QUERY_SM, message_id=part.text("message_id"))
            assert told.command_status == c.ESME_ROK
        for number in (2, 1):
            sar = (
                tlv.make("sar_msg_ref_num", 9),
                tlv.make("sar_total_segments", 2),
                tlv.make("sar_segment_seqnum", number),
            )
            answer = await esme.submit(str(number).encode() * 90, tlvs=sar)
            assert answer.command_status == c.ESME_ROK
        await wait_until_async(lambda: _count(tenant, 2), what="the message of the SAR parts")
        assert (await tenant.messages())[0].text == "1" * 90 + "2" * 90


async def test_a_part_that_waits_can_be_canceled(tenant: Node) -> None:
    await tenant.credential("acme")
    async with await tenant.esme("acme") as esme:
        part = await esme.submit(b"\x05\x00\x03\x07\x02\x01a", esm_class=0x40)
        answer = await esme.ask(c.CANCEL_SM, message_id=part.text("message_id"), source_addr="")
        assert answer.command_status == c.ESME_ROK
        (ended,) = await tenant.messages()
        assert ended.status == "canceled"


async def test_submit_multi_has_one_id_and_tells_who_was_refused(tenant: Node) -> None:
    await tenant.credential("acme")
    async with await tenant.esme("acme") as esme:
        fields = message(b"to all")
        for name in ("dest_addr_ton", "dest_addr_npi", "destination_addr"):
            del fields[name]
        everyone = (
            DestAddress(1, 1, "15551230001"),
            DestAddress(1, 1, "nobody"),
            DestAddress(1, 1, "15551230002"),
            DistributionList("friends"),
        )
        answer = await esme.ask(c.SUBMIT_MULTI, dest_address=everyone, **fields)
        assert answer.command_status == c.ESME_ROK
        refused = {(one.address, one.error_status) for one in answer.items("unsuccess_sme")}
        assert refused == {("nobody", c.ESME_RINVDSTADR), ("", c.ESME_RINVDLNAME)}
        told = await esme.ask(c.QUERY_SM, message_id=answer.text("message_id"))
        assert told.command_status == c.ESME_ROK
    stored = await tenant.messages()
    assert {one.recipient for one in stored} == {"+15551230001", "+15551230002"}
    origins = [origin_of(one.origin) for one in stored]
    assert len({origin.submission for origin in origins if isinstance(origin, SmppOrigin)}) == 1


async def test_cancel_by_id_and_by_addresses(tenant: Node) -> None:
    await tenant.credential("acme")
    later = {"schedule_delivery_time": "000001000000000R"}
    async with await tenant.esme("acme") as esme:
        first = (await esme.submit(**later)).text("message_id")
        for _ in range(2):
            await esme.submit(to="15551230009", service_type="VMA", **later)
        await esme.submit(to="15551230009", **later)
        other = await esme.ask(c.CANCEL_SM, message_id=first, source_addr_ton=5, source_addr="Other")
        assert other.command_status == c.ESME_RCANCELFAIL
        done = await esme.ask(c.CANCEL_SM, message_id=first, source_addr_ton=5, source_addr="Acme")
        assert done.command_status == c.ESME_ROK
        told = await esme.ask(c.QUERY_SM, message_id=first)
        assert told.number("message_state") == c.STATE_DELETED
        assert len(told.text("final_date")) == 16
        addresses = {
            "source_addr_ton": 5, "source_addr": "Acme", "dest_addr_ton": 1, "destination_addr": "15551230009",
        }  # fmt: skip
        by_type = await esme.ask(c.CANCEL_SM, service_type="VMA", **addresses)
        assert by_type.command_status == c.ESME_ROK
        assert [one.status for one in await tenant.messages()].count("canceled") == 3
        assert (await esme.ask(c.CANCEL_SM, **addresses)).command_status == c.ESME_ROK
        assert (await esme.ask(c.CANCEL_SM, **addresses)).command_status == c.ESME_RCANCELFAIL
        unknown = await esme.ask(c.CANCEL_SM, message_id="7" * 32)
        assert unknown.command_status == c.ESME_RINVMSGID


async def test_replace_if_present_takes_the_place_of_what_waits(tenant: Node) -> None:
    await tenant.credential("acme")
    later = {"schedule_delivery_time": "000001000000000R"}
    async with await tenant.esme("acme") as esme:
        await esme.submit(b"old", **later)
        await esme.submit(b"other", to="15551230001", **later)
        await esme.submit(b"new", replace_if_present_flag=1, **later)
    assert {one.text: one.status for one in await tenant.messages()} == {
        "new": "scheduled", "other": "scheduled", "old": "canceled",
    }  # fmt: skip


async def test_a_repeat_is_answered_with_the_first_id_where_the_profile_asks(tenant: Node) -> None:
    """By user_message_reference or by content, off by default."""
    await tenant.credential("plain")
    await tenant.credential("reference", deduplicate="reference")
    await tenant.credential("content", deduplicate="content")
    reference = (tlv.make("user_message_reference", 5),)
    for system_id, expected in (("plain", 4), ("reference", 3), ("content", 2)):
        async with await tenant.esme(system_id) as esme:
            answers = [
                await esme.submit(b"one", tlvs=reference),
                await esme.submit(b"one", tlvs=reference),
                await esme.submit(b"two"),
                await esme.submit(b"two"),
            ]
            assert {answer.command_status for answer in answers} == {c.ESME_ROK}
            assert len({answer.text("message_id") for answer in answers}) == expected


async def test_data_sm_carries_its_text_in_message_payload(tenant: Node) -> None:
    await tenant.credential("acme")
    async with await tenant.esme("acme") as esme:
        fields = message()
        del fields["short_message"]
        payload = ((tlv.MESSAGE_PAYLOAD, b"by data sm"), tlv.make("qos_time_to_live", 60))
        answer = await esme.ask(c.DATA_SM, payload, **fields)
        assert answer.command_status == c.ESME_ROK
        assert answer.text("message_id")
    (stored,) = await tenant.messages()
    assert stored.text == "by data sm"
    assert stored.expires_at - stored.created_at == 60_000


async def test_broadcast_is_refused_as_its_version_says(tenant: Node) -> None:
    """5.0: ESME_RPROHIBITED; a 3.4 SMSC does not know the command."""
    await tenant.credential("acme")
    async with await tenant.esme("acme", interface_version=0x50) as esme:
        assert (await esme.ask(c.BROADCAST_SM)).command_status == c.ESME_RPROHIBITED
        assert (await esme.ask(c.QUERY_BROADCAST_SM)).command_status == c.ESME_RBCASTQUERYFAIL
        assert (await esme.ask(c.CANCEL_BROADCAST_SM)).command_status == c.ESME_RBCASTCANCELFAIL
        answer = await esme.submit()
        assert answer.tlv_int(tlv.CONGESTION_STATE) is not None
    async with await tenant.esme("acme") as esme:
        nack = await esme.ask(c.BROADCAST_SM)
        assert (nack.command_id, nack.command_status) == (c.GENERIC_NACK, c.ESME_RINVCMDID)


async def test_a_receiver_may_not_submit_and_a_transmitter_receives_nothing(tenant: Node) -> None:
    credential_id = await tenant.credential("acme")
    async with await tenant.esme("acme", command_id=c.BIND_RECEIVER) as esme:
        assert (await esme.submit()).command_status == c.ESME_RINVBNDSTS
    async with await tenant.esme("acme", command_id=c.BIND_TRANSMITTER) as esme:
        assert (await esme.submit()).command_status == c.ESME_ROK
        (bind,) = tenant.platform.features.binds.binds.of(credential_id)
        assert not bind.receives


async def _count(tenant: Node, count: int) -> bool:
    return len(await tenant.messages()) == count


async def test_nothing_is_asked_before_the_bind(tenant: Node) -> None:
    async with await Esme.connect(tenant.port) as esme:
        assert (await esme.submit()).command_status == c.ESME_RINVBNDSTS


async def test_replace_changes_what_waits(tenant: Node) -> None:
    await tenant.credential("acme")
    source = {"source_addr_ton": 5, "source_addr": "Acme"}
    async with await tenant.esme("acme") as esme:
        later = {"schedule_delivery_time": "000001000000000R"}
        smpp_id = (await esme.submit(b"old", **later)).text("message_id")
        done = await esme.ask(
            c.REPLACE_SM,
            message_id=smpp_id,
            short_message=b"new",
            registered_delivery=1,
            schedule_delivery_time="000002000000000R",
            validity_period="000003000000000R",
            **source,
        )
        assert done.command_status == c.ESME_ROK
        (stored,) = await tenant.messages()
        assert (stored.text, stored.status) == ("new", "scheduled")
        assert stored.expires_at - stored.created_at >= 3 * 86_400_000
        assert origin_of(stored.origin).registered_delivery == 1  # type: ignore[union-attr]
        other = await esme.ask(c.REPLACE_SM, message_id=smpp_id, short_message=b"x", source_addr="Other")
        assert other.command_status == c.ESME_RREPLACEFAIL
        wrong = await esme.ask(
            c.REPLACE_SM, message_id=smpp_id, short_message=b"x", validity_period="x", **source
        )
        assert wrong.command_status == c.ESME_RINVEXPIRY
        await esme.ask(c.CANCEL_SM, message_id=smpp_id, **source)
        late = await esme.ask(c.REPLACE_SM, message_id=smpp_id, short_message=b"x", **source)
        assert late.command_status == c.ESME_RREPLACEFAIL
        unknown = await esme.ask(c.REPLACE_SM, message_id="7" * 32, short_message=b"x", **source)
        assert unknown.command_status == c.ESME_RINVMSGID


@pytest.mark.parametrize("version", [0x00, 0x33])
async def test_a_3_3_bind_gets_ids_of_eight_characters_and_no_tlvs(tenant: Node, version: int) -> None:
    """SMPP 3.4, 5.2.4; 3.3 has room for 8 characters of message_id: for messages, parts and submit_multi."""
    await tenant.credential("old")
    async with await Esme.connect(tenant.port) as esme:
        fields = {"system_id": tenant.name("old"), "password": "password", "interface_version": version}
        bound = await esme.ask(c.BIND_TRANSCEIVER, **fields)
        assert (bound.command_status, bound.tlvs) == (c.ESME_ROK, ())
        known = [(await esme.submit(b"one")).text("message_id")]
        for number in (1, 2):
            part = await esme.submit(b"\x05\x00\x03\x07\x02" + bytes((number,)) + b"x", esm_class=0x40)
            known.append(part.text("message_id"))
        several = message(b"many")
        for name in ("destination_addr", "dest_addr_ton", "dest_addr_npi"):
            del several[name]
        several["dest_address"] = (DestAddress(1, 1, "15551234567"), DestAddress(1, 1, "15551234568"))
        known.append((await esme.ask(c.SUBMIT_MULTI, **several)).text("message_id"))
        assert [len(id_) for id_ in known] == [8] * 4
        assert len(set(known)) == 4
        for id_ in known:
            for written in (id_, id_.upper(), id_.lstrip("0")):
                told = await esme.ask(c.QUERY_SM, message_id=written, source_addr="")
                assert told.command_status == c.ESME_ROK
        unknown = await esme.ask(c.QUERY_SM, message_id=f"{int(known[0], 16) ^ 1:08x}", source_addr="")
        assert unknown.command_status == c.ESME_RINVMSGID
    origin = origin_of((await tenant.messages())[-1].origin)
    assert isinstance(origin, SmppOrigin)
    assert origin.short_id


async def test_submit_multi_without_destinations_names_their_number(tenant: Node) -> None:
    await tenant.credential("acme")
    async with await tenant.esme("acme") as esme:
        fields = message(b"to nobody")
        for name in ("dest_addr_ton", "dest_addr_npi", "destination_addr"):
            del fields[name]
        answer = await esme.ask(c.SUBMIT_MULTI, dest_address=(), **fields)
        assert c.status_name(answer.command_status) == c.status_name(c.ESME_RINVNUMDESTS)
        assert (await esme.submit()).command_status == c.ESME_ROK
    assert len(await tenant.messages()) == 1


async def test_a_short_code_under_ton_1_is_a_short_code(tenant: Node) -> None:
    await tenant.credential("acme")
    async with await tenant.esme("acme") as esme:
        answer = await esme.submit(source_addr_ton=c.TON_INTERNATIONAL, source_addr="12345")
        assert answer.command_status == c.ESME_ROK
    (stored,) = await tenant.messages()
    assert stored.sender == "12345"


async def test_a_suspended_account_binds_and_sends_nothing_new(tenant: Node) -> None:
    """Its receipts and incoming messages go on, so it may bind."""
    await tenant.credential("acme")
    accounts = tenant.platform.features.accounts

    def suspended(account: Account) -> Account:
        return msgspec.structs.replace(account, state="suspended")

    await accounts.change(tenant.account_id, suspended)
    async with await tenant.esme("acme") as esme:
        answer = await esme.submit()
        assert c.status_name(answer.command_status) == c.status_name(c.ESME_RSUBMITFAIL)
    order = SendOrder(
        tenant=Tenant(tenant.account_id, True), sender="Acme", recipient="+15551234567", text="hello"
    )
    (refused,) = await tenant.platform.features.path.intake.accept([order])
    assert isinstance(refused, Problem)
    assert refused.code == "account_suspended"
    assert await tenant.messages() == []
