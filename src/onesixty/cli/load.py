"""`onesixty load ...`: generates traffic for measurements. The generators are in `onesixty.load`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from onesixty.cli.client import ApiKey, Url, default_url
from onesixty.cli.console import FAILED, MISUSED, fail, say

if TYPE_CHECKING:
    from onesixty.load.http import HttpLoad
    from onesixty.load.report import Report
    from onesixty.load.smpp import SmppLoad

Count = Annotated[int, typer.Option("--count", help="The maximum number of messages.")]
Seconds = Annotated[float, typer.Option("--seconds", help="The maximum duration.")]
Rate = Annotated[float, typer.Option("--rate", help="Messages a second; 0 is as fast as possible.")]
First = Annotated[int, typer.Option("--first", min=0, help="The number of the first recipient.")]
Sender = Annotated[str, typer.Option("--from", help="The sender of all messages.")]
Text = Annotated[str, typer.Option("--text", help="The text of all messages.")]
Owned = Annotated[
    bool,
    typer.Option("--i-own-the-target", help="Required if the target is not on this machine."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as one JSON object.")]

_TEXT = "Your verification code is 482931"


def http(
    url: Url = None,
    key: ApiKey = None,
    count: Count = 10_000,
    seconds: Seconds = 60.0,
    rate: Rate = 0.0,
    connections: Annotated[int, typer.Option("--connections", help="Number of keep-alive connections.")] = 50,
    sender: Sender = "onesixty",
    text: Text = _TEXT,
    first: First = 0,
    own_target: Owned = False,
    as_json: AsJson = False,
) -> None:
    """Send messages to a running server over HTTP, each to a different recipient.

    It exits with status 0 if every message was accepted.
    """
    if not key:
        fail("a key is missing: use --key or set ONESIXTY_KEY", MISUSED)
    from onesixty.load.bounds import Bounds
    from onesixty.load.http import HttpLoad, v1_target

    _run(
        lambda: HttpLoad(
            v1_target(url or default_url(), key, sender=sender, text=text),
            Bounds(count, seconds, rate),
            connections=connections,
            first=first,
            own_target=own_target,
        ),
        as_json,
    )


def smpp(
    system_id: Annotated[str, typer.Option("--system-id", help="The system_id to bind with.")],
    password: Annotated[
        str, typer.Option("--password", envvar="ONESIXTY_SMPP_PASSWORD", help="The password of the bind.")
    ] = "",
    host: Annotated[str, typer.Option("--host", help="The host of the SMSC.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port of the SMSC.")] = 2775,
    count: Count = 10_000,
    seconds: Seconds = 60.0,
    rate: Rate = 0.0,
    binds: Annotated[int, typer.Option("--binds", help="Number of transceiver binds.")] = 1,
    window: Annotated[int, typer.Option("--window", min=1, help="Unanswered submit_sm per bind.")] = 10,
    receipts: Annotated[
        bool, typer.Option("--receipts/--no-receipts", help="Request delivery reports.")
    ] = True,
    receipt_seconds: Annotated[
        float,
        typer.Option(
            "--receipt-seconds", min=0, help="How long to wait for delivery reports after the last answer."
        ),
    ] = 10.0,
    sender: Sender = "onesixty",
    text: Text = _TEXT,
    first: First = 0,
    own_target: Owned = False,
    as_json: AsJson = False,
) -> None:
    """Submit messages to an SMSC over SMPP, each to a different recipient.

    It exits with status 0 if every message was accepted.
    """
    from onesixty.core.clock import system_random
    from onesixty.load.bounds import Bounds
    from onesixty.load.smpp import SmppLoad, SmppTarget

    _run(
        lambda: SmppLoad(
            SmppTarget(
                host=host, port=port, system_id=system_id, password=password, binds=binds, window=window
            ),
            Bounds(count, seconds, rate),
            random=system_random().random,
            sender=sender,
            text=text,
            receipts=receipts,
            receipt_seconds=receipt_seconds,
            first=first,
            own_target=own_target,
        ),
        as_json,
    )


def _run(make: Callable[[], HttpLoad | SmppLoad], as_json: bool) -> None:
    import uvloop

    from onesixty.load.bounds import LoadError

    async def run() -> Report:
        return await make().run()

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            report = runner.run(run())
    except (LoadError, ValueError) as error:
        fail(str(error), MISUSED)
    if as_json:
        say(json.dumps(report.as_json()))
    else:
        for line in report.lines():
            say(line)
    if report.accepted < report.sent or not report.sent:
        raise typer.Exit(FAILED)
