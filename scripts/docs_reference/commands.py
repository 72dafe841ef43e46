"""The generated part of docs/reference/cli.md, from the tables of resources: a heading and options for each verb."""

from __future__ import annotations

import re
from typing import Any

import typer

from onesixty.cli.commands import application
from onesixty.cli.resource_tables import resources
from onesixty.cli.resources import FLAG, Verb, needed

BEGIN, END = "<!-- made of the tables of resources -->", "<!-- end of what is made -->"


def with_resources(page: str) -> str:
    """Return the page with its generated part as the commands are now."""
    made = f"{BEGIN}\n\n{_sections()}\n{END}"
    return re.sub(rf"{BEGIN}.*{END}", lambda _: made, page, flags=re.DOTALL)


def _sections() -> str:
    root: Any = typer.main.get_command(application())
    return "\n".join(
        _section(
            f"onesixty {resource.name} {verb.name}", verb, root.commands[resource.name].commands[verb.name]
        )
        for resource in resources()
        for verb in resource.verbs
    )


def _section(name: str, verb: Verb, command: Any) -> str:
    lines = [f"## `{name}`", "", " ".join([verb.about, *needed(verb)]), ""]
    if verb.id_help:
        lines += [f"`{name} ID`: {verb.id_help}", ""]
    lines += ["| option | default | meaning |", "|---|---|---|"]
    choices = {field.flag: field.choices for field in verb.fields}
    choices |= {field.flag: ("true", "false") for field in verb.fields if field.kind == FLAG}
    lines += [
        _row(param, choices.get(param.opts[0], ()))
        for param in command.params
        if param.param_type_name == "option"
    ]
    return "\n".join([*lines, ""])


def _row(param: Any, choices: tuple[str, ...]) -> str:
    default = "required" if param.required else ""
    if isinstance(param.default, int) and not isinstance(param.default, bool):
        default = f"`{param.default}`"
    about = param.help.replace("|", "\\|")
    if choices:
        about += " One of " + ", ".join(f"`{choice}`" for choice in choices) + "."
    if param.envvar:
        about += f" Variable: `{param.envvar}`."
    return f"| `{param.opts[0]}` | {default} | {about} |"
