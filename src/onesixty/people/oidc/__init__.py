"""Sign-in at an identity provider: OpenID Connect Core 1.0, the code flow with PKCE.

- `config`: what the settings say; `groups`: from the groups of a user to roles in accounts;
- `provider`: discovery, keys, the token endpoint, over an HTTP client that follows nothing;
- `tokens`: what an ID token has to show;
- `flow`: there and back again, and which user that is; `endpoints`: `/v1/oidc`.
"""
