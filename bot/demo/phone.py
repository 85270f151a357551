"""A follower's phone, held by the script: it acts and reads through the simulated platform's control."""

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any

import aiohttp

from bot.demo.transcript import ACCOUNT, APPLICANT, Transcript

#: Seconds that a message may take to arrive before the script gives up.
PATIENCE = 25.0


class SilenceError(Exception):
    """What should have arrived on the phone did not; the text says what was awaited and what came last."""


class Platform:
    """The simulated platform's control under `url`."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http = http
        self.url = url

    async def ask(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """One request to /sim. Raises aiohttp.ClientResponseError."""
        async with self.http.request(
            method, f"{self.url}/sim/{path}", json=body or None, raise_for_status=True
        ) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def set_clock(self, moment: datetime | None) -> None:
        """Make it `moment` there; None: the real time again."""
        await self.ask("POST", "clock", **({"at": moment.isoformat()} if moment else {"offset": 0.0}))

    async def followers(self) -> list[dict[str, Any]]:
        """Every phone."""
        listed: list[dict[str, Any]] = (await self.ask("GET", "followers"))["followers"]
        return listed


class Phone:
    """One follower. What they do and what arrives goes into the transcript."""

    def __init__(self, platform: Platform, openid: str, transcript: Transcript) -> None:
        self.platform = platform
        self.openid = openid
        self.transcript = transcript
        self._seen = 0
        #: The last text that the account sent, passively or not.
        self.last = ""

    async def follow(self, nickname: str) -> str:
        """Get a phone and follow the account; gives its welcome."""
        self.transcript.line(APPLICANT, "（关注公众号）")
        answer = await self.platform.ask(
            "POST", "followers", openid=self.openid, nickname=nickname, follow=True
        )
        return await self._answered(answer)

    async def say(self, text: str) -> str:
        """Write a text; gives the answer, also when it comes later as a message of its own."""
        self.transcript.line(APPLICANT, text)
        return await self._answered(
            await self.platform.ask("POST", "send", openid=self.openid, type="text", content=text)
        )

    async def tap(self, key: str) -> str:
        """Tap an item of the menu."""
        self.transcript.line(APPLICANT, f"（点菜单：{key}）")
        return await self._answered(
            await self.platform.ask("POST", "send", openid=self.openid, type="click", key=key)
        )

    async def send_picture(self, content: bytes, what: str) -> str:
        """Send a picture."""
        self.transcript.line(APPLICANT, f"（照片：{what}）")
        encoded = base64.b64encode(content).decode()
        return await self._answered(
            await self.platform.ask("POST", "send", openid=self.openid, type="image", base64=encoded)
        )

    async def wait_for(self, told: str, wanted: Callable[[str], bool]) -> str:
        """The next message for which `wanted` holds, of what has not been read yet. Raises SilenceError."""
        found = await self._read(wanted, PATIENCE)
        if found is None:
            raise SilenceError(f"没有等到：{told}。最后收到的是：{self.last or '（没有消息）'}")
        return found

    async def _answered(self, answer: dict[str, Any]) -> str:
        if answer.get("error"):
            raise SilenceError(f"公众号没有回应：{answer['error']}")
        reply = answer.get("reply")
        if reply is None:
            return await self.wait_for("回复", lambda _: True)
        text = _words(reply)
        return await self._read(lambda found: found == text, PATIENCE) or text

    async def _read(self, wanted: Callable[[str], bool], patience: float) -> str | None:
        """Read on, telling everything, up to and with the first that is wanted."""
        while True:
            answer = await self.platform.ask("GET", f"inbox/{self.openid}?after={self._seen}&wait={patience}")
            if not answer["items"]:
                return None
            for item in answer["items"]:
                self._seen = item["seq"]
                self.last = _words(item)
                self.transcript.line(ACCOUNT, self.last)
                if wanted(self.last):
                    return self.last


def _words(item: dict[str, Any]) -> str:
    """A message as it is read: a template's fields below its title, a picture named."""
    match item["type"]:
        case "template":
            fields = "\n".join(f"{field['label']}：{field['value']}" for field in item["fields"])
            return f"【{item['title']}】\n{fields}"
        case "image":
            return "（图片）"
        case _:
            return str(item.get("content") or f"（{item['type']}）")
