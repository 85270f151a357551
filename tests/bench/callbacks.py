"""What WeChat sends in safe mode, ready to leave; and its own reading of our replies."""

import base64
import hashlib
import secrets
import struct
import time
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from wechatpy.crypto import WeChatCrypto

from bot.settings import WeChatSettings
from tests.bench.bare import PATH
from tests.bench.errors import BenchError
from tests.bench.wire import Asked

_BLOCK = 32


class Platform:
    """Seals callbacks as WeChat does, for one account, each with a message id of its own."""

    def __init__(self, account: WeChatSettings) -> None:
        self.account = account
        key = base64.b64decode(account.aes_keys[0] + "=")
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))
        # wechatpy's, which shares no code with ours on this side, reads what we answer.
        self._reader = WeChatCrypto(account.token, account.aes_keys[0], account.app_id)
        self._serial = secrets.randbelow(10**9) * 10**9

    def text(self, openid: str, content: str, *, expects: str) -> Asked:
        """Somebody writes `content`; the reply has to contain `expects`."""
        fields = f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{content}]]></Content>"
        return self._asked(openid, f"{fields}<MsgId>{self._next()}</MsgId>", expects)

    def receipt(self, openid: str, msgid: str) -> Asked:
        """TEMPLATESENDJOBFINISH: the template message `msgid` arrived."""
        fields = (
            "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event>"
            f"<MsgID>{msgid}</MsgID><Status><![CDATA[success]]></Status>"
        )
        return self._asked(openid, fields, "success")

    def replied(self, asked: Asked, body: bytes) -> None:
        """Decrypt the reply and look for what it has to say. Raises BenchError."""
        if body == b"success":
            raise BenchError("no reply within the pipeline's deadline: the machine is too busy to measure")
        sealed = {child.tag: child.text or "" for child in ElementTree.fromstring(body)}  # noqa: S314 - our own server's
        opened = self._reader.decrypt_message(
            body.decode(), sealed["MsgSignature"], sealed["TimeStamp"], sealed["Nonce"]
        )
        content = ElementTree.fromstring(opened).findtext("Content") or ""  # noqa: S314 - our own server's
        if asked.expects not in content:
            raise BenchError(f"expected {asked.expects!r} in the reply, got {content!r}")

    def _next(self) -> int:
        self._serial += 1
        return self._serial

    def _asked(self, openid: str, fields: str, expects: str) -> Asked:
        now = int(time.time())
        inner = (
            f"<xml><ToUserName><![CDATA[{self.account.original_id}]]></ToUserName>"
            f"<FromUserName><![CDATA[{openid}]]></FromUserName><CreateTime>{now}</CreateTime>{fields}</xml>"
        )
        encrypted, timestamp, nonce = self._seal(inner), str(now), secrets.token_hex(8)
        token = self.account.token
        query = (
            f"signature={_sign(token, timestamp, nonce)}&timestamp={timestamp}&nonce={nonce}&openid={openid}"
            f"&encrypt_type=aes&msg_signature={_sign(token, timestamp, nonce, encrypted)}"
        )
        body = (
            f"<xml><ToUserName><![CDATA[{self.account.original_id}]]></ToUserName>"
            f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        ).encode()
        head = (
            f"POST {PATH}?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return Asked(head.encode() + body, expects)

    def _seal(self, xml: str) -> str:
        content = xml.encode()
        plain = secrets.token_bytes(16) + struct.pack("!I", len(content)) + content
        plain += self.account.app_id.encode()
        room = _BLOCK - len(plain) % _BLOCK
        encryptor = self._cipher.encryptor()
        sealed = encryptor.update(plain + bytes([room]) * room) + encryptor.finalize()
        return base64.b64encode(sealed).decode()


def _sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()
