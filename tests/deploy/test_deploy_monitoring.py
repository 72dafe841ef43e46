"""The rules of alerts and the dashboard, judged by a real Prometheus that scrapes the product."""

import json
import re
import shutil
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.peers import require_program
from tests.support.postgres import ROOT
from tests.support.process import Product
from tests.support.waiting import free_port, wait_until

RULES = ROOT / "deploy" / "prometheus"
DASHBOARD = ROOT / "deploy" / "grafana" / "onesixty.json"


def expressions() -> list[str]:
    """Every expression of the dashboard, its variables filled in as for "all"."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    found = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    return [re.sub(r"\$(instance|carrier)", ".*", e.replace("$__rate_interval", "1m")) for e in found]


def test_the_rules_hold_what_their_own_tests_say() -> None:
    promtool = require_program("promtool", "prometheus")
    for command in (("check", "rules", "rules.yml"), ("test", "rules", "rules_test.yml")):
        done = subprocess.run(
            [promtool, *command], cwd=RULES, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr


class Prometheus:
    """A real Prometheus with the product's own configuration, scraping one target."""

    def __init__(self, program: str, directory: Path, target: str) -> None:
        directory.mkdir()
        shutil.copy(RULES / "rules.yml", directory)
        written = (RULES / "prometheus.yml").read_text()
        assert '"127.0.0.1:8160"' in written
        config = written.replace("127.0.0.1:8160", target).replace("15s", "1s")
        (directory / "prometheus.yml").write_text(config)
        self.url = f"http://127.0.0.1:{free_port()}"
        self.log = directory / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    program,
                    f"--config.file={directory / 'prometheus.yml'}",
                    f"--storage.tsdb.path={directory / 'data'}",
                    f"--web.listen-address={self.url.removeprefix('http://')}",
                ],
                stdout=log,
                stderr=log,
            )

    def ask(self, path: str, **query: str) -> Any:
        """One call of its API."""
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def is_scraping(self) -> bool:
        """Whether the target was scraped."""
        try:
            targets = self.ask("targets")["activeTargets"]
        except OSError:
            return False
        return [target["health"] for target in targets] == ["up"]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[Callable[[str], Prometheus]]:
    """A function that starts a Prometheus on a target; it is stopped at the end."""
    started: list[Prometheus] = []
    program = require_program("prometheus", "prometheus")

    def start(target: str) -> Prometheus:
        started.append(Prometheus(program, tmp_path / "prometheus", target))
        return started[-1]

    yield start
    for each in started:
        each.stop()


@pytest.mark.deadline(180)
def test_prometheus_scrapes_the_product_and_knows_every_series_of_rules_and_dashboard(
    new_product: Callable[..., Product], prometheus: Callable[[str], Prometheus]
) -> None:
    metrics = f"127.0.0.1:{free_port()}"
    product = new_product(metrics_listen=metrics)
    product.start()
    server = prometheus(metrics)
    wait_until(server.is_scraping, 60, "the first scrape")

    rules = [rule for group in server.ask("rules")["groups"] for rule in group["rules"]]
    assert len(rules) == (RULES / "rules.yml").read_text().count("- alert:")
    wait_until(
        lambda: all(
            rule["health"] == "ok" for group in server.ask("rules")["groups"] for rule in group["rules"]
        ),
        60,
        "every rule evaluated",
    )
    for expression in expressions():
        server.ask("query", query=expression)  # an error of the expression is an HTTP 400

    # A name that is misspelt is no error of PromQL: it is simply empty. So every name has to be one of ours.
    with urllib.request.urlopen(f"http://{metrics}/metrics", timeout=10) as answer:
        known = set(re.findall(r"^# TYPE (\w+) ", answer.read().decode(), re.MULTILINE))
    known |= {f"{name}_bucket" for name in known}
    for text in (*expressions(), *(rule["query"] for rule in rules)):
        used = set(re.findall(r"\b(?:onesixty|process)_\w+", text))
        assert used <= known, f"{used - known} is no metric, in {text}"
