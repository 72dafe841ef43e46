"""`onesixty simulate ...`: a carrier to send to, well-behaved or not. The simulator is in `onesixty.simulator`.

Each field of `SmscOptions` that makes sense here is an option of the same name: the table says what each is
(complete by test), the struct says what it may be and what it is by default.
"""

from __future__ import annotations

import inspect
from typing import Annotated, Any, Final

import typer

from onesixty.cli.console import MISUSED, fail, say

#: Field of SmscOptions, the type of its option, its default and what it is.
OPTIONS: Final[tuple[tuple[str, type, Any, str], ...]] = (
    ("host", str, "127.0.0.1", "Address to listen on."),
    ("port", int, 2776, "Port to listen on; 0 takes any that is free."),
    ("system_id", str, "", "Who may bind; empty is anybody."),
    ("password", str, "", "Password of the bind; empty is any."),
    ("window", int, 100, "deliver_sm that may wait for their answer, on each connection."),
    ("id_form", str, "hex", "How answers write the message's id: hex or decimal."),
    ("every", int, 10, "Misbehaviours that recur strike at every n-th submit_sm."),
    ("repeat_ms", float, 1000.0, "After how long a receipt is offered again that was not acknowledged."),
    ("fast", bool, False, "The lean SMSC for benchmarks: takes everything at once, knows no misbehaviour."),
    ("latency_ms", float, 20.0, "Time until submit_sm is answered."),
    ("latency_jitter_ms", float, 10.0, "How much that varies."),
    ("receipt_delay_ms", float, 500.0, "Time from the answer to the receipt."),
    ("receipt_jitter_ms", float, 200.0, "How much that varies."),
    ("loss", float, 0.0, "Share of segments that are never answered."),
    ("loss_taken", float, 0.0, "Share of those that arrived all the same."),
    ("throttle", float, 0.0, "Share answered with ESME_RTHROTTLED."),
    ("throttle_above", float, 0.0, "Segments a second above which the rest is throttled; 0 is no limit."),
    ("refuse", float, 0.0, "Share refused for good."),
    ("refuse_code", str, "recipient_refused", "Why: message_, recipient_, sender_ or carrier_refused."),
    ("undelivered", float, 0.0, "Share reported UNDELIV."),
    ("expired", float, 0.0, "Share reported EXPIRED."),
    ("receipts_missing", float, 0.0, "Share whose receipt never comes."),
    ("receipts_late", float, 0.0, "Share whose receipt comes late."),
    ("receipts_late_ms", float, 60_000.0, "How late."),
    ("receipts_doubled", float, 0.0, "Share whose receipt comes twice."),
    ("receipts_early", float, 0.0, "Share whose receipt comes before the answer."),
    ("receipts_overtaken", float, 0.0, "Share whose receipt is followed by an ENROUTE."),
)


def simulate() -> None:
    """Play a carrier, for tests."""


def smsc(
    misbehave: Annotated[
        list[str] | None,
        typer.Option("--misbehave", metavar="NAME", help="Something to do wrong; again for more."),
    ] = None,
    catalogue: Annotated[bool, typer.Option("--catalogue", help="List all misbehaviours and end.")] = False,
    **given: Any,
) -> None:
    """Run a simulated SMSC (SMPP 3.4) until it is stopped.

    Shares are from 0 to 1, times in milliseconds.
    """
    from onesixty.simulator.smsc import CATALOGUE

    if catalogue:
        width = max(map(len, CATALOGUE))
        for name, row in CATALOGUE.items():
            say(f"{name:<{width}}  {row.about}")
        return
    import msgspec

    from onesixty.simulator.smsc import SmscOptions, run_smsc

    try:
        options = msgspec.convert({**given, "misbehave": tuple(misbehave or ())}, SmscOptions)
        run_smsc(options, say)
    except ValueError as error:  # msgspec's ValidationError is one
        fail(str(error), MISUSED)
    except OSError as error:
        fail(f"cannot listen on {given['host']}:{given['port']}: {error.strerror or error}")


def _with_options(function: Any) -> Any:
    """The function with an option for each row of the table in place of its `**given`."""
    own = [p for p in inspect.signature(function, eval_str=True).parameters.values() if p.name != "given"]
    made = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=default,
            annotation=Annotated[kind, typer.Option(f"--{name.replace('_', '-')}", help=about)],
        )
        for name, kind, default, about in OPTIONS
    ]
    function.__signature__ = inspect.Signature([*own, *made])
    function.__annotations__ = {p.name: p.annotation for p in (*own, *made)}
    return function


smsc = _with_options(smsc)
