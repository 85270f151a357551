"""Files at rest, in a real folder and in a bucket on loopback."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from storage.crypto import DecryptionError, Keyring
from storage.files import BadFileKeyError, EncryptedFiles, FileMissingError, FileStoreError, open_files

KEYRING = Keyring(["a key for the files of the tests, 01234567"])
OTHER_KEYRING = Keyring(["a key that somebody else uses, 9876543210"])
PHOTO = b"\xff\xd8 the bytes of a portrait \xff\xd9" * 50


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "files"


@pytest.fixture
def files(folder: Path) -> EncryptedFiles:
    return open_files(folder.as_uri(), KEYRING)


async def test_a_kept_file_comes_back_and_is_unreadable_on_the_disk(
    files: EncryptedFiles, folder: Path
) -> None:
    await files.put("documents/ab12/portrait.jpg", PHOTO)
    assert await files.get("documents/ab12/portrait.jpg") == PHOTO
    on_disk = (folder / "documents/ab12/portrait.jpg").read_bytes()
    assert b"portrait" not in on_disk
    assert not on_disk.startswith(b"\xff\xd8")


def test_the_folder_is_open_to_its_owner_only(files: EncryptedFiles, folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_a_plain_path_names_the_same_folder_as_its_file_address(
    files: EncryptedFiles, folder: Path
) -> None:
    await files.put("ab", PHOTO)
    assert await open_files(str(folder), KEYRING).get("ab") == PHOTO


async def test_a_folder_name_with_spaces_and_chinese_is_taken_literally(tmp_path: Path) -> None:
    folder = tmp_path / "证 途%20"
    await open_files(folder.as_uri(), KEYRING).put("ab", PHOTO)
    assert [path.name for path in folder.iterdir()] == ["ab"]


async def test_a_second_put_replaces_the_first_and_leaves_no_other_file(
    files: EncryptedFiles, folder: Path
) -> None:
    await files.put("ab/cd", b"old")
    await files.put("ab/cd", b"new")
    assert await files.get("ab/cd") == b"new"
    assert [path.name for path in (folder / "ab").iterdir()] == ["cd"]


async def test_a_deleted_file_is_missing_and_deleting_it_again_is_no_error(files: EncryptedFiles) -> None:
    await files.put("ab", PHOTO)
    await files.delete("ab")
    await files.delete("ab")
    with pytest.raises(FileMissingError, match="ab"):
        await files.get("ab")


async def test_two_files_swapped_on_the_disk_do_not_open(files: EncryptedFiles, folder: Path) -> None:
    await files.put("one", b"her identity card")
    await files.put("two", b"his identity card")
    (folder / "one").rename(folder / "spare")
    (folder / "two").rename(folder / "one")
    (folder / "spare").rename(folder / "two")
    with pytest.raises(DecryptionError):
        await files.get("one")


async def test_a_file_cut_short_on_the_disk_does_not_open(files: EncryptedFiles, folder: Path) -> None:
    await files.put("ab", PHOTO)
    with (folder / "ab").open("r+b") as kept:
        kept.truncate(100)
    with pytest.raises(DecryptionError):
        await files.get("ab")


async def test_another_secret_key_opens_no_file(files: EncryptedFiles, folder: Path) -> None:
    await files.put("ab", PHOTO)
    with pytest.raises(DecryptionError):
        await open_files(str(folder), OTHER_KEYRING).get("ab")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/ab",
        "ab/",
        "ab//cd",
        "..",
        "../ab",
        "ab/../cd",
        "ab/.hidden",
        "AB",
        "a b",
        "ab\n",
        "ab\0",
        "照片",
        "a" * 201,
    ],
)
async def test_a_key_that_is_no_plain_path_is_refused_by_every_verb(files: EncryptedFiles, key: str) -> None:
    for verb in (files.put(key, b""), files.get(key), files.delete(key)):
        with pytest.raises(BadFileKeyError):
            await verb


async def test_many_files_at_once_all_come_back(files: EncryptedFiles) -> None:
    keys = [f"many/{number:04x}" for number in range(50)]
    await asyncio.gather(*(files.put(key, key.encode()) for key in keys))
    assert await asyncio.gather(*map(files.get, keys)) == [key.encode() for key in keys]


def test_a_disk_that_takes_no_more_is_said_clearly_and_the_old_content_stays(folder: Path) -> None:
    # A limit on the size of a file stands in for the full disk; it binds a whole process, so one of its own.
    story = f"""
import asyncio, os, resource
from storage.crypto import Keyring
from storage.files import FileStoreError, open_files

async def main():
    files = open_files({str(folder)!r}, Keyring(["a key for the files of the tests, 01234567"]))
    await files.put("ab", b"old")
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    try:
        await files.put("ab", os.urandom(1 << 20))
    except FileStoreError as error:
        print(error)
    print(await files.get("ab"))

asyncio.run(main())
"""
    told = subprocess.run(
        [sys.executable, "-c", story], capture_output=True, text=True, timeout=60, check=True
    )
    refusal, content = told.stdout.splitlines()
    assert refusal.startswith("cannot keep ab: ")
    assert "File too large" in refusal
    assert content == "b'old'"


async def test_a_folder_that_cannot_be_is_said_clearly(tmp_path: Path) -> None:
    (tmp_path / "occupied").write_text("a file")
    with pytest.raises(FileStoreError, match="cannot use the folder"):
        open_files(str(tmp_path / "occupied" / "files"), KEYRING)


@pytest.mark.parametrize(
    "url", ["", "ftp://user:hunter2@host/x", "s3:///no-bucket", "file://elsewhere/x", "file:///"]
)
def test_an_address_of_another_kind_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(FileStoreError, match="unknown kind of address") as refused:
        open_files(url, KEYRING)
    assert "hunter2" not in str(refused.value)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """An S3 service on loopback that knows PutObject, GetObject and DeleteObject."""
    kept: dict[str, bytes] = {}

    class S3(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            kept[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(200)

        def do_GET(self) -> None:
            self._answer(200, kept[self.path]) if self.path in kept else self._answer(404)

        def do_DELETE(self) -> None:
            kept.pop(self.path, None)
            self._answer(204)

        def _answer(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", '"1"')
            self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), S3)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_REGION", "cn-northwest-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "something")
    yield kept
    server.shutdown()
    server.server_close()
    thread.join()


async def test_a_bucket_named_by_environment_and_address_keeps_files_encrypted(
    bucket: dict[str, bytes],
) -> None:
    files = open_files("s3://photos/zhengtu/", KEYRING)
    await files.put("documents/ab.jpg", PHOTO)
    assert list(bucket) == ["/photos/zhengtu/documents/ab.jpg"]
    assert b"portrait" not in bucket["/photos/zhengtu/documents/ab.jpg"]
    assert await files.get("documents/ab.jpg") == PHOTO
    await files.delete("documents/ab.jpg")
    await files.delete("documents/ab.jpg")
    assert not bucket
    with pytest.raises(FileMissingError):
        await files.get("documents/ab.jpg")


async def test_a_bucket_that_does_not_answer_is_said_clearly_without_credentials(
    bucket: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Port 9 (discard) listens nowhere here: every connection is refused.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(FileStoreError, match="cannot keep ab") as refused:
        await open_files("s3://photos", KEYRING).put("ab", PHOTO)
    assert "\n" not in str(refused.value)
    assert "something" not in str(refused.value)
