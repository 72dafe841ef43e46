"""What a start does about the instance secret, before anything reads a sealed value.

Rules kept here:
- the first start of a database makes a secret, unless one is given, and notes which one is in force. Of several nodes
  that start at once, one does;
- a start whose secret is not the one in force is refused, and told what to do. It makes no file;
- values that are still plain (a database of an older version, or a restored one) are sealed at every start.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from typing import Any

import structlog

from onesixty.core.clock import Clock
from onesixty.sealing import columns, keys
from onesixty.sealing.keyring import Keyring
from onesixty.sealing.keys import KeyRow
from onesixty.sealing.source import SecretError, Source
from onesixty.store.contract import Store
from onesixty.store.table import Table
from onesixty.store.units import Poisoned, StoreError, Unit


async def open_keyring(store: Store, source: Source, clock: Clock, tables: Sequence[Table[Any]]) -> Keyring:
    """The keyring of a node, checked against the database, with every value of `tables` sealed.

    Raises SecretError if the secret is not the one in force, or cannot be read; StoreError.
    """
    log = structlog.get_logger("onesixty.secret")
    rows = await keys.all_keys(store)
    if keys.in_force(rows) is None:
        await _first(store, source, clock)
        rows = await keys.all_keys(store)
    keyring = known(source, rows)
    _warn_of_mode(source)
    sealed = await columns.seal_plain(store, keyring, tables)
    if sealed:
        log.info("secrets_sealed", values=sealed)
    return keyring


def known(source: Source, rows: Sequence[KeyRow]) -> Keyring:
    """The keyring of the secrets that this node has. Raises SecretError if it lacks one that is still in use."""
    keyring = Keyring(source.read(), again=source.read)
    for row in rows:
        if row.state != keys.RETIRED and not keys.proves(keyring, row):
            raise SecretError(_refusal(source, keyring, row))
    keys.take_in(keyring, rows)
    return keyring


async def _first(store: Store, source: Source, clock: Clock) -> None:
    """Note the secret of a new database, and make one if there is none. Raises SecretError, StoreError."""
    found, made = source.read(), False
    if not found:  # the file before the row: a secret that is in force is never lost to a crash
        found, made = source.make()
    keyring = Keyring(found[:1])
    unit = Unit(("secret",), writes=(keys.inserting(keyring, clock.now_ms()),))
    (result,) = await store.commit([unit])
    if isinstance(result, Poisoned) and result.conflict:
        first = {row.id for row in await keys.all_keys(store)}
        if made and keyring.current not in first:
            source.remove()  # another node was first, with a secret of its own
        return
    if isinstance(result, StoreError):
        raise result
    if made:
        structlog.get_logger("onesixty.secret").info("secret_made", file=str(source.path))


def _refusal(source: Source, keyring: Keyring, row: KeyRow) -> str:
    lost = " If it is lost for good, `onesixty secret reset` starts over without what was encrypted under it."
    if not keyring.ids:
        return (
            f"{source.path} is missing: values in this database are encrypted under the instance secret {row.id}. "
            "Put the file back, or copy it from the data directory of another node, or set ONESIXTY_SECRET_KEY."
            + lost
        )
    wanted = (
        "is in force" if row.state == keys.CURRENT else "is being replaced, and some values still need it"
    )
    return (
        f"{source.name}: the instance secret is {', '.join(keyring.ids)}, but {row.id} {wanted}. All nodes of a "
        "database need the same secret: set it to that of the other nodes, or to that of the time of this backup."
        + lost
    )


def _warn_of_mode(source: Source) -> None:
    if source.given:
        return
    try:
        found = source.path.stat()
    except OSError:
        return
    mode = found.st_mode
    # a volume of Kubernetes gives the pod's own group access to every file
    if mode & stat.S_IRWXO or (mode & stat.S_IRWXG and found.st_gid != os.getgid()):
        structlog.get_logger("onesixty.secret").warning(
            "secret_file_open", file=str(source.path), mode=f"{stat.S_IMODE(mode):04o}"
        )
