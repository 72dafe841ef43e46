"""`onesixty audit-log export` and `verify`: the audit log of a server as a file, and the check of such a file.

The other commands of the group are made of the tables of resources. `onesixty audit` is another command: it checks a
whole database.
"""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Iterable
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from onesixty.cli.client import ApiKey, Client, Url, asking
from onesixty.cli.console import FAILED, MISUSED, UNREACHABLE, fail, private_file, say


class Format(StrEnum):
    """What is written."""

    csv = "csv"
    jsonl = "jsonl"


def export(
    output: Annotated[Path, typer.Option("--output", help="Write to this new file.")],
    format_: Annotated[
        Format, typer.Option("--format", help="`jsonl` (JSON Lines, which can be verified) or `csv`.")
    ] = Format.jsonl,
    account: Annotated[str | None, typer.Option("--account-id", help="Another account (acc_...).")] = None,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Export the audit log of an account, with its count and last hash."""
    if output.exists():
        fail(f"{output} already exists", MISUSED)
    asked = {"format": format_.value} | ({} if account is None else {"account_id": account})
    with asking(url, key) as client:
        _write(client, asked, output)


def _write(client: Client, asked: dict[str, str], output: Path) -> None:
    lines = client.stream(f"/v1/audit/export?{urlencode(asked)}", {})
    first = next(lines, None)
    with os.fdopen(private_file(output), "w", encoding="utf-8", newline="\n") as file:
        try:
            for line in chain(() if first is None else (first,), lines):
                file.write(f"{line}\n")
        except (http.client.HTTPException, ConnectionError) as error:
            fail(f"the export was cut off: {error}", UNREACHABLE)


def verify(
    file: Annotated[Path, typer.Argument(help="An export as JSON Lines.")],
    count: Annotated[
        int | None, typer.Option("--count", help="The count that was noted elsewhere.", min=0)
    ] = None,
    hash_: Annotated[
        str | None, typer.Option("--hash", help="The hash of the entry with that count, as noted elsewhere.")
    ] = None,
) -> None:
    """Verify an export of the audit log: no entry was changed, removed or put in later.

    The command needs no server and no database. It exits with status 1 if the file does not verify.
    """
    if (count is None) != (hash_ is None):
        fail("give both --count and --hash", MISUSED)
    try:
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
    except (OSError, UnicodeDecodeError, ValueError) as error:
        fail(f"{file} cannot be read: {error}", MISUSED)
    faults = list(_faults(lines, count, hash_))
    for fault in faults:
        say(fault)
    if faults:
        raise typer.Exit(FAILED)
    head = lines[-1]["head"]
    say(f"{len(lines) - 1} entries verified; count {head['count']}, hash {head['hash']}")


def _faults(lines: list[dict[str, Any]], count: int | None, hash_: str | None) -> Iterable[str]:
    """What is wrong with an export."""
    from onesixty.audit_log.entry import chain_hash, digest_of

    if not lines or "head" not in lines[-1]:
        yield "the last line is not the head: the file was cut off"
        return
    head = lines[-1]["head"]
    position, previous = head["removed"], head["removed_hash"] or ""
    if count is not None and count == position and hash_ != previous:
        yield f"entry {count} has another hash than the one noted"
    for line in lines[:-1]:
        where = f"entry {line.get('sequence')} ({line.get('id')})"
        if line["sequence"] != position + 1:
            yield f"{where}: entries are missing after {position}"
        elif line["previous"] != previous:
            yield f"{where}: it does not follow on the one before it"
        if line["hash"] != chain_hash(line["previous"], line["hashed"]):
            yield f"{where}: it was changed"
        for digest, known in line["personal"].items():
            if digest_of(known["salt"], known["value"]) != digest or digest not in line["hashed"]:
                yield f"{where}: a personal value was changed"
        position, previous = line["sequence"], line["hash"]
        if count == position and hash_ != previous:
            yield f"{where}: it has another hash than the one noted"
    if (position, previous) != (head["count"], head["hash"] or ""):
        yield f"the head says {head['count']} entries, and the last one is {position}"
    if count is not None and not head["removed"] <= count <= head["count"]:
        yield f"entry {count} is not in the log, which has {head['count']}"
