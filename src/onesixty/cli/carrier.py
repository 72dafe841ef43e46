"""`onesixty carrier ...`: checks a link to a carrier. The connector decides what is checked (`check`).

The settings come from the file, or from the database of this node for a carrier that was made over the API; the
API itself never shows a password again. The check makes its own connections, so a server may run at the same time.
"""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from onesixty.cli.console import FAILED, MISUSED, fail, say

if TYPE_CHECKING:
    from onesixty.carriers.registry import Connectors
    from onesixty.core.contracts import CarrierConfig, CheckOptions, Finding
    from onesixty.ops.settings import Settings

_FEATURES: Final = ("onesixty.network", "onesixty.sealing")


def check(
    name: Annotated[str, typer.Argument(help="The name of the carrier.")],
    config: Annotated[
        str | None,
        typer.Option(
            "--config",
            help="A settings file whose [[carriers]] contains it. Default: the settings of this node.",
        ),
    ] = None,
    send_to: Annotated[
        str | None, typer.Option("--send-to", help="Also send one real message to this number (E.164).")
    ] = None,
    sender: Annotated[str, typer.Option("--from", help="The sender of that message.")] = "onesixty",
    text: Annotated[
        str, typer.Option("--text", help="The text of that message.")
    ] = "Test message of onesixty carrier check.",
    wait: Annotated[float, typer.Option("--wait", help="How many seconds to wait for its receipt.")] = 30.0,
    window: Annotated[
        bool, typer.Option("--window", help="Also test the window: send that many query_sm at once (SMPP).")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> None:
    """Connect to a carrier, measure, and report what works, what is wrong and how to fix it.

    It exits with status 1 if anything is wrong. It uses its own connections, separate from a running server's.
    """
    from onesixty.core.contracts import CheckOptions

    settings = _settings(config)
    connectors = _connectors(settings)
    found = _configured(settings, connectors, name)
    if found is None and config is not None:
        fail(f"carrier {name!r} not found in {config}", MISUSED)
    found = found or _stored(settings, name)
    if found is None:
        fail(f"carrier {name!r} not found in the settings file or in the database", MISUSED)
    options = CheckOptions(to=_recipient(send_to), sender=sender, text=text, receipt_s=wait, window=window)
    findings = _check(found, options, settings, connectors)
    wrong = any(finding.level == "error" for finding in findings)
    if as_json:
        import msgspec

        rows = [msgspec.to_builtins(finding) for finding in findings]
        say(json.dumps({"carrier": found.name, "type": found.type, "ok": not wrong, "findings": rows}))
    else:
        for finding in findings:
            say(f"{finding.level:<8}{finding.what}")
    if wrong:
        raise typer.Exit(FAILED)


def _check(
    config: CarrierConfig, options: CheckOptions, settings: Settings, connectors: Connectors
) -> list[Finding]:
    from onesixty.core.clock import SystemClock, system_random
    from onesixty.core.contracts import Checkable, CheckableByUse, Finding
    from onesixty.core.errors import Problem

    try:
        carrier = connectors.build(
            config, clock=SystemClock(), random=system_random(), public_url=settings.effective_public_url
        )
    except Problem as problem:
        fail(f"{problem.param}: {problem.detail}", MISUSED)
    if isinstance(carrier, CheckableByUse):
        return asyncio.run(carrier.check_with(options))
    if isinstance(carrier, Checkable):
        findings = asyncio.run(carrier.check())
        if options.to is not None:
            what = f"A check of type {config.type} cannot send a message: use `onesixty send --route`."
            findings = [*findings, Finding("note", what)]
        return findings
    return [
        Finding("note", f"A carrier of type {config.type} makes no connection, so there is nothing to check.")
    ]


def _settings(config: str | None) -> Settings:
    from onesixty.ops import settings

    environ = dict(os.environ)
    if config is not None:
        if not os.path.isfile(config):
            fail(f"file {config} not found", MISUSED)
        environ["ONESIXTY_CONFIG"] = config
    try:
        return settings.load(environ)
    except settings.SettingsError as error:
        fail(str(error), MISUSED)


def _connectors(settings: Settings) -> Connectors:
    """Return the types of carriers of this node, with installed ones."""
    from onesixty.extensions.loading import ExtensionError, load

    try:
        return load(settings).connectors
    except ExtensionError as error:
        fail(str(error), MISUSED)


def _configured(settings: Settings, connectors: Connectors, name: str) -> CarrierConfig | None:
    """Return the carrier from the settings file, or None."""
    for table in settings.carriers:
        if table.get("name") == name:
            return _config(connectors, table)
    return None


def _config(connectors: Connectors, table: dict[str, Any]) -> CarrierConfig:
    from onesixty.core.contracts import CarrierConfig
    from onesixty.core.errors import Problem
    from onesixty.network.tables import BESIDE_SETTINGS

    name, type_ = table["name"], str(table.get("type", ""))
    rest = {field: value for field, value in table.items() if field not in BESIDE_SETTINGS}
    try:
        found = connectors.validate(type_, rest, param=f"[[carriers]] {name}")
    except Problem as problem:
        fail(f"{problem.param}: {problem.detail}", MISUSED)
    return CarrierConfig(
        id="car_check",
        name=name,
        type=type_,
        settings=json.dumps(found),
        enabled=True,
        version=1,
        created_at=0,
    )


def _stored(settings: Settings, name: str) -> CarrierConfig | None:
    """Return the carrier from the database, or None."""
    from onesixty.cli import database
    from onesixty.network.tables import CARRIERS
    from onesixty.sealing import keys
    from onesixty.sealing.keyring import is_sealed
    from onesixty.sealing.opening import known
    from onesixty.sealing.source import SecretError, Source

    async def work(store: Any) -> CarrierConfig | None:
        for row in await store.fetch("carriers_all"):
            config = CARRIERS.read(row)
            if name not in (config.name, config.id):
                continue
            if is_sealed(config.settings):
                keyring = known(Source.of(settings), await keys.all_keys(store))
                config.settings = keyring.open(
                    config.settings, CARRIERS.purpose("settings"), config.id
                ).decode()
            return config
        return None

    try:
        return database.run(settings, _FEATURES, work)
    except SecretError as error:
        fail(str(error), MISUSED)


def _recipient(number: str | None) -> str | None:
    if number is None:
        return None
    from onesixty.numbers import InvalidNumber, parse

    try:
        return parse(number).e164
    except InvalidNumber as error:
        fail(f"--send-to: {error}", MISUSED)
