"""`onesixty demo`: a demonstration with a week of traffic, served until a signal ends it (`onesixty.demo`)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onesixty import __version__
from onesixty.cli.console import FAILED, MISUSED, fail, program, read_settings, say
from onesixty.cli.progress import Ticker

if TYPE_CHECKING:
    from onesixty.app.server import Ready
    from onesixty.demo.cast import Cast
    from onesixty.ops.settings import Settings


def demo(
    folder: Annotated[
        Path, typer.Option("--folder", help="The demonstration's own folder; it is made if it is missing.")
    ] = Path("onesixty-demo"),
    keep: Annotated[
        bool, typer.Option("--keep", help="Go on with the demonstration in the folder, instead of a new one.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="The random seed of the traffic.")] = 160,
    build_only: Annotated[
        bool, typer.Option("--build-only", help="Make the folder and end; --keep serves it later.")
    ] = False,
) -> None:
    """Serve a demonstration: a week of traffic over simulated carriers, which goes on while it runs.

    It has a folder of its own and never opens another database. Of the settings, only those of addresses and logs
    count.
    """
    from onesixty.ops import garbage, logs

    garbage.pause()
    settings = read_settings()
    from onesixty.ops.ports import LISTENS, check_free
    from onesixty.ops.settings import SettingsError

    if not build_only:
        try:
            for setting in LISTENS:
                check_free(setting, getattr(settings, setting))
        except (OSError, SettingsError) as error:
            fail(f"cannot start: {error}", FAILED)
    logs.configure("error", settings.log_format)
    cast = _kept(folder) if keep else _built(folder, settings, seed)
    if not build_only:
        logs.configure(settings.log_level, settings.log_format)
        raise SystemExit(_serve(folder, settings, cast))
    _announce(folder, cast, None)


def _built(folder: Path, settings: Settings, seed: int) -> Cast:
    from onesixty.demo.building import NotOurs, build

    ticker = Ticker("making a week of traffic")
    try:
        return build(folder, settings, seed=seed)
    except NotOurs as error:
        fail(str(error), MISUSED)
    except OSError as error:
        fail(f"cannot make {folder}: {error.strerror or error}", FAILED)
    finally:
        ticker.end()


def _kept(folder: Path) -> Cast:
    from onesixty.demo.cast import read

    try:
        cast = read(folder)
    except (OSError, ValueError) as error:
        fail(f"{folder} holds no demonstration: {error}", MISUSED)
    if not (folder / "onesixty.db").is_file():
        fail(f"the demonstration in {folder} was not finished: make it again, without --keep", MISUSED)
    return cast


def _serve(folder: Path, settings: Settings, cast: Cast) -> int:
    from onesixty.cli.serve import reason_of
    from onesixty.demo.running import serve
    from onesixty.store.units import StoreError

    try:
        return serve(folder, settings, cast, lambda ready: _announce(folder, cast, ready))
    except (OSError, StoreError) as error:
        fail(f"cannot start: {reason_of(error)}", FAILED)


def _announce(folder: Path, cast: Cast, ready: Ready | None) -> None:
    """Print how to get in."""
    if ready is not None:
        say(f"onesixty {__version__} shows a demonstration: {ready.url}    documentation: {ready.url}/docs")
        say()
        say(f"  console   {ready.url}/console/")
    say(f"  sign in   {cast.email}    {cast.password}")
    say(f"  live key  {cast.key}")
    say(f"  test key  {cast.test_key}")
    say()
    say(f"It is kept in {folder}. Go on with it later: {program()} demo --folder {folder} --keep")
