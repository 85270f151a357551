"""One HTTP exchange with WeChat's servers, and what exactly is known when it fails.

The difference that counts for a message: did the request leave? A failure before that is `NeverLeftError` and may be
tried again at once; after it, `AnswerLostError`: WeChat may have acted on it.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp

#: JSON answers of WeChat's are a few hundred bytes; a list of 10,000 followers is 300 KiB.
MAX_JSON_BYTES = 1024 * 1024
TIMEOUT = aiohttp.ClientTimeout(total=10, sock_connect=3)
#: For pictures of up to 10 MB, either way.
MEDIA_TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=3, sock_read=10)

#: More than the delivery loop sends at once: what is claimed must not wait here for its turn.
CONNECTIONS = 512


class TransportError(Exception):
    """WeChat's answer did not arrive, or is none."""


class NeverLeftError(TransportError):
    """No connection: WeChat has not seen the request."""


class AnswerLostError(TransportError):
    """The request left, and then a timeout or a dropped connection: carried out or not, nobody knows."""


class GarbageAnswerError(TransportError):
    """HTTP 2xx, but no JSON object, or a longer one than any of WeChat's: carried out or not, nobody knows."""


class HttpStatusError(TransportError):
    """Another HTTP status than 2xx."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


@dataclass
class _Progress:
    """Goes with one request as its trace context."""

    left: bool = False


async def _mark_left(_session: aiohttp.ClientSession, context: Any, _params: Any) -> None:
    if isinstance(context.trace_request_ctx, _Progress):
        context.trace_request_ctx.left = True


class Transport:
    """One connection pool for all accounts of a process. Make it in the running loop, `close` it at the end."""

    def __init__(self) -> None:
        trace = aiohttp.TraceConfig()
        # Comes when the headers are handed to the connection: never too late, so `left` is never wrongly False.
        trace.on_request_headers_sent.append(_mark_left)
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, ttl_dns_cache=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=TIMEOUT,
            trace_configs=[trace],
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def exchange(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Callable[[], bytes | aiohttp.FormData] | None = None,
        timeout: aiohttp.ClientTimeout = TIMEOUT,  # noqa: ASYNC109 - aiohttp's own kind of timeout
    ) -> dict[str, Any]:
        """Send, and read the JSON object that comes back.

        Args:
            body: makes the body anew, because a form can be sent only once. Bytes are JSON.

        Raises:
            TransportError: one of its four kinds.
        """
        async with self.stream(method, url, params=params, body=body, timeout=timeout) as response:
            content = bytearray()
            async for chunk in response.content.iter_any():
                content += chunk
                if len(content) > MAX_JSON_BYTES:
                    raise GarbageAnswerError("too long")
        return json_object(bytes(content))

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Callable[[], bytes | aiohttp.FormData] | None = None,
        timeout: aiohttp.ClientTimeout = TIMEOUT,  # noqa: ASYNC109 - aiohttp's own kind of timeout
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """As `exchange`, with the answer unread; failures while the caller reads it come out as the same errors."""
        progress = _Progress()
        data = body() if body else None
        headers = {"Content-Type": "application/json; charset=utf-8"} if isinstance(data, bytes) else None
        try:
            async with self._http.request(
                method,
                url,
                params=params,
                data=data,
                headers=headers,
                timeout=timeout,
                # WeChat's API never redirects, and the token is in the address.
                allow_redirects=False,
                trace_request_ctx=progress,
            ) as response:
                if not 200 <= response.status < 300:
                    raise HttpStatusError(response.status)
                yield response
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            kind = AnswerLostError if progress.left else NeverLeftError
            # The error's own text may hold the address, and with it the token.
            raise kind(type(error).__name__) from None


def json_object(content: bytes) -> dict[str, Any]:
    """The JSON object in `content`.

    WeChat's text is UTF-8 that may hold broken characters and raw control characters (nicknames): both are let pass.

    Raises:
        GarbageAnswerError: there is none.
    """
    try:
        decoded = json.loads(content.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError) as error:
        raise GarbageAnswerError("not JSON") from error
    if not isinstance(decoded, dict):
        raise GarbageAnswerError("no JSON object")
    return decoded
