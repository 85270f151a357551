"""陈述: what a person says of being put on a blacklist, in words and pictures (C7)."""

from handlers.chat.context import ChatContext
from handlers.chat.messages import ImageMessage, Reply, TextMessage, TextReply
from handlers.chat.router import Router
from handlers.chat.states import ChatState
from handlers.chat.texts import blacklist as texts
from services.blacklist import HearingService
from services.errors import NotFoundError, ServiceError
from services.rules.errors import InvalidValueError
from services.rules.words import Word

router = Router()


@router.word(Word.STATE)
async def state(ctx: ChatContext, _: str | None) -> Reply:
    """What is alleged, until when one may answer, and how."""
    hearing = await HearingService(ctx.work).of_follower(ctx.follower_id)
    if hearing is None:
        return TextReply(text=texts.nothing_to_answer())
    ctx.goto(ChatState.STATING)
    return TextReply(text=texts.hearing(hearing))


@router.text(ChatState.STATING)
async def say(ctx: ChatContext, message: TextMessage) -> Reply:
    """Whatever is written is kept as it is."""
    try:
        hearing = await HearingService(ctx.work).say(ctx.follower_id, message.content, actor=ctx.actor)
    except NotFoundError:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.nothing_to_answer())
    except (InvalidValueError, ServiceError) as error:
        return TextReply(text=texts.refused(error.code, error.facts))
    return TextReply(text=texts.said(hearing))


async def show(ctx: ChatContext, message: ImageMessage) -> Reply:
    """A picture that belongs to the statement."""
    try:
        hearing = await HearingService(ctx.work).show(
            ctx.follower_id, message.media_id, account=ctx.account, actor=ctx.actor
        )
    except NotFoundError:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.nothing_to_answer())
    except ServiceError as error:
        return TextReply(text=texts.refused(error.code, error.facts))
    return TextReply(text=texts.said(hearing))
