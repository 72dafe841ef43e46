"""`onesixty simulate scenario`: plays a scenario on a running server or, with --fast, in memory on virtual time."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from onesixty.cli.client import ApiKey, Client, Url, asking
from onesixty.cli.console import FAILED, MISUSED, fail, say

if TYPE_CHECKING:
    from onesixty.rehearsal.playing import Report, Share
    from onesixty.simulator.scenario import Scenario

_PATH: Final = "/v1/sandbox/scenario"
_PAUSE: Final = 0.5  # seconds between two status requests


def scenario(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The scenario file, TOML or JSON.")],
    fast: Annotated[
        bool,
        typer.Option("--fast", help="Run in memory, faster than real time, with the traffic of the file."),
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option("--seed", help="The random seed of a --fast run; replaces the one of the file."),
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Do not wait for the end; the scenario continues on the server.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
    url: Url = None,
    key: ApiKey = None,
) -> None:
    """Play a scenario on simulated carriers: outages, delays, duplicate receipts, incoming messages.

    Without --fast, a running server plays it in real time. With --fast, the whole platform runs in memory on a
    simulated clock, sends the traffic of the file, and reports the results.
    """
    played = _read(file)
    if fast:
        _rehearse(played, seed, as_json)
    else:
        _perform(played, url, key, detach, as_json)


def _read(file: Path) -> Scenario:
    from onesixty.simulator.scenario import read_json, read_toml

    try:
        text = file.read_text(encoding="utf-8")
        return read_json(text) if file.suffix == ".json" else read_toml(text)
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror or error}", MISUSED)
    except ValueError as error:
        fail(f"{file}: {error}", MISUSED)


# ---------------------------------------------------------------- on a running server


def _perform(played: Scenario, url: str | None, key: str | None, detach: bool, as_json: bool) -> None:
    import msgspec

    body = msgspec.to_builtins(played)
    for name in ("traffic", "carriers"):
        if body.pop(name):
            typer.echo(f"onesixty: `{name}` applies only to --fast; ignored", err=True)
    with asking(url, key) as client:
        status = client.call("POST", _PATH, body)
        if not detach:
            status = _follow(client, status, quiet=as_json)
    if as_json:
        say(json.dumps(status))
    elif detach:
        say(f"{status['name']}: {len(status['steps'])} steps in {status['lasts']:g} s")
    if status["state"] == "stopped" or any(step["problem"] for step in status["steps"]):
        raise typer.Exit(FAILED)


def _follow(client: Client, status: dict[str, Any], *, quiet: bool) -> dict[str, Any]:
    """Print each step when it is done, until the end. An interrupt first stops the scenario."""
    told = 0
    try:
        while True:
            done = [step for step in status["steps"] if step["done_at"] is not None]
            for step in done[told:]:
                if not quiet:
                    _say_step(step)
            told = len(done)
            if status["state"] != "running":
                if not quiet:
                    say(f"{status['name']}: {status['state']}")
                return status
            time.sleep(_PAUSE)
            status = client.call("GET", _PATH)
    except KeyboardInterrupt:
        return dict(client.call("POST", f"{_PATH}/stop"))


def _say_step(step: dict[str, Any]) -> None:
    problem = f"  FAILED: {step['problem']}" if step["problem"] else ""
    say(f"{step['done_at']:>10.1f} s  {step['what']}{problem}")


# ---------------------------------------------------------------- in memory


def _rehearse(played: Scenario, seed: int | None, as_json: bool) -> None:
    import msgspec

    from onesixty.ops import logs
    from onesixty.ops.settings import SettingsError
    from onesixty.rehearsal.playing import StillOpen, rehearse

    logs.configure("error", "console")
    if seed is not None:
        played.seed = seed
    try:
        report = rehearse(played)
    except (ValueError, SettingsError, StillOpen) as error:
        fail(str(error))
    if as_json:
        say(json.dumps(msgspec.to_builtins(report)))
    else:
        _show(report)
    if report.findings or any(step.problem for step in report.steps):
        raise typer.Exit(FAILED)


def _show(report: Report) -> None:
    import msgspec

    for step in report.steps:
        _say_step(msgspec.to_builtins(step))
    say(f"{report.name}: {report.virtual_s:.0f} s played in {report.wall_s:.1f} s")
    say()
    say(f"messages    {report.messages} ({report.segments} segments)")
    for label, counts in (("refused", report.refused), ("ended", report.statuses), ("errors", report.errors)):
        if counts:
            said = ", ".join(f"{name} {count}" for name, count in counts.items())
            say(f"{label:<12}{said}")
    say(f"{'repeated':<12}{report.duplicates} after an unknown outcome")
    say(f"{'receipts':<12}{report.receipts}; {report.corrected} corrected a final status")
    if report.inbound:
        say(f"{'inbound':<12}{report.inbound}")
    say(f"{'to sent':<12}{_quantiles(report.to_sent)}")
    say(f"{'to delivered':<12}{_quantiles(report.to_delivered)}".replace("delivered", "delivered ", 1))
    for name, answers in report.carriers.items():
        said = ", ".join(f"{outcome} {count}" for outcome, count in answers.items())
        say(f"{name:<12}{said}")
    say(f"{'audit':<12}{report.checks} checks" + (", BROKEN:" if report.findings else " passed"))
    for finding in report.findings:
        say(f"    {finding}")


def _quantiles(share: Share) -> str:
    if not share.count:
        return "none"
    return f"p50 {share.p50:.2f} s, p95 {share.p95:.2f} s, p99 {share.p99:.2f} s, most {share.most:.2f} s"
