"""The texts of `onesixty carrier check`: why an SMSC refuses a bind, what to do, and how long things took."""

from __future__ import annotations

from typing import Final

from onesixty.smpp import constants as c

#: Explains the status of a refused bind to a telecom engineer, with what to do.
REFUSALS: Final[dict[int, str]] = {
    c.ESME_RINVPASWD: (
        "the password is wrong. Check `password`; the specification allows up to 8 characters, and some "
        "SMSCs truncate longer ones"
    ),
    c.ESME_RINVSYSID: (
        "the SMSC does not know this `system_id` (or does not allow it from this address or on this port)"
    ),
    c.ESME_RALYBND: (
        "the carrier's maximum number of binds is reached. The platform's own binds count: stop or "
        "disable the carrier for the check, lower `binds`, or ask the carrier for one more. After a "
        "lost connection, an SMSC may take some minutes to notice"
    ),
    c.ESME_RBINDFAIL: (
        "refused without a reason: ask the carrier whether the account is active, this address is "
        "allowed, the password is right, and how many binds of each type are allowed"
    ),
    c.ESME_RINVBNDSTS: (
        "this type of bind is not allowed: try another `bind` (transceiver, or transmitter with `receivers`)"
    ),
    c.ESME_RINVCMDID: (
        "the SMSC does not support this type of bind: an SMSC of version 3.3 has no transceiver, so set "
        "`bind` to transmitter with `receivers` 1"
    ),
    c.ESME_RINVSYSTYP: "the carrier expects another `system_type`",
    c.ESME_RSYSERR: "the SMSC has an internal error; some SMSCs also answer this if the address is not allowed",
    c.ESME_RTHROTTLED: "too many bind attempts in a short time: wait before the next attempt",
    c.ESME_RPROHIBITED: "this account may not use this type of bind",
}

#: The first octets of other protocols.
_OTHERS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"HTTP/", "HTTP. Is this the SMPP port, or that of the carrier's web API?"),
    (b"<", "HTTP or XML. Is this the SMPP port?"),
    (b"\x15\x03", "TLS. Set `tls` to true"),
    (b"\x16\x03", "TLS. Set `tls` to true"),
    (b"SSH-", "SSH"),
    (b"220", "SMTP or FTP"),
    (b"+OK", "POP3"),
    (b"AMQP", "AMQP"),
)


def refusal(status: int) -> str:
    """Explain why a bind was refused with `status`, and what to do."""
    why = REFUSALS.get(status)
    if why is None:
        info = c.STATUSES.get(status)
        why = (
            f"{info.meaning}"
            if info is not None
            else "a status of the carrier's own: ask the carrier what it means"
        )
    return f"{c.status_name(status)}: {why}."


def stranger(first: bytes) -> str:
    """Name the protocol that a port speaks if its first octets are not SMPP."""
    for start, name in _OTHERS:
        if first.startswith(start):
            return f"The port speaks {name}."
    return f"The port does not speak SMPP: it answered with {first[:8].hex(' ')}."


def spell(seconds: float) -> str:
    """Write a duration in readable form: 0.4 ms, 35 ms, 2.5 s."""
    if seconds >= 1:
        return f"{seconds:.1f} s"
    return f"{seconds * 1000:.1f} ms" if seconds < 0.01 else f"{seconds * 1000:.0f} ms"
