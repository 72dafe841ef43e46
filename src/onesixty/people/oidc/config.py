"""The identity provider of the settings."""

from __future__ import annotations

from typing import Final

import msgspec

from onesixty.ops.settings import Settings

CALLBACK: Final = "/v1/oidc/callback"

#: What somebody does at the provider.
SIGN_IN: Final = "sign_in"
LINK: Final = "link"
STEP_UP: Final = "step_up"


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings say of the provider."""

    issuer: str
    client_id: str
    client_secret: str | None
    name: str
    scopes: str
    role_claim: str
    #: The role that a group gives: `role`, or `role@account`. The first that matches counts for an account.
    roles: dict[str, str]
    link_by_email: bool


def config_of(settings: Settings) -> Config | None:
    """The provider, or None if there is none."""
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        return None
    secret = settings.oidc_client_secret
    return Config(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=None if secret is None else secret.get_secret_value(),
        name=settings.oidc_name,
        scopes=settings.oidc_scopes,
        role_claim=settings.oidc_role_claim,
        roles=dict(settings.oidc_roles),
        link_by_email=settings.oidc_link_by_email,
    )
