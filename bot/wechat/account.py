"""What we must know of one official account to speak with WeChat in its name."""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Literal

#: Where WeChat answers; the simulator's address takes its place in a demo.
WECHAT_API_URL = "https://api.weixin.qq.com"

Mode = Literal["safe", "plain"]
MassBy = Literal["openid", "tag"]


def decode_aes_key(encoded: str) -> bytes:
    """The 32 bytes behind an EncodingAESKey (43 characters, base64 without its `=`).

    Raises:
        ValueError: it is no EncodingAESKey. The message does not repeat the key.
    """
    try:
        key = base64.b64decode(encoded + "=", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("an EncodingAESKey is 43 letters and digits") from error
    if len(encoded) != 43 or len(key) != 32:
        raise ValueError("an EncodingAESKey is 43 letters and digits")
    return key


@dataclass(frozen=True, kw_only=True)
class WeChatAccount:
    """One official account, as configured.

    Raises:
        ValueError: safe mode without an AES key, or a key that is none.
    """

    #: Ours: the `{account}` of `/wechat/{account}`.
    name: str
    app_id: str
    app_secret: str = field(repr=False)
    #: Signs callbacks; at least 3 characters by WeChat's rule.
    token: str = field(repr=False)
    #: The first is WeChat's current key, later ones were current before a rotation and still decrypt.
    aes_keys: tuple[str, ...] = field(default=(), repr=False)
    #: `gh_…`; empty when unknown, and then callbacks are not checked against it.
    original_id: str = ""
    #: What callbacks must be. Configuration alone decides, a request never does.
    mode: Mode = "safe"
    api_url: str = WECHAT_API_URL
    #: How it may send to many: to openids (service accounts), or to a tag alone (subscription accounts).
    mass_by: MassBy = "openid"

    def __post_init__(self) -> None:
        if self.mode == "safe" and not self.aes_keys:
            raise ValueError(f"account {self.name}: safe mode needs an EncodingAESKey")
        if not self.token:
            raise ValueError(f"account {self.name}: callbacks cannot be checked without a token")
        for key in self.aes_keys:
            decode_aes_key(key)
