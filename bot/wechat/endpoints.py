"""Requests that wechatpy does not build, or builds out of date: each method returns the client's awaitable."""

from collections.abc import Sequence
from typing import Any

from wechatpy.client.api import WeChatMedia, WeChatMenu, WeChatMessage, WeChatQRCode
from wechatpy.exceptions import WeChatClientException

MAX_CLIENT_MSG_ID_BYTES = 63
MAX_SCENE_SECONDS = 30 * 24 * 3600


class Messages(WeChatMessage):  # type: ignore[misc]  # wechatpy has no types
    """Template messages with `client_msg_id`, and mass messages as the platform takes them today."""

    async def send_template(
        self,
        user_id: str,
        template_id: str,
        data: dict[str, Any],
        url: str | None = None,
        mini_program: dict[str, str] | None = None,
        *,
        client_msg_id: str | None = None,
    ) -> dict[str, Any]:
        """`message/template/send`; the same `client_msg_id` to the same person within 10 min is sent once.

        Returns:
            WeChat's answer, with `msgid`.
        """
        asked = {"touser": user_id, "template_id": template_id, "data": data}
        optional = {"url": url, "miniprogram": mini_program, "client_msg_id": client_msg_id}
        asked |= {name: value for name, value in optional.items() if value is not None}
        return await self._ask("message/template/send", asked)

    async def send_subscription(
        self, user_id: str, template_id: str, data: dict[str, Any], page: str | None = None
    ) -> dict[str, Any]:
        """`message/subscribe/bizsend`; `page` is what a tap opens."""
        asked = {"touser": user_id, "template_id": template_id, "data": data}
        return await self._ask("message/subscribe/bizsend", asked | ({"page": page} if page else {}))

    async def send_mass_to_tag(
        self, tag_id: int | None, content: dict[str, Any], *, clientmsgid: str
    ) -> dict[str, Any]:
        """`message/mass/sendall` to the followers with a tag, or to all (None).

        Args:
            content: the message's part, as `{"msgtype": "text", "text": {"content": …}}`.
            clientmsgid: at most 63 bytes; sent twice, WeChat answers 45065 with the first `msg_id`.
        """
        _check_clientmsgid(clientmsgid)
        chosen: dict[str, Any] = (
            {"is_to_all": True} if tag_id is None else {"is_to_all": False, "tag_id": tag_id}
        )
        return await self._ask(
            "message/mass/sendall", {"filter": chosen, **content, "clientmsgid": clientmsgid}
        )

    async def send_mass_to(
        self, openids: Sequence[str], content: dict[str, Any], *, clientmsgid: str
    ) -> dict[str, Any]:
        """`message/mass/send` to 2–10,000 people; otherwise as `send_mass_to_tag`."""
        _check_clientmsgid(clientmsgid)
        if not 2 <= len(openids) <= 10_000:
            raise ValueError("a mass message goes to 2–10,000 people")
        return await self._ask(
            "message/mass/send", {"touser": list(openids), **content, "clientmsgid": clientmsgid}
        )

    async def preview_mass(self, openid: str, content: dict[str, Any]) -> dict[str, Any]:
        """`message/mass/preview`: the mass message, to one person."""
        return await self._ask("message/mass/preview", {"touser": openid, **content})

    async def mass_status(self, msgid: str) -> dict[str, Any]:
        """`message/mass/get`: what became of a mass message, as `msg_status`."""
        return await self._ask("message/mass/get", {"msg_id": msgid})

    async def _ask(self, endpoint: str, asked: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = await self._post(endpoint, data=asked)
        return answer


class Media(WeChatMedia):  # type: ignore[misc]  # wechatpy has no types
    """Media, as bytes: temporary ones, and what mass messages carry."""

    async def add_picture(self, content: bytes, *, filename: str, content_type: str) -> dict[str, Any]:
        """`material/add_material`: a picture that lasts; `media_id` and `url`."""
        answer: dict[str, Any] = await self._post(
            "material/add_material",
            params={"type": "image"},
            files={"media": (filename, content, content_type)},
        )
        return answer

    async def add_draft(self, article: dict[str, Any]) -> dict[str, Any]:
        """`draft/add`: an article that can be sent; `media_id`."""
        answer: dict[str, Any] = await self._post("draft/add", data={"articles": [article]})
        return answer

    async def upload_bytes(self, kind: str, content: bytes, *, filename: str, content_type: str) -> str:
        """Keep `content` for 3 days (an image ≤ 10 MB): its media id."""
        answer = await self._post(
            "media/upload", params={"type": kind}, files={"media": (filename, content, content_type)}
        )
        return str(answer["media_id"])

    async def fetch(self, media_id: str, *, max_bytes: int) -> bytes:
        """What a person sent, within 3 days; see `AccountClient.fetch_file`."""
        content: bytes = await self._client.fetch_file(
            "media/get", {"media_id": media_id}, max_bytes=max_bytes
        )
        return content


class Menu(WeChatMenu):  # type: ignore[misc]  # wechatpy has no types
    """The menu; wechatpy's `get` cannot catch what is raised only when it is awaited."""

    async def get(self) -> dict[str, Any] | None:
        """The menu in force, or None."""
        try:
            menu: dict[str, Any] = await self._get("menu/get")
        except WeChatClientException as error:
            if error.errcode == 46003:
                return None
            raise
        return menu


class SceneQrCodes(WeChatQRCode):  # type: ignore[misc]  # wechatpy has no types
    """QR codes that open the account with a scene."""

    async def create_temporary(self, scene: str, *, seconds: int) -> dict[str, Any]:
        """One that holds for at most 30 days: `ticket`, `expire_seconds`, and `url`, which is what the code says."""
        if not 0 < seconds <= MAX_SCENE_SECONDS:
            raise ValueError("a temporary code holds for at most 30 days")
        return await self._make({"action_name": "QR_STR_SCENE", "expire_seconds": seconds, **_scene(scene)})

    async def create_permanent(self, scene: str) -> dict[str, Any]:
        """One of the account's 100,000 that last: `ticket` and `url`."""
        return await self._make({"action_name": "QR_LIMIT_STR_SCENE", **_scene(scene)})

    async def _make(self, asked: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = await self.create(asked)
        return answer


def _scene(scene: str) -> dict[str, Any]:
    if not 1 <= len(scene) <= 64:
        raise ValueError("a scene has 1–64 characters")
    return {"action_info": {"scene": {"scene_str": scene}}}


def _check_clientmsgid(clientmsgid: str) -> None:
    if not 1 <= len(clientmsgid.encode()) <= MAX_CLIENT_MSG_ID_BYTES:
        raise ValueError("a clientmsgid has 1–63 bytes")
