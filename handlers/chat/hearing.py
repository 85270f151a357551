"""陈述: what a person says of being put on a blacklist, in words and pictures (C7)."""

from handlers.chat.context import ChatContext
from handlers.chat.messages import ImageMessage, Reply, TextMessage, TextReply
from handlers.chat.router import Router
from handlers.chat.states import ChatState
from handlers.chat.texts import blacklist as texts
from services.blacklist import HearingService
from services.blacklist.naming import NamingService, NotNamedError
from services.errors import LimitedError, NotFoundError, ServiceError
from services.rules.errors import InvalidValueError
from services.rules.words import Word

router = Router()


@router.word(Word.STATE)
async def state(ctx: ChatContext, _: str | None) -> Reply:
    """What is alleged, until when one may answer, and how."""
    hearing = await HearingService(ctx.work).of_follower(ctx.follower_id)
    if hearing is None and any(scheme.blacklist is not None for scheme in ctx.schemes):
        ctx.goto(ChatState.NAMING_THEMSELVES)
        return TextReply(text=texts.who())
    if hearing is None:
        return TextReply(text=texts.nothing_to_answer())
    ctx.goto(ChatState.STATING)
    return TextReply(text=texts.hearing(hearing))


@router.text(ChatState.NAMING_THEMSELVES)
async def name(ctx: ChatContext, message: TextMessage) -> Reply:
    """Name and identity number of one who is not known here."""
    service = HearingService(ctx.work)
    try:
        hearing = await service.named(ctx.follower_id, message.content, actor=ctx.actor)
    except InvalidValueError:
        ctx.conversation.failures += 1
        return TextReply(text=texts.who_again())
    except LimitedError as error:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.named_too_often(error.facts))
    except NotNamedError as error:
        await NamingService(ctx.work).count_failure(ctx.follower_id, error)
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.nobody_named())
    ctx.goto(ChatState.STATING, entry=hearing.entry_id)
    return TextReply(text=texts.hearing(hearing))


@router.text(ChatState.STATING)
async def say(ctx: ChatContext, message: TextMessage) -> Reply:
    """Whatever is written is kept as it is."""
    try:
        hearing = await HearingService(ctx.work).say(
            ctx.follower_id, message.content, actor=ctx.actor, entry_id=ctx.remembered("entry")
        )
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
            ctx.follower_id,
            message.media_id,
            account=ctx.account,
            actor=ctx.actor,
            entry_id=ctx.remembered("entry"),
        )
    except NotFoundError:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.nothing_to_answer())
    except ServiceError as error:
        return TextReply(text=texts.refused(error.code, error.facts))
    return TextReply(text=texts.said(hearing))
