"""What an ID token has to show before it counts (OpenID Connect Core 1.0, 3.1.3.7 and 3.1.3.8).

Rules kept here:
- it is signed with RS256 or ES256 by a key of the provider. Nothing else is read: HS256 would take a public key for a
  shared secret, and `none` nothing at all;
- issuer, audience, authorized party, times, nonce and, where there is one, `at_hash` are checked;
- a `sub` is one to 255 ASCII characters, and the userinfo endpoint has to say the same one.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from onesixty.core.errors import Problem
from onesixty.people.oidc.provider import Answered, Provider

ALGORITHMS: Final = ("RS256", "ES256")
#: Seconds by which two clocks may differ.
LEEWAY: Final = 60
#: Seconds after which an ID token is too old: the provider makes it for the sign-in that is under way.
OLDEST: Final = 600
_LONGEST_SUB: Final = 255


async def claims_of(provider: Provider, answered: Answered, nonce: str, now_ms: int) -> dict[str, Any]:
    """The claims of the ID token of an answer. Raises Problem `oidc_refused` or `oidc_unavailable`."""
    try:
        token = _decode(answered.id_token, await provider.keys())
    except (JoseError, ValueError, KeyError, TypeError):  # perhaps by a key that is new
        try:
            token = _decode(answered.id_token, await provider.keys(anew=True))
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise _refused(f"its signature does not count ({type(error).__name__})") from None
    claims = dict(token.claims)
    _check(claims, provider, nonce, now_ms // 1000)
    _check_hash(claims, answered.access_token)
    return claims


def with_userinfo(claims: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """The claims with those of the userinfo endpoint, which never replace who it is. Raises Problem."""
    if not more:
        return dict(claims)
    if more.get("sub") != claims["sub"]:
        raise _refused("the userinfo is about somebody else")
    return {**more, **claims}


def _decode(token: str, keys: dict[str, Any]) -> jwt.Token:
    return jwt.decode(token, KeySet.import_key_set(keys), algorithms=list(ALGORITHMS))  # type: ignore[arg-type]


def _check(claims: Mapping[str, Any], provider: Provider, nonce: str, now: int) -> None:
    config = provider.config
    if claims.get("iss") != config.issuer:
        raise _refused("it is from another issuer")
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or config.client_id not in audiences:
        raise _refused("it is for another client")
    party = claims.get("azp")
    if (len(audiences) > 1 or party is not None) and party != config.client_id:
        raise _refused("it is for another party")
    ends, begins = claims.get("exp"), claims.get("iat")
    if not isinstance(ends, int | float) or now >= ends + LEEWAY:
        raise _refused("it has ended")
    if not isinstance(begins, int | float) or not now - OLDEST <= begins <= now + LEEWAY:
        raise _refused("it was not made just now: check the clocks")
    if not isinstance(claims.get("nonce"), str) or not hmac.compare_digest(claims["nonce"], nonce):
        raise _refused("it is an answer to something else")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUB or not subject.isascii():
        raise _refused("it does not say who it is about")


def _check_hash(claims: Mapping[str, Any], access_token: str) -> None:
    given = claims.get("at_hash")
    if given is None:
        return
    half = sha256(access_token.encode()).digest()[:16]
    expected = base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    if not isinstance(given, str) or not hmac.compare_digest(given, expected):
        raise _refused("it does not belong to its access token")


def _refused(why: str) -> Problem:
    return Problem("oidc_refused", f"The ID token of the provider was not accepted: {why}.")
