"""`make bench`, or `python -m benchmarks`: measures onesixty beside its peers on this machine.

The client, the carrier, the webhook receiver and the measured gateway all run on this machine, one gateway at a
time. A round has one run of every case and gateway, so that a change of the machine's speed affects all of them
alike; the result is the median over the rounds. Times are measured and never asserted.
"""

import argparse
import asyncio
import dataclasses
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks import expiring, life, micro, report, results, timing, verifying
from benchmarks.cases import LETTERS, Case, chosen
from benchmarks.columns import shown
from benchmarks.gateways import GATEWAYS, USUAL
from benchmarks.gateways.contract import Gateway, GatewayError
from benchmarks.machine import machine
from benchmarks.measure import Incomplete, Run, Setup, fill, measure
from benchmarks.roles import RoleError

# on a disk, not in /tmp, which may be in memory: fsync must have its real cost
WORK = Path(__file__).parents[1] / "build" / "bench"
MAX_RUNS = 20
MAX_MESSAGES = 1_000_000
MAX_ROWS = 100_000_000
MAX_RATE = 10_000


def main() -> int:
    """Run the benchmark. Returns 1 if a run was incomplete."""
    options = _options()
    if options.micro:
        print("\n".join(micro.lines() + micro.store_lines(WORK / "micro") + life.lines(WORK / "life")))
        return 0
    if options.verify:
        print("\n".join(verifying.lines(WORK / "verify", options.messages or verifying.COUNT, options.runs)))
        return 0
    if options.timing:
        print("\n".join(timing.lines(WORK / "timing", options.messages or timing.COUNT)))
        return 0
    if options.expire:
        print("\n".join(expiring.lines(WORK / "expire", options.messages or expiring.COUNT)))
        return 0
    setup = Setup(connections=options.connections, binds=options.binds, window=options.window)
    cases = chosen(options.cases, rates=options.rates, rows=options.rows, messages=options.messages)
    gateways, notes = _gateways(options.gateways, options.profile)
    for note in notes:
        print(note)
    where = machine(WORK)
    runs = asyncio.run(_run_all(gateways, cases, setup, options))
    if not runs:
        return 0
    found = results.result(runs, cases, setup, where, notes, options.runs)
    print("\n".join(["", *report.markdown(found, cases)]))
    print(f"\neverything is in {results.write(found, cases)}")
    return 1 if any(run.problem for run in runs) else 0


def turns(
    gateways: Sequence[Gateway], cases: Sequence[Case], rounds: int
) -> Iterator[tuple[int, Case, Gateway]]:
    """Yield all runs in their order: by round, then by case. The first gateway changes from round to round."""
    for number in range(1, rounds + 1):
        for case in cases:
            able = [gateway for gateway in gateways if case.letter in gateway.letters]
            for place in range(len(able)):
                yield number, case, able[(place + number - 1) % len(able)]


async def _run_all(
    gateways: Sequence[Gateway], cases: Sequence[Case], setup: Setup, options: argparse.Namespace
) -> list[Run]:
    runs = []
    filled = {gateway.name: WORK / f"{gateway.name}-filled" for gateway in gateways}
    for gateway in gateways:
        shutil.rmtree(filled[gateway.name], ignore_errors=True)
    await _fill_all(gateways, cases, setup, filled)
    for number, case, gateway in turns(gateways, cases, options.runs):
        # A filled database is made only once: a run adds few messages compared with those in it.
        directory = filled[gateway.name] if case.rows else WORK / f"{gateway.name}-{case.name}-{number}"
        if not case.rows:
            shutil.rmtree(directory, ignore_errors=True)
        share = gateway.share if options.messages is None else 1.0
        sized = dataclasses.replace(case, messages=max(int(case.messages * share), 1))
        run = await measure(gateway, sized, setup, directory, number)
        runs.append(run)
        print(f"{case.name} round {number} {gateway.name}: {_said(run, case)}", flush=True)
        if options.profile:
            print("\n".join(results.profile(directory / "serve.prof")))
        if not case.rows:
            _let_go(gateway, directory, keep=options.keep or run.problem is not None)
    for gateway in gateways:
        _let_go(gateway, filled[gateway.name], keep=options.keep)
    return runs


