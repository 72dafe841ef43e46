"""The audit: the promises of onesixty, as queries that find violations.

Rules kept here:
- a check is a row of the table below and a statement of the same name that finds violations; the chain of the audit
  log is checked by `audit_log.verification`, because a statement cannot;
- every check holds in every committed state, so an audit can run next to a server; each statement is one snapshot;
- time limits (late, overdue) are measured from when a node last ran: a database that was not in use for a week
  violates nothing.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

import msgspec

from onesixty.audit_log.signatures import Signer
from onesixty.audit_log.verification import verify
from onesixty.core import events, ids, statuses
from onesixty.store.contract import Store

#: The packages whose statements the audit needs.
FEATURES: Final = ("onesixty.reports", "onesixty.audit_log")

#: How many ids a finding contains.
MOST: Final = 20

#: Milliseconds after which due work that was not done is late.
LATE_MS: Final = 3_600_000
#: The length of the boxes of statistics, and how long before its messages are removed a box is left alone.
BOX_MS: Final = 900_000
CLOSED_MS: Final = 86_400_000
#: How long deliveries for binds are kept while there is no bind.
BINDS_MS: Final = 72 * 3_600_000


class Check(NamedTuple):
    """A check: `promise` is its number in the design, `subject` the table it examines, `needs` the params of the
    statement `audit_<name>` besides `:most`.
    """

    name: str
    promise: int
    subject: str
    needs: tuple[str, ...]
    sentence: str


CHECKS: Final = (
    Check("status", 2, "messages", ("statuses",), "a message has one status, and the catalogue lists it"),
    Check("held_for", 2, "messages", (), "exactly the held messages say what they are held for"),
    Check("end_time", 2, "messages", ("terminal",), "a message has an end time exactly if its status is final"),
    Check("one_end", 2, "messages", ("terminal", "ends"), "a message reached a final status at most once"),
    Check("end_rest", 2, "messages", ("terminal",), "a message in a final status is neither claimed nor due"),
    Check("due", 2, "messages", ("terminal",), "a message not in a final status is due at some time"),
    Check("overdue", 2, "messages", ("late_before",), "no message has been due for more than an hour"),
    Check("history", 2, "messages", (), "the events of a message are numbered from 1 without gaps"),
    Check("history_end", 2, "messages", ("accepted",), "the last event of a message has its status"),
    Check("history_steps", 2, "messages", ("steps",), "every status change of a message is allowed"),
    Check("events_known", 2, "events", (), "an event belongs to a message of its account"),
    Check("claims", 3, "messages", ("late_before",), "only queued messages are claimed, by running nodes"),
    Check("flights", 3, "flights", (), "the messages of an open flight are queued and claimed by the flight's node"),
    Check("flights_apart", 3, "flights", (), "no message is in open flights of two nodes"),
    Check("taken", 3, "messages", (), "a carrier accepted every segment of a sent message"),
    Check("delivered", 3, "messages", (), "every segment of a delivered message has a receipt that says so"),
    Check("attempts", 3, "attempts", (), "an attempt belongs to a message that counts it"),
    Check("duplicates", 3, "messages", (), "the duplicates of a message equal its unknown outcomes that were resent"),
    Check("left", 3, "messages", ("late_before",), "a waiting message has segments left to send, or had an hour ago"),
    Check("repeats", 3, "messages", (), "a resend after an unknown outcome is counted"),
    Check("receipts", 4, "receipts", (), "a matched receipt belongs to an attempt over its carrier"),
    Check("receipts_kept", 4, "receipts", (), "an unmatched receipt is retried until it expires"),
    Check("inbound_parts", 4, "inbound_parts", ("late_before",), "no part from a handset waits longer than allowed"),
    Check("customer_parts", 4, "smpp_parts", ("late_before",), "a customer's part waits in time or is in a message"),
    Check("binds", 4, "binds", (), "a delivery to a customer's bind belongs to a message, and is due or done"),
    Check("binds_late", 4, "binds", ("late_before", "late_bind"), "no delivery waits too long for a bind"),
    Check("hold", 5, "messages", (), "the price of a live message was reserved when it was accepted"),
    Check("moves", 5, "messages", ("terminal", "on_sent"), "a reserved amount is settled or released once"),
    Check("amounts", 5, "ledger", (), "the ledger rows of a message add up to its price"),
    Check("free", 5, "ledger", (), "test messages have no ledger rows"),
    Check("sums", 5, "accounts", ("terminal", "on_sent"), "reserved and charged totals equal the messages' prices"),
    Check("above", 5, "messages", ("terminal", "on_sent"), "each account above pays its price, as the status says"),
    Check("adjustments", 5, "accounts", (), "a booked adjustment is in the ledger, and the reverse"),
    Check("credit", 5, "accounts", (), "what is left of an account's credit follows from its ledger and its slices"),
    Check("credit_slices", 5, "accounts", (), "no slice of an account's credit spent more than it took"),
    Check("credit_limits", 5, "accounts", (), "the limit that nodes guard on is the account's"),
    Check("counted", 5, "messages", ("on_sent", "open_from"), "the statistics of a time equal its messages"),
    Check("counted_costs", 5, "attempts", ("open_from",), "the costs in the statistics equal those of the attempts"),
    Check("counted_alike", 5, "boxes", ("open_from",), "all combinations of the statistics have the same totals"),
    Check("counted_levels", 5, "boxes", (), "boxes of a longer span hold what the shorter ones hold"),
    Check("deliveries", 7, "deliveries", (), "a delivery has its event, and is either due or done"),
    Check("deliveries_late", 7, "deliveries", ("late_before",), "no delivery is pending an hour after it was due"),
    Check("audit_log", 11, "audit_log", ("late_before",), "the audit log is whole, and as it was written"),
)  # fmt: skip

#: The check that is no statement.
AUDIT_LOG: Final = "audit_log"

#: The order of the counts of `audit_sizes`.
_SUBJECTS: Final = (
    "messages",
    "events",
    "attempts",
    "flights",
    "ledger",
    "receipts",
    "deliveries",
    "accounts",
    "inbound_parts",
    "smpp_parts",
    "binds",
    "boxes",
)

#: The possible statuses of a message at acceptance, before its first event.
_ACCEPTED: Final = (statuses.SCHEDULED, statuses.QUEUED)


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """The context of an audit: the time in epoch milliseconds, when messages are charged, and who knows the instance
    secret, under which the audit log is signed. Without it, signatures are not checked."""

    now: int
    charge_on: Literal["sent", "delivered"]
    signer: Signer | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a check: `count` violations among `looked_at` rows, and the ids of the first ones."""

    name: str
    promise: int
    sentence: str
    looked_at: int
    count: int
    ids: tuple[str, ...]


