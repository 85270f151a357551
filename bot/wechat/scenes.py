"""The `SceneCodes` port over WeChat's API."""

from collections.abc import Mapping

import structlog

from bot.wechat.client import AccountClient, WeChatAnswerError
from bot.wechat.tokens import TokenRefusedError
from bot.wechat.transport import TransportError
from services.ports import SceneCodeUnavailableError

log = structlog.get_logger(__name__)


class WeChatSceneCodes:
    """Codes of any of our accounts (`services.ports.SceneCodes`)."""

    def __init__(self, clients: Mapping[str, AccountClient]) -> None:
        self._clients = clients

    async def address(self, account: str, scene: str, *, seconds: int) -> str:
        """What the code says. Raises SceneCodeUnavailableError, ValueError beyond 30 days or 64 characters."""
        client = self._clients.get(account)
        if client is None:
            raise SceneCodeUnavailableError(account)
        try:
            answer = await client.qrcode.create_temporary(scene, seconds=seconds)
            return str(answer["url"])
        except (WeChatAnswerError, TokenRefusedError, TransportError, KeyError) as error:
            log.warning("scene_code_unavailable", account=account, error=type(error).__name__)
            raise SceneCodeUnavailableError(account) from error
