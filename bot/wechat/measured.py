"""The client that counts: every call to WeChat with its errcode and how long it took."""

from typing import Any

from bot.meters import Meters
from bot.wechat.account import WECHAT_API_URL, WeChatAccount
from bot.wechat.client import AccountClient, WeChatAnswerError
from bot.wechat.tokens import TokenRefusedError, TokenStore
from bot.wechat.transport import (
    AnswerLostError,
    GarbageAnswerError,
    HttpStatusError,
    NeverLeftError,
    Transport,
)
from services.ports import MediaTooLargeError


class MeasuredClient(AccountClient):
    """As `AccountClient`; each call, with its second try after a refused token, is one in the meters."""

    def __init__(
        self, account: WeChatAccount, transport: Transport, tokens: TokenStore, meters: Meters
    ) -> None:
        super().__init__(account, transport, tokens)
        self._meters = meters

    async def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Any:
        with self._meters.call(self.account.name, _api(url_or_endpoint), _told):
            return await super()._request(method, url_or_endpoint, **kwargs)

    async def fetch_file(self, endpoint: str, params: Any, *, max_bytes: int) -> bytes:
        """As there."""
        with self._meters.call(self.account.name, _api(endpoint), _told):
            return await super().fetch_file(endpoint, params, max_bytes=max_bytes)


def _api(endpoint: str) -> str:
    """`message/template/send`: the same whether the address was given in full or not."""
    path = endpoint.removeprefix(WECHAT_API_URL).partition("?")[0]
    return path.strip("/").removeprefix("cgi-bin/")


def _told(error: Exception) -> str:
    match error:
        case WeChatAnswerError(errcode=errcode):
            return str(errcode)
        case TokenRefusedError():
            return "no_token"
        case HttpStatusError(status=status):
            return f"http_{status}"
        case NeverLeftError():
            return "never_left"
        case AnswerLostError():
            return "answer_lost"
        case GarbageAnswerError():
            return "garbage"
        case MediaTooLargeError():
            return "too_large"
        case _:
            return "broken"
