"""The table of all commands, assembled into one typer application.

The first line of a command's docstring is its line in `onesixty --help`. docs/reference/cli.md has an entry for
each command and each option (a test checks this).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from onesixty.cli import (
    attack,
    audit,
    audit_log,
    backup,
    capture,
    carrier,
    demo,
    doctor,
    document,
    extension,
    handset,
    init,
    key,
    load,
    migrate,
    restore,
    scenario,
    search,
    secret,
    send,
    serve,
    simulate,
    tail,
    user,
    verify,
    version,
)
from onesixty.cli.console import MISUSED, fail
from onesixty.cli.resource_tables import resources
from onesixty.cli.resources import add

#: Groups that are not resources of the API: name, subject, commands.
_GROUPS: Final[tuple[tuple[str, str, dict[str, Callable[..., Any]]], ...]] = (
    (
        "key",
        "Create, list, change, rotate, find and revoke API keys.",
        {
            "create": key.create,
            "list": key.list_keys,
            "get": key.get,
            "change": key.change,
            "rotate": key.rotate,
            "find": key.find,
            "scopes": key.scopes,
            "revoke": key.revoke,
        },
    ),
    (
        "user",
        "List users, give roles, and let people in.",
        {
            "create": user.create,
            "reset": user.reset,
            "list": user.list_users,
            "get": user.get,
            "change": user.change,
            "remove": user.remove,
        },
    ),
    (
        "extension",
        "Extend onesixty with installed packages.",
        {"new": extension.new, "list": extension.list_extensions},
    ),
    (
        "secret",
        "Show and replace the instance secret.",
        {"show": secret.show, "rotate": secret.rotate, "reseal": secret.reseal, "reset": secret.reset},
    ),
    (
        "simulate",
        "Simulate a carrier, a scenario or an attack, for tests.",
        {"smsc": simulate.smsc, "scenario": scenario.scenario, "attack": attack.attack},
    ),
    (
        "handset",
        "Read simulated handsets, and reply from them.",
        {"list": handset.list_handsets, "read": handset.read, "send": handset.send},
    ),
    (
        "load",
        "Generate load for measurements, limited in count and time.",
        {"http": load.http, "smpp": load.smpp},
    ),
)


#: Commands of before, and what they are now.
MOVED: Final = {"export": "message export"}


class _Commands(TyperGroup):
    """All commands. One that has another name now is named in the refusal of the old one."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the arguments begin with."""
        if args[0] in MOVED:
            name = MOVED[args[0]]
            fail(
                f"`onesixty {args[0]}` is now `onesixty {name}`; `onesixty {name} --help` shows its options",
                MISUSED,
            )
        return super().resolve_command(ctx, args)


def application() -> typer.Typer:
    """A new application with every command."""
    app = _group("The SMS API platform that you run yourself.", completion=True, cls=_Commands)
    app.callback()(_options)
    for command in (
        serve.serve,
        demo.demo,
        init.init,
        send.send,
        tail.tail,
        search.search,
        capture.capture,
    ):
        app.command()(command)
    for resource in resources():
        group = add(_group(resource.about), resource)
        if resource.name == "carrier":
            group.command("check")(carrier.check)
        if resource.name == "document":
            group.command("upload")(document.upload)
            group.command("download")(document.download)
            group.command("move")(document.move)
        if resource.name == "audit-log":
            group.command("export")(audit_log.export)
            group.command("verify")(audit_log.verify)
        if resource.name == "verify":
            group.command("hash")(verify.hash_)
        app.add_typer(group, name=resource.name)
    for name, about, commands in _GROUPS:
        group = _group(about)
        group.callback()(lambda: None)
        for verb, function in commands.items():
            group.command(verb)(function)
        app.add_typer(group, name=name)
    upkeep: tuple[Callable[..., Any], ...] = (
        user.setup_link,
        migrate.migrate,
        doctor.doctor,
        backup.backup,
        restore.restore,
        audit.audit,
        version.version,
    )
    for function in upkeep:
        app.command()(function)
    return app


def _show_version(asked: bool) -> None:
    if asked:
        version.version()
        raise typer.Exit


def _options(
    shown: Annotated[
        bool,
        typer.Option(
            "--version", "-V", is_eager=True, callback=_show_version, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """The SMS API platform that you run yourself."""


def _group(about: str, *, completion: bool = False, cls: type[TyperGroup] = TyperGroup) -> typer.Typer:
    return typer.Typer(
        cls=cls,
        help=about,
        no_args_is_help=True,
        add_completion=completion,
        rich_markup_mode=None,  # help stays plain text, which any terminal and any test can read
        pretty_exceptions_enable=False,  # its tracebacks show local variables, which may hold secrets
        context_settings={"help_option_names": ["-h", "--help"]},
    )
