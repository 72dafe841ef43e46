"""The table of all commands, put together as one typer application.

The first line of a command's docstring is its line in `onesixty --help`; docs/reference/cli.md has an entry
for each command and each option (complete by test).
"""

from __future__ import annotations

import typer

from onesixty.cli import (
    audit,
    backup,
    capture,
    carrier,
    export,
    handset,
    init,
    key,
    load,
    migrate,
    restore,
    scenario,
    send,
    serve,
    simulate,
    tail,
    version,
)


def application() -> typer.Typer:
    """A new application with every command."""
    app = _group("The SMS API platform that you run yourself.")
    for command in (serve.serve, init.init, send.send, tail.tail, export.export, capture.capture):
        app.command()(command)
    app.add_typer(key_commands(), name="key")
    app.add_typer(carrier_commands(), name="carrier")
    app.add_typer(simulate_commands(), name="simulate")
    app.add_typer(handset_commands(), name="handset")
    app.add_typer(load_commands(), name="load")
    app.command()(migrate.migrate)
    app.command()(backup.backup)
    app.command()(restore.restore)
    app.command()(audit.audit)
    app.command()(version.version)
    return app


def key_commands() -> typer.Typer:
    """`onesixty key ...`"""
    group = _group("Make, list and revoke API keys.")
    group.command("create")(key.create)
    group.command("list")(key.list_keys)
    group.command("revoke")(key.revoke)
    return group


def carrier_commands() -> typer.Typer:
    """`onesixty carrier ...`"""
    group = _group("Look at the links to carriers.")
    group.callback()(lambda: None)
    group.command("check")(carrier.check)
    return group


def simulate_commands() -> typer.Typer:
    """`onesixty simulate ...`"""
    group = _group("Play a carrier, for tests.")
    group.callback()(simulate.simulate)
    group.command("smsc")(simulate.smsc)
    group.command("scenario")(scenario.scenario)
    return group


def handset_commands() -> typer.Typer:
    """`onesixty handset ...`"""
    group = _group("Read simulated handsets, and answer from them.")
    group.command("list")(handset.list_handsets)
    group.command("read")(handset.read)
    group.command("send")(handset.send)
    return group


def load_commands() -> typer.Typer:
    """`onesixty load ...`"""
    group = _group("Send traffic to measure with, bounded in count and time.")
    group.command("http")(load.http)
    group.command("smpp")(load.smpp)
    return group


def _group(about: str) -> typer.Typer:
    return typer.Typer(
        help=about,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,  # help stays plain text, which any terminal and any test can read
        pretty_exceptions_enable=False,  # its tracebacks show local variables, and among them secrets
        context_settings={"help_option_names": ["-h", "--help"]},
    )
