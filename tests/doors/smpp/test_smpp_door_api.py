"""`/v1/smpp-credentials` and `/v1/smpp-binds`."""

from typing import Any

import aiohttp
import pytest

from onesixty.smpp import constants as c
from tests.doors.smpp.esme import Esme, Node
from tests.support.waiting import wait_until_async


class Api:
    """Calls of one key."""

    def __init__(self, node: Node, key: str) -> None:
        self._url = node.platform.url
        self._headers = {"Authorization": f"Bearer {key}"}

    async def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        async with (
            aiohttp.ClientSession(headers=self._headers) as session,
            session.request(method, self._url + path, json=body) as answer,
        ):
            return answer.status, await answer.json() if answer.content_length else None


@pytest.fixture
def live(node: Node) -> Api:
    return Api(node, node.platform.new_keys[0].secret)


@pytest.fixture
def test_key(node: Node) -> Api:
    return Api(node, node.platform.new_keys[1].secret)


async def test_a_credential_is_made_changed_and_revoked(node: Node, live: Api) -> None:
    status, made = await live("POST", "/v1/smpp-credentials", {"system_id": "acme", "profile": {"window": 7}})
    assert status == 201
    password = made["password"]
    assert len(password) == 8
    assert (made["mode"], made["profile"]["window"], made["revoked_at"]) == ("live", 7, None)
    path = f"/v1/smpp-credentials/{made['id']}"
    status, read = await live("GET", path)
    assert (status, "password" in read, "password_hash" in read) == (200, False, False)
    status, again = await live("POST", "/v1/smpp-credentials", {"system_id": "acme"})
    assert (status, again["code"], again["param"]) == (409, "conflict", "system_id")

    async with await Esme.connect(node.port) as esme:
        assert await esme.bind("acme", password) == c.ESME_ROK
        status, listed = await live("GET", "/v1/smpp-binds")
        (bind,) = listed["data"]
        assert (bind["system_id"], bind["kind"], bind["window"]) == (
            "acme",
            "transceiver",
            {"used": 0, "size": 7},
        )
        status, changed = await live("PATCH", path, {"profile": {"window": None, "default_country": "DE"}})
        assert (status, changed["profile"]["window"], changed["profile"]["default_country"]) == (
            200,
            200,
            "DE",
        )
        answer = await esme.submit(to="01701234567", dest_addr_ton=0)
        assert answer.command_status == c.ESME_ROK  # it holds for what is bound
        status, rotated = await live("POST", f"{path}/password")
        assert (status, rotated["password"] != password) == (200, True)
        assert (await live("DELETE", f"/v1/smpp-binds/{bind['id']}"))[0] == 204
        unbind = await esme.next()
        assert unbind is not None
        assert unbind.command_id == c.UNBIND
        esme.answer(unbind)
        await wait_until_async(
            lambda: not len(node.platform.features.binds.binds), what="the end of the bind"
        )
        assert (await live("DELETE", f"/v1/smpp-binds/{bind['id']}"))[0] == 404
    assert (await live("DELETE", path))[0] == 204
    assert (await live("DELETE", path))[0] == 204
    status, revoked = await live("GET", path)
    assert revoked["revoked_at"] is not None
    assert (await live("PATCH", path, {"profile": {}}))[0] == 409


async def test_a_test_key_sees_and_makes_only_test_credentials(live: Api, test_key: Api) -> None:
    _, real = await live("POST", "/v1/smpp-credentials", {"system_id": "real"})
    _, tried = await live("POST", "/v1/smpp-credentials", {"system_id": "tried", "test": True})
    status, refused = await test_key("POST", "/v1/smpp-credentials", {"system_id": "more", "test": False})
    assert (status, refused["code"]) == (403, "wrong_mode")
    status, made = await test_key("POST", "/v1/smpp-credentials", {"system_id": "more"})
    assert (status, made["mode"]) == (201, "test")
    _, listed = await test_key("GET", "/v1/smpp-credentials")
    assert {one["id"] for one in listed["data"]} == {tried["id"], made["id"]}
    assert (await test_key("GET", f"/v1/smpp-credentials/{real['id']}"))[0] == 404
    _, page = await live("GET", "/v1/smpp-credentials?limit=2")
    _, rest = await live("GET", f"/v1/smpp-credentials?limit=2&after={page['next']}")
    assert len(page["data"]) + len(rest["data"]) == 3


@pytest.mark.parametrize(
    ("profile", "param"),
    [
        ({"windows": 5}, "profile.windows"),
        ({"window": 0}, "profile.window"),
        ({"window": "5"}, "profile.window"),
        ({"default_country": "ZZ"}, "profile.default_country"),
        ({"allowed_networks": ["10.0.0.0/8", "here"]}, "profile.allowed_networks[1]"),
        ({"default_class": "otp", "allowed_classes": ["marketing"]}, "profile.default_class"),
        (
            {"priority_classes": {"3": "otp"}, "allowed_classes": ["transactional"]},
            "profile.priority_classes.3",
        ),
        ({"receipt_time_zone": "Mars/Phobos"}, "profile.receipt_time_zone"),
        ({"receipt_errors": {"no_such": "001"}}, "profile.receipt_errors"),
        ({"outbind": "nowhere"}, "profile.outbind"),
    ],
)
async def test_a_profile_that_cannot_be_names_its_field(
    live: Api, profile: dict[str, Any], param: str
) -> None:
    body = {"system_id": "refused", "profile": profile}
    status, refused = await live("POST", "/v1/smpp-credentials", body)
    code = "unknown_field" if "windows" in profile else "invalid_field"
    assert (status, refused["code"], refused["param"]) == (422, code, param)


async def test_system_ids_and_passwords_fit_their_fields(live: Api) -> None:
    for body in (
        {"system_id": "sixteen-octets--"},
        {"system_id": ""},
        {"system_id": "white space"},
        {"system_id": "acme", "password": "short"},
        {"system_id": "acme", "password": "with a space"},
    ):
        status, refused = await live("POST", "/v1/smpp-credentials", body)
        assert (status, refused["code"]) == (422, "invalid_field"), body


async def test_an_operator_makes_and_sees_the_credentials_of_another_account(node: Node, live: Api) -> None:
    other, keys = await node.platform.features.accounts.create("other", "EUR", 7500)
    tenant = Api(node, next(one.secret for one in keys if not one.key.test))
    status, made = await live("POST", "/v1/smpp-credentials", {"system_id": "theirs", "account_id": other.id})
    assert (status, made["account_id"]) == (201, other.id)
    _, listed = await live("GET", f"/v1/smpp-credentials?account_id={other.id}")
    assert [one["id"] for one in listed["data"]] == [made["id"]]
    assert (await live("GET", "/v1/smpp-credentials"))[1]["data"] == []
    assert (await tenant("GET", f"/v1/smpp-credentials/{made['id']}"))[0] == 200

    own = node.account_id
    status, refused = await tenant("POST", "/v1/smpp-credentials", {"system_id": "mine", "account_id": own})
    assert (status, refused["param"]) == (403, "account_id"), refused
    status, refused = await tenant("GET", f"/v1/smpp-credentials?account_id={own}")
    assert status == 403, refused
    status, refused = await live(
        "POST", "/v1/smpp-credentials", {"system_id": "none", "account_id": "acc_no"}
    )
    assert (status, refused["param"]) == (422, "account_id"), refused
