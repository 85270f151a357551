"""A follower in a test: speaks to the real pipeline, in process, over the real database."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime

from bot.pipeline import ChatPipeline
from handlers.chat.entry import router as chat
from handlers.chat.messages import (
    ImageMessage,
    Inbound,
    MenuClicked,
    Reply,
    Subscribed,
    TextMessage,
    TextReply,
)
from handlers.chat.router import Router
from services.unit_of_work import Tools

_NUMBERS = itertools.count(1)


@dataclass
class Follower:
    """One openid of one account."""

    tools: Tools
    openid: str = "oFollower1"
    account: str = "main"
    router: Router = chat
    pipeline: ChatPipeline = field(init=False)

    def __post_init__(self) -> None:
        self.pipeline = ChatPipeline(self.tools, router=self.router)

    def envelope(self, key: str | None = None) -> dict[str, str | datetime]:
        return {
            "account": self.account,
            "openid": self.openid,
            "dedupe_key": key or f"message-{next(_NUMBERS)}",
            "sent_at": self.tools.clock.now(),
        }

    async def send(self, inbound: Inbound) -> Reply:
        return await self.pipeline.answer(inbound)

    async def say(self, content: str, *, key: str | None = None) -> str:
        """The text that comes back."""
        return text_of(await self.send(TextMessage(**self.envelope(key), content=content)))  # type: ignore[arg-type]

    async def click(self, key: str) -> str:
        return text_of(await self.send(MenuClicked(**self.envelope(), key=key)))  # type: ignore[arg-type]

    async def follow(self, scene: str | None = None) -> str:
        return text_of(await self.send(Subscribed(**self.envelope(), scene=scene)))  # type: ignore[arg-type]

    async def show(self, media_id: str) -> str:
        return text_of(await self.send(ImageMessage(**self.envelope(), media_id=media_id)))  # type: ignore[arg-type]


def text_of(reply: Reply) -> str:
    """The text of a text reply; the kind's name of any other."""
    return reply.text if isinstance(reply, TextReply) else type(reply).__name__
