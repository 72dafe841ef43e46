"""Checks of the machine: the disk, how fast it makes writes durable, open files, ports, and the instance secret."""

from __future__ import annotations

import asyncio
import http.client
import os
import resource
import shutil
import stat
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final

from onesixty.doctor.checks import ERROR, OK, WARNING, Finding, Installation, Values, listed, size
from onesixty.ops.open_files import REST
from onesixty.ops.ports import LISTENS, check_free
from onesixty.ops.settings import Address, Settings, parse_address
from onesixty.sealing.source import SecretError, Source
from onesixty.store import urls

#: Free space below which the disk is a warning, and an error: bytes, and the share of the disk.
LITTLE: Final = (2 << 30, 0.1)
NEARLY_NONE: Final = (512 << 20, 0.01)

#: How often a block is written, and the median in seconds from which a write is slow, and too slow.
WRITES: Final = 16
BLOCK: Final = 4096
SLOW: Final = 0.02
TOO_SLOW: Final = 0.2

#: The share of the limit of open files from which it is nearly reached.
NEARLY: Final = 0.8

#: The settings of addresses that speak HTTP.
_HTTP: Final = ("http_listen", "metrics_listen")
_LOOPBACK: Final = ("127.", "::1", "localhost")
_EVERY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}


async def disk(installation: Installation) -> Finding:
    """The free space of the disk with the data directory."""
    folder = _nearest(installation.settings.data_dir)
    try:
        usage = shutil.disk_usage(folder)
    except OSError as error:
        return Finding(
            ERROR,
            "disk_unreadable",
            f"{folder} cannot be read: {error.strerror}",
            "Check the folder and its owner.",
            {"folder": str(folder), "error": error.strerror},
        )
    return disk_finding(str(folder), usage.free, usage.total, _database_bytes(installation.settings))


def disk_finding(folder: str, free: int, total: int, database: int | None) -> Finding:
    """The finding for so much free space."""
    found = f"{size(free)} of {size(total)} are free on the disk of {folder}."
    code, values = "disk_space", {"free_bytes": free, "total_bytes": total, "folder": folder}
    if database is not None:
        found += f" The database has {size(database)}."
        code, values = "disk_space_and_database", values | {"database_bytes": database}
    remedy = "Free space, or move the data directory to a larger disk. Shorter retention times keep less."
    if free < NEARLY_NONE[0] or free < total * NEARLY_NONE[1]:
        return Finding(ERROR, code, found, f"{remedy} Without space, nothing is accepted.", values)
    if free < LITTLE[0] or free < total * LITTLE[1]:
        return Finding(WARNING, code, found, remedy, values)
    return Finding(OK, code, found, None, values)


async def fsync(installation: Installation) -> Finding:
    """How long the disk takes to make a write durable. Each commit of SQLite waits for it."""
    folder = _nearest(installation.settings.data_dir)
    try:
        times = await asyncio.to_thread(_sync_times, folder)
    except OSError as error:
        return Finding(
            ERROR,
            "folder_unwritable",
            f"{folder} cannot be written: {error.strerror}",
            "Check the folder, its owner and its disk.",
            {"folder": str(folder), "error": error.strerror},
        )
    return fsync_finding(str(folder), times)


def fsync_finding(folder: str, times: Sequence[float]) -> Finding:
    """The finding for these durations of fsync, in seconds."""
    middle, longest = median(times), max(times)
    found = f"fsync takes {middle * 1000:.1f} ms in {folder} (the longest of {len(times)}: {longest * 1000:.1f} ms)."
    remedy = (
        "Use a local SSD rather than a network disk, and keep other programs that write much off this disk. Every "
        "commit waits for fsync."
    )
    code = "fsync_time"
    values = {
        "median_ms": round(middle * 1000, 3), "longest_ms": round(longest * 1000, 3), "writes": len(times),
        "folder": folder,
    }  # fmt: skip
    if middle >= TOO_SLOW:
        return Finding(ERROR, code, found, remedy, values)
    if middle >= SLOW:
        return Finding(WARNING, code, found, remedy, values)
    return Finding(OK, code, found, None, values)


