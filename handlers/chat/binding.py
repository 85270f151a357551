"""Staff show their own WeChat by scanning a code in the console, so that tests of broadcasts go there."""

from typing import TypeGuard

from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextReply
from handlers.chat.texts import binding as texts
from services.broadcasts.trying import BIND_SCENE, TryingService
from services.errors import NotFoundError


def is_binding(scene: str | None) -> TypeGuard[str]:
    """Whether a scene is that of such a code."""
    return scene is not None and scene.startswith(BIND_SCENE)


async def bind(ctx: ChatContext, scene: str) -> Reply:
    """Whose account it is bound to now, or that the code holds no more; an open question stays open."""
    try:
        name = await TryingService(ctx.work).bind(scene, ctx.account, ctx.follower_id)
    except NotFoundError:
        return TextReply(text=texts.gone())
    return TextReply(text=texts.bound(name))
