"""The conditions of a measurement: processor, interpreter, file system, and the cost of an fsync."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sysconfig
import time
from pathlib import Path
from typing import Any, Final

import psutil

from onesixty import __version__

_SYNCS: Final = 50
_PAGE: Final = bytes(4096)


def machine(directory: Path) -> dict[str, Any]:
    """Return all conditions. `directory` holds the databases, so its file system determines the cost of fsync."""
    directory.mkdir(parents=True, exist_ok=True)
    return {
        "cpus": os.cpu_count(),
        "cpu": _cpu_model(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "load": round(os.getloadavg()[0], 1),
        "system": platform.platform(),
        "interpreter": interpreter(),
        "file_system": _file_system(directory),
        "fsync_ms": fsync_ms(directory),
        "onesixty": __version__,
        "commit": _commit(),
    }


def interpreter() -> dict[str, Any]:
    """Describe the Python that runs this and the gateway: a build with profile and static library is up to a
    quarter faster. Some distributions, such as Debian, build with a profile and do not name the option."""
    arguments = str(sysconfig.get_config_var("CONFIG_ARGS") or "")
    return {
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "profile_guided": "--enable-optimizations" in arguments,
        "link_time_optimized": "--with-lto" in arguments,
        "library": "shared" if _loads_libpython() else "static",
    }


def _loads_libpython() -> bool:
    """Whether the interpreter is in a shared library. A distribution may build one and not use it for `python`."""
    try:
        return "/libpython" in Path("/proc/self/maps").read_text()
    except OSError:
        return bool(sysconfig.get_config_var("Py_ENABLE_SHARED"))


def fsync_ms(directory: Path) -> float:
    """Return the median time in milliseconds to append a page and sync it."""
    path = directory / "fsync.probe"
    took = []
    try:
        with path.open("wb", buffering=0) as file:
            for _ in range(_SYNCS):
                started = time.perf_counter()
                file.write(_PAGE)
                os.fsync(file.fileno())
                took.append(time.perf_counter() - started)
    finally:
        path.unlink(missing_ok=True)
    return round(statistics.median(took) * 1e3, 3)


def lines(found: dict[str, Any]) -> list[str]:
    """Return the conditions as lines for people."""
    python = found["interpreter"]
    build = "built with" if python["profile_guided"] else "whose build does not name"
    return [
        f"{found['cpus']} cores ({found['cpu']}), {found['memory_gb']} GB, {found['system']}",
        f"Python {python['version']}, {build} profile-guided optimization, {python['library']} library",
        f"fsync {found['fsync_ms']} ms on {found['file_system']}; load before the first run {found['load']}",
        f"onesixty {found['onesixty']}, commit {found['commit']}",
    ]


def _cpu_model() -> str:
    try:
        info = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), "")


def _file_system(directory: Path) -> str:
    path = str(directory.resolve())
    mounts = [part for part in psutil.disk_partitions(all=True) if path.startswith(part.mountpoint)]
    return max(mounts, key=lambda part: len(part.mountpoint)).fstype if mounts else ""


def _commit() -> str:
    result = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False,
        cwd=Path(__file__).parent,
    )  # fmt: skip
    return result.stdout.strip()
