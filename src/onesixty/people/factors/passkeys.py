"""Passkeys (WebAuthn level 3), with py_webauthn.

Rules kept here:
- the RP id and the origin are those of the public URL, never of a request: behind a proxy, the host of a request is
  another one, and a passkey made for it would never be found again;
- an IP address, and plain HTTP on a host other than localhost, can have no passkeys: browsers refuse them. `reason`
  says so, and what to do;
- passkeys are discoverable, and user verification is preferred. A passkey whose authenticator verified its user lets
  the user in alone; without that it is a second factor beside the password;
- a challenge is the token of a link (`people.links`): it counts once, and ends after some minutes.
"""

from __future__ import annotations

import base64
import ipaddress
import json
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from onesixty.core.errors import Problem
from onesixty.people.cookies import Site
from onesixty.people.tables import Credential, User

NAME: Final = "onesixty"
#: The most passkeys of one user.
MOST: Final = 20
_TIMEOUT_MS: Final = 300_000


class Registered(msgspec.Struct, frozen=True):
    """A passkey as its authenticator made it."""

    handle: str
    public_key: str
    counter: int
    transports: tuple[str, ...]


class Asserted(msgspec.Struct, frozen=True):
    """A passkey that was used. `verified`: the authenticator checked who used it (PIN, finger, face)."""

    counter: int
    verified: bool


def reason(site: Site) -> str | None:
    """Why this site cannot have passkeys, or None if it can."""
    name = site.name.strip("[]")
    port = site.host.rpartition(":")[2] if ":" in site.host else ""
    local = f"http://localhost:{port}" if port.isdigit() else "http://localhost"
    try:
        ipaddress.ip_address(name)
    except ValueError:
        if site.secure or name == "localhost" or name.endswith(".localhost"):
            return None
        return "Passkeys need HTTPS. Set ONESIXTY_PUBLIC_URL to the https:// address."
    return (
        f"Passkeys need a name, and this site is known by an IP address. Set ONESIXTY_PUBLIC_URL, for example to "
        f"{local}, and open that address."
    )


def check_possible(site: Site) -> None:
    """Raise Problem `passkeys_unavailable` if this site cannot have passkeys."""
    why = reason(site)
    if why is not None:
        raise Problem("passkeys_unavailable", why)


def registration_options(
    site: Site, user: User, token: str, existing: Sequence[Credential]
) -> dict[str, Any]:
    """The options of `navigator.credentials.create`."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=site.name,
        rp_name=NAME,
        user_id=user.id.encode(),
        user_name=user.email,
        user_display_name=user.name or user.email,
        challenge=_octets(token),
        timeout=_TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_descriptors(existing),
    )
    return _plain(options_to_json(options))


def sign_in_options(site: Site, token: str) -> dict[str, Any]:
    """The options of `navigator.credentials.get`; the browser offers what it has."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=site.name,
        challenge=_octets(token),
        timeout=_TIMEOUT_MS,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return _plain(options_to_json(options))


def register(site: Site, token: str, credential: dict[str, Any]) -> Registered:
    """Check what an authenticator made. Raises Problem `passkey_refused`."""
    from webauthn import verify_registration_response

    try:
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=_octets(token),
            expected_rp_id=site.name,
            expected_origin=site.origin,
            require_user_verification=False,
        )
    except Exception as error:  # what a browser sent may be wrong in any way
        raise _refused(error) from None
    said = credential.get("response", {}).get("transports")
    transports = tuple(str(one)[:20] for one in said[:8]) if isinstance(said, list) else ()
    return Registered(
        _text(verified.credential_id), _text(verified.credential_public_key), verified.sign_count, transports
    )


def check(site: Site, token: str, stored: Credential, credential: dict[str, Any]) -> Asserted:
    """Check an assertion by a passkey. Raises Problem `passkey_refused`."""
    from webauthn import verify_authentication_response

    try:
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=_octets(token),
            expected_rp_id=site.name,
            expected_origin=site.origin,
            credential_public_key=_octets(stored.secret),
            credential_current_sign_count=stored.counter,
            require_user_verification=False,
        )
    except Exception as error:  # what a browser sent may be wrong in any way
        raise _refused(error) from None
    return Asserted(verified.new_sign_count, verified.user_verified)


def challenge_of(credential: dict[str, Any]) -> str:
    """The challenge that an authenticator answered: the token of a link. Raises Problem `passkey_refused`."""
    try:
        return str(json.loads(_octets(str(credential["response"]["clientDataJSON"])))["challenge"])
    except (KeyError, TypeError, ValueError) as error:
        raise _refused(error) from None


def handle_of(credential: dict[str, Any]) -> str:
    """The id of the passkey that a browser used, in the form in which it is stored."""
    try:
        return _text(_octets(str(credential["id"])))
    except (KeyError, ValueError) as error:
        raise _refused(error) from None


def user_of(credential: dict[str, Any]) -> str | None:
    """The id of the user for whom the passkey was made, if the authenticator says it."""
    said = credential.get("response", {})
    handle = said.get("userHandle") if isinstance(said, dict) else None
    try:
        return _octets(handle).decode() if isinstance(handle, str) and handle else None
    except ValueError:
        return None


def _descriptors(credentials: Sequence[Credential]) -> list[Any]:
    from webauthn.helpers.structs import AuthenticatorTransport, PublicKeyCredentialDescriptor

    known = {one.value: one for one in AuthenticatorTransport}
    return [
        PublicKeyCredentialDescriptor(
            id=_octets(credential.handle or ""),
            transports=[known[one] for one in credential.transports if one in known] or None,
        )
        for credential in credentials
    ]


def _plain(options: str) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(options)
    return plain


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _refused(error: Exception) -> Problem:
    return Problem(
        "passkey_refused", f"The passkey was not accepted: {str(error)[:200] or type(error).__name__}."
    )
