"""`onesixty export`: messages of a running server as CSV or JSON Lines. It survives restarts of the server."""

from __future__ import annotations

import http.client
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, TextIO
from urllib.parse import urlencode

import typer

from onesixty.cli.client import ApiKey, Client, Refused, Unreachable, Url, connect, status_of
from onesixty.cli.console import MISUSED, UNREACHABLE, fail, private_file

#: Seconds before each further try while the stream breaks without yielding a line.
_PAUSES: Final = (0.5, 1.0, 2.0, 5.0, 10.0)


class Format(StrEnum):
    """What is written."""

    csv = "csv"
    jsonl = "jsonl"


def export(
    format_: Annotated[
        Format, typer.Option("--format", help="CSV, or one JSON object per line.")
    ] = Format.csv,
    output: Annotated[
        Path | None, typer.Option("--output", help="Write to a new file instead of standard output.")
    ] = None,
    status: Annotated[str | None, typer.Option("--status", help="Only messages with this status.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Only messages to this number.")] = None,
    sender: Annotated[str | None, typer.Option("--from", help="Only messages from this sender.")] = None,
    created_after: Annotated[str | None, typer.Option("--created-after", help="RFC 3339; inclusive.")] = None,
    created_before: Annotated[
        str | None, typer.Option("--created-before", help="RFC 3339; exclusive.")
    ] = None,
    tag: Annotated[str | None, typer.Option("--tag", help="Only messages with this tag.")] = None,
    reference: Annotated[
        str | None, typer.Option("--reference", help="Only messages with this reference.")
    ] = None,
    batch: Annotated[
        str | None, typer.Option("--batch", help="Only messages of this batch (bat_...).")
    ] = None,
    direction: Annotated[str | None, typer.Option("--direction", help="outbound or inbound.")] = None,
    country: Annotated[
        str | None, typer.Option("--country", help="Only messages to this country (DE).")
    ] = None,
    class_: Annotated[str | None, typer.Option("--class", help="otp, transactional or marketing.")] = None,
    error: Annotated[
        str | None, typer.Option("--error-code", help="Only messages with this error code.")
    ] = None,
    duplicates: Annotated[
        str | None,
        typer.Option(
            "--duplicates",
            help="`true`: only messages that may have been sent more than once; `false`: only the others.",
        ),
    ] = None,
    status_not: Annotated[
        list[str] | None, typer.Option("--status-not", help="A status to leave out; repeat for more.")
    ] = None,
    sender_not: Annotated[
        list[str] | None, typer.Option("--from-not", help="A sender to leave out; repeat for more.")
    ] = None,
    tag_not: Annotated[
        list[str] | None, typer.Option("--tag-not", help="A tag to leave out; repeat for more.")
    ] = None,
    batch_not: Annotated[
        list[str] | None, typer.Option("--batch-not", help="A batch to leave out; repeat for more.")
    ] = None,
    country_not: Annotated[
        list[str] | None, typer.Option("--country-not", help="A country to leave out; repeat for more.")
    ] = None,
    class_not: Annotated[
        list[str] | None, typer.Option("--class-not", help="A class to leave out; repeat for more.")
    ] = None,
    error_not: Annotated[
        list[str] | None,
        typer.Option("--error-code-not", help="An error code to leave out; repeat for more."),
    ] = None,
    after: Annotated[
        str | None,
        typer.Option("--after", help="Continue after this message (msg_...), without a header line."),
    ] = None,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Export messages, newest first.

    If the server becomes unreachable, the command waits for it and continues where it stopped.
    """
    filters: dict[str, str | list[str] | None] = {
        "status": status, "to": to, "from": sender, "created_after": created_after,
        "created_before": created_before, "tag": tag, "reference": reference, "batch_id": batch,
        "direction": direction, "country": country, "class": class_,
        "error_code": error, "duplicates": duplicates,
        "status_not": status_not, "from_not": sender_not, "tag_not": tag_not, "batch_id_not": batch_not,
        "country_not": country_not, "class_not": class_not, "error_code_not": error_not,
    }  # fmt: skip
    asked = {name: value for name, value in filters.items() if value is not None and value != []}
    if output is not None and output.exists():
        fail(f"{output} already exists", MISUSED)
    with ExitStack() as stack:
        _export(
            connect(url, key), asked, after, _Target(output, stack, sys.stdout), as_csv=format_ is Format.csv
        )


class _Broken(Exception):
    """The stream broke before its end."""


class _Target:
    """The output. A file is created only when there is an answer: a refused request leaves no file behind."""

    def __init__(self, path: Path | None, stack: ExitStack, out: TextIO) -> None:
        self._out = out
        self._path = path
        self._stack = stack
        self._file: TextIO | None = None

    def begin(self, head: str) -> None:
        """Prepare the output for an answer; further calls do nothing."""
        if self._file is None:
            if self._path is None:
                self._file = self._out
            else:
                self._file = self._stack.enter_context(
                    os.fdopen(private_file(self._path), "w", encoding="utf-8", newline="")
                )
            self._file.write(head)

    def write(self, text: str) -> None:
        """Write text; call it after `begin`."""
        assert self._file is not None
        self._file.write(text)

    def flush(self) -> None:
        """Flush the output; call it after `begin`."""
        assert self._file is not None
        self._file.flush()


def _export(
    client: Client, asked: dict[str, str | list[str]], after: str | None, target: _Target, *, as_csv: bool
) -> None:
    from onesixty.messages.export import csv_head, csv_lines

    headed = as_csv and after is None
    failures = 0
    while True:
        try:
            for line, message in _messages(client, asked, after):
                operator = message is not None and "carrier" in message  # an operator's key gets more columns
                target.begin(csv_head(operator) if headed else "")
                if message is not None:
                    target.write(csv_lines([message]) if as_csv else f"{line}\n")
                    after, failures = message["id"], 0
            target.flush()
            return
        except _Broken as error:
            if failures == len(_PAUSES):
                fail(f"{error}; continue with --after {after}" if after else str(error), UNREACHABLE)
        except BrokenPipeError:
            raise  # the reader closed the pipe; the command line ends quietly
        except OSError as error:
            go_on = f"; continue with --after {after}" if after else ""
            fail(f"cannot write: {error.strerror}{go_on}")
        finally:
            client.close()
        time.sleep(_PAUSES[failures])
        failures += 1


def _messages(
    client: Client, asked: dict[str, str | list[str]], after: str | None
) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Yield the lines of one stream, each also decoded. The last item is an empty line, which marks a complete
    answer.

    Raises _Broken.
    """
    query = urlencode(asked if after is None else {**asked, "after": after}, doseq=True)
    lines = client.stream(f"/v1/messages/export?{query}", {})
    while True:
        try:
            line = next(lines, None)
            message = None if line is None else json.loads(line)
        except Refused as error:
            if not error.retryable:
                fail(str(error), status_of(error))
            raise _Broken(str(error)) from None
        except (Unreachable, OSError, http.client.HTTPException, ValueError) as error:
            raise _Broken(str(error) or type(error).__name__) from None  # ValueError: the line was cut off
        yield line or "", message
        if line is None or message is None:
            return
