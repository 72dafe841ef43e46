"""`onesixty simulate attack`: what the guards of verifications cost attackers, and honest users."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from onesixty.cli.console import MISUSED, fail, say

if TYPE_CHECKING:
    from onesixty.verify.attacks.figures import Figures


def attack(
    patterns: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATTERN", help="Letters of patterns; default: all of them."),
    ] = None,
    catalogue: Annotated[bool, typer.Option("--catalogue", help="List the patterns and exit.")] = False,
    country: Annotated[
        str | None,
        typer.Option("--country", help="The country that is attacked: DE, US, TR, ID, MT, ML, JP or PL."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="The random seed.")] = 160,
    off: Annotated[
        list[str] | None,
        typer.Option("--off", metavar="GUARD", help="A guard to switch off; repeat for more."),
    ] = None,
    honest: Annotated[
        bool,
        typer.Option("--honest", help="Play a day of honest users alone, with a launch and three offices."),
    ] = False,
    outage: Annotated[
        bool,
        typer.Option("--outage", help="With --honest: for twenty minutes no code to the country arrives."),
    ] = False,
    new: Annotated[
        bool, typer.Option("--new", help="A new installation, which knows nothing of what is usual.")
    ] = False,
    rate: Annotated[float, typer.Option("--rate", min=0.1, max=100, help="Times the honest traffic.")] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Play attacks on verifications against honest users, through the guards, in virtual time.

    Nothing is sent. The same seed gives the same figures.
    """
    from onesixty.verify.attacks.patterns import PATTERNS
    from onesixty.verify.attacks.runs import ATTACKED, Terms, against, honest_day
    from onesixty.verify.attacks.world import world
    from onesixty.verify.guards.catalogue import GUARDS

    if catalogue:
        for letter, pattern in PATTERNS.items():
            say(f"{letter}  {pattern.name:<12}{pattern.about}")
        return
    letters = [letter.upper() for letter in patterns or PATTERNS]
    for letter in letters:
        if letter not in PATTERNS:
            fail(f"there is no pattern {letter}. See --catalogue", MISUSED)
    place = (country or ATTACKED).upper()
    codes = [each.code for each in world().countries]
    if place not in codes:
        fail(f"--country must be one of {', '.join(codes)}", MISUSED)
    for guard in off or ():
        if guard not in GUARDS:
            fail(f"--off must be one of {', '.join(GUARDS)}", MISUSED)
    terms = Terms(dict.fromkeys(off or (), "off"), rate, new)
    if honest:
        runs = [honest_day(seed, place if outage else None, terms)]
    else:
        runs = [against(letter, seed, place, terms) for letter in letters]
    if as_json:
        import msgspec

        say(json.dumps(msgspec.to_builtins(runs)))
        return
    for run in runs:
        _show(run)


def _show(run: Figures) -> None:
    from onesixty.verify.attacks.patterns import PATTERNS

    if run.pattern in PATTERNS:
        pattern = PATTERNS[run.pattern]
        first = "nothing stopped it" if run.seconds is None else f"first stopped after {run.seconds:g} s"
        say(f"{run.pattern} {pattern.name} ({run.country}, seed {run.seed}): {pattern.about}")
        say(
            f"  attack    {run.starts} starts, {run.messages} messages for {run.spent} EUR; {run.before_stop} before "
            f"the first stop, {run.before_block} before the first block, at most {run.of_range} on one range; {first}"
        )
    else:
        say(f"honest users alone (seed {run.seed})")
    say(
        f"  honest    {run.honest} starts, {run.honest_stopped} stopped ({run.stopped_share:.3%}), "
        f"{run.honest_delayed} delayed by {run.delay:g} s (median)"
    )
    for row in run.guards:
        attacked = (
            ""
            if row.messages is None
            else f"from message {row.messages} ({row.spent} EUR, {row.seconds:g} s) "
        )
        say(
            f"  {row.guard:<14}{attacked}{row.stopped} starts of the attack; honest users: "
            f"{row.honest_stopped} stopped, {row.honest_delayed} delayed"
        )
    say()
