"""The commands of the how-tos work as printed, against the running product."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.shop import ask
from tests.docs.walkthrough import Walkthrough
from tests.support.postgres import ROOT
from tests.support.process import Product
from tests.support.waiting import free_port

PAGES = ROOT / "docs" / "how-to"
WITH_COMMANDS = sorted(path.name for path in PAGES.glob("*.md") if "\n```sh\n" in path.read_text())


def test_most_pages_have_commands_that_are_run() -> None:
    assert len(WITH_COMMANDS) >= 12


@pytest.mark.deadline(120)
@pytest.mark.parametrize("name", WITH_COMMANDS)
def test_the_commands_of_a_page_work(shop: Product, name: str, tmp_path: Path) -> None:
    replace = {"127.0.0.1:8160": f"127.0.0.1:{shop.http_port}", "127.0.0.1:9000": f"127.0.0.1:{free_port()}"}
    key = shop.admin_key
    replace |= {"os_live_...": key, "os_test_...": key}
    replace["sleep 1"] = (  # a slow machine may take longer than the page says
        "until curl -sf -H \"Authorization: Bearer $KEY\" '$ONESIXTY_URL/v1/messages?direction=inbound&limit=1' "
        "| grep -q Yes; do sleep 0.2; done"
    ).replace("'", '"')
    environment = {"KEY": key, "ONESIXTY_KEY": key, "ONESIXTY_URL": shop.url}
    environment["ONESIXTY_DATA_DIR"] = str(shop.settings["data_dir"])
    walkthrough = Walkthrough(tmp_path, replace, environment)
    before = {hook["id"] for hook in ask(shop, "GET", "/v1/webhooks")["data"]}
    try:
        walkthrough.walk((PAGES / name).read_text())
    finally:
        walkthrough.end()
        for hook in ask(shop, "GET", "/v1/webhooks")["data"]:
            if hook["id"] not in before:
                ask(shop, "DELETE", f"/v1/webhooks/{hook['id']}")
    assert ask(shop, "GET", "/v1/account")["state"] == "active", "what the other pages send from"
