"""`onesixty capture`: SMPP traffic of a running server as a file for Wireshark."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from onesixty.cli.client import ApiKey, Url, asking, path_part
from onesixty.cli.console import MISUSED, fail, private_file, say

_LOOK: Final = 0.5  # seconds between two looks at a capture


def capture(
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the file goes.")],
    carrier: Annotated[
        str | None, typer.Option("--carrier", help="The name or id of an SMPP carrier.")
    ] = None,
    bind: Annotated[str | None, typer.Option("--bind", help="One of its binds: 1 and on.")] = None,
    credential: Annotated[
        str | None, typer.Option("--credential", help="Id of a customer's SMPP credential.")
    ] = None,
    message: Annotated[
        str | None, typer.Option("--message", help="Id of a message: what its number sends and gets.")
    ] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=1, max=3600, help="How long to listen.")] = 30.0,
    bodies: Annotated[
        bool, typer.Option("--bodies", help="Include message bodies. Passwords are always masked.")
    ] = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Capture SMPP traffic of a running server into a pcap file.

    Ctrl-C ends it early; the file has what was seen until then.
    """
    if output.exists():
        fail(f"{output} is there already", MISUSED)
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
            fail(f"{output}: {error.strerror}; the capture stays: GET {path}/file")
        client.call("DELETE", path)
    say(f"{made['frames']} frames in {output} ({made['reason']})")
