"""The platform's side of callback signatures and of safe-mode encryption.

Written from the published rules alone and shared with nobody, so that the program under test and the
simulator check each other.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32


class CryptoError(ValueError):
    """A message that is not what the other side of the agreed key would have written."""


def signature(*parts: str) -> str:
    """SHA-1 over the sorted parts: (token, timestamp, nonce), in safe mode with `Encrypt` as a fourth."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def signature_matches(given: str, *parts: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode(), signature(*parts).encode())


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def encrypt(xml: str, *, aes_key: str, app_id: str) -> str:
    """Base64 of AES-256-CBC over 16 random bytes + length + XML + app id, padded PKCS#7 to 32."""
    content = xml.encode()
    plain = secrets.token_bytes(16) + struct.pack(">I", len(content)) + content + app_id.encode()
    pad = _BLOCK - len(plain) % _BLOCK
    encryptor = _cipher(aes_key).encryptor()
    sealed = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def decrypt(encrypted: str, *, aes_key: str, app_id: str) -> str:
    """Undo `encrypt`.

    Raises:
        CryptoError: not base64, not whole blocks, bad padding, bad length, or another account's app id.
    """
    try:
        sealed = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CryptoError("Encrypt is not base64") from error
    if not sealed or len(sealed) % 16:
        raise CryptoError("Encrypt is not made of whole AES blocks")
    decryptor = _cipher(aes_key).decryptor()
    plain = decryptor.update(sealed) + decryptor.finalize()
    pad = plain[-1]
    if not 1 <= pad <= _BLOCK or plain[-pad:] != bytes([pad]) * pad:
        raise CryptoError("the padding is wrong: another key?")
    plain = plain[:-pad]
    if len(plain) < 20:
        raise CryptoError("the plaintext is too short")
    (length,) = struct.unpack(">I", plain[16:20])
    if 20 + length > len(plain):
        raise CryptoError("the length field is wrong")
    owner = plain[20 + length :].decode("utf-8", "replace")
    if owner != app_id:
        raise CryptoError(f"encrypted for app id {owner!r}")
    try:
        return plain[20 : 20 + length].decode()
    except UnicodeDecodeError as error:
        raise CryptoError("the XML is not UTF-8") from error
