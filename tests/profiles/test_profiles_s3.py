"""Documents in an S3-compatible store: signatures, the client, uploads and downloads, and moves between stores."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from onesixty.core.clock import SystemClock
from onesixty.ops.settings import Settings, SettingsError, load
from onesixty.profiles.files import Folder
from onesixty.profiles.moving import move
from onesixty.profiles.s3.client import S3Client, S3Error
from onesixty.profiles.s3.config import place_of
from onesixty.profiles.s3.documents import Bucket
from onesixty.profiles.s3.signature import Key, path_of, query_of, signed
from onesixty.profiles.stores import store_of, stores_of
from tests.doors.office import Office
from tests.profiles.samples import PDF, customer, png, upload
from tests.support.s3 import ACCESS, REGION, SECRET, S3Server

HOUR = 3600

#: The examples of AWS's documentation of signature version 4 for S3.
EXAMPLE = Key("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
AT = round(datetime(2013, 5, 24, tzinfo=UTC).timestamp() * 1000)
HOST = {"Host": "examplebucket.s3.amazonaws.com"}


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "body", "signature"),
    [
        (
            *("GET", "/test.txt", (), {"Range": "bytes=0-9"}, b""),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT",
            path_of("test$file.text"),
            (),
            {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
            b"Welcome to Amazon S3.",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            *("GET", "/", (("lifecycle", ""),), {}, b""),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            *("GET", "/", (("prefix", "J"), ("max-keys", "2")), {}, b""),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
)
def test_requests_are_signed_as_the_examples_of_aws(
    method: str, path: str, query: Any, headers: dict[str, str], body: bytes, signature: str
) -> None:
    made = signed(EXAMPLE, method, path, query_of(query), HOST | headers, body, AT)
    assert made["Authorization"].endswith(f",Signature={signature}")
    assert made["x-amz-date"] == "20130524T000000Z"


def test_paths_are_encoded_once_and_queries_are_in_order() -> None:
    assert path_of("bucket", "a b/c", "ä+~") == "/bucket/a%20b/c/%C3%A4%2B~"
    assert query_of([("b", "2 3"), ("a", "x/y"), ("b", "1")]) == "a=x%2Fy&b=1&b=2%203"


@pytest.fixture
async def server() -> AsyncIterator[S3Server]:
    async with S3Server() as running:
        yield running


def given(server: S3Server, **more: Any) -> dict[str, Any]:
    return {
        "s3_endpoint": server.url,
        "s3_region": REGION,
        "s3_access_key_id": ACCESS,
        "s3_secret_access_key": SECRET,
        "documents_store": "s3://papers/prod/one",
    } | more


async def at_once(_: float) -> None:
    """No pause between two tries."""


@pytest.fixture
async def client(server: S3Server) -> AsyncIterator[S3Client]:
    settings = Settings(**given(server))
    made = S3Client(place_of(settings, settings.documents_store), SystemClock(), sleep=at_once)
    yield made
    await made.close()


async def test_objects_are_put_got_listed_and_deleted(server: S3Server, client: S3Client) -> None:
    names = [f"a/{number} &<ö>" for number in range(5)]
    for name in names:
        await client.put(name, name.encode())
    server.objects["papers/prod/other/x"] = b"not ours"
    assert await client.get(names[2]) == names[2].encode()
    assert [key async for key in client.every_key()] == names
    await client.delete(names[0])
    await client.delete(names[0])
    assert [key async for key in client.every_key()] == names[1:]
    with pytest.raises(FileNotFoundError):
        await client.get(names[0])
    assert server.heard[0] == "PUT /papers/prod/one/a/0%20%26%3C%C3%B6%3E"


async def test_what_fails_for_a_moment_is_tried_again(server: S3Server, client: S3Client) -> None:
    server.failures = [503, 500]
    await client.put("a", b"1")
    server.failures = [429]
    assert await client.get("a") == b"1"
    server.failures = [503, 503, 503]
    with pytest.raises(S3Error, match=r"answered 503 SlowDown$"):
        await client.get("a")
    server.failures = [400]
    with pytest.raises(S3Error, match=r"answered 400 SlowDown$"):
        await client.put("a", b"2")
    assert server.objects["papers/prod/one/a"] == b"1"


async def test_a_wrong_secret_and_a_store_that_is_away_say_so_and_no_secret(server: S3Server) -> None:
    for more, said in (
        ({"s3_secret_access_key": "wrong-hush"}, "403 SignatureDoesNotMatch"),
        ({"s3_access_key_id": "nobody"}, "403 InvalidAccessKeyId"),
        ({"s3_endpoint": "http://127.0.0.1:1"}, "ClientConnectorError"),
    ):
        settings = Settings(**given(server, **more))
        client = S3Client(place_of(settings, settings.documents_store), SystemClock(), sleep=at_once)
        with pytest.raises(S3Error, match=said) as raised:
            await client.get("a")
        assert "hush" not in str(raised.value)
        await client.close()


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"DOCUMENTS_STORE": "s3://bucket"}, "requires s3_access_key_id and s3_secret_access_key"),
        ({"DOCUMENTS_STORE": "s3://B"}, "must be `folder`, or look like s3://bucket"),
        ({"DOCUMENTS_STORE": "gs://bucket"}, "must be `folder`, or look like s3://bucket"),
        ({"S3_ENDPOINT": "storage.example.com"}, "must look like https://"),
        ({"S3_ENDPOINT": "https://u:p@storage.example.com/path"}, "must look like https://"),
    ],
)
def test_what_the_settings_refuse(tmp_path: Path, variables: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load({f"ONESIXTY_{name}": value for name, value in variables.items()}, tmp_path)


# ------------------------------------------------------------ documents


@pytest.fixture
async def office(server: S3Server, tmp_path: Path) -> AsyncIterator[Office]:
    made = await Office.open("sqlite://", data_dir=tmp_path, **given(server))
    yield made
    await made.close()


async def test_documents_are_objects_from_the_upload_to_the_deletion(
    office: Office, server: S3Server, tmp_path: Path
) -> None:
    account, client, _ = await customer(office)
    made = await upload(client, PDF)
    assert made.status == 201, made.body
    name = f"papers/prod/one/{account}/{made.json['id']}"
    assert server.objects == {name: PDF}
    assert not (tmp_path / "documents").exists()
    path = f"/v1/documents/{made.json['id']}"
    assert (await client.get(f"{path}/file")).body == PDF
    server.objects[name] = b"changed"
    assert (await client.get(f"{path}/file")).json["code"] == "document_unavailable"
    assert (await client.delete(path)).status == 204
    assert server.objects == {}


async def test_a_store_that_refuses_keeps_no_row(office: Office, server: S3Server) -> None:
    _, client, _ = await customer(office)
    server.failures = [403]
    refused = await upload(client, PDF)
    assert (refused.status, refused.json["code"]) == (503, "unavailable")
    assert "403" not in refused.body.decode(), "what the store says is for the operator's log"
    assert (await client.get("/v1/documents")).json["data"] == []
    assert (await upload(client, PDF)).status == 201


async def test_objects_without_a_row_are_removed_in_time(office: Office, server: S3Server) -> None:
    account, client, _ = await customer(office)
    document = (await upload(client, PDF)).json["id"]
    left = office.ids.new("doc")
    server.objects[f"papers/prod/one/{account}/{left}"] = b"left over"
    server.objects["papers/prod/one/readme.txt"] = b"not ours"
    office.clock.turn(2 * HOUR)
    await office.features.profiles.keeper.once()
    assert sorted(server.objects) == [f"papers/prod/one/{account}/{document}", "papers/prod/one/readme.txt"]


async def test_documents_move_between_the_folder_and_the_bucket(server: S3Server, tmp_path: Path) -> None:
    office = await Office.open("sqlite://", data_dir=tmp_path)
    account, client, _ = await customer(office)
    files = [PDF, png(b"one"), png(b"two")]
    kinds = ["application/pdf", "image/png", "image/png"]
    replies = [await upload(client, file, type_=kind) for file, kind in zip(files, kinds, strict=True)]
    documents = [reply.json["id"] for reply in replies]
    folder, said = tmp_path / "documents" / account, list[str]()
    settings = Settings(data_dir=tmp_path, **given(server))
    bucket = store_of(settings, SystemClock())
    assert isinstance(bucket, Bucket)
    # A node with the bucket reads what is still in the folder.
    both = stores_of(settings, SystemClock())
    assert [await both.get(account, document) for document in documents] == files
    assert [found async for found in both.all()] == [(account, document) for document in sorted(documents)]
    await both.close()
    (folder / documents[2]).write_bytes(b"broken")
    done = await move(office.store, Folder(tmp_path), bucket, keep=True, say=said.append)
    assert (done.copied, done.there, done.lost) == (2, 0, 1)
    assert said == [f"{documents[2]} of {account} is in neither store as it was uploaded"]
    (folder / documents[2]).write_bytes(files[2])
    done = await move(office.store, Folder(tmp_path), bucket, keep=False, say=said.append)
    assert (done.copied, done.there, done.lost) == (1, 2, 0)
    assert not folder.exists()
    assert sorted(server.objects) == sorted(f"papers/prod/one/{account}/{one}" for one in documents)
    done = await move(office.store, bucket, Folder(tmp_path), keep=False, say=said.append)
    assert (done.copied, server.objects) == (3, {})
    assert [(folder / one).read_bytes() for one in documents] == files
    await bucket.close()
    await office.close()
