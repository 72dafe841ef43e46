"""GET /v1/lookup/{number}"""

from tests.doors.office import Office


async def test_a_number_is_looked_up() -> None:
    office = await Office.open("sqlite://")
    ranges = {"ranges": [{"prefix": "4915112345", "network": "26201"}]}
    await office.client().request("PUT", "/v1/number-ranges", ranges)
    found = await office.client().get("/v1/lookup/+4915112345678")
    assert (found.status, found.json["country"], found.json["type"]) == (200, "DE", "mobile")
    assert found.json["network"] == "26201"
    national = await office.client().get("/v1/lookup/015112345678?country=de")
    assert national.json == found.json
    for written in ("+49 1511/2345678", "0049 1511 2345678", "+49(0)1511.2345678"):
        assert (await office.client().get(f"/v1/lookup/{written}")).json == found.json, "as in a body"
    none = await office.client().get("/v1/lookup/12")
    assert (none.status, none.json["possible"], none.json["reason"]) == (200, False, "missing_country_code")
    wrong = await office.client().get("/v1/lookup/12?country=Germany")
    assert (wrong.status, wrong.json["code"], wrong.json["param"]) == (422, "invalid_parameter", "country")
    await office.store.close()
