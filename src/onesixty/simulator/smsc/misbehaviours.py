"""The catalogue of what the simulated SMSC can do wrong: one row each, by the name of its option.

A row changes one thing: how the network behaves (settings of `Behaviour`), how ids or receipts are written,
how octets go out, how the session is conducted, or which rule of the session is left out. Rows can be combined
(`--misbehave fragmented --misbehave lower_case`); of two rows that change the same thing the later wins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final, NamedTuple

from onesixty.core.clock import Random
from onesixty.simulator.smsc import conduct, receipts, wire

#: (the answer's form of a number, the receipt's form of it).
IdForms = tuple[Callable[[int], str], Callable[[int], str]]

_NOTHING: Final[Mapping[str, float]] = MappingProxyType({})


class Misbehaviour(NamedTuple):
    """A row. `note` is the number of the field note that tells where it was seen."""

    name: str
    note: int
    about: str
    behaviour: Mapping[str, float | str] = _NOTHING
    ids: IdForms | None = None
    style: receipts.Style | None = None
    tamper: wire.Tamper | None = None
    conduct: Callable[[int, Random], conduct.Conduct] | None = None
    answers_enquire_link: bool = True
    first_segment_fails: bool = False
    expired_first: bool = False


def _hex(number: int) -> str:
    return f"{number:x}"


def _injects(octets: Callable[[Random], bytes]) -> Callable[[int, Random], conduct.Conduct]:
    return partial(conduct.Injects, octets=octets)


_ROWS: Final = (
    # framing
    Misbehaviour(
        "fragmented", 1, "Writes its stream in pieces of one to seven octets.", tamper=wire.Fragmented
    ),
    Misbehaviour(
        "collected", 1, "Keeps what it writes for 20 ms: many PDUs in one read.", tamper=wire.Collecting
    ),
    Misbehaviour(
        "pausing", 2, "Stops for 0.3 s in the middle of every PDU and goes on.", tamper=wire.Pausing
    ),
    Misbehaviour(
        "short_length", 3, "Sends a command_length under 16.", conduct=_injects(conduct.short_length)
    ),
    Misbehaviour(
        "http_answer",
        3,
        "Answers as an HTTP server: a length of 1.2 GB.",
        conduct=_injects(conduct.http_answer),
    ),
    Misbehaviour("garbage", 3, "Sends random octets.", conduct=_injects(conduct.garbage)),
    Misbehaviour(
        "without_nul", 4, "Sends a C-string without its NUL.", conduct=_injects(conduct.without_nul)
    ),
    Misbehaviour(
        "long_sm_length",
        4,
        "Sends an sm_length beyond the body.",
        conduct=_injects(conduct.long_sm_length),
    ),
    Misbehaviour(
        "long_tlv", 4, "Sends a TLV that is longer than the rest.", conduct=_injects(conduct.long_tlv)
    ),
    Misbehaviour(
        "empty_errors", 5, "Refuses with a header alone (ESME_RSYSERR).", conduct=conduct.EmptyErrors
    ),
    Misbehaviour("nacks", 5, "Answers with generic_nack in place of submit_sm_resp.", conduct=conduct.Nacks),
    Misbehaviour(
        "unknown_command",
        5,
        "Sends a command that does not exist.",
        conduct=_injects(conduct.unknown_command),
    ),
    Misbehaviour(
        "unknown_sequence",
        6,
        "Sends answers to what was never asked.",
        conduct=_injects(conduct.unknown_sequence),
    ),
    Misbehaviour("answers_twice", 6, "Sends every answer twice.", conduct=conduct.AnswersTwice),
    # session
    Misbehaviour("dead_link", 7, "Does not answer enquire_link.", answers_enquire_link=False),
    Misbehaviour("silent_bind", 7, "Does not answer a bind.", conduct=conduct.SilentBind),
    Misbehaviour("unbinds", 8, "Unbinds with the window half full.", conduct=conduct.UnbindsInWindow),
    Misbehaviour("hangs_up", 8, "Cuts the connection with the window half full.", conduct=conduct.HangsUp),
    Misbehaviour(
        "still_bound",
        8,
        "Refuses the first two binds after a connection ended with ESME_RALYBND.",
        conduct=conduct.StillBound,
    ),
    Misbehaviour("refuses_bind", 8, "Refuses every bind with ESME_RINVPASWD.", conduct=conduct.RefusesBind),
    Misbehaviour(
        "early_deliver",
        9,
        "Sends a deliver_sm before bind_resp.",
        conduct=conduct.DeliversBeforeBindResp,
    ),
    Misbehaviour(
        "lost_answers",
        10,
        "Takes one segment in ten and never answers it.",
        behaviour={"loss": 0.1, "loss_taken": 1},
    ),
    Misbehaviour(
        "slow_answers", 11, "Answers after 3 s.", behaviour={"latency_ms": 3000, "latency_jitter_ms": 500}
    ),
    Misbehaviour("stops_reading", 12, "Takes nothing more from the socket.", conduct=conduct.StopsReading),
    Misbehaviour("throttles", 13, "Answers three in ten with ESME_RTHROTTLED.", behaviour={"throttle": 0.3}),
    Misbehaviour("queue_full", 13, "Answers with ESME_RMSGQFUL.", conduct=conduct.QueueFull),
    Misbehaviour(
        "over_rate",
        14,
        "Throttles what is above 50 segments a second.",
        behaviour={"throttle_above": 50},
    ),
    Misbehaviour(
        "long_way", 16, "Answers after 150 ms.", behaviour={"latency_ms": 150, "latency_jitter_ms": 0}
    ),
    # receipts
    Misbehaviour(
        "early_receipts",
        24,
        "Sends the receipt before submit_sm_resp.",
        behaviour={"receipts_early": 1},
    ),
    Misbehaviour("late_receipts", 24, "Sends the receipt a minute late.", behaviour={"receipts_late": 1}),
    Misbehaviour("missing_receipts", 24, "Sends no receipt.", behaviour={"receipts_missing": 1}),
    Misbehaviour(
        "hex_receipts", 25, "Answers with a decimal id; the receipt has it in hexadecimal.", ids=(str, _hex)
    ),
    Misbehaviour(
        "decimal_receipts",
        25,
        "Answers with a hexadecimal id; the receipt has it in decimal.",
        ids=(_hex, str),
    ),
    Misbehaviour(
        "zero_padded",
        25,
        "Answers with zeros in front of the id; the receipt has none.",
        ids=(lambda number: f"{number:020}", str),
    ),
    Misbehaviour(
        "upper_case",
        25,
        "Answers in lower case; the receipt has the id in upper case.",
        ids=(_hex, lambda number: f"{number:X}"),
    ),
    Misbehaviour(
        "long_ids",
        25,
        "Writes ids of 64 characters.",
        ids=(lambda number: f"{number:x}".rjust(64, "f"), lambda number: f"{number:x}".rjust(64, "f")),
    ),
    Misbehaviour("doubled_receipts", 26, "Sends every receipt twice.", behaviour={"receipts_doubled": 1}),
    Misbehaviour(
        "overtaken_receipts",
        26,
        "Sends ENROUTE after DELIVRD.",
        behaviour={"receipts_overtaken": 1},
    ),
    Misbehaviour(
        "delivered_after_expired", 26, "Sends EXPIRED first and DELIVRD after it.", expired_first=True
    ),
    Misbehaviour(
        "first_segment_fails",
        27,
        "Delivers all segments of a message but the first.",
        first_segment_fails=True,
    ),
    Misbehaviour(
        "without_counts", 28, "Leaves `sub` and `dlvrd` out of receipts.", style=receipts.without_counts
    ),
    Misbehaviour("without_text", 28, "Leaves `text` out of receipts.", style=receipts.without_text),
    Misbehaviour("err_null", 28, "Writes `err:null`.", style=receipts.err_null),
    Misbehaviour("err_four_digits", 28, "Writes an err of four digits.", style=receipts.err_four_digits),
    Misbehaviour(
        "stat_failed",
        28,
        "Writes `stat:FAILED`, a word that no table has, for every message.",
        behaviour={"undelivered": 1},
        style=receipts.stat_failed,
    ),
    Misbehaviour("lower_case", 28, "Writes receipts in lower case.", style=receipts.lower_case),
    Misbehaviour("text_only", 28, "Writes receipts without TLVs.", style=receipts.text_only),
    Misbehaviour("tlv_only", 28, "Writes receipts without a text.", style=receipts.tlv_only),
    Misbehaviour("at_odds", 28, "Writes receipts whose TLV and text differ.", style=receipts.at_odds),
)

CATALOGUE: Final[dict[str, Misbehaviour]] = {row.name: row for row in _ROWS}


def chosen(names: tuple[str, ...]) -> list[Misbehaviour]:
    """The rows of these names. Raises ValueError naming one that does not exist."""
    for name in names:
        if name not in CATALOGUE:
            raise ValueError(f"there is no misbehaviour {name!r}; there are: {', '.join(CATALOGUE)}")
    return [CATALOGUE[name] for name in names]
