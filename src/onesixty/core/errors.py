"""The one catalogue of errors: what can go wrong, as a table, and the exception that carries a row of it.

Rules kept here:
- a code is stable, means one thing, and says whether a retry can help and how far it reaches (scope);
- each error is typed by what the caller should do: fix (4xx, not retryable), retry or wait (retryable),
  or call someone (`internal_error`).

Scopes: `request` (refused before anything was accepted), `message` (stop), `recipient` (stop and learn),
`sender` (on this carrier: next carrier), `carrier` (next carrier), `account`.
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
    ErrorKind("bad_request", 400, "The request cannot be understood.", False, "request"),
    ErrorKind("bad_json", 400, "The body is not valid JSON.", False, "request"),
    ErrorKind("body_too_large", 413, "The body is larger than this endpoint takes.", False, "request"),
    ErrorKind("request_timeout", 408, "The body did not arrive in time.", True, "request"),
    ErrorKind("unsupported_media_type", 415, "The body has to be JSON.", False, "request"),
    ErrorKind("missing_field", 422, "A required field is missing.", False, "request"),
    ErrorKind(
        "unknown_field", 422, "The body has a field that this endpoint does not know.", False, "request"
    ),
    ErrorKind("invalid_field", 422, "A field has a value that cannot be used.", False, "request"),
    ErrorKind("invalid_parameter", 422, "A query parameter cannot be used.", False, "request"),
    ErrorKind("invalid_recipient", 422, "`to` is not a phone number.", False, "request"),
    ErrorKind("invalid_sender", 422, "`from` is not a usable sender.", False, "request"),
    ErrorKind("text_empty", 422, "`text` is empty.", False, "request"),
    ErrorKind("text_too_long", 422, "`text` needs more segments than allowed.", False, "request"),
    ErrorKind("not_encodable", 422, "`text` has characters that the asked encoding lacks.", False, "request"),
    ErrorKind(
        "not_decodable", 422, "The octets are no text in the data_coding they came with.", False, "request"
    ),
    ErrorKind("scheduled_in_past", 422, "`scheduled_at` is in the past.", False, "request"),
    ErrorKind("scheduled_too_far", 422, "`scheduled_at` is more than a year ahead.", False, "request"),
    ErrorKind("no_route", 422, "No route takes this message.", False, "request"),
    ErrorKind("unknown_route", 422, "`route` names no route.", False, "request"),
    ErrorKind(
        "loop_detected", 422, "The message comes round and round: a route leads back here.", False, "request"
    ),
    ErrorKind("draining", 503, "What would take the message is being drained.", True, "request"),
    ErrorKind("batch_refused", 422, "No message of the batch can be accepted.", False, "request"),
    ErrorKind("url_not_allowed", 422, "The URL is not one that webhooks may go to.", False, "request"),
    ErrorKind("unauthorized", 401, "The API key is missing or not valid.", False, "request"),
    ErrorKind("key_revoked", 401, "The API key was revoked.", False, "request"),
    ErrorKind("forbidden", 403, "The API key lacks the scope for this.", False, "request"),
    ErrorKind(
        "wrong_mode", 403, "The API key is of the wrong mode (live or test) for this.", False, "request"
    ),
    ErrorKind(
        "account_suspended", 403, "The account is suspended: nothing new is accepted of it.", False, "request"
    ),
    ErrorKind("not_found", 404, "There is no such thing.", False, "request"),
    ErrorKind("method_not_allowed", 405, "The endpoint does not have this method.", False, "request"),
    ErrorKind("conflict", 409, "It exists already or was changed by someone else.", False, "request"),
    ErrorKind("precondition_failed", 412, "It has another version than `If-Match` names.", False, "request"),
    ErrorKind("too_late", 409, "The message is already on its way or at its end.", False, "request"),
    ErrorKind("not_terminal", 409, "The message has not reached its end yet.", True, "request"),
    ErrorKind(
        "idempotency_mismatch", 409, "This Idempotency-Key was used with another body.", False, "request"
    ),
    ErrorKind("rate_limited", 429, "Too many requests.", True, "request"),
    ErrorKind("query_too_broad", 422, "The question would read too much.", False, "request"),
    ErrorKind("unavailable", 503, "The platform cannot take this now.", True, "request"),
    ErrorKind("internal_error", 500, "Something is wrong on our side.", True, "request"),
    # what ends or delays a message
    ErrorKind("carrier_expired", 0, "The carrier's validity passed before delivery.", True, "message"),
    ErrorKind("carrier_deleted", 0, "The carrier deleted the message.", False, "message"),
    ErrorKind("carrier_rejected", 0, "The carrier rejected the message.", False, "message"),
    ErrorKind("carrier_skipped", 0, "The carrier skipped the message.", False, "message"),
    ErrorKind("undeliverable", 0, "The carrier could not deliver the message.", False, "message"),
    ErrorKind("partially_refused", 0, "The carrier took some segments and refused one.", False, "message"),
    ErrorKind("message_refused", 0, "The carrier refused the message.", False, "message"),
    ErrorKind("recipient_refused", 0, "The carrier refused the recipient.", False, "recipient"),
    ErrorKind("recipient_opted_out", 0, "The recipient opted out at the carrier.", False, "recipient"),
    ErrorKind("sender_refused", 0, "The carrier refused the sender.", False, "sender"),
    ErrorKind("carrier_refused", 0, "The carrier refused the submission.", False, "carrier"),
    ErrorKind("carrier_throttled", 0, "The carrier asks to slow down.", True, "carrier"),
    ErrorKind("carrier_busy", 0, "The carrier cannot take the message now.", True, "carrier"),
    ErrorKind("carrier_unreachable", 0, "The carrier cannot be reached.", True, "carrier"),
    ErrorKind("carrier_cannot_carry", 0, "No carrier of the route can carry this text.", False, "carrier"),
    ErrorKind(
        "validity_passed", 0, "The validity passed before a carrier took the message.", True, "message"
    ),
    ErrorKind("outcome_unknown", 0, "The carrier's answer was never seen.", True, "message"),
    ErrorKind("receipt_timeout", 0, "No final delivery report came in time.", True, "message"),
    ErrorKind("parts_missing", 0, "Parts of a long message never came.", True, "message"),
    ErrorKind("canceled", 0, "The message was canceled.", False, "message"),
    ErrorKind("bad_message", 0, "The message could not be processed.", False, "message"),
)

CATALOGUE: Final[dict[str, ErrorKind]] = {row.code: row for row in _ROWS}


class Problem(Exception):
    """A refusal with a row of the catalogue: `code`, the `param` it is about, and a sentence for this case.

    `param` names the field as the caller wrote it (`to`, `messages[3].text`) or is None.
    `extra` are further members of the problem document; `retry_after` is in seconds.
    `rule` names the step that refused (`recipient`, `route`), for the trace of refusals; a caller is never shown it.
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
    """Something was not written, or not read. `retryable` says whether the same again can succeed."""

    retryable: ClassVar[bool] = False
