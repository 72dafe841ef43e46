"""Packages with entry points, as an installer leaves them: modules and a dist-info in a folder on the path."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, distributions
from pathlib import Path

from onesixty.cli.extension import installer


def install(
    folder: Path,
    files: Mapping[str, str],
    entry_points: Mapping[str, str],
    *,
    package: str = "acme-rules",
    version: str = "1.2",
) -> None:
    """Write modules (file names to sources) and the dist-info of a package. `entry_points` are objects (`rules:IT`)
    by `group:name`, the group without `onesixty.`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in files.items():
        (folder / name).write_text(source)
    info = folder / f"{package.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    lines: list[str] = []
    for place, value in entry_points.items():
        group, _, name = place.partition(":")
        lines += [f"[onesixty.{group}]", f"{name} = {value}"]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")


def found_in(folder: Path) -> Sequence[EntryPoint]:
    """The entry points of the packages in a folder."""
    return [point for one in distributions(path=[str(folder)]) for point in one.entry_points]


def install_source(source: Path, folder: Path) -> None:
    """Install a source package into a folder as an operator does, without a network: with the command that
    `onesixty extension new` prints."""
    subprocess.run(
        [
            *installer(), "--quiet", "--no-index", "--no-deps", "--no-build-isolation",
            "--target", str(folder), str(source),
        ],
        check=True, timeout=100,
    )  # fmt: skip
