"""What is no E.164 number stays as it came, whatever the carrier says of it."""

import pytest

from onesixty.carriers.addresses import written


@pytest.mark.parametrize(
    ("address", "in_full", "wanted"),
    [
        ("15550001111", True, "+15550001111"),
        ("15550001111", False, "+15550001111"),
        ("+15550001111", False, "+15550001111"),
        ("0015550001111", False, "+15550001111"),
        ("40404", True, "40404"),
        ("40404", False, "40404"),
        ("+40404", False, "40404"),
        ("07700900123", True, "07700900123"),
        ("07700900123", False, "07700900123"),
        ("0712345678", False, "0712345678"),
        ("2902345", True, "+2902345"),  # Saint Helena: a number in full has no fixed length
        ("345906566798696", True, "+345906566798696"),
        ("1234567890123456", True, "1234567890123456"),
        ("Acme", True, "Acme"),
        ("", True, ""),
        ("+", False, "+"),
    ],
)
def test_an_address_as_it_is_kept(address: str, in_full: bool, wanted: str) -> None:
    assert written(address, in_full=in_full) == wanted
