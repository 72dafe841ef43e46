"""Addresses to listen on are looked at before a start makes anything; files of TLS name their own setting."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from onesixty.doors.smpp.listeners import readable
from onesixty.ops.ports import check_free
from onesixty.ops.settings import SettingsError


def test_a_taken_address_names_setting_and_address() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(OSError, match=rf"ONESIXTY_SMPP_LISTEN: cannot listen on {listen}: .*in use"):
            check_free("smpp_listen", listen)
    check_free("smpp_listen", listen)


def test_what_listens_nowhere_is_always_free() -> None:
    check_free("smpp_listen", "")
    check_free("metrics_listen", "")
    check_free("http_listen", "0.0.0.0:0")


def test_the_file_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("")
    readable(tmp_path / "there", "smpp_tls_cert")
    with pytest.raises(SettingsError, match=r"ONESIXTY_SMPP_TLS_KEY: .*gone: No such file"):
        readable(tmp_path / "gone", "smpp_tls_key")
