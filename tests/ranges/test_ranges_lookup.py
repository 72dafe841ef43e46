"""GET /v1/lookup/{number}"""

from tests.doors.office import Platform


async def test_a_number_is_looked_up() -> None:
    platform = await Platform().open("sqlite://")
    found = await platform.client().get("/v1/lookup/+4915112345678")
    assert (found.status, found.json["country"], found.json["type"]) == (200, "DE", "mobile")
    assert found.json["network"] == "26201"
    national = await platform.client().get("/v1/lookup/015112345678?country=de")
    assert national.json == found.json
    for written in ("+49 1511/2345678", "0049 1511 2345678", "+49(0)1511.2345678"):
        assert (await platform.client().get(f"/v1/lookup/{written}")).json == found.json, "as in a body"
    none = await platform.client().get("/v1/lookup/12")
    assert (none.status, none.json["possible"], none.json["reason"]) == (200, False, "missing_country_code")
    wrong = await platform.client().get("/v1/lookup/12?country=Germany")
    assert (wrong.status, wrong.json["code"], wrong.json["param"]) == (422, "invalid_parameter", "country")
    await platform.store.close()
