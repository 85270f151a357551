"""What went over the wire, both ways, kept for tests to read: decrypted, with secrets blotted out."""

import re
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

KEPT = 2_000
_BODY = 20_000
_SECRET_QUERY = frozenset({"access_token", "secret"})
_SECRET_JSON = re.compile(r'("(?:access_token|secret|aes_key)"\s*:\s*")[^"]*(")')


@dataclass
class Exchange:
    """One request and its answer. `direction`: `api` (to the platform) or `callback` (from it)."""

    seq: int
    at: str
    direction: str
    method: str
    path: str
    query: dict[str, str]
    request: str
    status: int | None = None
    response: str = ""
    error: str | None = None
    #: The callback's plaintext, and that of the passive reply.
    xml: str | None = None
    reply_xml: str | None = None
    #: For a callback, which try of how many this was.
    attempt: int | None = None
    account: str | None = None
    openid: str | None = None


@dataclass
class Traffic:
    """The last exchanges, oldest first, numbered from 1."""

    exchanges: deque[Exchange] = field(default_factory=lambda: deque(maxlen=KEPT))
    seq: int = 0

    def record(self, **facts: Any) -> Exchange:
        """Keep an exchange and hand it back, so that its answer can be filled in."""
        self.seq += 1
        exchange = Exchange(seq=self.seq, **facts)
        self.exchanges.append(exchange)
        return exchange

    def list(self, *, after: int, direction: str | None, path: str | None) -> list[dict[str, Any]]:
        """Exchanges numbered above `after`, by direction and start of path."""
        return [
            asdict(exchange)
            for exchange in self.exchanges
            if exchange.seq > after
            and (direction is None or exchange.direction == direction)
            and (path is None or exchange.path.startswith(path))
        ]

    def clear(self) -> None:
        """Forget everything; numbers go on."""
        self.exchanges.clear()


def redact_query(query: dict[str, str]) -> dict[str, str]:
    """The query with its credentials blotted out."""
    return {key: "***" if key in _SECRET_QUERY else value for key, value in query.items()}


def redact_body(body: bytes | None, content_type: str) -> str:
    """A body fit for the record: JSON and text with credentials blotted out, other kinds by size."""
    if not body:
        return ""
    if not any(kind in content_type for kind in ("json", "text", "xml", "urlencoded", "octet-stream")):
        return f"<{content_type or 'unknown type'}, {len(body)} bytes>"
    try:
        text = body[:_BODY].decode()
    except UnicodeDecodeError:
        return f"<{content_type}, {len(body)} bytes>"
    return _SECRET_JSON.sub(r"\1***\2", text)
