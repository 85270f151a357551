"""What no log line may hold: secrets and personal data go out, an openid becomes a short digest.

By name of the field, and by the look of the text wherever it stands: in messages of libraries, in tracebacks. A digest
is the same in every line, so that what happened to one follower can still be followed.
"""

import hashlib
import re
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

HIDDEN: Final = "***"

_PSEUDONYMS: Final = frozenset({"openid", "unionid", "touser", "fromusername", "from_user"})
#: Parts of a field's name.
_SECRET: Final = re.compile(
    r"secret|password|passwd|token|authorization|cookie|aes_?key|signature|credential|session_?key|private_?key",
    re.IGNORECASE,
)
_PERSONAL: Final = re.compile(
    r"identity|id_?number|id_?card|phone|mobile|address|birth|(?:^|_)(?:person|applicant|holder|full)_?name$",
    re.IGNORECASE,
)
#: Of our own choosing, with neither.
_HARMLESS: Final = frozenset({"token_version"})

_IN_TEXT: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    # What an address or a JSON body of WeChat's carries.
    (
        re.compile(
            r"(?i)\b((?:access_token|refresh_token|secret|app_?secret|token|signature|msg_signature|password|code)"
            r"[\"']?\s*[=:]\s*[\"']?)[^\s&\"',;)}\]]{4,}"
        ),
        r"\1" + HIDDEN,
    ),
    (re.compile(r"(?i)\b(bearer\s+)[\w.~+/-]{8,}=*"), r"\1" + HIDDEN),
    # The password of a database's or a proxy's address.
    (re.compile(r"(\w+://[^\s:/@]+:)[^\s@/]+(@)"), r"\1" + HIDDEN + r"\2"),
    # Identity numbers of 18 and 15 digits, the phone numbers of mainland China.
    (re.compile(r"(?<![\w-])[1-9]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dXx](?![\w-])"), HIDDEN),
    (re.compile(r"(?<![\w.-])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![\w.-])"), HIDDEN),
)
#: WeChat's openids: `o`, 27 more characters of base64url, and not of a longer word.
_OPENID: Final = re.compile(r"(?<![\w-])o[\w-]{27}(?![\w-])", re.ASCII)

_DEEPEST: Final = 6


def pseudonym(openid: str) -> str:
    """The same short digest for the same openid, in every process."""
    return hashlib.sha256(openid.encode()).hexdigest()[:12]


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: the same event without what no log may hold."""
    for key in list(event):
        event[key] = _cleaned(key, event[key], 0)
    return event


def _cleaned(key: str, value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool) or value == "":
        return value
    lowered = key.lower()
    if lowered in _PSEUDONYMS:
        return pseudonym(value) if isinstance(value, str) else HIDDEN
    if lowered not in _HARMLESS and (_SECRET.search(lowered) or _PERSONAL.search(lowered)):
        return HIDDEN
    if depth == _DEEPEST:
        return HIDDEN
    match value:
        case str():
            return redacted_text(value)
        case bytes() | bytearray():
            return HIDDEN
        case Mapping():
            return {str(name): _cleaned(str(name), one, depth + 1) for name, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_cleaned("", one, depth + 1) for one in value]
        case int() | float():
            return value
        case _:
            return redacted_text(str(value))


def redacted_text(text: str) -> str:
    """Free text without what looks like a secret, an identity number, a phone number or an openid."""
    for pattern, instead in _IN_TEXT:
        text = pattern.sub(instead, text)
    return _OPENID.sub(lambda found: pseudonym(found[0]), text)
