"""A sign-up form that verifies a number: python signup.py, then open http://localhost:8000"""

import os
import re
import secrets
import time
from datetime import datetime
from html import escape
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from client import Problem, call

PAGES = Path(__file__).parent.parent / "signup"
PROFILE = os.environ.get("VERIFY_PROFILE", "sign-up")
LATER = "That did not work. Please try again later."
START_AGAIN = "Please ask for a new code."

# 1. Sessions

#: What the server knows of each browser, by a cookie that says nothing. Keep it in your database or cache.
SESSIONS: dict[str, dict[str, Any]] = {}


def keep(session: dict[str, Any], answer: dict[str, Any]) -> None:
    """Remember the verification that a start or a resend answered."""
    at = answer["next_send_at"]  # null once all sends are used up
    session["id"] = answer["id"]
    session["next_send_at"] = datetime.fromisoformat(at).timestamp() if at else 0


def forget(session: dict[str, Any]) -> None:
    """Forget a verification that is over. The number stays, for the next attempt."""
    session.pop("id", None)


# 2. Start


def start(session: dict[str, Any], form: dict[str, str], address: str, device: str) -> str:
    """Send a code. Returns what to tell the user."""
    session["number"] = form.get("number", "").strip()
    body = {"to": session["number"], "profile": PROFILE, "user_ip": address, "device": device}
    try:
        answer = call("POST", "/v1/verifications", body)
    except Problem as problem:
        if problem.code == "invalid_recipient":
            return "This is no mobile number. Begin with + and the country, such as +1 555 123 4567."
        return LATER
    except OSError:
        return LATER
    if answer["public_reason"] is not None:
        # A guard stopped it: `guard` and `reason` are for your log, not for users.
        print(answer["id"], answer["status"], answer["guard"], answer["reason"], flush=True)
        return LATER
    keep(session, answer)
    return ""


# 3. Check

WRONG = {
    "superseded": "A newer code was sent. Please type that one.",
    "expired": "The code has expired. " + START_AGAIN,
    "exhausted": "Too many wrong codes. " + START_AGAIN,
}


def check(session: dict[str, Any], form: dict[str, str]) -> str:
    """Check what was typed. Returns what to tell the user."""
    path = f"/v1/verifications/{session['id']}/check"
    try:
        # The key of the form: a double click counts as one check.
        answer = call("POST", path, {"code": form.get("code", "").strip()}, form.get("once"))
    except Problem as problem:
        if problem.code == "verification_approved":  # by another browser: that is no proof for this one
            forget(session)
            return START_AGAIN
        return "Please type the code." if problem.code in ("invalid_field", "missing_field") else LATER
    except OSError:
        return LATER
    if answer["approved"]:
        session["verified"] = session["number"]
        return ""
    if answer["outcome"] == "wrong":
        return f"That is not the code. Attempts left: {answer['attempts_left']}."
    if answer["outcome"] != "superseded":
        forget(session)
    return WRONG.get(answer["outcome"], START_AGAIN)


# 4. Send once more


def resend(session: dict[str, Any]) -> str:
    """Send once more. Returns what to tell the user."""
    try:
        answer = call("POST", f"/v1/verifications/{session['id']}/resend", {})
    except Problem as problem:
        if problem.code == "verification_later":
            return f"Please wait {problem.retry_after:.0f} seconds."
        if problem.code == "verification_sends_used":
            return "We sent it as often as we can. Please look for the message."
        if problem.code in ("verification_ended", "not_found"):
            forget(session)
            return START_AGAIN
        return LATER
    except OSError:
        return LATER
    if answer["public_reason"] is not None:
        return LATER
    keep(session, answer)
    return "We sent it once more."


# 5. The server

POLICY = "default-src 'none'; script-src 'self'; form-action 'self'"


def page(session: dict[str, Any]) -> bytes:
    """The page for what is known of the browser."""
    name = "verified" if "verified" in session else "code" if "id" in session else "number"
    values = {
        "message": session.pop("message", ""),
        "number": session.get("number", ""),
        "once": secrets.token_urlsafe(16),
        "seconds": max(0, round(session.get("next_send_at", 0) - time.time() + 0.5)),
    }
    text = (PAGES / f"{name}.html").read_text()
    return re.sub(r"\{(\w+)\}", lambda found: escape(str(values[found[1]])), text).encode()


class SignUp(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/autofill.js":
            self.answer(200, (PAGES / "autofill.js").read_bytes(), "text/javascript")
        elif self.path == "/":
            self.answer(200, page(SESSIONS.get(self.cookie("session"), {})))
        else:
            self.answer(404)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        if self.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin" or length > 10_000:
            self.close_connection = True  # its body is not read
            self.answer(403)  # another site must not make your visitors ask for codes
            return
        form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
        name = self.cookie("session")
        device = self.cookie("device") or secrets.token_urlsafe(16)
        session = SESSIONS.get(name, {})
        if "verified" in session:
            pass
        elif self.path == "/start":
            # Behind a proxy of yours, take the address from the header that the proxy sets.
            session["message"] = start(session, form, self.client_address[0], device)
        elif self.path == "/change":
            forget(session)
        elif "id" in session:
            session["message"] = check(session, form) if self.path == "/check" else resend(session)
        if name not in SESSIONS or "verified" in session:  # whoever is verified gets another name
            SESSIONS.pop(name, None)
            name = secrets.token_urlsafe(32)
        SESSIONS[name] = session
        self.answer(303, cookies=(f"session={name}", f"device={device}; Max-Age=31536000"))

    def cookie(self, name: str) -> str:
        found = SimpleCookie(self.headers.get("Cookie", "")).get(name)
        return found.value if found else ""

    def answer(
        self, status: int, body: bytes = b"", kind: str = "text/html", cookies: tuple[str, ...] = ()
    ) -> None:
        self.send_response(status)
        for cookie in cookies:  # on your site, with https, add `Secure`
            self.send_header("Set-Cookie", f"{cookie}; Path=/; HttpOnly; SameSite=Lax")
        if status == 303:
            self.send_header("Location", "/")
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8000"))), SignUp).serve_forever()
