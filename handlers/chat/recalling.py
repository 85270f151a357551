"""找回: who unfollowed and was forgotten finds their enrolments again, by their identity number (C11)."""

from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextMessage, TextReply
from handlers.chat.router import Router
from handlers.chat.states import ChatState
from handlers.chat.texts import recalling as texts
from services.erasure.recalling import NumberDiffersError, RecallingService
from services.errors import LimitedError, NotFoundError
from services.followers import FollowerService
from services.rules.errors import InvalidValueError
from services.rules.text import fold
from services.rules.words import Word

router = Router()


@router.word(Word.RECALL)
async def ask(ctx: ChatContext, _: str | None) -> Reply:
    """Which number."""
    ctx.goto(ChatState.RECALLING)
    return TextReply(text=texts.ask())


@router.text(ChatState.RECALLING)
async def recall(ctx: ChatContext, message: TextMessage) -> Reply:
    """The identity number."""
    if fold(message.content) in ("0", "零"):
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.left())
    service = RecallingService(ctx.work)
    try:
        person_id, count = await service.recall(
            ctx.account, message.openid, message.content, follower_id=ctx.follower_id, actor=ctx.actor
        )
    except InvalidValueError:
        ctx.conversation.failures += 1
        return TextReply(text=texts.no_number())
    except LimitedError:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.limited())
    except NotFoundError as error:
        if isinstance(error, NumberDiffersError):
            await service.count_failure(error)
        ctx.conversation.failures += 1
        return TextReply(text=texts.nothing())
    FollowerService(ctx.work).recognise(ctx.conversation, person_id)
    ctx.goto(ChatState.IDLE)
    return TextReply(text=texts.found(count))
