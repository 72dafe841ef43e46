"""`onesixty document upload`, `download` and `move`: documents of business profiles."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlencode

import typer

from onesixty.cli.client import ApiKey, Url, asking, path_part
from onesixty.cli.console import FAILED, MISUSED, fail, private_file, read_settings, say
from onesixty.cli.output import AsJson, show_object

if TYPE_CHECKING:
    from onesixty.profiles.moving import Moves
    from onesixty.store.contract import Store

_TYPES: Final = {".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}


class Kind(StrEnum):
    """What a document shows."""

    registration = "registration"
    tax = "tax"
    identity = "identity"
    address = "address"
    authorization = "authorization"
    other = "other"


def upload(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A PDF, PNG or JPEG file.")],
    kind: Annotated[Kind, typer.Option("--kind", help="What it shows.")] = Kind.other,
    account_id: Annotated[
        str | None,
        typer.Option(
            "--account-id", help="The account; needs the scope `accounts`. Default: the key's own account."
        ),
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Upload a document of a business profile."""
    type_ = _TYPES.get(file.suffix.lower())
    if type_ is None:
        fail(f"{file}: the name must end in {', '.join(_TYPES)}", MISUSED)
    try:
        content = file.read_bytes()
    except OSError as error:
        fail(f"{file}: {error.strerror}", MISUSED)
    query = {"name": file.name, "kind": kind.value} | ({"account_id": account_id} if account_id else {})
    with asking(url, key) as client:
        show_object(client.send(f"/v1/documents?{urlencode(query)}", content, type_), as_json)


def download(
    document_id: Annotated[str, typer.Argument(metavar="ID", help="The document's id (doc_...).")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Download a document into a new file that only you can read."""
    if output.exists():
        fail(f"{output} already exists", MISUSED)
    with asking(url, key) as client:
        content = client.fetch(f"/v1/documents/{path_part(document_id)}/file")
    try:
        with os.fdopen(private_file(output), "wb") as file:
            file.write(content)
    except OSError as error:
        fail(f"{output}: {error.strerror}")
    say(f"{len(content)} bytes in {output}")


def move(
    source: Annotated[
        str,
        typer.Argument(metavar="FROM", help="Where the files are now: `folder`, or s3://bucket/prefix."),
    ],
    keep: Annotated[bool, typer.Option("--keep", help="Leave the files where they were, too.")] = False,
) -> None:
    """Move the files of all documents to the store of the settings. It works beside a running server.

    If it stops in between, run it again: it goes on where it was.
    """
    settings = read_settings()
    from onesixty.cli import database
    from onesixty.core.clock import SystemClock
    from onesixty.profiles.moving import move as moved
    from onesixty.profiles.stores import store_of

    if source == settings.documents_store:
        fail("the files are in this store already: set ONESIXTY_DOCUMENTS_STORE to another one", MISUSED)

    async def work(store: Store) -> Moves:
        before, after = store_of(settings, SystemClock(), source), store_of(settings, SystemClock())
        try:
            return await moved(store, before, after, keep=keep, say=say)
        finally:
            await before.close()
            await after.close()

    try:
        done = database.run(settings, ["onesixty.store", "onesixty.profiles"], work)
    except ValueError as error:
        fail(str(error), MISUSED)
    say(f"{done.copied} documents moved to {settings.documents_store}, {done.there} were there already")
    if done.lost:
        fail(f"{done.lost} documents are in neither store", FAILED)
