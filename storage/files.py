"""Encrypted files in a local folder or an S3-compatible store (`services.ports.FileStore`), over obstore.

A file is encrypted with its key (its name here) as associated data, so one file put in another's place does not
open. Content and plain sizes are never logged.
"""

import asyncio
import os
import re
import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from storage.crypto import HEADER_BYTES, Keyring

if TYPE_CHECKING:  # exists in obstore's stubs only
    from obstore.store import RetryConfig

#: Segments of lower-case letters, digits, `_` and `-`, joined by `/`; the last may carry one extension.
_KEY: Final = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*(\.[a-z0-9]+)?")
_MAX_KEY_CHARACTERS: Final = 200


@dataclass(frozen=True, kw_only=True)
class Room:
    """The space of a disk, in bytes."""

    total: int
    free: int


class FileMissingError(Exception):
    """There is no file under this key."""

    code: Final = "file_missing"

    def __init__(self, key: str) -> None:
        super().__init__(f"no file under {key}")
        self.key = key


class FileStoreError(Exception):
    """The store could not do it: disk full, no permission, network down, bad address. Worth another try later."""

    code: Final = "file_store_failed"

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"{what}: {reason}")
        self.reason = reason


class BadFileKeyError(ValueError):
    """A key that is no plain lower-case path: never from a person's input, so a bug of the caller."""

    code: Final = "bad_file_key"


def open_files(url: str, keyring: Keyring) -> "EncryptedFiles":
    """The files at `url`: a folder (`var/files`, `file:///srv/files`) or `s3://bucket/prefix`.

    A folder that is not there is made, open to its owner only (0700). S3 takes endpoint, region and
    credentials from the environment (`AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`,
    `AWS_SECRET_ACCESS_KEY`, `AWS_ALLOW_HTTP` …) and is not contacted before the first file.

    Raises:
        FileStoreError: the folder cannot be made, or the address is of another kind.
    """
    parts = urlsplit(url)
    if parts.scheme == "s3" and parts.netloc:
        return EncryptedFiles(_s3(parts.netloc, parts.path.strip("/")), keyring)
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path.strip("/"):
        return EncryptedFiles(_folder(Path(url2pathname(parts.path))), keyring)
    if not parts.scheme and url:
        return EncryptedFiles(_folder(Path(url)), keyring)
    # The address itself stays out of the message: it may carry a password.
    raise FileStoreError(
        "cannot open the file store", f"unknown kind of address {parts.scheme or '(empty)'!r}"
    )


class EncryptedFiles:
    """Files by key, encrypted at rest; every write is atomic: the old content or the new, never a part.

    Args:
        store: where the encrypted bytes go.
        keyring: what encrypts them.
    """

    def __init__(self, store: ObjectStore, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring
        self._folder = store.prefix if isinstance(store, LocalStore) else None

    async def put(self, key: str, content: bytes) -> None:
        """Keep `content` under `key`, over what was there; on return it is on the disk or in the bucket.

        Raises:
            FileStoreError: it may not be kept; the key then still holds what it held before.
            BadFileKeyError: not a key.
        """
        blob = self._keyring.encrypt(content, context=_context(key))
        try:
            # One request, no multipart: an upload that breaks off leaves nothing behind in the bucket.
            await obstore.put_async(self._store, key, blob, use_multipart=False)
            if self._folder is not None:
                await asyncio.to_thread(_settle, Path(self._folder), key)
        except (BaseError, OSError) as error:
            raise FileStoreError(f"cannot keep {key}", _first_line(error)) from None

    async def get(self, key: str) -> bytes:
        """The plain bytes.

        Raises:
            FileMissingError: no such file.
            FileStoreError: the store does not answer.
            storage.crypto.DecryptionError: the file is damaged, was swapped, or its secret key is gone.
            BadFileKeyError: not a key.
        """
        context = _context(key)
        try:
            answer = await obstore.get_async(self._store, key)
            blob = (await answer.bytes_async()).to_bytes()
        except FileNotFoundError:
            raise FileMissingError(key) from None
        except (BaseError, OSError) as error:
            raise FileStoreError(f"cannot read {key}", _first_line(error)) from None
        return self._keyring.decrypt(blob, context=context)

    async def key_age(self, key: str) -> int | None:
        """Under which secret key the file is, as `Keyring.age` counts; only the file's first bytes are read.

        Raises:
            FileMissingError: no such file.
            FileStoreError: the store does not answer.
            BadFileKeyError: not a key.
        """
        _context(key)
        try:
            head = await obstore.get_range_async(self._store, key, start=0, length=HEADER_BYTES)
        except FileNotFoundError:
            raise FileMissingError(key) from None
        except (BaseError, OSError) as error:
            raise FileStoreError(f"cannot read {key}", _first_line(error)) from None
        return self._keyring.age(head.to_bytes())

    async def room(self) -> Room | None:
        """The space of the disk that the folder lies on; None for a bucket.

        Raises:
            FileStoreError: the folder is gone.
        """
        if self._folder is None:
            return None
        try:
            usage = await asyncio.to_thread(shutil.disk_usage, self._folder)
        except OSError as error:
            raise FileStoreError("cannot look at the disk", _first_line(error)) from None
        return Room(total=usage.total, free=usage.free)

    async def delete(self, key: str) -> None:
        """Forget `key`; a missing one is no error.

        Raises:
            FileStoreError: the store does not answer; the file may still be there.
            BadFileKeyError: not a key.
        """
        _context(key)
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise FileStoreError(f"cannot delete {key}", _first_line(error)) from None


def _context(key: str) -> bytes:
    if len(key) > _MAX_KEY_CHARACTERS or not _KEY.fullmatch(key):
        raise BadFileKeyError(f"not a file key: {key[:_MAX_KEY_CHARACTERS]!r}")
    return b"files/" + key.encode()


def _folder(path: Path) -> LocalStore:
    folder = path.expanduser().absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalStore(folder)
    except (BaseError, OSError) as error:
        raise FileStoreError(f"cannot use the folder {folder}", _first_line(error)) from None


def _s3(bucket: str, prefix: str) -> S3Store:
    # Bulk deletion is what S3-compatible stores most often lack, and one file at a time is deleted anyway.
    # obstore's own patience is 180 s; a person waits in the chat for the outcome.
    retries: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}
    try:
        return S3Store(bucket, prefix=prefix or None, retry_config=retries, disable_bulk_delete=True)
    except (BaseError, ValueError) as error:
        raise FileStoreError(f"cannot use the bucket {bucket}", _first_line(error)) from None


def _settle(folder: Path, key: str) -> None:
    """Flush the file and its folders to the disk: obstore renames atomically but leaves the flush to the kernel."""
    path = folder / key
    for place in (path, *path.parents):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if place == folder:
            break


def _first_line(error: Exception) -> str:
    # The lines after the first are obstore's debug dump.
    return str(error).partition("\n")[0] or type(error).__name__
