"""The commands in this process. The application is put together once: that takes longer than most commands."""

from __future__ import annotations

import functools
from typing import Any

import click
import typer
from click.testing import CliRunner, Result

from onesixty.cli.commands import application


@functools.cache
def _command() -> click.Command:
    return typer.main.get_command(application())


def invoke(*arguments: str, env: dict[str, str] | None = None, **more: Any) -> Result:
    """What a command printed, and how it ended; `env` is set meanwhile."""
    return CliRunner().invoke(_command(), list(arguments), env=env, **more)
