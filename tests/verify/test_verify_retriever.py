"""The hash of Android's SMS Retriever, and the command that computes it."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from onesixty.verify.retriever import is_hash, is_package, retriever_hash
from tests.support.commands import invoke


@pytest.mark.parametrize(
    ("package", "certificate", "expected"),
    [
        ("com.example.app", "3082010a0282010100", "Iyrw0/SRopH"),
        ("org.onesixty.demo", "0000000000000000", "OXC8BLsvqMI"),
    ],
)
def test_the_vectors(package: str, certificate: str, expected: str) -> None:
    assert retriever_hash(package, bytes.fromhex(certificate)) == expected
    assert is_hash(expected)


@pytest.mark.parametrize(
    "text", ["", "Iyrw0/SRop", "Iyrw0/SRopHx", "Iyrw0/SRop=", "Iyrw0-SRopH", "Iyrw0/SRopH\n"]
)
def test_what_is_no_hash(text: str) -> None:
    assert not is_hash(text)


def test_names_of_packages() -> None:
    assert is_package("com.example.my_app2")
    assert not any(map(is_package, ("", "app", "com.1st", "com example", "com.example.", "com.example-app")))


@pytest.fixture(scope="module")
def certificate() -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Android Debug")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=10_000))
        .sign(key, hashes.SHA256())
    )


def test_the_command_reads_der_and_pem(tmp_path: Path, certificate: x509.Certificate) -> None:
    der = certificate.public_bytes(Encoding.DER)
    (tmp_path / "app.der").write_bytes(der)
    (tmp_path / "app.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    expected = retriever_hash("com.example.app", der)
    for name in ("app.der", "app.pem"):
        result = invoke("verify", "hash", str(tmp_path / name), "com.example.app")
        assert (result.exit_code, result.stdout) == (0, f"{expected}\n")
    told = invoke("verify", "hash", str(tmp_path / "app.der"), "com.example.app", "--json")
    assert json.loads(told.stdout) == {"package": "com.example.app", "hash": expected}


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "app.der").write_bytes(b"no certificate")
    for file, package, said in (
        ("app.der", "com.example.app", "keytool -exportcert"),
        ("missing.der", "com.example.app", "cannot read"),
        ("app.der", "app", "no package name"),
    ):
        result = invoke("verify", "hash", str(tmp_path / file), package)
        assert result.exit_code == 2
        assert said in result.stderr
