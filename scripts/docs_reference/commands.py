"""The generated part of docs/reference/cli.md, from the tables of resources: a heading and options for each verb."""

from __future__ import annotations

import inspect
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


#: Further commands of these groups that the page describes by hand.
_BY_HAND = {"onesixty carrier check"}


def _sections() -> str:
    root: Any = typer.main.get_command(application())
    made = []
    for resource in resources():
        verbs = {verb.name: verb for verb in resource.verbs}
        for verb_name, command in root.commands[resource.name].commands.items():
            name = f"onesixty {resource.name} {verb_name}"
            if verb_name in verbs:
                made.append(_section(name, verbs[verb_name], command))
            elif name not in _BY_HAND:
                made.append(_further(name, command))
    return "\n".join(made)


def _further(name: str, command: Any) -> str:
    """The section of a command that is no verb of the API: its help, its arguments and its options."""
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    options = [param for param in command.params if param.param_type_name == "option"]
    lines = [f"## `{name}`", "", inspect.cleandoc(command.help), ""]
    lines += [f"`{name} {param.name.upper()}`: {param.help}" for param in arguments]
    lines += [""] if arguments else []
    lines += ["| option | default | meaning |", "|---|---|---|"]
    lines += [_row(param, ()) for param in options]
    return "\n".join([*lines, ""])


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
    if isinstance(param.default, int | str) and not isinstance(param.default, bool):
        default = f"`{getattr(param.default, 'value', param.default)}`"
    about = param.help.replace("|", "\\|")
    if choices and not param.multiple:  # the help of one that is given again says them
        about += " One of " + ", ".join(f"`{choice}`" for choice in choices) + "."
    if param.envvar:
        about += f" Variable: `{param.envvar}`."
    return f"| `{param.opts[0]}` | {default} | {about} |"
