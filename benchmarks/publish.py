"""`python -m benchmarks.publish benchmarks/results/<date>`: writes a result into docs/explanation/benchmarks.md.

The tables go between two comments of the page, the plots beside the page. Publish only results of a quiet machine.
"""

from __future__ import annotations

import argparse
import re
import shutil
from pathlib import Path
from typing import Final

from benchmarks import report, results

PAGE: Final = Path(__file__).parents[1] / "docs" / "explanation" / "benchmarks.md"
_ASSETS: Final = "../assets/benchmarks"
_SHOWN: Final = re.compile(r"<!-- results -->\n.*<!-- end of results -->", re.DOTALL)


def publish(place: Path, page: Path = PAGE) -> None:
    """Write the result of a directory into the page. Raises ValueError if the page has no place for it."""
    found, cases = results.read(place)
    text = page.read_text()
    if not _SHOWN.search(text):
        raise ValueError(f"{page} has no place for results")
    assets = (page.parent / _ASSETS).resolve()
    assets.mkdir(parents=True, exist_ok=True)
    plots = []
    for name in results.PLOTS:
        shutil.copyfile(place / name, assets / name)
        plots += [f"![{name.removesuffix('.svg').capitalize()}]({_ASSETS}/{name})", ""]
    shown = "\n".join(
        ["<!-- results -->", *plots, *report.markdown(found, cases), "", "<!-- end of results -->"]
    )
    page.write_text(_SHOWN.sub(lambda _: shown, text))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.publish", description=__doc__)
    parser.add_argument("directory", type=Path, help="a directory of benchmarks/results")
    publish(parser.parse_args().directory)


if __name__ == "__main__":
    main()
