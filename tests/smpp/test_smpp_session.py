"""The session: states, windows, timers, faults, the end; both roles, time handed in."""

import struct
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onesixty.smpp import codec, states
from onesixty.smpp import constants as c
from onesixty.smpp.errors import EncodeError, InvalidStateError, WindowFullError
from onesixty.smpp.events import (
    BindReceived,
    BindRefused,
    Bound,
    Closed,
    Event,
    Overflowed,
    ProtocolError,
    RequestReceived,
    ResponseReceived,
    ResponseTimedOut,
)
from onesixty.smpp.framing import Framer
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.session import Session
from onesixty.smpp.states import ESME, SMSC, SessionConfig
from tests.smpp.strategies import pdus

CREDENTIALS = {"system_id": "me", "password": "pw"}


def said(session: Session, now: float = 0.0) -> list[Pdu]:
    """What the session wants written, as PDUs."""
    return [codec.decode(frame) for frame in Framer().feed(session.data_to_send(now))]


def kinds(events: Iterable[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def bound_pair(
    config: SessionConfig | None = None, bind: int = c.BIND_TRANSCEIVER, now: float = 0.0
) -> tuple[Session, Session]:
    esme = Session(ESME, config or SessionConfig(), now)
    smsc = Session(SMSC, config or SessionConfig(), now)
    esme.bind(bind, dict(CREDENTIALS))
    (asked,) = smsc.receive(esme.data_to_send(now), now)
    assert isinstance(asked, BindReceived)
    assert smsc.accept_bind(asked.pdu, now, {"system_id": "smsc"}) == []
    assert kinds(esme.receive(smsc.data_to_send(now), now)) == ["Bound"]
    return esme, smsc


def bound_esme(config: SessionConfig | None = None, bind: int = c.BIND_TRANSCEIVER) -> Session:
    return bound_pair(config, bind)[0]


def bound_smsc(config: SessionConfig | None = None, bind: int = c.BIND_TRANSCEIVER) -> Session:
    return bound_pair(config, bind)[1]


def submit(**fields: str | int | bytes) -> Pdu:
    return Pdu(c.SUBMIT_SM, 0, 0, {"destination_addr": "15551234567", "short_message": b"hi", **fields})


def feed(session: Session, pdu: Pdu, now: float = 0.0) -> list[Event]:
    return session.receive(codec.encode(pdu), now)


def closed_by(events: list[Event]) -> Closed:
    assert isinstance(events[-1], Closed)
    return events[-1]


# ---------------------------------------------------------------- binding


@pytest.mark.parametrize("bind", sorted(c.BIND_COMMANDS))
def test_bind_submit_deliver_and_unbind(bind: int) -> None:
    esme, smsc = bound_pair(bind=bind)
    if bind != c.BIND_RECEIVER:
        sequence = esme.send(submit(), "message 1", 1.0)
        (asked,) = smsc.receive(esme.data_to_send(1.0), 1.1)
        assert isinstance(asked, RequestReceived)
        assert smsc.respond(asked.pdu, c.ESME_ROK, {"message_id": "id-1"})
        (answer,) = esme.receive(smsc.data_to_send(1.2), 1.5)
        assert isinstance(answer, ResponseReceived)
        assert (answer.context, answer.pdu.sequence) == ("message 1", sequence)
        assert answer.pdu.text("message_id") == "id-1"
        assert answer.elapsed == pytest.approx(0.5)
    if bind != c.BIND_TRANSMITTER:
        smsc.send(Pdu(c.DELIVER_SM), "receipt 1", 2.0)
        (asked,) = esme.receive(smsc.data_to_send(2.0), 2.0)
        assert isinstance(asked, RequestReceived)
        assert esme.respond(asked.pdu)
        (answer,) = smsc.receive(esme.data_to_send(2.0), 2.0)
        assert isinstance(answer, ResponseReceived)
        assert answer.context == "receipt 1"
    assert esme.unbind(3.0) == []
    assert kinds(smsc.receive(esme.data_to_send(3.0), 3.0)) == ["Unbound", "Closed"]
    assert kinds(esme.receive(smsc.data_to_send(3.0), 3.0)) == ["Unbound", "Closed"]
    assert esme.state == smsc.state == states.CLOSED


@pytest.mark.parametrize("status", [c.ESME_RALYBND, c.ESME_RINVPASWD, 0x401])
def test_refused_bind(status: int) -> None:
    esme, smsc = Session(ESME, SessionConfig(), 0.0), Session(SMSC, SessionConfig(), 0.0)
    esme.bind(c.BIND_TRANSMITTER, dict(CREDENTIALS))
    (asked,) = smsc.receive(esme.data_to_send(0.0), 0.0)
    assert isinstance(asked, BindReceived)
    assert smsc.reject_bind(asked.pdu, status)
    assert smsc.state == states.OPEN
    refused, closed = esme.receive(smsc.data_to_send(0.0), 0.0)
    assert isinstance(refused, BindRefused)
    assert refused.pdu.command_status == status
    assert isinstance(closed, Closed)
    assert not smsc.reject_bind(asked.pdu, status)
    assert smsc.accept_bind(asked.pdu, 0.0) == []


def test_bind_answered_with_generic_nack_is_refused() -> None:
    esme = Session(ESME, SessionConfig(), 0.0)
    esme.bind(c.BIND_TRANSCEIVER, dict(CREDENTIALS))
    (sent,) = said(esme)
    events = feed(esme, Pdu(c.GENERIC_NACK, c.ESME_RINVCMDID, sent.sequence))
    assert kinds(events) == ["BindRefused", "Closed"]


def test_no_bind_in_time() -> None:
    """No bind within the session-init timer closes the session, in both roles."""
    for role in (ESME, SMSC):
        session = Session(role, SessionConfig(session_init_timeout=10.0), 100.0)
        if role == ESME:
            session.bind(c.BIND_TRANSCEIVER, dict(CREDENTIALS))
        assert session.next_timeout() == 110.0
        feed(session, Pdu(c.ENQUIRE_LINK, 0, 1), 109.0)
        assert session.on_time(109.9) == []
        assert "session-init" in closed_by(session.on_time(110.0)).reason
        assert session.next_timeout() is None


def test_requests_before_the_bind_answer_are_kept() -> None:
    """deliver_sm before bind_resp is told after Bound, in order, and can be answered."""
    esme = Session(ESME, SessionConfig(), 0.0)
    esme.bind(c.BIND_TRANSCEIVER, dict(CREDENTIALS))
    (bind,) = said(esme)
    early = codec.encode(Pdu(c.DELIVER_SM, 0, 11)) + codec.encode(Pdu(c.DELIVER_SM, 0, 12))
    assert esme.receive(early, 0.0) == []
    events = feed(esme, Pdu(c.BIND_TRANSCEIVER_RESP, 0, bind.sequence))
    assert kinds(events) == ["Bound", "RequestReceived", "RequestReceived"]
    assert isinstance(events[0], Bound)
    for event in events[1:]:
        assert isinstance(event, RequestReceived)
        assert esme.respond(event.pdu)
    assert [pdu.sequence for pdu in said(esme)] == [11, 12]


def test_requests_pipelined_behind_a_bind_wait_for_its_answer() -> None:
    """A customer that submits without waiting for bind_resp is served, or refused."""
    for accept in (True, False):
        smsc = Session(SMSC, SessionConfig(), 0.0)
        stream = codec.encode(Pdu(c.BIND_TRANSCEIVER, 0, 1, dict(CREDENTIALS)))
        pdu = submit()
        pdu.sequence = 2
        (asked,) = smsc.receive(stream + codec.encode(pdu), 0.0)
        assert isinstance(asked, BindReceived)
        if accept:
            assert kinds(smsc.accept_bind(asked.pdu, 0.0)) == ["RequestReceived"]
        else:
            assert smsc.reject_bind(asked.pdu, c.ESME_RBINDFAIL)
            assert [answer.command_status for answer in said(smsc)] == [
                c.ESME_RBINDFAIL,
                c.ESME_RINVBNDSTS,
            ]


def test_outbind() -> None:
    smsc = Session(SMSC, SessionConfig(), 0.0)
    smsc.send(Pdu(c.OUTBIND, 0, 0, dict(CREDENTIALS)), None, 0.0)
    esme = Session(ESME, SessionConfig(), 0.0)
    (asked,) = esme.receive(smsc.data_to_send(0.0), 0.0)
    assert isinstance(asked, RequestReceived)
    assert asked.pdu.text("system_id") == "me"
    esme.bind(c.BIND_RECEIVER, dict(CREDENTIALS))
    assert kinds(smsc.receive(esme.data_to_send(0.0), 0.0)) == ["BindReceived"]


# ---------------------------------------------------------------- what is allowed when


def test_requests_that_this_side_may_not_send() -> None:
    with pytest.raises(InvalidStateError):
        Session(ESME, SessionConfig(), 0.0).send(submit(), None, 0.0)
    with pytest.raises(InvalidStateError):
        bound_esme(bind=c.BIND_RECEIVER).send(submit(), None, 0.0)
    with pytest.raises(InvalidStateError):
        bound_esme().send(Pdu(c.DELIVER_SM), None, 0.0)
    with pytest.raises(InvalidStateError):
        bound_smsc(bind=c.BIND_TRANSMITTER).send(Pdu(c.DELIVER_SM), None, 0.0)
    with pytest.raises(InvalidStateError):
        bound_esme().bind(c.BIND_TRANSCEIVER, dict(CREDENTIALS))
    with pytest.raises(InvalidStateError):
        bound_smsc().bind(c.BIND_TRANSCEIVER, dict(CREDENTIALS))
    assert bound_esme(bind=c.BIND_RECEIVER).window_free == 0


@pytest.mark.parametrize(
    ("role", "bind", "pdu", "answer", "status"),
    [
        (SMSC, None, submit(), c.SUBMIT_SM_RESP, c.ESME_RINVBNDSTS),
        (SMSC, c.BIND_RECEIVER, submit(), c.SUBMIT_SM_RESP, c.ESME_RINVBNDSTS),
        (SMSC, c.BIND_RECEIVER, Pdu(c.QUERY_SM), c.QUERY_SM_RESP, c.ESME_RINVBNDSTS),
        (ESME, c.BIND_TRANSMITTER, Pdu(c.DELIVER_SM), c.DELIVER_SM_RESP, c.ESME_RINVBNDSTS),
        (ESME, c.BIND_TRANSCEIVER, submit(), c.SUBMIT_SM_RESP, c.ESME_RINVCMDID),
        (SMSC, c.BIND_TRANSCEIVER, Pdu(c.DELIVER_SM), c.DELIVER_SM_RESP, c.ESME_RINVCMDID),
        (SMSC, c.BIND_TRANSCEIVER, Pdu(c.BIND_RECEIVER), c.BIND_RECEIVER_RESP, c.ESME_RALYBND),
        (ESME, c.BIND_TRANSCEIVER, Pdu(c.BIND_RECEIVER), c.BIND_RECEIVER_RESP, c.ESME_RINVCMDID),
        (ESME, c.BIND_TRANSCEIVER, Pdu(c.OUTBIND), c.GENERIC_NACK, c.ESME_RINVBNDSTS),
        (SMSC, None, Pdu(c.OUTBIND), c.GENERIC_NACK, c.ESME_RINVCMDID),
        (SMSC, None, Pdu(c.ENQUIRE_LINK), c.ENQUIRE_LINK_RESP, c.ESME_ROK),
    ],
)
def test_requests_out_of_state(role: str, bind: int | None, pdu: Pdu, answer: int, status: int) -> None:
    if bind is None:
        session = Session(role, SessionConfig(), 0.0)
    else:
        session = (bound_smsc if role == SMSC else bound_esme)(bind=bind)
    pdu.sequence = 77
    assert not any(isinstance(event, RequestReceived) for event in feed(session, pdu))
    (said_back,) = said(session)
    assert (said_back.command_id, said_back.command_status, said_back.sequence) == (answer, status, 77)
    assert session.state == (states.OPEN if bind is None else states.BOUND)


def test_alert_notification_needs_no_answer() -> None:
    esme, smsc = bound_pair()
    smsc.send(Pdu(c.ALERT_NOTIFICATION, 0, 0, {"source_addr": "1"}), None, 0.0)
    assert smsc.in_flight == 0
    (event,) = esme.receive(smsc.data_to_send(0.0), 0.0)
    assert isinstance(event, RequestReceived)
    assert esme.unanswered == 0
    assert not esme.respond(event.pdu)


# ---------------------------------------------------------------- windows


def test_window_full_and_freed() -> None:
    """A full window refuses; an answer, an error and a lost response each free a slot."""
    esme = bound_esme(SessionConfig(window=3, response_timeout=30.0, first_sequence=100))
    sequences = [esme.send(submit(), number, 0.0) for number in range(3)]
    with pytest.raises(WindowFullError):
        esme.send(submit(), 3, 0.0)
    assert (esme.window_free, esme.in_flight) == (0, 3)
    esme.data_to_send(0.0)
    feed(esme, Pdu(c.SUBMIT_SM_RESP, 0, sequences[1], {"message_id": "x"}), 1.0)
    assert esme.window_free == 1
    feed(esme, Pdu(c.GENERIC_NACK, c.ESME_RSYSERR, sequences[0]), 1.0)
    assert esme.window_free == 2
    (lost,) = esme.on_time(30.0)
    assert isinstance(lost, ResponseTimedOut)
    assert (lost.context, esme.window_free, esme.counters.timed_out) == (2, 3, 1)


def test_throughput_is_not_one_request_a_round_trip() -> None:
    """A window's worth of requests leaves in one write, before any answer."""
    esme, smsc = bound_pair(SessionConfig(window=50))
    for number in range(50):
        esme.send(submit(), number, 0.0)
    asked = smsc.receive(esme.data_to_send(0.0), 0.0)
    assert kinds(asked) == ["RequestReceived"] * 50
    for event in asked:
        assert isinstance(event, RequestReceived)
        smsc.respond(event.pdu, 0, {"message_id": "1"})
    answers = esme.receive(smsc.data_to_send(0.0), 0.0)
    assert [event.context for event in answers if isinstance(event, ResponseReceived)] == list(range(50))


def test_a_value_that_does_not_fit_takes_no_slot() -> None:
    esme = bound_esme()
    with pytest.raises(EncodeError):
        esme.send(submit(source_addr="x" * 50), None, 0.0)
    assert esme.in_flight == 0
    assert esme.data_to_send(0.0) == b""


def test_the_peers_window() -> None:
    smsc = bound_smsc(SessionConfig(receive_window=2))
    events: list[Event] = []
    for sequence in (1, 2, 3):
        pdu = submit()
        pdu.sequence = sequence
        events += feed(smsc, pdu)
    requests = [event.pdu for event in events if isinstance(event, RequestReceived)]
    assert [pdu.sequence for pdu in requests] == [1, 2]
    assert [event.pdu.sequence for event in events if isinstance(event, Overflowed)] == [3]
    (refused,) = said(smsc)
    assert (refused.sequence, refused.command_status) == (3, c.ESME_RTHROTTLED)
    assert (smsc.unanswered, smsc.counters.overflowed) == (2, 1)
    assert smsc.respond(requests[0])
    assert not smsc.respond(requests[0])
    assert smsc.unanswered == 1


def test_throttled_answers_are_told_as_they_are() -> None:
    """ESME_RTHROTTLED and ESME_RMSGQFUL reach the caller with the request's context."""
    esme = bound_esme()
    for status in (c.ESME_RTHROTTLED, c.ESME_RMSGQFUL):
        sequence = esme.send(submit(registered_delivery=1), "wish for a receipt", 0.0)
        esme.data_to_send(0.0)
        (event,) = feed(esme, Pdu(c.SUBMIT_SM_RESP, status, sequence))
        assert isinstance(event, ResponseReceived)
        assert (event.context, event.pdu.command_status) == ("wish for a receipt", status)


@pytest.mark.parametrize(
    "pdu",
    [
        Pdu(c.SUBMIT_SM_RESP, 0, 999, {"message_id": "x"}),
        Pdu(c.SUBMIT_SM_RESP, 0, 0, {"message_id": "x"}),
        Pdu(c.GENERIC_NACK, c.ESME_RINVCMDID, 0),
        Pdu(c.UNBIND_RESP, 0, 999),
        Pdu(c.BIND_TRANSCEIVER_RESP, 0, 1, {"system_id": "again"}),
        Pdu(c.ENQUIRE_LINK_RESP, 0, 999),
    ],
)
def test_responses_without_a_request_in_flight(pdu: Pdu) -> None:
    """A response with an unknown or repeated sequence is ignored and counted."""
    esme = bound_esme()
    assert not any(isinstance(event, ResponseReceived) for event in feed(esme, pdu))
    assert esme.data_to_send(0.0) == b""
    assert esme.state == states.BOUND
    assert esme.counters.unexpected_responses == (0 if pdu.command_id == c.ENQUIRE_LINK_RESP else 1)


def test_repeated_response() -> None:
    """The second response to one request is ignored and counted."""
    esme = bound_esme()
    sequence = esme.send(submit(), "once", 0.0)
    esme.data_to_send(0.0)
    response = Pdu(c.SUBMIT_SM_RESP, 0, sequence, {"message_id": "x"})
    assert kinds(feed(esme, response) + feed(esme, response)) == ["ResponseReceived"]
    assert esme.counters.unexpected_responses == 1


def test_answer_of_another_command_is_no_answer() -> None:
    esme = bound_esme()
    sequence = esme.send(submit(), "mine", 0.0)
    esme.data_to_send(0.0)
    assert feed(esme, Pdu(c.DELIVER_SM_RESP, 0, sequence)) == []
    assert esme.in_flight == 1


# ---------------------------------------------------------------- faults in what comes


def test_malformed_request_is_answered_and_the_session_lives() -> None:
    """sm_length beyond the body gets ESME_RINVMSGLEN, and the next PDU is served."""
    smsc = bound_smsc()
    good = submit()
    good.sequence = 6
    frame = bytearray(codec.encode(good))
    frame[15] = 5
    frame[-3] = 200
    events = smsc.receive(bytes(frame) + codec.encode(good), 0.0)
    assert kinds(events) == ["ProtocolError", "RequestReceived"]
    (answer,) = said(smsc)
    assert (answer.command_id, answer.command_status, answer.sequence) == (
        c.SUBMIT_SM_RESP,
        c.ESME_RINVMSGLEN,
        5,
    )
    assert smsc.counters.malformed == 1


def test_unknown_command_is_nacked_and_the_session_lives() -> None:
    """An unknown command gets generic_nack with ESME_RINVCMDID and the session lives on."""
    smsc = bound_smsc()
    events = smsc.receive(struct.pack(">IIII", 20, 0x00010200, 0, 42) + b"abcd", 0.0)
    assert kinds(events) == ["ProtocolError"]
    (answer,) = said(smsc)
    assert (answer.command_id, answer.command_status, answer.sequence) == (
        c.GENERIC_NACK,
        c.ESME_RINVCMDID,
        42,
    )
    assert smsc.state == states.BOUND


def test_unknown_response_is_not_answered() -> None:
    smsc = bound_smsc()
    assert kinds(smsc.receive(struct.pack(">IIII", 16, 0x80010200, 0, 42), 0.0)) == ["ProtocolError"]
    assert smsc.data_to_send(0.0) == b""


def test_malformed_response_still_tells_its_status() -> None:
    """The outcome is in the header; a body that cannot be read loses only the id."""
    esme = bound_esme()
    sequence = esme.send(submit(), "context", 0.0)
    esme.data_to_send(0.0)
    body = b"an id without its NUL"
    events = esme.receive(struct.pack(">IIII", 16 + len(body), c.SUBMIT_SM_RESP, 0, sequence) + body, 0.0)
    assert kinds(events) == ["ProtocolError", "ResponseReceived"]
    answer = events[1]
    assert isinstance(answer, ResponseReceived)
    assert (answer.context, answer.pdu.command_status, answer.pdu.text("message_id")) == ("context", 0, "")
    assert esme.data_to_send(0.0) == b""


@pytest.mark.parametrize("length", [0, 15, 1_213_486_160])
def test_lost_framing_ends_the_session(length: int) -> None:
    """A length that cannot be is answered with generic_nack ESME_RINVCMDLEN, then closed."""
    smsc = bound_smsc()
    smsc.send(Pdu(c.DELIVER_SM), "receipt", 0.0)
    smsc.data_to_send(0.0)
    good = codec.encode(Pdu(c.ENQUIRE_LINK, 0, 4))
    events = smsc.receive(good + struct.pack(">IIII", length, c.SUBMIT_SM, 0, 5), 0.0)
    assert kinds(events) == ["ProtocolError", "Closed"]
    assert isinstance(events[0], ProtocolError)
    assert events[0].fatal
    assert closed_by(events).written == ["receipt"]
    alive, nack = said(smsc)
    assert alive.command_id == c.ENQUIRE_LINK_RESP
    assert (nack.command_id, nack.command_status, nack.sequence) == (c.GENERIC_NACK, c.ESME_RINVCMDLEN, 0)
    assert smsc.receive(good, 1.0) == []
    assert smsc.connection_lost("gone") == []


def test_http_on_the_smpp_port() -> None:
    """HTTP text sent to the SMPP port."""
    smsc = Session(SMSC, SessionConfig(), 0.0)
    assert kinds(smsc.receive(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 0.0)) == ["ProtocolError", "Closed"]


# ---------------------------------------------------------------- time


def test_enquire_link_after_silence() -> None:
    """No answer to enquire_link by its deadline closes the session."""
    esme = bound_esme(SessionConfig(enquire_link_interval=30.0, enquire_link_timeout=10.0))
    esme.send(submit(), "in flight", 25.0)
    esme.data_to_send(25.0)
    assert esme.next_timeout() == 30.0
    assert esme.on_time(30.0) == []
    (asked,) = said(esme, 30.0)
    assert asked.command_id == c.ENQUIRE_LINK
    assert esme.next_timeout() == 40.0
    assert esme.on_time(39.9) == []
    closed = closed_by(esme.on_time(40.0))
    assert "enquire_link" in closed.reason
    assert closed.written == ["in flight"]


def test_any_traffic_counts_as_life() -> None:
    """Any traffic counts as life, also in place of the enquire_link_resp."""
    esme = bound_esme(SessionConfig(enquire_link_interval=30.0, enquire_link_timeout=10.0))
    esme.on_time(30.0)
    esme.data_to_send(30.0)
    feed(esme, Pdu(c.DELIVER_SM, 0, 1), 39.0)
    assert esme.on_time(40.0) == []
    assert esme.next_timeout() == 69.0
    esme.receive(b"\0\0\0", 68.0)
    assert esme.next_timeout() == 98.0


def test_enquire_link_is_answered_whatever_the_window() -> None:
    esme = bound_esme(SessionConfig(window=1))
    esme.send(submit(), None, 0.0)
    esme.data_to_send(0.0)
    feed(esme, Pdu(c.ENQUIRE_LINK, 0, 55))
    (answer,) = said(esme)
    assert (answer.command_id, answer.sequence) == (c.ENQUIRE_LINK_RESP, 55)
    esme.on_time(30.0)
    assert [pdu.command_id for pdu in said(esme)] == [c.ENQUIRE_LINK]


def test_a_dead_peer_can_be_played() -> None:
    smsc = bound_smsc(SessionConfig(answer_enquire_link=False))
    feed(smsc, Pdu(c.ENQUIRE_LINK, 0, 55))
    assert smsc.data_to_send(0.0) == b""


def test_response_timer_starts_at_the_write() -> None:
    """A request that waits to be written does not time out; one that was written does."""
    esme = bound_esme(SessionConfig(response_timeout=5.0, enquire_link_interval=0.0))
    esme.send(submit(), "waits", 0.0)
    assert esme.next_timeout() is None
    assert esme.on_time(100.0) == []
    esme.data_to_send(100.0)
    assert esme.next_timeout() == 105.0
    (event,) = esme.on_time(105.0)
    assert isinstance(event, ResponseTimedOut)
    assert event.context == "waits"


def test_an_answer_that_was_read_late_is_an_answer() -> None:
    """After a busy handler the answer that waited is taken, not called a time-out."""
    esme = bound_esme(SessionConfig(response_timeout=5.0))
    sequence = esme.send(submit(), "context", 0.0)
    esme.data_to_send(0.0)
    assert kinds(feed(esme, Pdu(c.SUBMIT_SM_RESP, 0, sequence), 20.0)) == ["ResponseReceived"]
    assert esme.on_time(20.0) == []


def test_late_answer_after_the_time_out_is_ignored() -> None:
    esme = bound_esme(SessionConfig(response_timeout=5.0))
    sequence = esme.send(submit(), "context", 0.0)
    esme.data_to_send(0.0)
    assert kinds(esme.on_time(5.0)) == ["ResponseTimedOut"]
    assert feed(esme, Pdu(c.SUBMIT_SM_RESP, 0, sequence), 6.0) == []
    assert esme.counters.unexpected_responses == 1


def test_inactivity_unbinds() -> None:
    config = SessionConfig(inactivity_timeout=60.0, enquire_link_interval=50.0)
    esme = bound_esme(config)
    esme.on_time(50.0)
    assert [pdu.command_id for pdu in said(esme)] == [c.ENQUIRE_LINK]
    feed(esme, Pdu(c.ENQUIRE_LINK_RESP, 0, 1), 50.0)
    assert esme.on_time(60.0) == []
    assert [pdu.command_id for pdu in said(esme)] == [c.UNBIND]


def test_a_session_on_its_way_out_has_no_deadline_in_the_past() -> None:
    """Else its owner's timer spins until the peer answers the unbind."""
    esme = bound_esme(SessionConfig(inactivity_timeout=60.0, enquire_link_interval=70.0, unbind_timeout=30.0))
    esme.on_time(60.0)
    assert [pdu.command_id for pdu in said(esme)] == [c.UNBIND]
    esme.on_time(75.0)
    deadline = esme.next_timeout()
    assert deadline is not None
    assert deadline > 75.0


# ---------------------------------------------------------------- the end


def test_unbind_waits_for_what_is_in_flight() -> None:
    """A graceful stop takes nothing new, waits for the answers, unbinds, and waits."""
    esme, smsc = bound_pair(SessionConfig(drain_timeout=5.0))
    esme.send(submit(), "ours", 0.0)
    (asked,) = smsc.receive(esme.data_to_send(0.0), 0.0)
    smsc.send(Pdu(c.DELIVER_SM), "theirs", 0.0)
    (delivered,) = esme.receive(smsc.data_to_send(0.0), 0.0)
    assert esme.unbind(1.0) == []
    assert esme.state == states.DRAINING
    assert esme.data_to_send(1.0) == b""
    with pytest.raises(InvalidStateError):
        esme.send(submit(), "new", 1.0)
    assert isinstance(delivered, RequestReceived)
    assert esme.respond(delivered.pdu)
    assert [pdu.command_id for pdu in said(esme, 1.0)] == [c.DELIVER_SM_RESP]
    assert isinstance(asked, RequestReceived)
    smsc.respond(asked.pdu, 0, {"message_id": "1"})
    assert kinds(esme.receive(smsc.data_to_send(1.5), 1.5)) == ["ResponseReceived"]
    assert [pdu.command_id for pdu in said(esme, 1.5)] == [c.UNBIND]
    assert esme.state == states.UNBIND_SENT


def test_unbind_does_not_wait_for_ever() -> None:
    """What is in flight beyond the drain time is handed back as unknown."""
    esme = bound_esme(SessionConfig(drain_timeout=5.0, unbind_timeout=3.0, response_timeout=60.0))
    esme.send(submit(), "never answered", 0.0)
    esme.data_to_send(0.0)
    esme.unbind(1.0)
    assert esme.next_timeout() == 6.0
    assert esme.on_time(6.0) == []
    assert [pdu.command_id for pdu in said(esme, 6.0)] == [c.UNBIND]
    assert esme.next_timeout() == 9.0
    closed = closed_by(esme.on_time(9.0))
    assert (closed.written, closed.unwritten) == (["never answered"], [])


def test_peers_unbind_with_the_window_half_full() -> None:
    """Unbind with the window half full: answered after what is in flight, or handed back."""
    esme = bound_esme(SessionConfig(window=4, peer_drain_timeout=2.0))
    first = esme.send(submit(), "answered", 0.0)
    esme.send(submit(), "never answered", 0.0)
    esme.data_to_send(0.0)
    assert feed(esme, Pdu(c.UNBIND, 0, 90), 1.0) == []
    assert esme.data_to_send(1.0) == b""
    assert kinds(feed(esme, Pdu(c.SUBMIT_SM_RESP, 0, first, {"message_id": "1"}), 1.5)) == [
        "ResponseReceived"
    ]
    events = esme.on_time(3.0)
    assert kinds(events) == ["Unbound", "Closed"]
    assert closed_by(events).written == ["never answered"]
    (answer,) = said(esme, 3.0)
    assert (answer.command_id, answer.sequence) == (c.UNBIND_RESP, 90)


def test_peers_unbind_waits_for_our_answers() -> None:
    """The peer's own requests are answered before its unbind is."""
    smsc = bound_smsc()
    pdu = submit()
    pdu.sequence = 5
    (asked,) = feed(smsc, pdu)
    assert feed(smsc, Pdu(c.UNBIND, 0, 6), 1.0) == []
    late = submit()
    late.sequence = 7
    assert kinds(feed(smsc, late, 1.0)) == ["ProtocolError"]
    assert isinstance(asked, RequestReceived)
    assert smsc.respond(asked.pdu, 0, {"message_id": "1"})
    assert smsc.next_timeout() == 0.0
    assert kinds(smsc.on_time(1.1)) == ["Unbound", "Closed"]
    assert [(pdu.command_id, pdu.sequence) for pdu in said(smsc)] == [
        (c.SUBMIT_SM_RESP, 7),
        (c.SUBMIT_SM_RESP, 5),
        (c.UNBIND_RESP, 6),
    ]


def test_both_unbind_at_once() -> None:
    esme, smsc = bound_pair()
    esme.unbind(0.0)
    smsc.unbind(0.0)
    from_esme, from_smsc = esme.data_to_send(0.0), smsc.data_to_send(0.0)
    assert smsc.receive(from_esme, 0.0) == []
    assert esme.receive(from_smsc, 0.0) == []
    assert kinds(smsc.receive(esme.data_to_send(0.0), 0.0)) == ["Unbound", "Closed"]
    assert kinds(esme.receive(smsc.data_to_send(0.0), 0.0)) == ["Unbound", "Closed"]


def test_unbind_before_the_bind_closes() -> None:
    assert kinds(Session(ESME, SessionConfig(), 0.0).unbind(0.0)) == ["Closed"]
    smsc = Session(SMSC, SessionConfig(), 0.0)
    assert kinds(feed(smsc, Pdu(c.UNBIND, 0, 1))) == ["Unbound", "Closed"]
    assert [pdu.command_id for pdu in said(smsc)] == [c.UNBIND_RESP]


def test_written_and_unwritten_are_told_apart() -> None:
    """Lost before any octet was written is retryable; written and unanswered is unknown."""
    esme = bound_esme()
    esme.send(submit(), "written", 0.0)
    esme.data_to_send(0.0)
    esme.send(submit(), "queued", 0.0)
    closed = closed_by(esme.connection_lost("gone"))
    assert (closed.written, closed.unwritten, closed.reason) == (["written"], ["queued"], "gone")


def test_octets_the_transport_never_sent_count_as_unwritten() -> None:
    """Of what a stalled transport held, only what it began to send is unknown."""
    esme = bound_esme()
    esme.data_to_send(0.0)
    length = len(codec.encode(submit()))
    for number in range(4):
        esme.send(submit(), number, 0.0)
    assert len(esme.data_to_send(0.0)) == 4 * length
    closed = closed_by(esme.connection_lost("stalled", unsent=2 * length + 1))
    assert (closed.written, closed.unwritten) == ([0, 1], [2, 3])


def test_requests_taken_back_at_the_end_are_not_flushed() -> None:
    """What is told as unwritten must not leave with the last words."""
    esme = bound_esme()
    feed(esme, Pdu(c.ENQUIRE_LINK, 0, 8))
    esme.send(submit(), "queued", 0.0)
    closed = closed_by(esme.receive(b"\0\0\0\1", 0.0))
    assert closed.unwritten == ["queued"]
    assert [pdu.command_id for pdu in said(esme)] == [c.ENQUIRE_LINK_RESP, c.GENERIC_NACK]


def test_answers_after_the_end_go_nowhere() -> None:
    smsc = bound_smsc()
    pdu = submit()
    pdu.sequence = 5
    (asked,) = feed(smsc, pdu)
    smsc.connection_lost("gone")
    assert isinstance(asked, RequestReceived)
    assert not smsc.respond(asked.pdu)
    assert not bound_smsc().respond(asked.pdu)


# ---------------------------------------------------------------- properties


def transcript(chunks: list[bytes]) -> tuple[list[tuple[object, ...]], bytes]:
    """What a bound SMSC tells and says of a stream; its requests are answered at the end."""
    smsc = bound_smsc()
    told: list[tuple[object, ...]] = []
    asked: list[Pdu] = []
    heard = b""
    for chunk in chunks:
        for event in smsc.receive(chunk, 0.0):
            pdu = getattr(event, "pdu", None)
            told.append((type(event), repr(pdu), getattr(event, "reason", None)))
            if isinstance(event, RequestReceived):
                asked.append(event.pdu)
        heard += smsc.data_to_send(0.0)
    for pdu in asked:
        smsc.respond(pdu, c.ESME_RSYSERR)
    heard += smsc.data_to_send(0.0)
    return told, heard


@given(st.lists(st.one_of(pdus.map(codec.encode), st.binary(max_size=20)), max_size=6), st.data())
def test_any_cut_gives_the_same_events(parts: list[bytes], data: st.DataObject) -> None:
    """However a stream of PDUs is cut, the events are the same."""
    stream = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    told, heard = transcript(chunks)
    told_octetwise, heard_octetwise = transcript([stream[i : i + 1] for i in range(len(stream))])
    assert told == told_octetwise
    assert heard == heard_octetwise


@given(
    st.sampled_from((ESME, SMSC)),
    st.booleans(),
    st.lists(st.one_of(pdus.map(codec.encode), st.binary(max_size=40), st.floats(0, 100)), max_size=8),
)
def test_nothing_a_peer_says_makes_a_session_raise(
    role: str, bound: bool, script: list[bytes | float]
) -> None:
    session = (bound_esme() if role == ESME else bound_smsc()) if bound else Session(role, SessionConfig(), 0)
    now = 0.0
    closed = 0
    for step in script:
        if isinstance(step, float):
            now += step
            events = session.on_time(now)
        else:
            events = session.receive(step, now)
        closed += kinds(events).count("Closed")
        Framer().feed(session.data_to_send(now))
    closed += kinds(session.connection_lost("end")).count("Closed")
    assert closed == 1
    assert session.next_timeout() is None


# ---------------------------------------------------------------- what peers get wrong


def test_requests_with_one_number_are_each_answered() -> None:
    """SMPP 3.4, 4: each request gets its response. Some clients send all parts of a message with one number."""
    smsc = bound_smsc()
    frames = b"".join(codec.encode(submit(short_message=b"%d" % n)) for n in range(3))
    asked = [event.pdu for event in smsc.receive(frames, 0.0) if isinstance(event, RequestReceived)]
    assert (len(asked), smsc.unanswered) == (3, 3)
    for number, pdu in enumerate(reversed(asked)):
        assert smsc.respond(pdu, c.ESME_ROK, {"message_id": str(number)})
        assert not smsc.respond(pdu, c.ESME_ROK)
    answers = said(smsc)
    assert [(one.sequence, one.text("message_id")) for one in answers] == [(0, "0"), (0, "1"), (0, "2")]
    assert smsc.unanswered == 0


def test_a_lenient_session_takes_what_a_strict_one_refuses() -> None:
    """Towards carriers nothing that can be understood is refused; towards customers the opposite holds."""
    body = codec.encode(Pdu(c.DELIVER_SM, 0, 5, {"short_message": b"hi"})) + b"\0"
    frame = len(body).to_bytes(4, "big") + body[4:]
    strict, lenient = bound_esme(), bound_esme(SessionConfig(reading="lenient"))
    assert kinds(strict.receive(frame, 0.0)) == ["ProtocolError"]
    (event,) = lenient.receive(frame, 0.0)
    assert isinstance(event, RequestReceived)
    assert event.pdu.tolerated
    assert lenient.respond(event.pdu)


def test_enquire_links_are_counted() -> None:
    smsc = bound_smsc()
    assert not smsc.receive(codec.encode(Pdu(c.ENQUIRE_LINK, 0, 0xABCDEF)) * 3, 0.0)
    assert [(pdu.name, pdu.sequence) for pdu in said(smsc)] == [("enquire_link_resp", 0xABCDEF)] * 3
    assert (smsc.has_self_answered, smsc.count_self_answered(), smsc.has_self_answered) == (True, 3, False)
