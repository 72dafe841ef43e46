"""`onesixty audit`: checks over the database that onesixty kept its promises. The checks are in
`onesixty.reports.audit`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from onesixty.cli.console import FAILED, read_settings, say

if TYPE_CHECKING:
    from onesixty.reports.audit import Finding
    from onesixty.store.contract import Store

#: The packages whose statements find the instance secret.
SEALING = ("onesixty.sealing",)


def audit(
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> None:
    """Check the database for violations of the promises: one final status, nothing lost, money moves once.

    The command only reads, and can run next to a server. It exits with status 1 if a check fails.
    """
    settings = read_settings()
    import msgspec

    from onesixty.cli import database
    from onesixty.core.clock import SystemClock
    from onesixty.reports.audit import FEATURES, Terms, run_audit
    from onesixty.sealing import keys
    from onesixty.sealing.opening import known
    from onesixty.sealing.source import SecretError, Source

    async def work(store: Store) -> tuple[list[Finding], str | None]:
        signer, note = None, None
        try:
            signer = known(Source.of(settings), await keys.all_keys(store))
        except SecretError as error:
            note = str(error)
        terms = Terms(now=SystemClock().now_ms(), charge_on=settings.billing_charge_on, signer=signer)
        return await run_audit(store, terms), note

    findings, note = database.run(settings, (*FEATURES, *SEALING), work)
    broken = [finding for finding in findings if finding.count]
    if as_json:
        say(json.dumps({"ok": not broken, "checks": [msgspec.to_builtins(finding) for finding in findings]}))
    else:
        for finding in findings:
            _show(finding)
        if note is not None:
            say(f"the signatures of the audit log were not checked: {note}")
        say(f"{len(findings)} checks, {len(broken)} broken" if broken else f"{len(findings)} checks passed")
    if broken:
        raise typer.Exit(FAILED)


def _show(finding: Finding) -> None:
    verdict = f"BROKEN {finding.count} of {finding.looked_at}" if finding.count else f"ok {finding.looked_at}"
    say(f"promise {finding.promise}  {verdict:<16} {finding.name}: {finding.sentence}")
    for id_ in finding.ids:
        say(f"    {id_}")
    if finding.count > len(finding.ids):
        say(f"    and {finding.count - len(finding.ids)} more")
