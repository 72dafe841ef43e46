"""The simulated SMSC: it takes submit_sm, and answers and reports as its network and its misbehaviours say.

Rules kept here:
- an answer and its receipts are drawn when the submit_sm arrives, and wait in agendas: a message needs no task;
- receipts go to any bind of the same system_id that can receive, the sender's first. While there is none, they
  are kept; a receipt that is not acknowledged is offered again;
- a receipt is sent only if registered_delivery asks for one;
- memory is bounded: recorded messages by `record`, receipts by the number of submitted messages.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter, deque
from typing import Final, NamedTuple

import msgspec

from onesixty.core import outcomes
from onesixty.core.clock import Clock, Random
from onesixty.simulator.agenda import Agenda
from onesixty.simulator.behaviour import DELIVERED, EXPIRED, RECEIPT_ERROR, UNDELIVERABLE, Fate, Network
from onesixty.simulator.smsc import receipts
from onesixty.simulator.smsc.conduct import Conduct
from onesixty.simulator.smsc.misbehaviours import ID_FORMS, IdForms, chosen
from onesixty.simulator.smsc.options import SmscOptions
from onesixty.simulator.smsc.wire import TamperedNetwork
from onesixty.smpp import constants as c
from onesixty.smpp.errors import SmppError
from onesixty.smpp.events import ProtocolError
from onesixty.smpp.fields import FieldValue
from onesixty.smpp.network import LoopNetwork
from onesixty.smpp.network import Network as SmppNetwork
from onesixty.smpp.pdu import Pdu
from onesixty.smpp.server import Connection, ServerConfig, SmppServer
from onesixty.smpp.states import SessionConfig

STATUS_OF: Final[dict[str, int]] = {
    "carrier_throttled": c.ESME_RTHROTTLED,
    "message_refused": c.ESME_RX_R_APPN,
    "recipient_refused": c.ESME_RINVDSTADR,
    "sender_refused": c.ESME_RINVSRCADR,
    "carrier_refused": c.ESME_RSUBMITFAIL,
}

#: Answers to a deliver_sm after which it is offered again.
TEMPORARY: Final = frozenset((c.ESME_RX_T_APPN, c.ESME_RTHROTTLED, c.ESME_RMSGQFUL, c.ESME_RSYSERR))


class _Answer(NamedTuple):
    connection: Connection
    request: Pdu
    fate: Fate
    message_id: str


class _Delivery(NamedTuple):
    """A deliver_sm that will be sent: a receipt, or a message from a handset."""

    system_id: str
    connection: Connection | None
    pdu: Pdu
    is_receipt: bool


class _Due(NamedTuple):
    """A receipt that will be sent, in parts: it is written when it is due, with the time of that moment."""

    system_id: str
    connection: Connection
    request: Pdu
    message_id: str
    state: int
    submitted_at: int


class SimulatedSmsc:
    """An SMSC from `start` to `stop`. `counters` count events, `messages` keep the latest submit_sm."""

    def __init__(
        self, options: SmscOptions, *, clock: Clock, random: Random, net: SmppNetwork | None = None
    ) -> None:
        """Raises ValueError for a misbehaviour that does not exist."""
        self.options = options
        #: received, answered, accepted, throttled, refused, lost, receipts, acknowledged, repeated, binds,
        #: closed, protocol_errors.
        self.counters: Counter[str] = Counter()
        self.messages: deque[Pdu] = deque(maxlen=options.record)
        self._clock = clock
        self._random = random
        self._rows = chosen(options.misbehave)
        behaviour = msgspec.to_builtins(options)
        for row in self._rows:
            behaviour |= row.behaviour
        self._behaviour = msgspec.convert(behaviour, SmscOptions)
        self._ids: IdForms = (ID_FORMS[options.id_form], ID_FORMS[options.id_form])
        self._style: receipts.Style = receipts.plain
        network: SmppNetwork = LoopNetwork() if net is None else net
        self._conducts: list[Conduct] = []
        for row in self._rows:
            self._ids = row.id_forms() or self._ids
            self._style = row.writes() or self._style
            if (tamper := row.tampers()) is not None:
                network = TamperedNetwork(network, tamper, random)
            if (conduct := row.conducts(options.every, random)) is not None:
                self._conducts.append(conduct)
        self._first_fails = any(row.first_segment_fails for row in self._rows)
        self._expired_first = any(row.expired_first for row in self._rows)
        self._server = SmppServer(
            ServerConfig(
                system_id="simulator",
                session=SessionConfig(
                    window=options.window,
                    receive_window=1_000_000,
                    drain_timeout=0.1,  # a stop does not wait for answers that will never come
                    answer_enquire_link=all(row.answers_enquire_link for row in self._rows),
                ),
            ),
            self,
            network=network,
        )
        self._tls: ssl.SSLContext | None = None
        self._kept: dict[str, deque[_Delivery]] = {}
        self._network: Network
        self._answers: Agenda[_Answer]
        self._due: Agenda[_Due]
        self._again: Agenda[_Delivery]

    # ------------------------------------------------------------ its life

    async def start(self, *, tls: ssl.SSLContext | None = None) -> None:
        """Listen on the options' address. Raises OSError."""
        self._tls = tls
        await self._start(self.options.port)

    async def restart(self) -> None:
        """Listen again on the same port."""
        await self._start(self.port)

    async def stop(self, timeout: float = 1.0) -> None:
        """Unbind every peer and close. Scheduled deliveries are dropped; receipts kept for a later bind stay."""
        self._answers.clear()
        self._due.clear()
        self._again.clear()
        await self._server.stop(timeout)

    @property
    def port(self) -> int:
        """The port on which it listens."""
        return self._server.port

    @property
    def connections(self) -> list[Connection]:
        """The present connections, bound or not."""
        return list(self._server.connections.values())

    def hang_up(self) -> None:
        """Cut every connection, as a failing network does."""
        for connection in self.connections:
            connection.abort("hung up")

    def deliver(
        self,
        sender: str,
        recipient: str,
        payload: bytes,
        *,
        system_id: str = "",
        udh: bytes = b"",
        data_coding: int = 0,
    ) -> None:
        """Deliver a message from a handset to the binds of `system_id` (empty: to any bind)."""
        owner = system_id or next((peer.system_id for peer in self.connections if peer.receives), "")
        fields = _addresses(sender, c.TON_INTERNATIONAL, recipient, c.TON_UNKNOWN) | {
            "esm_class": c.ESM_UDHI if udh else 0,
            "data_coding": data_coding,
            "short_message": udh + payload,
        }
        self._deliver([_Delivery(owner, None, Pdu(c.DELIVER_SM, fields=fields), False)])

    # ------------------------------------------------------------ what the server tells

    def on_connect(self, connection: Connection) -> None:
        """Accept every connection."""

    def on_bind(self, connection: Connection, pdu: Pdu) -> None:
        """Accept a bind with the right system_id and password."""
        if any(conduct.on_bind(connection, pdu) for conduct in self._conducts):
            return
        expected = self.options
        if expected.system_id and pdu.text("system_id") != expected.system_id:
            connection.reject(pdu, c.ESME_RINVSYSID)
        elif expected.password and pdu.text("password") != expected.password:
            connection.reject(pdu, c.ESME_RINVPASWD)
        else:
            self.counters["binds"] += 1
            connection.accept(pdu)
            self._flush(connection.system_id)

    def on_request(self, connection: Connection, pdu: Pdu) -> None:
        """Handle a request: submit_sm is the only command that is served."""
        if pdu.command_id != c.SUBMIT_SM:
            connection.respond(pdu, c.ESME_RINVCMDID)
            return
        self.counters["received"] += 1
        if self.options.record:
            self.messages.append(pdu)
        taken_over = False
        # every conduct counts every submit_sm, even one that another conduct handles
        for conduct in self._conducts:
            taken_over |= conduct.on_submit(connection, pdu)
        if taken_over:
            return
        fate = self._network.draw()
        number = self._random.getrandbits(62) | 1 << 62
        answer, report = self._ids[0](number), self._ids[1](number)
        self._answers.add(fate.latency, _Answer(connection, pdu, fate, answer))
        if not pdu.number("registered_delivery") & c.RECEIPT_MASK:
            return
        now = self._clock.now_ms()
        fails = self._first_fails and _is_first_segment(pdu)
        for plan in fate.receipts:
            state = UNDELIVERABLE if fails else plan.state
            due = _Due(connection.system_id, connection, pdu, report, state, now)
            if self._expired_first:
                self._due.add(plan.delay, due._replace(state=EXPIRED))
                self._due.add(plan.delay + self.options.receipt_delay_ms / 1000, due)
            else:
                self._due.add(plan.delay, due)

    def on_response(self, connection: Connection, context: object, pdu: Pdu) -> None:
        """A deliver_sm was answered."""
        if isinstance(context, _Delivery):
            if pdu.command_status in TEMPORARY:
                self._repeat(context)
            else:
                self.counters["acknowledged"] += 1
        self._flush(connection.system_id)

    def on_timeout(self, connection: Connection, context: object) -> None:
        """A deliver_sm was not answered."""
        if isinstance(context, _Delivery):
            self._repeat(context)

    def on_overflow(self, connection: Connection, pdu: Pdu) -> None:
        """Do nothing: the session has answered the request."""

    def on_protocol_error(self, connection: Connection, error: ProtocolError) -> None:
        """The peer broke a rule."""
        self.counters["protocol_errors"] += 1

    def on_closed(
        self, connection: Connection, reason: str, written: list[object], unwritten: list[object]
    ) -> None:
        """A connection ended: keep its unanswered deliver_sm for the next bind."""
        self.counters["closed"] += 1
        for conduct in self._conducts:
            conduct.on_closed(connection)
        for context in (*written, *unwritten):
            if isinstance(context, _Delivery):
                self._keep(context)
        self._flush(connection.system_id)

    # ------------------------------------------------------------ inside

    async def _start(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        self._network = Network(self._behaviour, self._random, loop.time)
        self._answers = Agenda(loop, self._answer)
        self._due = Agenda(loop, self._report)
        self._again = Agenda(loop, self._deliver)
        await self._server.start(self.options.host, port, tls=self._tls)

    def _answer(self, answers: list[_Answer]) -> None:
        counters = self.counters
        for connection, request, fate, message_id in answers:
            if fate.kind == outcomes.UNKNOWN:
                counters["lost"] += 1
                continue
            if fate.kind == outcomes.ACCEPTED:
                status, kind = c.ESME_ROK, "accepted"
                answered = connection.respond(request, status, {"message_id": message_id})
            else:
                status = STATUS_OF[fate.code or "carrier_refused"]
                kind = "throttled" if fate.kind == outcomes.THROTTLED else "refused"
                answered = connection.respond(request, status)
            if answered:
                counters["answered"] += 1
                counters[kind] += 1
                for conduct in self._conducts:
                    conduct.on_answered(connection, request, status, message_id)

    def _report(self, dues: list[_Due]) -> None:
        now = self._clock.now_ms()
        deliveries: list[_Delivery] = []
        for due in dues:
            request = due.request
            if not _wanted(request, due.state):
                continue
            text, tlvs = self._style(
                receipts.receipt_for(
                    due.message_id, due.state, RECEIPT_ERROR[due.state], due.submitted_at, now
                )
            )
            fields = _addresses(
                request.text("destination_addr"),
                request.number("dest_addr_ton"),
                request.text("source_addr"),
                request.number("source_addr_ton"),
            ) | {"esm_class": c.ESM_TYPE_DELIVERY_RECEIPT, "short_message": text}
            deliveries.append(
                _Delivery(due.system_id, due.connection, Pdu(c.DELIVER_SM, 0, 0, fields, tlvs), True)
            )
        self._deliver(deliveries)

    def _deliver(self, deliveries: list[_Delivery]) -> None:
        for delivery in deliveries:
            if not self._send(delivery):
                self._keep(delivery)

    def _send(self, delivery: _Delivery) -> bool:
        """Send over the connection of the submit, or over any other bind with its system_id."""
        chosen_one = delivery.connection
        if chosen_one is None or not _has_room(chosen_one):
            chosen_one = next(
                (
                    peer
                    for peer in self._server.connections.values()
                    if peer.system_id == delivery.system_id and _has_room(peer)
                ),
                None,
            )
        if chosen_one is None:
            return False
        pdu = delivery.pdu
        try:
            # A new PDU for each try, because the session writes the sequence into it.
            chosen_one.send(Pdu(pdu.command_id, 0, 0, pdu.fields, pdu.tlvs), delivery)
        except SmppError:
            return False
        self.counters["receipts" if delivery.is_receipt else "delivered"] += 1
        return True

    def _keep(self, delivery: _Delivery) -> None:
        self._kept.setdefault(delivery.system_id, deque()).append(delivery)

    def _flush(self, system_id: str) -> None:
        kept = self._kept.get(system_id)
        while kept and self._send(kept[0]):
            kept.popleft()

    def _repeat(self, delivery: _Delivery) -> None:
        self.counters["repeated"] += 1
        self._again.add(self.options.repeat_ms / 1000, delivery)


def _has_room(connection: Connection) -> bool:
    return connection.receives and connection.window_free > 0


def _wanted(request: Pdu, state: int) -> bool:
    """Whether registered_delivery (5.2.17) asks for a receipt of this state."""
    asked = request.number("registered_delivery")
    if state not in c.FINAL_STATES:
        # A receipt that is not final is caused by a misbehaviour, so it is sent without a request.
        return True
    wanted = asked & c.RECEIPT_MASK
    if wanted == c.RECEIPT_FAILURE:
        return state != DELIVERED
    return wanted == c.RECEIPT_FINAL or state == DELIVERED


def _is_first_segment(pdu: Pdu) -> bool:
    """Whether a submit_sm is part 1 of several, by its UDH (8 or 16 bits)."""
    octets = pdu.octets("short_message")
    return bool(pdu.number("esm_class") & c.ESM_UDHI) and len(octets) > 6 and octets[octets[0]] == 1


def _addresses(sender: str, sender_ton: int, recipient: str, recipient_ton: int) -> dict[str, FieldValue]:
    return {
        "source_addr_ton": sender_ton,
        "source_addr_npi": int(sender_ton == c.TON_INTERNATIONAL),
        "source_addr": sender.removeprefix("+"),
        "dest_addr_ton": recipient_ton,
        "dest_addr_npi": int(recipient_ton == c.TON_INTERNATIONAL),
        "destination_addr": recipient.removeprefix("+"),
    }
