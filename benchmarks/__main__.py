"""`make bench`, or `python -m benchmarks`: measure onesixty beside Kannel on this machine.

Everything runs here: the client, the carrier, the webhook receiver and the gateway under measurement, one
gateway at a time, taking turns, so that a machine that gets slower or faster meets both alike.
"""

import argparse
import asyncio
import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

from benchmarks import micro, results
from benchmarks.gateways import (
    Gateway,
    JasminGateway,
    KannelGateway,
    OnesixtyGateway,
    OnesixtyPostgresqlGateway,
)
from benchmarks.measure import SCENARIOS, Run, Setup, measure

WORK = Path(__file__).parents[1] / "build" / "bench"  # on a disk, unlike many a /tmp: fsync has to cost
#: By name: how to make it; the argument asks for a profile, which Kannel does not have.
GATEWAYS: dict[str, Callable[[bool], Gateway]] = {
    "onesixty": lambda profile: OnesixtyGateway(profile=profile),
    "onesixty-1p": lambda profile: OnesixtyGateway(profile=profile, processes="1"),
    "onesixty-postgresql": lambda profile: OnesixtyPostgresqlGateway(profile=profile),
    "kannel": lambda _: KannelGateway(),
    "kannel-spool": lambda _: KannelGateway(spool=True),
    "jasmin": lambda _: JasminGateway(),
}
MAX_RUNS = 20
MAX_MESSAGES = 1_000_000


def main() -> int:
    """Returns 1 if a run was not complete."""
    options = _options()
    setup = Setup(connections=options.connections, binds=options.binds, window=options.window)
    if options.micro:
        print("\n".join(micro.lines() + micro.store_lines(WORK / "micro")))
        return 0
    gateways, notes = _gateways(options)
    for note in notes:
        print(note)
    runs = asyncio.run(_run_all(gateways, options, setup))
    print("\n".join(results.table(runs)))
    if runs:
        print(f"\nmedians of {options.runs}; everything in {results.write(runs, setup, WORK, notes)}")
    return 1 if any(run.problem for run in runs) else 0


async def _run_all(gateways: list[Gateway], options: argparse.Namespace, setup: Setup) -> list[Run]:
    runs = []
    for letter in options.scenarios:
        scenario = SCENARIOS[letter]
        if options.messages:
            scenario = dataclasses.replace(scenario, messages=options.messages)
        for number in range(options.runs):
            for gateway in gateways:
                if scenario.door == "smpp" and not gateway.has_smpp_door:
                    continue
                directory = WORK / f"{gateway.name}-{letter}-{number + 1}"
                shutil.rmtree(directory, ignore_errors=True)
                run = await measure(gateway, scenario, setup, directory)
                runs.append(run)
                what = run.problem or f"{run.rate:,.0f} messages/s, {run.cpu_us:,.0f} us CPU each"
                print(f"{letter} run {number + 1} {gateway.name}: {what}", flush=True)
                if options.profile:
                    print("\n".join(results.profile(directory / "serve.prof")))
                if run.problem is None and not options.keep:
                    shutil.rmtree(directory, ignore_errors=True)
    return runs


def _gateways(options: argparse.Namespace) -> tuple[list[Gateway], list[str]]:
    """What can be measured here, and a note for what cannot."""
    gateways: list[Gateway] = []
    notes = []
    for name in options.gateways:
        gateway = GATEWAYS[name](options.profile)
        if missing := gateway.missing():
            notes.append(f"{name} is not measured: {missing}")
        else:
            gateways.append(gateway)
    return gateways, notes


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--runs", type=_bounded(MAX_RUNS), default=3, help="runs of each, medians are shown")
    parser.add_argument("--scenarios", nargs="+", choices=sorted(SCENARIOS), default=sorted(SCENARIOS))
    parser.add_argument("--gateways", nargs="+", choices=tuple(GATEWAYS), default=["onesixty", "kannel"])
    parser.add_argument("--messages", type=_bounded(MAX_MESSAGES), help="messages of a run")
    parser.add_argument("--connections", type=_bounded(1000), default=Setup.connections)
    parser.add_argument("--binds", type=_bounded(50), default=Setup.binds)
    parser.add_argument("--window", type=_bounded(1000), default=Setup.window, help="of each bind")
    parser.add_argument("--keep", action="store_true", help="keep databases and logs in build/bench")
    parser.add_argument(
        "--profile", action="store_true", help="where onesixty's time goes; its rate then says nothing"
    )
    parser.add_argument("--micro", action="store_true", help="only the parts: codec, text, ids, store")
    return parser.parse_args()


def _bounded(most: int):  # type: ignore[no-untyped-def]
    def parse(text: str) -> int:
        number = int(text)
        if not 1 <= number <= most:
            raise argparse.ArgumentTypeError(f"has to be from 1 to {most}")
        return number

    return parse


if __name__ == "__main__":
    raise SystemExit(main())
