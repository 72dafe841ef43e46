"""What the guards promise against known attacks and cost honest users, over a handful of seeds.

docs/explanation/guards.md publishes the figures. The seeds here are not those with which thresholds were chosen.
"""

from __future__ import annotations

import json

import pytest

from onesixty.verify.attacks.patterns import PATTERNS
from onesixty.verify.attacks.runs import Terms, against, honest_day
from tests.support.commands import invoke

SEEDS = (1601, 1602, 1603)

#: On one range, without an answer; E uses three ranges.
ON_ONE_RANGE = ("A", "B", "E", "G", "H")


@pytest.mark.deadline(180)  # an hour of traffic for each, and three seeds
@pytest.mark.parametrize("letter", ON_ONE_RANGE)
def test_an_attack_on_a_range_is_stopped_within_20_messages_where_two_in_three_approve(letter: str) -> None:
    ranges = PATTERNS[letter].ranges
    found = [against(letter, seed, "TR") for seed in SEEDS]
    assert max(each.before_block for each in found) <= 20 * ranges
    assert max(each.of_range for each in found) <= 30  # and what came after the first block, within the hour
    assert sum(each.honest_stopped for each in found) <= 0.001 * sum(each.honest for each in found) + 1


@pytest.mark.deadline(180)  # as above
@pytest.mark.parametrize("country", ["ID", "ML"])
@pytest.mark.parametrize("letter", ON_ONE_RANGE)
def test_and_within_30_where_fewer_do(letter: str, country: str) -> None:
    ranges = PATTERNS[letter].ranges
    found = [against(letter, seed, country) for seed in SEEDS[:1]]
    assert max(each.before_block for each in found) <= 30 * ranges


@pytest.mark.deadline(180)  # as above
@pytest.mark.parametrize("letter", ["D", "K"])
def test_an_attack_on_new_ranges_of_a_country_is_stopped_and_nobody_else(letter: str) -> None:
    found = [against(letter, seed, "TR") for seed in SEEDS]
    assert max(each.messages for each in found) <= 40
    assert sum(each.honest_stopped for each in found) == 0


def test_nobody_bombs_a_number() -> None:
    found = against("I", SEEDS[0], "TR")
    assert (found.starts, found.messages) == (240, 10)


def test_who_answers_every_fifth_code_is_stopped_too() -> None:
    found = [against("F", seed, "TR") for seed in SEEDS]
    assert max(each.messages for each in found) <= 80
    assert min(each.starts for each in found) == 600


@pytest.mark.deadline(180)  # two days of 19,000 honest users
@pytest.mark.parametrize("outage", [None, "TR"])
def test_honest_users_alone_are_left_alone(outage: str | None) -> None:
    found = [honest_day(seed, outage) for seed in SEEDS[:2]]
    everybody = sum(each.honest for each in found)
    assert everybody > 30_000
    assert sum(each.honest_stopped for each in found) < 0.001 * everybody


@pytest.mark.deadline(180)  # two days of 19,000 honest users
def test_the_first_day_of_an_installation_leaves_honest_users_alone() -> None:
    found = [honest_day(seed, terms=Terms(new=True)) for seed in SEEDS[:2]]
    assert sum(each.honest_stopped for each in found) < 0.001 * sum(each.honest for each in found)


@pytest.mark.deadline(180)  # an hour of traffic for each
@pytest.mark.parametrize("letter", ON_ONE_RANGE)
def test_the_first_day_stops_attacks_on_a_range_as_any_other(letter: str) -> None:
    found = against(letter, SEEDS[0], "TR", Terms(new=True))
    assert found.before_block <= 20 * PATTERNS[letter].ranges


def test_a_run_repeats_itself() -> None:
    assert against("B", 7, "MT") == against("B", 7, "MT")
    assert against("B", 7, "MT") != against("B", 8, "MT")


def test_a_guard_that_is_off_stops_nothing() -> None:
    terms = Terms({"sequence": "off"})
    found = against("B", SEEDS[0], "TR", terms)
    assert "sequence" not in [row.guard for row in found.guards]
    assert against("B", SEEDS[0], "TR").before_stop < found.before_stop


def test_the_command_lists_patterns_and_plays_one() -> None:
    listed = invoke("simulate", "attack", "--catalogue")
    assert listed.exit_code == 0
    assert len(listed.stdout.splitlines()) == len(PATTERNS)
    played = invoke("simulate", "attack", "a", "--seed", "5", "--country", "de", "--json")
    (found,) = json.loads(played.stdout)
    assert (found["pattern"], found["country"], found["seed"], found["starts"]) == ("A", "DE", 5, 3000)
    told = invoke("simulate", "attack", "A", "--seed", "5", "--country", "DE")
    assert f"{found['messages']} messages" in told.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["Z"], "no pattern Z"), (["A", "--country", "XX"], "DE, US"), (["A", "--off", "x"], "budget")],
)
def test_the_command_says_what_is_wrong(arguments: list[str], said: str) -> None:
    result = invoke("simulate", "attack", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
