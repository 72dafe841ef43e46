"""Second factors: one-time codes (TOTP), recovery codes, and passkeys (WebAuthn), which also serve alone."""
