"""The examples of events are what the document says, and the schemas of a union by type."""

from collections.abc import AsyncIterator

import pytest
from openapi_schema_validator import OAS31Validator

from onesixty.core import events
from tests.doors.office import Office


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    made = await Office.open()
    yield made
    await made.close()


async def test_every_type_has_an_example_that_fits_the_document(office: Office) -> None:
    client = office.client()
    found = (await client.get("/v1/event-types")).json["data"]
    assert [(one["type"], one["about"]) for one in found] == list(events.TYPES.items())
    components = (await client.get("/openapi.json")).json["components"]
    mapping = components["schemas"]["Event"]["discriminator"]["mapping"]
    for one in found:
        example = one["example"]
        assert example["type"] == one["type"]
        schema = {"$ref": mapping[one["type"]], "components": components}
        assert list(OAS31Validator(schema).iter_errors(example)) == [], one["type"]
    by_type = {one["type"]: one["example"]["data"] for one in found}
    assert by_type["message.delivered"]["delivered_at"]
    assert by_type["message.undelivered"]["error"]["code"] == "undeliverable"
    assert by_type["message.held"]["held_for"] == "review"
    assert by_type["message.received"]["direction"] == "inbound"
