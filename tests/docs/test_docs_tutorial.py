"""The tutorial does what it says, command by command, from the start to a message on a foreign SMSC."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.walkthrough import Walkthrough
from tests.support.postgres import ROOT
from tests.support.waiting import free_port

TUTORIAL = (ROOT / "docs" / "tutorial" / "index.md").read_text()


@pytest.mark.system
@pytest.mark.deadline(300)
def test_the_tutorial_works_as_printed(tmp_path: Path) -> None:
    http, hook, smsc = free_port(), free_port(), free_port()
    replace = {
        "make run": "onesixty serve",  # what it does once the packages are there
        "127.0.0.1:8160": f"127.0.0.1:{http}",
        "9000": str(hook),
        "2776": str(smsc),
        # A slow machine may take longer than the page says.
        "sleep 2": 'until curl -sf -H "Authorization: Bearer $KEY" $ONESIXTY_URL/v1/messages?limit=1 '
        "| grep -q 'status.:.delivered'; do sleep 0.2; done",
    }
    environment = {
        "ONESIXTY_HTTP_LISTEN": f"127.0.0.1:{http}",
        "ONESIXTY_SMPP_LISTEN": f"127.0.0.1:{free_port()}",
        "ONESIXTY_URL": f"http://127.0.0.1:{http}",
    }
    walkthrough = Walkthrough(tmp_path, replace, environment)
    try:
        walkthrough.walk(TUTORIAL)
    finally:
        walkthrough.end()
    assert '"level": "error"' not in walkthrough.log("1")
    assert "receipts=1" in walkthrough.log("5"), walkthrough.log("5")
