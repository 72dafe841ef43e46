"""The catalogue of errors as a table, and the exception that carries a row of it.

Rules kept here:
- a code is stable, means one thing, and says whether a retry can help and what it affects (scope);
- each error tells the caller what to do: fix the request (4xx, not retryable), retry or wait (retryable), or call
  someone (`internal_error`).

Scopes: `request` (refused before anything was accepted), `message` (stop), `recipient` (stop and learn), `sender`
(on this carrier: next carrier), `carrier` (next carrier), `account`.
"""

from __future__ import annotations

from typing import ClassVar, Final, NamedTuple


class ErrorKind(NamedTuple):
    """A row of the catalogue. `status` is the HTTP status when the error answers a request."""

    code: str
    status: int
    title: str
    retryable: bool
    scope: str


_ROWS: Final = (
    # requests
    ErrorKind("bad_request", 400, "The request is malformed.", False, "request"),
    ErrorKind("bad_json", 400, "The body is not valid JSON.", False, "request"),
    ErrorKind("body_too_large", 413, "The body exceeds the size limit of this endpoint.", False, "request"),
    ErrorKind("request_timeout", 408, "The body did not arrive in time.", True, "request"),
    ErrorKind("unsupported_media_type", 415, "The body must be JSON.", False, "request"),
    ErrorKind("missing_field", 422, "A required field is missing.", False, "request"),
    ErrorKind("unknown_field", 422, "The body has an unknown field.", False, "request"),
    ErrorKind("invalid_field", 422, "A field has an invalid value.", False, "request"),
    ErrorKind("invalid_parameter", 422, "A query parameter has an invalid value.", False, "request"),
    ErrorKind("invalid_recipient", 422, "`to` is not a valid phone number.", False, "request"),
    ErrorKind("invalid_sender", 422, "`from` is not a valid sender.", False, "request"),
    ErrorKind("text_empty", 422, "`text` is empty.", False, "request"),
    ErrorKind("text_too_long", 422, "`text` needs more segments than allowed.", False, "request"),
    ErrorKind(
        "not_encodable",
        422,
        "`text` has characters that the requested encoding cannot represent.",
        False,
        "request",
    ),
    ErrorKind(
        "not_decodable", 422, "The octets are not valid text in the given data_coding.", False, "request"
    ),
    ErrorKind("scheduled_in_past", 422, "`scheduled_at` is in the past.", False, "request"),
    ErrorKind("scheduled_too_far", 422, "`scheduled_at` is more than one year ahead.", False, "request"),
    ErrorKind("refused_by_rule", 422, "A rule of the operator refuses this message.", False, "request"),
    ErrorKind(
        "deferred_too_long",
        422,
        "A rule defers the message to a time after its validity period.",
        False,
        "request",
    ),
    ErrorKind("no_route", 422, "No route matches this message.", False, "request"),
    ErrorKind("unknown_route", 422, "`route` does not name an existing route.", False, "request"),
    ErrorKind("unknown_template", 422, "`template` does not name an existing template.", False, "request"),
    ErrorKind("template_not_approved", 409, "No version of the template is approved.", False, "request"),
    ErrorKind(
        "loop_detected", 422, "The message loops: a route leads back to this platform.", False, "request"
    ),
    ErrorKind("draining", 503, "The route or carrier for this message is draining.", True, "request"),
    ErrorKind("batch_refused", 422, "No message of the batch can be accepted.", False, "request"),
    ErrorKind("url_not_allowed", 422, "Webhooks may not be sent to this URL.", False, "request"),
    ErrorKind("unauthorized", 401, "The API key is missing or invalid.", False, "request"),
    ErrorKind("key_revoked", 401, "The API key was revoked.", False, "request"),
    ErrorKind("key_expired", 401, "The API key has expired.", False, "request"),
    ErrorKind("address_not_allowed", 403, "The API key may not be used from this address.", False, "request"),
    ErrorKind("forbidden", 403, "The caller lacks the required scope.", False, "request"),
    ErrorKind("sender_not_allowed", 403, "The API key may not send from this sender.", False, "request"),
    ErrorKind("class_not_allowed", 403, "The API key may not send this class.", False, "request"),
    ErrorKind("wrong_mode", 403, "The caller has the wrong mode (live or test) for this.", False, "request"),
    ErrorKind("account_suspended", 403, "The account is suspended and sends nothing.", False, "request"),
    ErrorKind("account_closed", 403, "The account is closed.", False, "request"),
    ErrorKind("account_unverified", 403, "The account is not verified.", False, "request"),
    ErrorKind("insufficient_credit", 402, "The credit of the account is used up.", False, "request"),
    ErrorKind("not_found", 404, "Not found.", False, "request"),
    ErrorKind("method_not_allowed", 405, "The endpoint does not support this method.", False, "request"),
    ErrorKind(
        "conflict", 409, "The resource already exists, or another request changed it.", False, "request"
    ),
    ErrorKind(
        "precondition_failed",
        412,
        "The resource has a different version than `If-Match` names.",
        False,
        "request",
    ),
    ErrorKind(
        "too_late",
        409,
        "The message is already being sent or has reached its final status.",
        False,
        "request",
    ),
    ErrorKind("not_terminal", 409, "The message has not reached its final status yet.", True, "request"),
    ErrorKind(
        "idempotency_mismatch",
        409,
        "This Idempotency-Key was already used with a different request.",
        False,
        "request",
    ),
    ErrorKind("rate_limited", 429, "Too many requests.", True, "request"),
    ErrorKind("segments_limited", 429, "Too many segments a second.", True, "request"),
    ErrorKind("day_limit_reached", 429, "The messages of this day are used up.", True, "request"),
    ErrorKind("month_limit_reached", 429, "The messages of this month are used up.", True, "request"),
    ErrorKind("too_many_waiting", 429, "Too many messages wait for a carrier.", True, "request"),
    ErrorKind("too_many_scheduled", 429, "Too many messages are scheduled.", True, "request"),
    ErrorKind("query_too_broad", 422, "The query matches too much data.", False, "request"),
    ErrorKind(
        "report_not_kept", 422, "The statistics do not keep these dimensions together.", False, "request"
    ),
    ErrorKind("report_too_long", 422, "The span of the report is too long for its step.", False, "request"),
    ErrorKind("unavailable", 503, "The platform cannot serve this request right now.", True, "request"),
    ErrorKind("internal_error", 500, "Something went wrong on our side.", True, "request"),
    # people: sign-in, sessions, invitations
    ErrorKind("sign_in_refused", 401, "The address, the password or the code is wrong.", False, "request"),
    ErrorKind("second_factor_required", 401, "A second factor is needed to sign in.", False, "request"),
    ErrorKind("sign_in_slowed", 429, "Too many wrong attempts. Wait before you try again.", True, "request"),
    ErrorKind("password_sign_in_off", 403, "This user cannot sign in with a password.", False, "request"),
    ErrorKind("session_ended", 401, "The session has ended. Sign in again.", False, "request"),
    ErrorKind("session_needed", 403, "Only a signed-in user can do this, not an API key.", False, "request"),
    ErrorKind("csrf", 403, "The request does not come from a page of this site.", False, "request"),
    ErrorKind("reauthenticate", 403, "Give your password or passkey again for this.", False, "request"),
    ErrorKind(
        "insecure_transport",
        403,
        "Sessions are not allowed over an unencrypted connection.",
        False,
        "request",
    ),
    ErrorKind("setup_gone", 404, "There is no set-up link, or this is not it.", False, "request"),
    ErrorKind("link_gone", 404, "The link is unknown or has ended.", False, "request"),
    ErrorKind("link_used", 409, "The link was used already.", False, "request"),
    ErrorKind(
        "invitation_gone", 404, "The invitation is unknown, has ended or was revoked.", False, "request"
    ),
    ErrorKind("invitation_used", 409, "The invitation was accepted already.", False, "request"),
    ErrorKind("sign_in_first", 401, "The invited user exists. Sign in to accept.", False, "request"),
    ErrorKind("last_owner", 409, "An account that has an owner keeps at least one.", False, "request"),
    ErrorKind("password_refused", 422, "The password is not allowed.", False, "request"),
    ErrorKind("code_refused", 422, "The code is wrong, has ended or was used.", False, "request"),
    ErrorKind("passkey_refused", 422, "The passkey was not accepted.", False, "request"),
    ErrorKind("passkeys_unavailable", 409, "This site cannot have passkeys.", False, "request"),
    ErrorKind("mail_unavailable", 409, "No mail server is configured.", False, "request"),
    ErrorKind("oidc_off", 404, "No identity provider is configured.", False, "request"),
    ErrorKind("oidc_refused", 403, "The identity provider did not sign you in.", False, "request"),
    ErrorKind("oidc_unavailable", 503, "The identity provider does not answer.", True, "request"),
    # business profiles
    ErrorKind(
        "verification_state", 409, "The state of the verification does not allow this.", False, "request"
    ),
    ErrorKind("document_refused", 422, "The file is not a PDF, PNG or JPEG file.", False, "request"),
    ErrorKind("documents_full", 409, "The account has no room for this document.", False, "request"),
    ErrorKind("document_unavailable", 503, "This node does not have the file.", True, "request"),
    # verifications
    ErrorKind("verification_later", 429, "Nothing can be sent for this verification yet.", True, "request"),
    ErrorKind("verification_sends_used", 409, "All sends of the verification are used up.", False, "request"),
    ErrorKind("verification_ended", 409, "The verification has ended.", False, "request"),
    ErrorKind("verification_approved", 409, "The verification was approved before.", False, "request"),
    # templates
    ErrorKind("template_state", 409, "The state of the template does not allow this.", False, "request"),
    # errors that end or delay a message
    ErrorKind("carrier_expired", 0, "The carrier's validity period ended before delivery.", True, "message"),
    ErrorKind("carrier_deleted", 0, "The carrier deleted the message.", False, "message"),
    ErrorKind("carrier_rejected", 0, "The carrier rejected the message.", False, "message"),
    ErrorKind("carrier_skipped", 0, "The carrier skipped the message.", False, "message"),
    ErrorKind("undeliverable", 0, "The carrier could not deliver the message.", False, "message"),
    ErrorKind(
        "partially_refused",
        0,
        "The carrier accepted some segments and refused at least one.",
        False,
        "message",
    ),
    ErrorKind("message_refused", 0, "The carrier refused the message.", False, "message"),
    ErrorKind("recipient_refused", 0, "The carrier refused the recipient.", False, "recipient"),
    ErrorKind("recipient_opted_out", 0, "The recipient opted out at the carrier.", False, "recipient"),
    ErrorKind("sender_refused", 0, "The carrier refused the sender.", False, "sender"),
    ErrorKind("carrier_refused", 0, "The carrier refused the submission.", False, "carrier"),
    ErrorKind("carrier_throttled", 0, "The carrier is throttling.", True, "carrier"),
    ErrorKind("carrier_busy", 0, "The carrier cannot take the message right now.", True, "carrier"),
    ErrorKind("carrier_unreachable", 0, "The carrier cannot be reached.", True, "carrier"),
    ErrorKind("carrier_cannot_carry", 0, "No carrier of the route supports this text.", False, "carrier"),
    ErrorKind(
        "validity_passed", 0, "The validity period ended before a carrier took the message.", True, "message"
    ),
    ErrorKind("outcome_unknown", 0, "The carrier's answer was not received.", True, "message"),
    ErrorKind("receipt_timeout", 0, "No final delivery report arrived in time.", True, "message"),
    ErrorKind("parts_missing", 0, "Parts of a long message did not arrive.", True, "message"),
    ErrorKind("canceled", 0, "The message was canceled.", False, "message"),
    ErrorKind("bad_message", 0, "The message could not be processed.", False, "message"),
)

CATALOGUE: Final[dict[str, ErrorKind]] = {row.code: row for row in _ROWS}


class Problem(Exception):
    """A refusal with a row of the catalogue: `code`, the `param` at fault, and a sentence for this case.

    `param` names the field as the caller wrote it (`to`, `messages[3].text`) or is None. `extra` are further
    members of the problem document; `retry_after` is in seconds. `rule` names the validation step that refused
    (`recipient`, `route`), for the trace of refusals; it is never shown to callers.
    """

    def __init__(
        self,
        code: str,
        detail: str | None = None,
        *,
        param: str | None = None,
        retry_after: float | None = None,
        extra: dict[str, object] | None = None,
        rule: str | None = None,
    ) -> None:
        self.kind = CATALOGUE[code]
        self.code = code
        self.detail = detail or self.kind.title
        self.param = param
        self.retry_after = retry_after
        self.extra = extra
        self.rule = rule
        super().__init__(f"{code}: {self.detail}")


class StoreError(Exception):
    """A write or read failed. `retryable` says whether repeating it can succeed."""

    retryable: ClassVar[bool] = False
