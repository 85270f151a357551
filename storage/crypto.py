"""How secrets are kept: authenticated encryption and blind digests under keys that can be rotated.

`ZHENGTU_SECRET_KEYS` lists the secret keys. The first encrypts; all of them decrypt. From each one HKDF-SHA-256
derives a key per purpose, so that the key that encrypts never computes digests and neither is the secret itself.

To rotate: put a new key in front, restart, re-encrypt what `Keyring.needs_rotation` names (and recompute the
digest beside it), then drop the old key. Until then both kinds of row are read and found.
"""

import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

#: A secret key is at least so many characters long …
MIN_KEY_CHARACTERS: Final = 32
#: … and at least so many of them differ; the 16 digits of a random hexadecimal key pass, `aaaa…` does not.
MIN_DISTINCT_CHARACTERS: Final = 8

_VERSION: Final = b"\x01"
_KEY_ID_BYTES: Final = 8
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
#: What stands in front of a blob and names its key.
HEADER_BYTES: Final = len(_VERSION) + _KEY_ID_BYTES


class WeakSecretKeysError(Exception):
    """The secret keys cannot be used; `problems` says why, a line each, and never quotes a key."""

    code: Final = "weak_secret_keys"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("ZHENGTU_SECRET_KEYS: " + "; ".join(problems))
        self.problems = tuple(problems)


class DecryptionError(Exception):
    """What was read is not what was written here: damaged, under an unknown key, or moved from another place.

    `reason` is `malformed`, `unknown_key` or `not_authentic`; it says nothing about the content.
    """

    code: Final = "decryption_failed"

    def __init__(self, reason: str, context: bytes) -> None:
        super().__init__(f"cannot decrypt {context.decode(errors='replace')}: {reason}")
        self.reason = reason
        self.context = context


@dataclass(frozen=True)
class _Key:
    """What is derived from one secret key; nothing of it shows in a `repr`."""

    #: Names the key in a blob; derived one-way, so it tells nothing about the key.
    key_id: bytes
    cipher: AESGCM = field(repr=False)
    digest_key: bytes = field(repr=False)


class Keyring:
    """The keys of an installation; derives once, then is cheap and safe to share between threads.

    Args:
        secret_keys: newest first, as in `ZHENGTU_SECRET_KEYS`; white space around a key is ignored.

    Raises:
        WeakSecretKeysError: no key, or keys that are short, monotonous or listed twice; all problems at once.
    """

    def __init__(self, secret_keys: Sequence[str]) -> None:
        secrets = [key.strip() for key in secret_keys]
        if problems := _problems(secrets):
            raise WeakSecretKeysError(problems)
        self._keys = tuple(_derive(secret.encode()) for secret in secrets)
        self._by_id = {key.key_id: key for key in self._keys}

    def __repr__(self) -> str:
        return f"<Keyring of {len(self._keys)}, primary {self._keys[0].key_id.hex()}>"

    def encrypt(self, plain: bytes, *, context: bytes) -> bytes:
        """AES-256-GCM under the primary key: version (1) + key id (8) + nonce (12) + ciphertext + tag (16).

        `context` names the place, e.g. `b"persons.identity_number"`; it is authenticated, not stored, and the blob
        opens only with the same one. The nonce is random, so equal texts give different blobs; a key is good for
        2³² of them (NIST SP 800-38D, 8.3).
        """
        key = self._keys[0]
        header = _VERSION + key.key_id
        nonce = os.urandom(_NONCE_BYTES)
        return header + nonce + key.cipher.encrypt(nonce, plain, header + context)

    def decrypt(self, blob: bytes, *, context: bytes) -> bytes:
        """The bytes given to `encrypt` with the same `context`, under any key of the ring.

        Raises:
            DecryptionError: the blob is no such thing, its key is not on the ring, or it was changed or moved.
        """
        if len(blob) < HEADER_BYTES + _NONCE_BYTES + _TAG_BYTES or not blob.startswith(_VERSION):
            raise DecryptionError("malformed", context)
        header, rest = blob[:HEADER_BYTES], blob[HEADER_BYTES:]
        key = self._by_id.get(header[len(_VERSION) :])
        if key is None:
            raise DecryptionError("unknown_key", context)
        try:
            return key.cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], header + context)
        except InvalidTag:
            raise DecryptionError("not_authentic", context) from None

    def encrypt_text(self, text: str, *, context: bytes) -> bytes:
        """`encrypt` for the UTF-8 of `text`."""
        return self.encrypt(text.encode(), context=context)

    def decrypt_text(self, blob: bytes, *, context: bytes) -> str:
        """`decrypt` for what `encrypt_text` gave. Raises `DecryptionError`, also when it is no UTF-8."""
        try:
            return self.decrypt(blob, context=context).decode()
        except UnicodeDecodeError:
            raise DecryptionError("malformed", context) from None

    def needs_rotation(self, blob: bytes) -> bool:
        """Whether the blob is not under the primary key; re-encrypt it, and recompute the digest kept beside it."""
        return not blob.startswith(_VERSION + self._keys[0].key_id)

    def age(self, blob: bytes) -> int | None:
        """Under which key the blob is: 0 the primary, 1 the one before it …; None: under none of the ring.

        The blob's first `HEADER_BYTES` are enough.
        """
        header = blob[:HEADER_BYTES]
        return next((age for age, key in enumerate(self._keys) if header == _VERSION + key.key_id), None)

    def digest(self, value: str, *, context: bytes) -> bytes:
        """HMAC-SHA-256 (32 bytes) of `value` under the primary key: what a new or rotated row stores.

        Equality only: bring the value to its normal form first (an identity number in upper case, a phone in
        E.164). `context` keeps equal values in different columns apart. Never look up with this one; see `digests`.
        """
        return _digest(self._keys[0], value, context)

    def digests(self, value: str, *, context: bytes) -> tuple[bytes, ...]:
        """`digest` under every key, primary first: look up with `column IN digests(…)`.

        A row keeps the digest of the key it was written with until it is rotated, so an equal value is found
        whichever key wrote it. For the same reason a UNIQUE index alone does not keep a value single while a
        rotation runs: look up before adding.
        """
        return tuple(_digest(key, value, context) for key in self._keys)


def _problems(secrets: Sequence[str]) -> list[str]:
    if not secrets:
        return [f"no key; give at least one of {MIN_KEY_CHARACTERS} random characters or more"]
    problems = []
    for place, secret in enumerate(secrets, start=1):
        if len(secret) < MIN_KEY_CHARACTERS:
            problems.append(f"key {place} has {len(secret)} characters, {MIN_KEY_CHARACTERS} are needed")
        elif len(set(secret)) < MIN_DISTINCT_CHARACTERS:
            problems.append(f"key {place} repeats the same few characters; use random ones")
        if secret and (first := secrets.index(secret) + 1) < place:
            problems.append(f"key {place} is key {first} again")
    return problems


def _derive(secret: bytes) -> _Key:
    def derived(purpose: bytes, length: int) -> bytes:
        return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"zhengtu/v1/" + purpose).derive(
            secret
        )

    return _Key(
        key_id=derived(b"key-id", _KEY_ID_BYTES),
        cipher=AESGCM(derived(b"encryption", 32)),
        digest_key=derived(b"digest", 32),
    )


def _digest(key: _Key, value: str, context: bytes) -> bytes:
    # The length in front: no context can pass for a part of a value.
    message = len(context).to_bytes(4, "big") + context + value.encode()
    return hmac.new(key.digest_key, message, sha256).digest()
