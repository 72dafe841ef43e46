"""Roles, session states, and which side may issue which command when (SMPP 3.4, 2.2 and 2.3; 5.0, 2.4)."""

from dataclasses import dataclass
from typing import Final

from onesixty.smpp import constants as c
from onesixty.smpp import framing
from onesixty.smpp.reading import STRICT, Reading

ESME: Final = "esme"
SMSC: Final = "smsc"

OPEN: Final = "open"  # connected, not bound yet
BINDING: Final = "binding"  # a bind waits for its answer
BOUND: Final = "bound"
DRAINING: Final = "draining"  # this side wants to unbind and waits for what is in flight
UNBIND_SENT: Final = "unbind sent"
PEER_UNBINDING: Final = "peer unbinding"  # the peer asked to unbind; first, the requests in flight end
CLOSED: Final = "closed"

# The directions in which a bind carries messages, as bits: a transceiver has both.
TRANSMITTER: Final = 1
RECEIVER: Final = 2
TRANSCEIVER: Final = 3

BIND_DIRECTIONS: Final[dict[int, int]] = {
    c.BIND_TRANSMITTER: TRANSMITTER,
    c.BIND_RECEIVER: RECEIVER,
    c.BIND_TRANSCEIVER: TRANSCEIVER,
}

# The commands that a role may issue once bound. An ESME needs a bind that transmits, an SMSC one that receives.
COMMANDS_OF: Final[dict[str, frozenset[int]]] = {
    ESME: frozenset(
        (
            c.SUBMIT_SM,
            c.SUBMIT_MULTI,
            c.DATA_SM,
            c.QUERY_SM,
            c.CANCEL_SM,
            c.REPLACE_SM,
            c.BROADCAST_SM,
            c.QUERY_BROADCAST_SM,
            c.CANCEL_BROADCAST_SM,
        )
    ),
    SMSC: frozenset((c.DELIVER_SM, c.DATA_SM, c.ALERT_NOTIFICATION)),
}


def commands_of(role: str, version: int) -> frozenset[int]:
    """Return the commands that a role may issue over a bind of this interface_version."""
    commands = COMMANDS_OF[role]
    return commands if version >= c.INTERFACE_VERSION_50 else commands - c.COMMANDS_OF_50


DIRECTION_OF: Final[dict[str, int]] = {ESME: TRANSMITTER, SMSC: RECEIVER}
PEER_OF: Final[dict[str, str]] = {ESME: SMSC, SMSC: ESME}


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """Limits and times of a session. Times in seconds; 0 turns a timer off where that makes sense."""

    window: int = 10  # how many requests of this side may be in flight
    receive_window: int = 1000  # how many of the peer's requests may wait for an answer
    overflow_status: int = c.ESME_RTHROTTLED  # the answer to requests beyond that
    response_timeout: float = 30.0
    session_init_timeout: float = 10.0
    enquire_link_interval: float = 30.0
    enquire_link_timeout: float = 10.0
    inactivity_timeout: float = 0.0
    drain_timeout: float = 5.0  # how long our unbind waits for what is in flight
    peer_drain_timeout: float = 2.0  # how long the peer's unbind waits for its answer
    unbind_timeout: float = 5.0
    max_pdu_length: int = framing.DEFAULT_MAX_LENGTH
    first_sequence: int = 1
    answer_enquire_link: bool = True  # False only to simulate a dead peer
    # how many of the peer's PDUs are answered here before its reads slow down
    self_answered_per_second: int = 100
    reading: Reading = STRICT  # how strictly the peer's PDUs are decoded


def asked_version(interface_version: int) -> int:
    """Return the version that a bind asks for: 0x00 to 0x33 is 3.3 or earlier (SMPP 3.4, 5.2.4)."""
    return max(interface_version, c.INTERFACE_VERSION_33)


def negotiated(asked: int, told: int) -> int:
    """Return the interface_version that both sides speak: the lower of the ESME's request and the SMSC's answer.

    `told` is 0 if the SMSC sent no sc_interface_version; that means 3.4, the version of SMSCs that send none.
    """
    return min(asked_version(asked), told or c.INTERFACE_VERSION_34)
