"""One-time codes by time (TOTP, RFC 6238): six digits, 30 seconds, SHA-1, as every app knows them.

Rules kept here:
- a code is taken one step early or late (clocks differ), and each step counts once: what was used is kept;
- the secret is shown once, as text, as a URI and as a QR code made here (nothing is fetched);
- the libraries are imported when they are first used, because most processes never use them;
- the secret has 160 bits (RFC 4226, 4, R6), and is sealed in the database.
"""

from __future__ import annotations

import base64
import hmac
import io
from typing import Final

from onesixty.people.tokens import Entropy

STEP_SECONDS: Final = 30
DIGITS: Final = 6
WINDOW: Final = 1
ISSUER: Final = "onesixty"
_SECRET_BYTES: Final = 20
#: The characters of a secret in base 32.
_SHORTEST: Final = 32


def new_secret(entropy: Entropy) -> str:
    """A new secret in base 32."""
    return base64.b32encode(entropy(_SECRET_BYTES)).decode()


def uri(secret: str, email: str, issuer: str) -> str:
    """The `otpauth://` URI that an app reads."""
    import pyotp

    made: str = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)
    return made


def svg(text: str) -> str:
    """A QR code as SVG, black on white."""
    import segno

    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", scale=4, border=4, light="#fff", xmldecl=False)
    return out.getvalue().decode().strip()


def step_of(secret: str, code: str, now_ms: int) -> int | None:
    """The time step to which a code belongs, if that is the present one or next to it. All three are compared, so
    that the time tells nothing."""
    if len(secret) < _SHORTEST:  # one that was lost with the instance secret
        return None
    import pyotp

    given = "".join(code.split())
    present = now_ms // 1000 // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    found: int | None = None
    for step in range(present - WINDOW, present + WINDOW + 1):
        expected = totp.generate_otp(step) if step >= 0 else ""
        if hmac.compare_digest(expected.encode(), given.encode()):
            found = step
    return found
