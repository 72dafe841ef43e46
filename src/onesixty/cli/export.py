"""`onesixty export`: messages of a running server as CSV or JSON Lines, also through its restarts."""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, TextIO
from urllib.parse import urlencode

import typer

from onesixty.cli.client import DEFAULT_URL, ApiKey, Client, Refused, Unreachable, Url, connect
from onesixty.cli.console import fail

#: Seconds before each further try after a break without a line between.
_PAUSES: Final = (0.5, 1.0, 2.0, 5.0, 10.0)


class Format(StrEnum):
    """What is written."""

    csv = "csv"
    jsonl = "jsonl"


def export(
    format_: Annotated[Format, typer.Option("--format", help="CSV, or a JSON object a line.")] = Format.csv,
    output: Annotated[
        Path | None, typer.Option("--output", help="A new file, instead of standard output.")
    ] = None,
    status: Annotated[str | None, typer.Option("--status", help="Only of this status.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Only to this number.")] = None,
    sender: Annotated[str | None, typer.Option("--from", help="Only from this sender.")] = None,
    created_after: Annotated[
        str | None, typer.Option("--created-after", help="RFC 3339; this moment included.")
    ] = None,
    created_before: Annotated[
        str | None, typer.Option("--created-before", help="RFC 3339; this moment excluded.")
    ] = None,
    tag: Annotated[str | None, typer.Option("--tag", help="Only with this tag.")] = None,
    reference: Annotated[str | None, typer.Option("--reference", help="Only with this reference.")] = None,
    batch: Annotated[str | None, typer.Option("--batch", help="Only of this batch (bat_...).")] = None,
    campaign: Annotated[str | None, typer.Option("--campaign", help="Only of this campaign.")] = None,
    direction: Annotated[str | None, typer.Option("--direction", help="outbound or inbound.")] = None,
    country: Annotated[str | None, typer.Option("--country", help="Only of this country (DE).")] = None,
    class_: Annotated[str | None, typer.Option("--class", help="otp, transactional or marketing.")] = None,
    error: Annotated[
        str | None, typer.Option("--error-code", help="Only that ended with this error.")
    ] = None,
    after: Annotated[
        str | None, typer.Option("--after", help="Go on after this message (msg_...), without a head.")
    ] = None,
    url: Url = DEFAULT_URL,
    key: ApiKey = None,
) -> None:
    """Export messages, newest first.

    When the server goes away, export waits for it and goes on where it was.
    """
    filters = {
        "status": status, "to": to, "from": sender, "created_after": created_after,
        "created_before": created_before, "tag": tag, "reference": reference, "batch_id": batch,
        "campaign_id": campaign, "direction": direction, "country": country, "class": class_,
        "error_code": error,
    }  # fmt: skip
    asked = {name: value for name, value in filters.items() if value is not None}
    with ExitStack() as stack:
        file: TextIO = sys.stdout
        if output is not None:
            try:
                file = stack.enter_context(output.open("x", encoding="utf-8", newline=""))
            except OSError as problem:
                fail(f"{output}: {problem.strerror}")
        _export(connect(url, key), asked, after, file, as_csv=format_ is Format.csv)


class _Broken(Exception):
    """The stream ended before its end."""


def _export(client: Client, asked: dict[str, str], after: str | None, file: TextIO, *, as_csv: bool) -> None:
    from onesixty.messages.export import csv_head, csv_lines

    if as_csv and after is None:
        file.write(csv_head())
    failures = 0
    while True:
        try:
            for line, message in _messages(client, asked, after):
                file.write(csv_lines([message]) if as_csv else f"{line}\n")
                after, failures = message["id"], 0
            file.flush()
            return
        except _Broken as error:
            if failures == len(_PAUSES):
                fail(f"{error}; go on with --after {after}" if after else str(error))
        except OSError as error:
            fail(f"cannot write: {error.strerror}; go on with --after {after}")
        finally:
            client.close()
        time.sleep(_PAUSES[failures])
        failures += 1


def _messages(
    client: Client, asked: dict[str, str], after: str | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The lines of one stream, each also decoded. Raises _Broken."""
    query = urlencode(asked if after is None else {**asked, "after": after})
    lines = client.stream(f"/v1/messages/export?{query}", {})
    while True:
        try:
            line = next(lines, None)
            message = None if line is None else json.loads(line)
        except Refused as error:
            if not error.retryable:
                fail(str(error))
            raise _Broken(str(error)) from None
        except (Unreachable, OSError, http.client.HTTPException, ValueError) as error:
            raise _Broken(str(error) or type(error).__name__) from None  # ValueError: a line that was cut off
        if line is None or message is None:
            return
        yield line, message
