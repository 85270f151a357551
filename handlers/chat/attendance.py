"""Signing in on a day of a class by scanning its QR code (C8)."""

from typing import TypeGuard

from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextReply
from handlers.chat.texts import attendance as texts
from services.attendance.signing import SignInService
from services.attendance.views import SIGN_SCENE
from services.errors import ServiceError


def is_sign_in(scene: str | None) -> TypeGuard[str]:
    """Whether a scene is that of a day of a class."""
    return scene is not None and scene.startswith(SIGN_SCENE)


async def sign_in(ctx: ChatContext, scene: str) -> Reply:
    """Signed in, or why not; whatever question is open stays open."""
    try:
        signed = await SignInService(ctx.work).scan(
            scene.removeprefix(SIGN_SCENE), ctx.follower_id, ctx.actor
        )
    except ServiceError as error:
        return TextReply(text=texts.refused(error))
    return TextReply(text=texts.signed(signed))
