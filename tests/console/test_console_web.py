"""The console in `web/`: its types, its unit tests, its size, and its journeys through the real product.

Where Node and its packages cannot be set up (no network), these tests are skipped, and the summary says why.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from scripts import console_types
from tests.support.chromium import require_chromium
from tests.support.postgres import ROOT
from tests.support.process import Product

WEB = ROOT / "web"

#: Seconds that one program may take. The journeys take a third of it on two cores that do nothing else.
MOST = 1500

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.deadline(1600)]


@pytest.fixture(scope="session")
def node() -> str:
    """The folder of the console's Node. Skips if it cannot be set up."""
    setup = [str(ROOT / "scripts" / "setup-console"), "--path"]
    done = subprocess.run(setup, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        pytest.skip(f"Node and the console's packages cannot be set up: {done.stderr.strip()[-300:]}")
    return done.stdout.strip()


def run(node: str, *command: str, **extra: str) -> None:
    """Run a program of the console's packages in `web/`; its output is the message of a failure."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ONESIXTY_")}
    environment |= {"PATH": f"{node}{os.pathsep}{os.environ['PATH']}", "CI": "true", "NO_COLOR": "1"} | extra
    environment.pop("FORCE_COLOR", None)
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            command, cwd=WEB, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
        try:
            status: int | str = process.wait(MOST)
        except subprocess.TimeoutExpired:
            status = f"still running after {MOST} s"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # with the product and the browser that it started
        output.seek(0)
        assert status == 0, f"{status}\n{told(output.read())}"


def told(output: str) -> str:
    """Of a failed run: what it tells of its first failures (`  1) ...` in Playwright's words), and its end."""
    first = re.search(r"^ +1\) ", output, re.MULTILINE)
    return output[first.start() :][:8000] + "\n...\n" + output[-2000:] if first else output[-8000:]


def tool(name: str) -> str:
    """The path of a program of the console's packages."""
    return str(WEB / "node_modules" / ".bin" / name)


def test_what_the_console_knows_of_the_api_is_what_the_product_has(node: str, tmp_path: Path) -> None:
    product = Product(tmp_path).start()
    try:
        document = console_types.document_of(product.url)
    finally:
        product.end()
    again = "the API has changed: run `python -m scripts.console_types`"
    assert (console_types.API / "scopes.ts").read_text() == console_types.scopes(document), again
    assert (console_types.API / "smpp-profile.json").read_text() == console_types.profile(document), again
    assert (console_types.API / "schema.d.ts").read_text() == console_types.schema(document, node), again


def test_types(node: str) -> None:
    run(node, tool("tsc"), "--noEmit")


def test_units(node: str) -> None:
    run(node, tool("vitest"), "run")


#: What holds for all pages, in runs of about the same length; the other files of `web/tests` are journeys through the
#: product. Each run starts a product with something in every list, and a browser: ten seconds of processor time.
BARS = (("pages",), ("texts", "forms", "lists", "live"))


@pytest.fixture(scope="session")
def built(node: str) -> str:
    """The folder of the console's Node, once the console is built."""
    subprocess.run(
        [str(ROOT / "scripts" / "build-console")], check=True, timeout=300, stdin=subprocess.DEVNULL
    )
    return node


def test_sizes(built: str) -> None:
    run(built, "node", "build/sizes.ts")


@pytest.mark.parametrize("bars", BARS, ids=" ".join)
def test_what_holds_for_all_pages(built: str, bars: tuple[str, ...]) -> None:
    journey(built, bars, "-".join(bars))


def test_journeys(built: str) -> None:
    names = {path.name.removesuffix(".journey.ts") for path in (WEB / "tests").glob("*.journey.ts")}
    others = names.difference(*BARS)
    assert len(others) == len(names) - sum(map(len, BARS)), "a file of BARS is not there"
    journey(built, sorted(others), "journeys")


def journey(node: str, names: Iterable[str], output: str) -> None:
    """Run these files of `web/tests` in one browser: the suite's other workers use the rest of the machine."""
    files = [f"/{name}.journey.ts" for name in names]
    command = (tool("playwright"), "test", "--workers=1", "--output", f"test-results/{output}", *files)
    run(node, *command, CHROMIUM=require_chromium(), ONESIXTY_PYTHON=sys.executable)
