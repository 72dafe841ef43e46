"""`onesixty verify ...`: what belongs to verifications and needs no server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from onesixty.cli.console import MISUSED, fail, say


def hash_(
    certificate: Annotated[
        Path, typer.Argument(metavar="FILE", help="The signing certificate of the app, DER or PEM.")
    ],
    package: Annotated[str, typer.Argument(metavar="PACKAGE", help="The package name: com.example.app.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> None:
    """Compute the hash of an Android app for the SMS Retriever API.

    Put it into `formats.android_hashes` of a verify profile. An app has another hash for each certificate: that of
    debug builds, that of your own key, and that of the store if it signs for you.
    `keytool -exportcert -alias NAME -keystore FILE > app.der` writes that of a keystore.
    """
    from onesixty.verify.retriever import is_package, retriever_hash

    if not is_package(package):
        fail(f"{package} is no package name of Android. It looks like com.example.app", MISUSED)
    found = retriever_hash(package, _der(certificate))
    say(json.dumps({"package": package, "hash": found}) if as_json else found)


def _der(file: Path) -> bytes:
    """The certificate of a file, in DER."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        content = file.read_bytes()
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror or error}", MISUSED)
    try:
        pem = content.lstrip().startswith(b"-----BEGIN")
        read = x509.load_pem_x509_certificate if pem else x509.load_der_x509_certificate
        return read(content).public_bytes(Encoding.DER)
    except ValueError:
        fail(
            f"{file} is no certificate. Export it: keytool -exportcert -alias NAME -keystore FILE > app.der",
            MISUSED,
        )
