"""A user changes their e-mail address by a link that goes to the new one."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from onesixty.core.contracts import Write
from onesixty.mail.mails import Mail
from tests.http.asgi import Reply
from tests.people.conftest import OWNER, PASSWORD, Town

NEW = "ada@example.org"


class Post:
    """Takes the mails in place of a server."""

    on = True

    def __init__(self) -> None:
        self.sent: list[tuple[str, Mail]] = []

    def writes(self, recipients: Sequence[str], about: str, mail: Mail, at: int) -> list[Write]:
        self.sent += [(recipient, mail) for recipient in recipients]
        return []

    def token(self, page: str = "email") -> str:
        """The token of the last link."""
        return re.findall(rf"/console/{page}#(\S+)", self.sent[-1][1].text)[0]


@pytest.fixture
def post(town: Town) -> Post:
    made = Post()
    town.people.mail = made
    return made


def is_refused(reply: Reply, status: int, code: str) -> bool:
    assert (reply.status, reply.json["code"]) == (status, code), reply
    return True


async def test_a_link_to_the_new_address_changes_it(town: Town, post: Post) -> None:
    owner = await town.owner()
    asked = await owner.post("/v1/me/email", {"email": NEW})
    assert (asked.status, asked.json) == (202, {})
    assert [to for to, _ in post.sent] == [NEW]
    assert (await owner.get("/v1/me")).json["user"]["email"] == OWNER, "until the link is used"
    token = post.token()
    reset = await town.browser().post("/v1/password-resets", {"email": OWNER})
    assert reset.status == 202
    old_reset = post.token("reset")
    used = await town.browser().post("/v1/email-changes/use", {"token": token})
    assert used.status == 204, used
    assert (post.sent[-1][0], "no longer" in post.sent[-1][1].text) == (OWNER, True)
    assert (await owner.get("/v1/me")).json["user"]["email"] == NEW
    assert (await town.sign_in(email=OWNER))[1].status == 401
    assert (await town.sign_in(email=NEW))[1].status == 201
    user = await town.people.users.by_email(NEW)
    assert user is not None
    assert user.email_confirmed

    assert is_refused(await town.browser().post("/v1/email-changes/use", {"token": token}), 409, "link_used")
    stale = {"token": old_reset, "password": "another good phrase"}
    assert is_refused(await town.browser().post("/v1/password-resets/use", stale), 409, "link_used")
    await town.office.features.audit_log.chainer.chain()
    log = (await town.keys.get(f"/v1/audit?limit=200&object_id={user.id}")).json["data"]
    (changed,) = [one for one in log if one["action"] == "changed" and one["after"].get("email")]
    assert (changed["actor"], changed["before"]["email"], changed["after"]["email"]) == (
        f"user:{user.id}",
        OWNER,
        NEW,
    )
    assert [one["details"] for one in log if one["action"] == "email_change_asked"] == [{"email": NEW}]


async def test_links_end(town: Town, post: Post) -> None:
    owner = await town.owner()
    await owner.post("/v1/me/email", {"email": NEW})
    first = post.token()
    await owner.post("/v1/me/email", {"email": "ada@example.net"})
    second = post.token()
    browser = town.browser()
    assert is_refused(await browser.post("/v1/email-changes/use", {"token": first}), 409, "link_used")
    body = {"password": PASSWORD, "new_password": "another good phrase"}
    assert (await owner.post("/v1/me/password", body)).status == 200
    assert is_refused(await browser.post("/v1/email-changes/use", {"token": second}), 409, "link_used")
    await owner.post("/v1/me/email", {"email": NEW})
    town.clock.turn(24 * 3600 + 1)
    assert is_refused(await browser.post("/v1/email-changes/use", {"token": post.token()}), 404, "link_gone")
    assert is_refused(await browser.post("/v1/email-changes/use", {"token": "x"}), 404, "link_gone")


async def test_the_address_of_another_user_stays_theirs(town: Town, post: Post) -> None:
    owner = await town.owner()
    made = await owner.post("/v1/me/email", {"email": NEW})
    assert made.status == 202
    token = post.token()
    await town.people.users.rows.add(town.people.users.new(NEW, "Eve"))
    assert is_refused(await town.browser().post("/v1/email-changes/use", {"token": token}), 409, "conflict")
    asked = await owner.post("/v1/me/email", {"email": NEW})
    assert (asked.status, asked.json) == (202, {}), "the answer tells nothing"
    assert post.sent[-1][0] == NEW
    assert "#" not in post.sent[-1][1].text


async def test_what_is_refused(town: Town, post: Post) -> None:
    owner = await town.owner()
    assert is_refused(await owner.post("/v1/me/email", {"email": "ada"}), 422, "invalid_field")
    assert is_refused(await owner.post("/v1/me/email", {"email": OWNER}), 422, "invalid_field")
    replies = [await owner.post("/v1/me/email", {"email": f"a{n}@example.org"}) for n in range(11)]
    assert [reply.status for reply in replies] == [202] * 10 + [429]
    assert len(post.sent) == 10
    post.on = False
    assert is_refused(await owner.post("/v1/me/email", {"email": NEW}), 409, "mail_unavailable")
    town.clock.turn(16 * 60)
    assert is_refused(await owner.post("/v1/me/email", {"email": NEW}), 403, "reauthenticate")
    assert is_refused(await town.keys.post("/v1/me/email", {"email": NEW}), 403, "session_needed")