async def _fill_all(
    gateways: Sequence[Gateway], cases: Sequence[Case], setup: Setup, filled: dict[str, Path]
) -> None:
    """Make the filled databases before the first round: cases that are compared then follow each other. The first run
    that needs a database tells why it could not be made."""
    for case in [case for case in cases if case.rows][:1]:
        for gateway in [gateway for gateway in gateways if case.letter in gateway.letters]:
            with suppress(GatewayError, RoleError, Incomplete):
                await fill(gateway, case, setup, filled[gateway.name])
                print(f"{case.rows:,} messages are in the database of {gateway.name}", flush=True)


def _let_go(gateway: Gateway, directory: Path, *, keep: bool) -> None:
    gateway.forget(directory)
    if not keep:
        shutil.rmtree(directory, ignore_errors=True)


def _said(run: Run, case: Case) -> str:
    """Return the result of a run as one line."""
    if run.problem is not None:
        return run.problem
    return ", ".join(report.said(run.values, column) for column in shown(case))


def _gateways(names: Sequence[str], profile: bool) -> tuple[list[Gateway], list[str]]:
    """Return the gateways that can be measured here, and a note for each that cannot."""
    gateways: list[Gateway] = []
    notes = []
    for name in names:
        gateway = GATEWAYS[name](profile)
        if missing := gateway.missing():
            notes.append(f"{name} is not measured: {missing}")
        else:
            gateways.append(gateway)
    return gateways, notes


def _options() -> argparse.Namespace:
    about = "\n".join(f"  {letter}  {title}" for letter, title in LETTERS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=f"{__doc__}\ncases:\n{about}\n\ngateways: {', '.join(GATEWAYS)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--cases", type=_names(LETTERS), default=list(LETTERS), help="A,B,E or all")
    parser.add_argument("--gateways", type=_names(GATEWAYS), default=list(USUAL), help="with commas, or all")
    parser.add_argument("--runs", type=_bounded(MAX_RUNS), default=5, help="rounds, medians are shown")
    parser.add_argument("--messages", type=_bounded(MAX_MESSAGES), help="messages of a run, for every case")
    parser.add_argument("--rates", type=_rates, default=[100.0, 500.0], help="of case E: 100,500")
    parser.add_argument(
        "--rows", type=_bounded(MAX_ROWS), default=100_000, help="messages beforehand in case G"
    )
    parser.add_argument("--connections", type=_bounded(1000), default=Setup.connections)
    parser.add_argument("--binds", type=_bounded(50), default=Setup.binds)
    parser.add_argument("--window", type=_bounded(1000), default=Setup.window, help="of each bind")
    parser.add_argument("--keep", action="store_true", help="keep databases and logs in build/bench")
    parser.add_argument(
        "--profile", action="store_true", help="where onesixty's time goes; its rate then says nothing"
    )
    parser.add_argument("--micro", action="store_true", help="only the parts: codec, text, ids, store")
    parser.add_argument(
        "--verify", action="store_true", help="only what a verification costs beside plain messages"
    )
    parser.add_argument(
        "--expire", action="store_true", help="only whether messages wait while verifications expire"
    )
    parser.add_argument(
        "--timing", action="store_true", help="only whether the time of a check tells what was checked"
    )
    return parser.parse_args()


def _names(known: Iterable[str]) -> Callable[[str], list[str]]:
    def parse(text: str) -> list[str]:
        names = list(known) if text == "all" else text.split(",")
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(known)}")
        return names

    return parse


def _rates(text: str) -> list[float]:
    try:
        rates = [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError("must be numbers with commas between them") from None
    if not all(1 <= rate <= MAX_RATE for rate in rates):
        raise argparse.ArgumentTypeError(f"each must be from 1 to {MAX_RATE}")
    return rates


def _bounded(most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or not 1 <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"must be a number from 1 to {most}")
        return int(text)

    return parse


if __name__ == "__main__":
    raise SystemExit(main())
