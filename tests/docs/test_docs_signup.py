"""The sign-up form of `examples/` verifies numbers: in Chromium with autofill, and without JavaScript.

The product is a real one, and the codes are read from its handsets. An application has a key that can verify and do
nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import re
import subprocess
import urllib.parse
from collections.abc import Iterator
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest

from tests.docs.languages import LANGUAGES
from tests.docs.shop import ask
from tests.support.chromium import Page, chromium
from tests.support.process import Product
from tests.support.waiting import free_port, wait_until, wait_until_async

#: How Chromium reads a code out of a message (`sms_parser.cc`), in one line.
BOUND = re.compile(r"(?:^|\n)@([A-Za-z0-9.-]+) #([^#\s]+)\Z")

#: Stands for what a phone does: the page asks for a code (WebOTP), and gets it once `arrives` is called with it.
PHONE = """
window.OTPCredential ??= class {};
navigator.credentials.get = (options) => new Promise((resolve) => {
  window.asked = options.otp.transport;
  window.arrives = (code) => resolve({code, type: 'otp'});
});
"""


class Form:
    """The example as a running program."""

    def __init__(self, product: Product, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        self.product = product
        self.port = port
        self.process = process
        self.log = log
        self.url = f"http://localhost:{port}"

    def ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return Visitor(self).get() == 200
        except OSError:
            return False


class Visitor:
    """A browser without JavaScript: it keeps cookies, posts forms, and goes where it is sent."""

    def __init__(self, form: Form, address: str = "127.0.0.1") -> None:
        self.form = form
        self.address = address
        self.cookies: dict[str, str] = {}
        self.page = ""

    def get(self) -> int:
        return self._ask("GET", "/")

    def post(self, path: str, **fields: str) -> str:
        """What the page that follows tells."""
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.page))
        status = self._ask("POST", path, urllib.parse.urlencode(hidden | fields))
        assert status == 303
        assert self.get() == 200
        return self.told

    @property
    def told(self) -> str:
        (found,) = re.findall(r'role="status">([^<]*)<', self.page)
        return str(found)

    def _ask(self, method: str, path: str, body: str | None = None, **more: str) -> int:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"} | more
        link = http.client.HTTPConnection("127.0.0.1", self.form.port, 30, (self.address, 0))
        with contextlib.closing(link):
            link.request(method, path, body, headers)
            answer = link.getresponse()
            self.page = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: found.value for name, found in SimpleCookie(line).items()}
            assert "HttpOnly" in line
        return answer.status

    def from_another_site(self) -> int:
        fields = urllib.parse.urlencode({"number": "+15551230000"})
        return self._ask("POST", "/start", fields, **{"Sec-Fetch-Site": "cross-site"})


@pytest.fixture(scope="module", params=("python", "typescript"))
def form(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Form]:
    """The form in one language, before a product of its own. Skips where the language is not installed."""
    (language,) = (each for each in LANGUAGES if each.name == request.param)
    directory = tmp_path_factory.mktemp("form")
    command = language.prepare(directory)("signup")
    product = Product(tmp_path_factory.mktemp("signup")).start()
    profile = {"name": "sign-up", "application": "Acme", "sender": "Acme", "formats": {"domain": "localhost"}}
    ask(product, "POST", "/v1/verify-profiles", profile)
    key = ask(product, "POST", "/v1/keys", {"name": "form", "mode": "live", "scopes": ["verify"]})["secret"]
    port, log = free_port(), directory / "log"
    variables = {"ONESIXTY_URL": product.url, "ONESIXTY_KEY": key, "PORT": str(port)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=product.environment | variables, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        running = Form(product, port, process, log)
        wait_until(running.ready, 30, "the form")
        yield running
        assert process.poll() is None, log.read_text()
        assert "Traceback" not in log.read_text()
    finally:
        process.terminate()
        process.wait(30)
        product.end()


numbers = (f"+1555{number:07}" for number in range(3_000_000, 4_000_000))


def messages(product: Product, number: str) -> list[str]:
    """The texts at a handset, the oldest first."""
    found = ask(product, "GET", f"/v1/sandbox/handsets/%2B{number[1:]}/messages")["data"]
    return [message["text"] for message in found]


def code_of(product: Product, number: str, count: int = 1) -> str:
    """The code of the newest message, as a browser reads it: of a line for the host of the form alone."""
    texts = wait_until(lambda: (t := messages(product, number)) and len(t) == count and t, 30, "the message")
    found = BOUND.search(texts[-1])
    assert found is not None, texts[-1]
    assert found[1] == "localhost"
    assert f"code {found[2]}" in texts[-1]
    return found[2]


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"


def verification_of(product: Product, number: str) -> Any:
    (found,) = ask(product, "GET", f"/v1/verifications?to=%2B{number[1:]}")["data"]
    return found


async def type_into(page: Page, name: str, text: str) -> None:
    """Fill a field as a keyboard or its suggestion does."""
    await page.run(f"document.getElementById({name!r}).select()")
    await page.call("Input.insertText", text=text)


async def press(page: Page, words: str) -> None:
    """Press a button, and wait for the page that follows."""
    await page.run("window.old = true")
    await page.run(
        f"[...document.querySelectorAll('button')].find((b) => b.textContent.startsWith({words!r})).click()"
    )
    await another(page)


async def another(page: Page) -> None:
    """Wait until another page is there."""

    async def there() -> bool:
        try:
            return bool(await page.run("return !window.old && document.readyState === 'complete'"))
        except AssertionError:  # the page went away while it was asked
            return False

    await wait_until_async(there, 20, "another page")


async def told(page: Page) -> str:
    return str(await page.run("return document.querySelector('[role=status]').textContent"))


@pytest.mark.deadline(300)
async def test_a_browser_fills_in_the_code(form: Form, tmp_path: Path) -> None:
    """From the suggestion of the keyboard after a wrong code, and by WebOTP; the field is one that phones fill in."""
    product = form.product
    async with chromium(tmp_path / "chromium") as page:
        await page.call("Page.enable")
        await page.call("Page.addScriptToEvaluateOnNewDocument", source=PHONE)

        number = next(numbers)
        await page.go(f"{form.url}/")
        assert await page.run("return document.getElementById('number').autocomplete") == "tel"
        await type_into(page, "number", number)
        await press(page, "Send me")
        field = "const {autocomplete, inputMode, type} = document.getElementById('code');"
        shown = await page.run(f"{field} return [autocomplete, inputMode, type, document.activeElement.id]")
        assert shown == ["one-time-code", "numeric", "text", "code"]
        assert await page.run("return document.querySelectorAll('input:not([type=hidden])').length") == 1
        assert await page.run("return document.querySelector('#resend button').disabled")
        assert re.fullmatch(
            r"Send it once more in (2\d|30) s",
            await page.run("return document.querySelector('#resend').innerText"),
        )

        code = await asyncio.to_thread(code_of, product, number)
        await type_into(page, "code", other(code))
        await press(page, "Verify")
        assert await told(page) == "That is not the code. Attempts left: 4."
        await type_into(page, "code", code)
        await press(page, "Verify")
        assert await told(page) == f"{number} is yours. Now choose a name."

        await page.call("Network.clearBrowserCookies")
        number = next(numbers)
        await page.go(f"{form.url}/")
        await type_into(page, "number", number)
        await press(page, "Send me")
        assert await page.run("return window.asked") == ["sms"]
        code = await asyncio.to_thread(code_of, product, number)
        await page.run(f"window.old = true; window.arrives({code!r})")
        await another(page)
        assert await told(page) == f"{number} is yours. Now choose a name."
    assert (await asyncio.to_thread(verification_of, product, number))["status"] == "approved"


@pytest.mark.deadline(180, "a code lives for 30 seconds, and so long is the pause before the second send")
def test_the_form_without_javascript_tells_what_is_wrong(form: Form) -> None:
    product = form.product
    assert Visitor(form).from_another_site() == 403

    late = Visitor(form, "127.0.0.2")
    assert late.post("/start", number="ada").startswith("This is no mobile number.")
    _change_profile(product, life=30)
    late_number = next(numbers)
    assert late.post("/start", number=late_number) == ""
    _change_profile(product, life=600)

    # What guards look at comes from the end user's browser, and not from the form.
    seen = verification_of(product, late_number)
    assert (seen["user_ip"], seen["device"]) == ("127.0.0.2", late.cookies["device"])
    assert late.cookies["session"] not in json.dumps(seen)

    again, again_number = Visitor(form, "127.0.0.3"), next(numbers)
    again.post("/start", number=again_number)
    first = code_of(product, again_number)
    waits = re.fullmatch(r"Please wait (\d+) seconds\.", again.post("/resend"))
    assert waits is not None
    assert 1 <= int(waits[1]) <= 30
    assert again.post("/check", code=" ") == "Please type the code."

    # Two browsers ask for the same number: only the one that types the code has it.
    thief, owner, number = Visitor(form, "127.0.0.4"), Visitor(form, "127.0.0.5"), next(numbers)
    thief.post("/start", number=number)
    owner.post("/start", number=number)
    before = owner.cookies["session"]
    assert owner.post("/check", code=code_of(product, number)) == f"{number} is yours. Now choose a name."
    assert owner.cookies["session"] != before
    assert thief.post("/check", code="000000") == "Please ask for a new code."
    assert owner.post("/start", number=again_number) == f"{number} is yours. Now choose a name."

    # A form that is sent twice counts once, and too many wrong codes are the end.
    guess, number = Visitor(form, "127.0.0.6"), next(numbers)
    guess.post("/start", number=number)
    wrong = other(code_of(product, number))
    twice = dict(re.findall(r'name="(once)" value="([^"]*)"', guess.page))
    assert guess.post("/check", code=wrong) == "That is not the code. Attempts left: 4."
    assert guess.post("/check", code=wrong, **twice) == "That is not the code. Attempts left: 4."
    told = [guess.post("/check", code=wrong) for _ in range(4)]
    assert told[-2:] == [
        "That is not the code. Attempts left: 1.",
        "Too many wrong codes. Please ask for a new code.",
    ]
    assert number in guess.page, "the number need not be typed again"

    wait_until(lambda: _passed(verification_of(product, again_number)["next_send_at"]), 60, "the next send")
    assert again.post("/resend") == "We sent it once more."
    assert code_of(product, again_number, count=2) == first
    again.post("/change")
    assert "Send me a code" in again.page

    code = code_of(product, late_number)
    wait_until(lambda: _passed(seen["expires_at"]), 60, "the end of the code")
    assert late.post("/check", code=code) == "The code has expired. Please ask for a new code."


@pytest.mark.deadline(120)
def test_the_form_tells_nothing_of_guards(form: Form) -> None:
    """A start to a country that the profile does not allow is blocked; the user hears to try later."""
    product, number = form.product, "+447700900123"
    # Guards stop nothing as long as all carriers are simulated. This one is not there, which is enough.
    settings = {"host": "127.0.0.1", "port": free_port(), "system_id": "acme", "password": "secret"}
    ask(product, "POST", "/v1/carriers", {"name": "real", "type": "smpp", "settings": settings})
    product.allow_log("real")
    visitor = Visitor(form, "127.0.0.7")
    assert visitor.post("/start", number=number) == "That did not work. Please try again later."
    assert "Send me a code" in visitor.page
    blocked = verification_of(product, number)
    assert (blocked["status"], blocked["guard"]) == ("blocked", "country")
    assert blocked["reason"] not in visitor.page
    assert f"{blocked['id']} blocked country {blocked['reason']}" in form.log.read_text()


def _change_profile(product: Product, **fields: Any) -> None:
    (profile,) = ask(product, "GET", "/v1/verify-profiles")["data"]
    ask(product, "PATCH", f"/v1/verify-profiles/{profile['id']}", fields)


def _passed(moment: str) -> bool:
    return datetime.now(UTC) > datetime.fromisoformat(moment)