async def open_files(installation: Installation) -> Finding:
    """The limit of open files, which limits connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = soft if installation.node is not None else hard
    if limit == resource.RLIM_INFINITY:
        return Finding(OK, "open_files_unlimited", "The number of open files is not limited.")
    used = _open_now() if installation.node is not None else None
    return open_files_finding(limit, used, installation.settings.smpp_max_connections)


def open_files_finding(limit: int, used: int | None, connections: int) -> Finding:
    """The finding for this limit. `used` is how many files the node has open, None outside a node."""
    found = f"{limit} files may be open at a time"
    found += "." if used is None else f", and {used} are."
    code, values = "open_files_limit", {"limit": limit}
    if used is not None:
        code, values = "open_files_used", {"limit": limit, "used": used}
    remedy = "Raise the limit: `LimitNOFILE=` in the unit of systemd, `--ulimit nofile=` with Docker."
    if used is not None and used >= limit * NEARLY:
        return Finding(ERROR, code, found, f"{remedy} At the limit, no new connection is accepted.", values)
    wanted = connections + REST
    if limit < wanted:
        return Finding(
            WARNING,
            "open_files_few",
            f"{found} ONESIXTY_SMPP_MAX_CONNECTIONS allows {connections} connections, which need {wanted}.",
            f"{remedy} Or lower ONESIXTY_SMPP_MAX_CONNECTIONS.",
            {"limit": limit, "connections": connections, "wanted": wanted},
        )
    return Finding(OK, code, found, None, values)


async def ports(installation: Installation) -> Finding:
    """The addresses to listen on: a node serves there, or could."""
    settings, node = installation.settings, installation.node
    if node is not None:
        return exposed(node.addresses(), settings)
    found: list[str] = []
    addresses: list[Values] = []
    for setting in LISTENS:
        listen = getattr(settings, setting)
        if not listen:
            continue
        try:
            check_free(setting, listen)
        except OSError as error:
            if setting in _HTTP and not await asyncio.to_thread(_answers, parse_address(listen)):
                return Finding(
                    ERROR,
                    "port_taken",
                    f"{error.strerror}, and no onesixty answers there.",
                    "Stop the other program, or choose another address.",
                    {"address": listen, "error": error.strerror},
                )
            found.append(f"{listen} is in use")
            addresses.append({"state": "in_use", "address": listen})
        else:
            found.append(f"{listen} is free")
            addresses.append({"state": "free", "address": listen})
    return Finding(OK, "ports", f"{listed(found)}.", None, {"addresses": addresses})


def exposed(addresses: Sequence[Address], settings: Settings) -> Finding:
    """The finding for the addresses of a node, of which the first one is that of HTTP."""
    every = [str(address) for address in addresses]
    found = f"It listens on {listed(every)}."
    http_address = addresses[0] if addresses else settings.http_address
    encrypted = (settings.public_url or "").startswith("https://")
    if not http_address.host.startswith(_LOOPBACK) and not encrypted:
        return Finding(
            WARNING,
            "listening_unencrypted",
            f"{found} Others can reach {http_address}, and ONESIXTY_PUBLIC_URL is not https://: keys and texts may "
            "travel unencrypted.",
            "Put a proxy with TLS in front, and set ONESIXTY_PUBLIC_URL: docs/how-to/put-a-proxy-in-front.md.",
            {"addresses": every, "address": str(http_address)},
        )
    return Finding(OK, "listening", found, None, {"addresses": every})


async def secret(installation: Installation) -> Finding:
    """The file of the instance secret: only its owner may read it."""
    source = Source.of(installation.settings)
    if source.given:
        return Finding(OK, "secret_given", "The instance secret is given by ONESIXTY_SECRET_KEY.")
    path = source.path
    try:
        known = path.stat()
        source.read()
    except FileNotFoundError:
        return Finding(
            ERROR if installation.node is not None else WARNING,
            "secret_missing",
            f"{path} is missing.",
            "Put the file back from your copy: what is encrypted in the database cannot be read without it. A first "
            "start makes one.",
            {"path": str(path)},
        )
    except SecretError as error:
        return Finding(
            ERROR, "secret_invalid", str(error), "Put the file back from your copy.", {"error": str(error)}
        )
    except OSError as error:
        return Finding(
            ERROR,
            "secret_unreadable",
            f"{path} cannot be read: {error.strerror}",
            "Check its owner.",
            {"path": str(path), "error": error.strerror},
        )
    if known.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        mode = stat.S_IMODE(known.st_mode)
        return Finding(
            ERROR,
            "secret_shared",
            f"Others than its owner may use {path} (mode {mode:04o}).",
            f"chmod 600 {path}",
            {"path": str(path), "mode": f"{mode:04o}"},
        )
    return Finding(
        OK,
        "secret_private",
        f"Only its owner may read {path}. Keep a copy of it apart from the backups.",
        None,
        {"path": str(path)},
    )


# ------------------------------------------------------------ what they read


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    folder = folder.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _database_bytes(settings: Settings) -> int | None:
    """The bytes of a SQLite database with its log; None on PostgreSQL, and if there is none."""
    url = settings.effective_database_url
    if urls.is_postgresql(url):
        return None
    path = urls.sqlite_path(url)
    files = (path, path.with_name(f"{path.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists()) or None


def _sync_times(folder: Path) -> list[float]:
    """The seconds of some writes with fsync, to a file that is removed."""
    times = []
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
        for _ in range(WRITES):
            file.write(b"\0" * BLOCK)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return times


def _open_now() -> int | None:
    """How many files this process has open; None where the system does not say."""
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            return len(os.listdir(folder))
        except OSError:
            continue
    return None


def _answers(address: Address) -> bool:
    """Whether onesixty answers there."""
    host = _EVERY.get(address.host, address.host)
    connection = http.client.HTTPConnection(host, address.port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        return answer.status == 200 and b'"status"' in answer.read(200)
    except (http.client.HTTPException, OSError):
        return False
    finally:
        connection.close()
