"""WeChat's side of a callback, written from the platform's rules alone: it checks `bot.wechat` by sharing no code."""

import base64
import hashlib
import itertools
import os
import re
import struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

TOKEN = "token-of-the-tests"
APP_ID = "wx0123456789abcdef"
ORIGINAL_ID = "gh_0123456789ab"
OPENID = "oFollower_-0123456789ABCDEFG"
AES_KEY = base64.b64encode(bytes(range(32))).decode()[:43]
OLD_AES_KEY = base64.b64encode(bytes(range(100, 132))).decode()[:43]
FOREIGN_AES_KEY = base64.b64encode(bytes(range(200, 232))).decode()[:43]

_nonces = itertools.count(100_000)


def sha1_of_sorted(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def encrypt(xml: str, *, aes_key: str = AES_KEY, app_id: str = APP_ID) -> str:
    key = base64.b64decode(aes_key + "=")
    content = xml.encode()
    plain = os.urandom(16) + struct.pack(">I", len(content)) + content + app_id.encode()
    padding = 32 - len(plain) % 32
    encryptor = Cipher(AES(key), CBC(key[:16])).encryptor()
    return base64.b64encode(
        encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
    ).decode()


def decrypt(encrypted: str, *, aes_key: str = AES_KEY) -> tuple[str, str]:
    """The XML and the app id behind it."""
    key = base64.b64decode(aes_key + "=")
    decryptor = Cipher(AES(key), CBC(key[:16])).decryptor()
    padded = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
    plain = padded[16 : -padded[-1]]
    (length,) = struct.unpack(">I", plain[:4])
    return plain[4 : 4 + length].decode(), plain[4 + length :].decode()


def query(timestamp: int, *, encrypted: str | None = None, token: str = TOKEN) -> dict[str, str]:
    """The signed query of a callback; with `msg_signature` when there is something encrypted."""
    nonce = str(next(_nonces))
    signed = {
        "signature": sha1_of_sorted(token, str(timestamp), nonce),
        "timestamp": str(timestamp),
        "nonce": nonce,
        "openid": OPENID,
    }
    if encrypted is not None:
        signed["encrypt_type"] = "aes"
        signed["msg_signature"] = sha1_of_sorted(token, str(timestamp), nonce, encrypted)
    return signed


def envelope(encrypted: str) -> str:
    return f"<xml><ToUserName><![CDATA[{ORIGINAL_ID}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"


def message(
    kind: str, rest: str = "", *, msgid: int = 6_000_000_000_000_000_001, at: int = 1_795_226_400
) -> str:
    return (
        f"<xml><ToUserName><![CDATA[{ORIGINAL_ID}]]></ToUserName><FromUserName><![CDATA[{OPENID}]]></FromUserName>"
        f"<CreateTime>{at}</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>{rest}<MsgId>{msgid}</MsgId></xml>"
    )


def event(name: str, rest: str = "", *, at: int = 1_795_226_400) -> str:
    return (
        f"<xml><ToUserName><![CDATA[{ORIGINAL_ID}]]></ToUserName><FromUserName><![CDATA[{OPENID}]]></FromUserName>"
        f"<CreateTime>{at}</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{name}]]></Event>{rest}</xml>"
    )


def element(xml: str, tag: str) -> str:
    """The text of the first `<tag>`, in CDATA or not."""
    found = re.search(rf"<{tag}>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</{tag}>", xml, re.DOTALL)
    assert found, f"no {tag} in {xml}"
    return found[1]
