"""Kannel as the benchmark runs it: it starts on free ports, takes messages, and ends without a trace."""

import os
import urllib.request
from pathlib import Path

import pytest

from benchmarks.kannel.gateway import Kannel, KannelError
from tests.support.peers import require_program
from tests.support.waiting import free_port


@pytest.mark.parametrize("spool", [False, True], ids=["memory", "spool"])
def test_kannel_takes_messages_and_ends(tmp_path: Path, spool: bool) -> None:
    require_program("bearerbox", "kannel")
    with Kannel(tmp_path, smsc_port=free_port(), binds=2, spool=spool) as kannel:
        path = kannel.send_path("YourBrand", "+15551234567", "Hello € you", "http://127.0.0.1:1/?status=%d")
        with urllib.request.urlopen(kannel.url + path, timeout=10) as answer:
            assert answer.status == 202  # kept for later, since no SMSC is there
        with pytest.raises(KannelError, match="2 binds to the SMSC"):
            kannel.wait_bound(timeout=0.1)
        pids = list(kannel.pids.values())
        assert len(pids) == 2
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
