"""`onesixty capture`: SMPP traffic of a running server as a file for Wireshark."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from onesixty.cli.client import ApiKey, Url, asking, path_part
from onesixty.cli.console import MISUSED, fail, private_file, say

_LOOK: Final = 0.5  # seconds between two checks of a capture


def capture(
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    carrier: Annotated[
        str | None, typer.Option("--carrier", help="The name or id of an SMPP carrier.")
    ] = None,
    bind: Annotated[
        str | None, typer.Option("--bind", help="The number of one of its binds, from 1.")
    ] = None,
    credential: Annotated[
        str | None, typer.Option("--credential", help="The id of an SMPP credential.")
    ] = None,
    message: Annotated[
        str | None,
        typer.Option("--message", help="The id of a message: captures everything to and from its number."),
    ] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=1, max=3600, help="How long to capture.")] = 30.0,
    bodies: Annotated[
        bool, typer.Option("--bodies", help="Include message bodies. Passwords are always masked.")
    ] = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Capture SMPP traffic of a running server into a pcap file.

    Ctrl-C stops it early; the file keeps what was captured so far.
    """
    if output.exists():
        fail(f"{output} already exists", MISUSED)
    named = {"carrier": carrier, "bind": bind, "credential": credential, "message_id": message}
    asked: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    with asking(url, key) as client:
        made = client.call("POST", "/v1/captures", {**asked, "seconds": seconds, "bodies": bodies})
        path = f"/v1/captures/{path_part(made['id'])}"
        try:
            while made["status"] == "running":
                time.sleep(_LOOK)
                made = client.call("GET", path)
        except KeyboardInterrupt:
            made = client.call("POST", f"{path}/stop")
        octets = client.fetch(f"{path}/file")
        try:
            with os.fdopen(private_file(output), "wb") as file:
                file.write(octets)
        except OSError as error:
            fail(f"{output}: {error.strerror}; the capture is kept on the server: GET {path}/file")
        client.call("DELETE", path)
    say(f"{made['frames']} frames in {output} ({made['reason']})")
