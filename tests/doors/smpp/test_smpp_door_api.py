"""`/v1/smpp-credentials` and `/v1/smpp-binds`."""

from datetime import UTC, datetime, timedelta
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


async def test_refused_binds_are_listed_with_their_reasons(node: Node, live: Api, test_key: Api) -> None:
    _, made = await live("POST", "/v1/smpp-credentials", {"system_id": "acme", "profile": {"max_binds": 1}})
    for _ in range(2):
        async with await Esme.connect(node.port) as esme:
            assert await esme.bind("acme", "wrong") == c.ESME_RINVPASWD
    async with await Esme.connect(node.port) as esme:
        assert await esme.bind("nobody", "wrong") == c.ESME_RINVPASWD
    async with await Esme.connect(node.port) as esme, await Esme.connect(node.port) as other:
        assert await esme.bind("acme", made["password"]) == c.ESME_ROK
        assert await other.bind("acme", made["password"]) == c.ESME_RALYBND
    status, listed = await live("GET", "/v1/smpp-binds/refused")
    assert status == 200
    assert [(row["system_id"], row["reason"], row["count"]) for row in listed["data"]] == [
        ("acme", "max_binds", 1),
        ("nobody", "system_id", 1),
        ("acme", "password", 2),
    ]
    first = listed["data"][0]
    assert (first["credential_id"], first["command_status"], first["kind"]) == (
        made["id"],
        "ESME_RALYBND",
        "transceiver",
    )
    assert listed["data"][1]["credential_id"] is None
    assert (await test_key("GET", "/v1/smpp-binds/refused"))[1]["data"] == []


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


async def test_a_credential_has_an_end_that_can_be_moved(node: Node, live: Api, test_key: Api) -> None:
    past, later = "2020-01-01T00:00:00Z", "2090-01-01T00:00:00Z"
    body = {"system_id": "acme", "password": "password", "test": True}
    status, refused = await live("POST", "/v1/smpp-credentials", body | {"expires_at": past})
    assert (status, refused["param"]) == (422, "expires_at")
    status, made = await live("POST", "/v1/smpp-credentials", body | {"expires_at": later})
    assert (status, made["state"], made["expires_at"][:4]) == (201, "active", "2090")
    path = f"/v1/smpp-credentials/{made['id']}"
    assert (await live("PATCH", path, {"expires_at": past}))[1]["param"] == "expires_at"
    _, kept = await live("PATCH", path, {"profile": {"window": 9}})
    assert (kept["expires_at"], kept["profile"]["window"]) == (made["expires_at"], 9)

    async with await node.esme("acme") as esme:
        soon = datetime.now(UTC) + timedelta(seconds=1)
        assert (await live("PATCH", path, {"expires_at": soon.isoformat()}))[0] == 200
        unbind = await esme.next()
        assert unbind is not None
        assert unbind.command_id == c.UNBIND
    _, ended = await live("GET", path)
    assert (ended["state"], ended["profile"]["window"]) == ("expired", 9)
    status, refused = await live("POST", f"{path}/password")
    assert (status, refused["code"]) == (409, "conflict")
    async with await Esme.connect(node.port) as esme:
        assert await esme.bind("acme", "password") == c.ESME_RBINDFAIL
    traced = await _refused_bind(test_key)
    assert (traced["code"], traced["rule"], traced["answer"]) == (
        "unauthorized",
        "expired",
        "ESME_RBINDFAIL",
    )
    _, open_again = await live("PATCH", path, {"expires_at": None})
    assert (open_again["state"], open_again["expires_at"]) == ("active", None)
    async with await node.esme("acme"):
        pass


async def _refused_bind(api: Api) -> Any:
    async def found() -> Any:
        _, listed = await api("GET", "/v1/refusals?door=smpp")
        return next((one for one in listed["data"] if one["rule"] == "expired"), None)

    return await wait_until_async(found, 20, "the trace of the bind")


async def test_a_rotated_credential_shows_who_still_uses_the_former_password(node: Node, live: Api) -> None:
    body = {"system_id": "acme", "password": "password", "test": True}
    _, made = await live("POST", "/v1/smpp-credentials", body)
    assert (made["last_bind_at"], made["previous_expires_at"]) == (None, None)
    path = f"/v1/smpp-credentials/{made['id']}"
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    _, refused = await live("PATCH", path, {"previous_expires_at": later})
    assert (refused["code"], refused["param"]) == ("invalid_field", "previous_expires_at")
    status, rotated = await live("POST", f"{path}/password", {"overlap_seconds": 3600})
    assert (status, rotated["previous_bind_at"]) == (200, None)
    assert rotated["previous_expires_at"] > rotated["changed_at"]

    async def shown(field: str) -> Any:
        return (await live("GET", path))[1][field]

    async with await node.esme("acme", rotated["password"]):
        at = await wait_until_async(lambda: shown("last_bind_at"), 20, "the last bind")
        assert at >= rotated["changed_at"]
        assert await shown("last_bind_from") == "127.0.0.1"
        assert await shown("previous_bind_at") is None
    async with await node.esme("acme", "password"):
        await wait_until_async(lambda: shown("previous_bind_at"), 20, "the last bind with the former one")
    status, moved = await live("PATCH", path, {"previous_expires_at": later})
    assert (status, moved["previous_expires_at"][:10]) == (200, later[:10])
    for wrong in ("2020-01-01T00:00:00Z", "2090-01-01T00:00:00Z"):
        assert (await live("PATCH", path, {"previous_expires_at": wrong}))[0] == 422
    status, ended = await live("PATCH", path, {"previous_expires_at": None})
    assert (status, ended["previous_expires_at"], ended["previous_bind_at"]) == (200, None, None)
    async with await Esme.connect(node.port) as esme:
        assert await esme.bind("acme", "password") == c.ESME_RINVPASWD
    async with await node.esme("acme", rotated["password"]):
        pass
    assert "hash" not in str(ended)


async def test_a_key_with_an_end_gives_no_credential_that_ends_later(node: Node, live: Api) -> None:
    _, key = await live(
        "POST",
        "/v1/keys",
        {"name": "guest", "mode": "live", "scopes": ["smpp"], "expires_at": "2090-01-01T00:00:00Z"},
    )
    guest = Api(node, key["secret"])
    _, made = await guest("POST", "/v1/smpp-credentials", {"system_id": "acme"})
    assert made["expires_at"] == key["expires_at"]
    path = f"/v1/smpp-credentials/{made['id']}"
    for expires_at in (None, "2090-01-01T00:00:01Z"):
        status, refused = await guest("PATCH", path, {"expires_at": expires_at})
        assert (status, refused["param"]) == (403, "expires_at")
    assert (await guest("POST", f"{path}/password"))[0] == 200
    assert (await live("PATCH", path, {"expires_at": None}))[0] == 200
    assert (await guest("POST", f"{path}/password"))[0] == 403


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
