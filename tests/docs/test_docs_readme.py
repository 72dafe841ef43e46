"""The README: its links lead somewhere, and its call works as it stands."""

from __future__ import annotations

import json
import re
import subprocess

from tests.support.postgres import ROOT
from tests.support.process import Product

README = (ROOT / "README.md").read_text()


def test_every_link_and_folder_exists() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", README) if "://" not in link]
    assert links
    folders = re.findall(r"^\| `([\w/]+/)`", README, re.MULTILINE)
    for path in (*links, *folders):
        assert (ROOT / path).exists(), path


def test_the_first_call_works_as_it_stands(shop: Product) -> None:
    (call,) = re.findall(r"```\n(curl .*?)```", README, re.DOTALL)
    call = call.replace("curl ", "curl -s ").replace("127.0.0.1:8160", f"127.0.0.1:{shop.http_port}")
    done = subprocess.run(
        ["bash", "-c", call], env={"KEY": shop.admin_key, "PATH": "/usr/bin:/bin"}, capture_output=True,
        text=True, check=True, timeout=60,
    )  # fmt: skip
    answer = json.loads(done.stdout)
    assert list(answer)[:3] == ["message_id", "status", "recipient"]
    assert (answer["status"], answer["recipient"]) == ("queued", "+15551234567")
