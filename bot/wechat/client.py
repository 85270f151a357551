"""WeChat's API for one account: wechatpy's endpoint builders over our own asynchronous transport.

`await client.message.send_text(openid, "你好")`, `await client.menu.create({…})`, `await client.tag.get()`: every
builder of wechatpy's that ends in one request works. Its `iter_*` and `get_url` do not, and say so.
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import aiohttp
from wechatpy.client import WeChatClient
from wechatpy.exceptions import WeChatClientException

from bot.wechat.account import WECHAT_API_URL, WeChatAccount
from bot.wechat.endpoints import Media, Menu, Messages, SceneQrCodes
from bot.wechat.errcodes import classify
from bot.wechat.tokens import TokenStore
from bot.wechat.transport import (
    MEDIA_TIMEOUT,
    TIMEOUT,
    GarbageAnswerError,
    NeverLeftError,
    Transport,
    TransportError,
    json_object,
)
from services.ports import MediaTooLargeError, Reaction

_Answer = TypeVar("_Answer")

#: An answer that starts like JSON and is no longer than this may be an error instead of a file.
_MAX_ERROR_BYTES = 64 * 1024


class WeChatAnswerError(WeChatClientException):  # type: ignore[misc]  # wechatpy has no types
    """WeChat answered with an errcode; `.answer` is all it said.

    A subclass of wechatpy's, which is what its builders and ours know.
    """

    def __init__(self, errcode: int, errmsg: str, answer: dict[str, Any]) -> None:
        super().__init__(errcode, errmsg)
        self.answer = answer


class AccountClient(WeChatClient):  # type: ignore[misc]  # wechatpy has no types
    """One account's API.

    Every call raises `WeChatAnswerError` for an errcode, `TransportError` when there is no answer, and
    `TokenRefusedError` when there is no access token. On 40001, 40014 and 42001 the token is replaced once and the
    request is made once more; nothing else is retried here.
    """

    message = Messages()
    media = Media()
    menu = Menu()
    qrcode = SceneQrCodes()

    def __init__(self, account: WeChatAccount, transport: Transport, tokens: TokenStore) -> None:
        # wechatpy's own __init__ opens a blocking session and a token store in memory: neither is wanted.
        self.account = account
        self.appid = account.app_id
        self._transport = transport
        self._tokens = tokens

    @property
    def access_token(self) -> str:
        """Not here: the token is had by awaiting."""
        raise AttributeError("use TokenStore.current")

    async def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Any:
        """What wechatpy's `get` and `post` call, and so every builder."""
        url = self._url(url_or_endpoint, kwargs.pop("api_base_url", self.API_BASE_URL))
        params = {name: str(value) for name, value in (kwargs.pop("params", None) or {}).items()}
        files = kwargs.pop("files", None)
        body = _form(files, kwargs.pop("data", None)) if files else _json(kwargs.pop("data", None))
        result_processor = kwargs.pop("result_processor", None)
        kwargs.pop("timeout", None)
        if kwargs:
            raise TypeError(f"not understood: {', '.join(kwargs)}")

        async def once(token: str) -> dict[str, Any]:
            answer = await self._transport.exchange(
                method.upper(),
                url,
                params={**params, "access_token": token},
                body=body,
                timeout=MEDIA_TIMEOUT if files else TIMEOUT,
            )
            return _checked(answer)

        answer = await self._with_token(once)
        return result_processor(answer) if result_processor else answer

    async def fetch_file(self, endpoint: str, params: Mapping[str, str], *, max_bytes: int) -> bytes:
        """The bytes of a file, read piece by piece and given up beyond `max_bytes`.

        WeChat says an error in a body that looks like any file's, whatever its Content-Type: it is told by content.

        Raises:
            MediaTooLargeError: longer than `max_bytes`.
        """
        url = self._url(endpoint, self.API_BASE_URL)

        async def once(token: str) -> bytes:
            query = {**params, "access_token": token}
            async with self._transport.stream("GET", url, params=query, timeout=MEDIA_TIMEOUT) as response:
                if (response.content_length or 0) > max(max_bytes, _MAX_ERROR_BYTES):
                    raise MediaTooLargeError(f"{response.content_length} bytes")
                content = bytearray()
                async for chunk in response.content.iter_any():
                    content += chunk
                    if len(content) > max(max_bytes, _MAX_ERROR_BYTES):
                        raise MediaTooLargeError(f"more than {max_bytes} bytes")
            if not content:
                raise GarbageAnswerError("empty file")
            if content.lstrip()[:1] == b"{" and len(content) <= _MAX_ERROR_BYTES:
                # No picture starts with a brace; a video is answered with its address, and that is no file either.
                _checked(json_object(bytes(content)))
                raise GarbageAnswerError("JSON instead of a file")
            if len(content) > max_bytes:
                raise MediaTooLargeError(f"more than {max_bytes} bytes")
            return bytes(content)

        return await self._with_token(once)

    async def _with_token(self, once: Callable[[str], Awaitable[_Answer]]) -> _Answer:
        token = await self._token(self._tokens.current(self.account.name))
        try:
            return await once(token)
        except WeChatAnswerError as error:
            if classify(error.errcode, error.errmsg) is not Reaction.REFRESH_TOKEN:
                raise
        return await once(await self._token(self._tokens.invalidate(self.account.name, token)))

    async def _token(self, getting: Awaitable[str]) -> str:
        try:
            return await getting
        except TransportError as error:
            # It is the request for a token that failed: what was to be sent has not left, or was refused.
            raise NeverLeftError(f"no token: {error or type(error).__name__}") from error

    def _url(self, endpoint: str, base: str) -> str:
        url = endpoint if endpoint.startswith(("http://", "https://")) else base + endpoint
        if not url.startswith(WECHAT_API_URL + "/"):
            # The token goes with every request, so it goes nowhere else.
            raise ValueError(f"not WeChat's API: {url}")
        return self.account.api_url.rstrip("/") + url.removeprefix(WECHAT_API_URL)


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, if it is a good one."""
    try:
        errcode = int(answer.get("errcode", 0))
    except (TypeError, ValueError) as error:
        raise GarbageAnswerError("errcode is no number") from error
    if errcode:
        raise WeChatAnswerError(errcode, str(answer.get("errmsg", "")), answer)
    return answer


def _json(data: Any) -> Callable[[], bytes] | None:
    """Raw UTF-8: WeChat shows `\\uXXXX` to people as it stands."""
    if data is None:
        return None
    content = (
        data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")
    )
    return lambda: content


def _form(files: Mapping[str, Any], data: Any) -> Callable[[], aiohttp.FormData]:
    """A multipart form that can be made again for the second try.

    A file is bytes, an open file, or (name, bytes or open file, content type).
    """
    parts: list[tuple[str, bytes, str, str | None]] = []
    for field, file in files.items():
        name, content, kind = file if isinstance(file, tuple) else (getattr(file, "name", field), file, None)
        whole = content if isinstance(content, bytes) else content.read()
        parts.append(
            (field, whole, re.sub(r"[^\w.\-]", "_", str(name).rsplit("/", 1)[-1], flags=re.ASCII), kind)
        )

    def make() -> aiohttp.FormData:
        form = aiohttp.FormData()
        for field, content, name, kind in parts:
            form.add_field(field, content, filename=name, content_type=kind or "application/octet-stream")
        for field, value in (data or {}).items():
            form.add_field(field, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        return form

    return make
