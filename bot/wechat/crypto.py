"""Signatures and encryption of callbacks: what proves that WeChat sent a request, for us.

Each failure is one `ForgedCallbackError`, so that an answer tells a forger nothing about which check it failed.
"""

import hashlib
import hmac
import secrets
from functools import lru_cache

from wechatpy.crypto import PrpCrypto

from bot.wechat.account import WeChatAccount, decode_aes_key
from bot.wechat.replies import cdata


class ForgedCallbackError(Exception):
    """This request did not come from WeChat for this account; `reason` is for our log only."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _MessageCrypto(PrpCrypto):  # type: ignore[misc]  # wechatpy has no types
    """wechatpy's cipher, with its 16 leading bytes from the system's randomness: the IV is fixed, they hide repeats."""

    def get_random_string(self) -> str:
        return secrets.token_hex(8)


@lru_cache(maxsize=64)
def _cipher(aes_key: str) -> _MessageCrypto:
    return _MessageCrypto(decode_aes_key(aes_key))


def sign(*parts: str) -> str:
    """WeChat's signature: hex SHA-1 of the parts, sorted and joined."""
    return hashlib.sha1("".join(sorted(parts)).encode(errors="replace"), usedforsecurity=False).hexdigest()


def check_signature(account: WeChatAccount, *, signature: str, timestamp: str, nonce: str) -> None:
    """The signature of every callback, GET and POST, over token, timestamp and nonce.

    Raises:
        ForgedCallbackError: it does not match.
    """
    _compare(sign(account.token, timestamp, nonce), signature, reason="signature")


def open_sealed(
    account: WeChatAccount, encrypted: str, *, msg_signature: str, timestamp: str, nonce: str
) -> tuple[str, str]:
    """The XML inside `Encrypt`, and the EncodingAESKey that opened it (the current one or a previous one).

    Raises:
        ForgedCallbackError: wrong `msg_signature`, no key of ours opens it, or it is for another app id.
    """
    _compare(sign(account.token, timestamp, nonce, encrypted), msg_signature, reason="msg_signature")
    for aes_key in account.aes_keys:
        try:
            return _cipher(aes_key).decrypt(encrypted, account.app_id), aes_key
        except Exception:  # noqa: S112 - any failure of this key's decryption means: try the previous key
            continue
    raise ForgedCallbackError("decryption")


def seal(account: WeChatAccount, xml: str, *, aes_key: str, timestamp: int, nonce: str) -> str:
    """`xml` encrypted with `aes_key` (the one that opened the callback) and signed, as WeChat wants its answer."""
    encrypted = _cipher(aes_key).encrypt(xml, account.app_id).decode()
    signature = sign(account.token, str(timestamp), nonce, encrypted)
    return (
        f"<xml><Encrypt>{cdata(encrypted)}</Encrypt><MsgSignature>{cdata(signature)}</MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{cdata(nonce)}</Nonce></xml>"
    )


def _compare(expected: str, given: str, *, reason: str) -> None:
    if not hmac.compare_digest(expected.encode(), given.encode(errors="replace")):
        raise ForgedCallbackError(reason)
