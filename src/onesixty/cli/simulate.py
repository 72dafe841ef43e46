"""`onesixty simulate ...`: a carrier to send to, well-behaved or not. The simulator is in `onesixty.simulator`.

Each field of `SmscOptions` that makes sense here is an option of the same name. The table describes each option
(a test checks that none is missing); the struct has the allowed values and the defaults.
"""

from __future__ import annotations

import inspect
from typing import Annotated, Any, Final

import typer

from onesixty.cli.console import MISUSED, fail, say

#: Field of SmscOptions, the type of its option, its default, and its description.
OPTIONS: Final[tuple[tuple[str, type, Any, str], ...]] = (
    ("host", str, "127.0.0.1", "The address to listen on."),
    ("port", int, 2776, "The port to listen on; 0 picks a free one."),
    ("system_id", str, "", "The system_id that may bind; empty allows any."),
    ("password", str, "", "The password of the bind; empty allows any."),
    ("window", int, 100, "Unanswered deliver_sm per connection."),
    ("id_form", str, "hex", "The format of message ids: hex or decimal."),
    ("every", int, 10, "How often periodic misbehaviours occur: at every n-th submit_sm."),
    ("repeat_ms", float, 1000.0, "When to resend a receipt that was not acknowledged."),
    (
        "fast",
        bool,
        False,
        "Run the minimal SMSC for benchmarks: it accepts everything at once and has no misbehaviours.",
    ),
    ("latency_ms", float, 20.0, "Time until a submit_sm is answered."),
    ("latency_jitter_ms", float, 10.0, "Random variation of that time."),
    ("receipt_delay_ms", float, 500.0, "Time from the answer to the receipt."),
    ("receipt_jitter_ms", float, 200.0, "Random variation of that time."),
    ("loss", float, 0.0, "Share of segments that are never answered."),
    ("loss_taken", float, 0.0, "Share of those that are delivered anyway."),
    ("throttle", float, 0.0, "Share answered with ESME_RTHROTTLED."),
    ("throttle_above", float, 0.0, "Throttle above this number of segments a second; 0 is no limit."),
    ("refuse", float, 0.0, "Share refused permanently."),
    (
        "refuse_code",
        str,
        "recipient_refused",
        "The reason: message_, recipient_, sender_ or carrier_refused.",
    ),
    ("undelivered", float, 0.0, "Share reported UNDELIV."),
    ("expired", float, 0.0, "Share reported EXPIRED."),
    ("receipts_missing", float, 0.0, "Share whose receipt is not sent."),
    ("receipts_late", float, 0.0, "Share whose receipt is sent late."),
    ("receipts_late_ms", float, 60_000.0, "The delay of late receipts."),
    ("receipts_doubled", float, 0.0, "Share whose receipt is sent twice."),
    ("receipts_early", float, 0.0, "Share whose receipt is sent before the answer."),
    ("receipts_overtaken", float, 0.0, "Share whose receipt is followed by an ENROUTE."),
)


def simulate() -> None:
    """Simulate a carrier, for tests."""


def smsc(
    misbehave: Annotated[
        list[str] | None,
        typer.Option("--misbehave", metavar="NAME", help="A misbehaviour; repeat for more."),
    ] = None,
    catalogue: Annotated[bool, typer.Option("--catalogue", help="List all misbehaviours and exit.")] = False,
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

    from onesixty.ops.invalid import of_msgspec
    from onesixty.simulator.smsc import SmscOptions, run_smsc

    try:
        options = msgspec.convert({**given, "misbehave": tuple(misbehave or ())}, SmscOptions)
        run_smsc(options, say)
    except msgspec.ValidationError as error:
        option, fault = of_msgspec(error)
        fail(f"--{option.replace('_', '-')} {fault}", MISUSED)
    except ValueError as error:
        fail(str(error), MISUSED)
    except OSError as error:
        fail(f"cannot listen on {given['host']}:{given['port']}: {error.strerror or error}")


def _with_options(function: Any) -> Any:
    """Return the function with an option for each row of the table in place of its `**given`."""
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