async def run_audit(store: Store, terms: Terms) -> list[Finding]:
    """Run every check over the whole database, in the order of the table. Only reads."""
    given = await _params(store, terms)
    sizes = dict(zip(_SUBJECTS, (await store.fetch("audit_sizes"))[0], strict=True))
    findings = []
    for check in CHECKS:
        if check.name == AUDIT_LOG:
            findings.append(await _audit_log(store, check, terms.signer, given["late_before"]))
            continue
        params = {name: given[name] for name in check.needs}
        rows = await store.fetch(f"audit_{check.name}", **params, most=MOST)
        findings.append(
            Finding(
                name=check.name,
                promise=check.promise,
                sentence=check.sentence,
                looked_at=sizes[check.subject],
                count=rows[0][1] if rows else 0,
                ids=tuple(row[0] for row in rows),
            )
        )
    return findings


async def _audit_log(store: Store, check: Check, signer: Signer | None, late_before: int) -> Finding:
    """The finding about the chain of the audit log."""
    verdict = await verify(store, signer, late_before=late_before)
    ids = tuple(dict.fromkeys(fault.id for fault in verdict.faults))
    return Finding(
        name=check.name,
        promise=check.promise,
        sentence=check.sentence,
        looked_at=verdict.entries,
        count=len(verdict.faults),
        ids=ids[:MOST],
    )


async def _params(store: Store, terms: Terms) -> dict[str, Any]:
    """The params of all checks, by name."""
    nodes = await store.fetch("audit_node")
    late_before = 0
    now = terms.now
    if nodes:
        started_at, alive_until = nodes[0]
        now = min(now, alive_until)
        # A node that has just started has not had its hour yet.
        late_before = now - LATE_MS if started_at < now - LATE_MS else 0
    return {
        "now": now,
        "late_before": late_before,
        "late_bind": max(0, late_before - BINDS_MS),
        "on_sent": int(terms.charge_on == "sent"),
        "statuses": list(statuses.ALL),
        "terminal": sorted(statuses.TERMINAL),
        "accepted": list(_ACCEPTED),
        "ends": sorted(map(events.of_status, statuses.TERMINAL)),
        "steps": allowed_steps(),
        "open_from": await _open_from(store),
    }


async def _open_from(store: Store) -> int:
    """When the first box of statistics begins whose messages are all there and stay so during the audit."""
    rows = await store.fetch("audit_messages_from")
    if not rows:
        return 0
    return -(-(ids.made_at(f"_{rows[0][0]}") + CLOSED_MS) // BOX_MS) * BOX_MS


def allowed_steps() -> list[str]:
    """All pairs of events that may follow one another in a history, as `before>after`; first events as `>after`."""
    steps = {
        f"{events.of_status(before)}>{events.of_status(after)}"
        for before, following in statuses.TRANSITIONS.items()
        for after in following
        if before not in statuses.TERMINAL
    }
    steps |= {
        f"{events.of_status(before)}>{events.CORRECTED}"
        for before in statuses.TERMINAL
        if statuses.TRANSITIONS[before]
    }
    steps |= {f">{events.of_status(after)}" for start in _ACCEPTED for after in statuses.TRANSITIONS[start]}
    steps.add(f">{events.RECEIVED}")
    # A rule may defer or hold again what it released.
    steps |= {
        f"{events.of_status(one)}>{events.of_status(one)}" for one in (statuses.SCHEDULED, statuses.HELD)
    }
    # The first event of a message that a rule deferred when it was accepted.
    steps.add(f">{events.of_status(statuses.SCHEDULED)}")
    return sorted(steps)
