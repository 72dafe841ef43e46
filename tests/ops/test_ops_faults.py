"""Fault points: free without a spec, exact with one, and no other names than those of the table."""

import os
import signal
import subprocess
import sys

import pytest

from onesixty.ops.faults import POINTS, FaultInjected, FaultPoints, FaultSpecError, parse
from tests.support.waiting import wait_until


def test_without_a_spec_a_hit_does_nothing() -> None:
    faults = FaultPoints()
    for name in POINTS:
        faults.hit(name)
    assert faults.hit is FaultPoints("").hit, "one empty function for all: no instance, no look-up"


def test_the_action_happens_at_its_hit_and_only_then() -> None:
    faults = FaultPoints("store.after_commit:raise@3")
    faults.hit("store.after_commit")
    faults.hit("dispatch.after_write")
    faults.hit("store.after_commit")
    with pytest.raises(FaultInjected, match=r"store\.after_commit at hit 3"):
        faults.hit("store.after_commit")
    faults.hit("store.after_commit")
    assert faults.hits("store.after_commit") == 4


def test_several_entries_and_several_hits_of_one_point() -> None:
    happened: list[str] = []
    faults = FaultPoints(
        " intake.before_answer:kill ; webhooks.after_post:pause@1;webhooks.after_post:raise@2; ",
        kill=lambda: happened.append("kill"),
        pause=lambda: happened.append("pause"),
    )
    faults.hit("intake.before_answer")
    faults.hit("webhooks.after_post")
    with pytest.raises(FaultInjected):
        faults.hit("webhooks.after_post")
    assert happened == ["kill", "pause"]


@pytest.mark.parametrize(
    "spec",
    [
        "store.after_comit:kill",
        "store.after_commit",
        "store.after_commit:explode",
        "store.after_commit:kill@0",
        "store.after_commit:kill@x",
        "store.after_commit:kill@",
        ":kill",
    ],
)
def test_a_spec_that_means_nothing_is_refused(spec: str) -> None:
    with pytest.raises(FaultSpecError):
        parse(spec)


def test_a_name_in_the_code_that_is_not_in_the_table_is_refused() -> None:
    faults = FaultPoints("store.after_commit:kill@9")
    with pytest.raises(FaultSpecError, match="not a fault point"):
        faults.hit("store.after_coffee")


def run(spec: str) -> subprocess.Popen[bytes]:
    code = (
        "import sys; from onesixty.ops.faults import FaultPoints; FaultPoints(sys.argv[1]).hit(sys.argv[2])"
    )
    return subprocess.Popen([sys.executable, "-c", code, spec, "sweep.after_release"])


def is_stopped(pid: int) -> bool:
    reported, status = os.waitpid(pid, os.WUNTRACED | os.WNOHANG)
    return reported == pid and os.WIFSTOPPED(status)


def test_kill_ends_the_process_as_kill_9_does() -> None:
    assert run("sweep.after_release:kill").wait(20) == -signal.SIGKILL


def test_pause_stops_the_process_until_it_is_continued() -> None:
    process = run("sweep.after_release:pause")
    wait_until(lambda: is_stopped(process.pid), 20, "the stop")
    os.kill(process.pid, signal.SIGCONT)
    assert process.wait(20) == 0


def test_every_point_says_what_has_happened_by_then() -> None:
    for name, sentence in POINTS.items():
        part, _, moment = name.partition(".")
        assert part, name
        assert moment.startswith(("before_", "after_")), name
        assert sentence.endswith("."), name
