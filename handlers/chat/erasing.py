"""删除我的数据: what would be deleted, what is kept, why and until when; a second look; the request (C11)."""

from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextMessage, TextReply
from handlers.chat.router import Router
from handlers.chat.states import ChatState
from handlers.chat.texts import erasing as texts
from services.erasure import AskingService
from services.erasure.asking import askable, fingerprint
from services.errors import ConflictError
from services.rules.text import fold
from services.rules.words import Word

router = Router()

_YES = frozenset(("确认删除", "确认", "确定删除"))
_NO = frozenset(("0", "零", "不", "不删", "不删除", "不用", "算了", "否"))


@router.word(Word.ERASE)
async def look(ctx: ChatContext, _: str | None) -> Reply:
    """The first look; nothing is changed by it."""
    return await _look(ctx)


@router.text(ChatState.ERASING)
async def look_again(ctx: ChatContext, message: TextMessage) -> Reply:
    """确认删除 asks for it; 0 leaves everything as it is."""
    typed = fold(message.content).rstrip("。!.")
    if typed in _NO:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.left())
    if typed not in _YES:
        ctx.conversation.failures += 1
        return TextReply(text=texts.again())
    seen = ctx.recalled("seen")
    ctx.goto(ChatState.IDLE)
    try:
        asked = await AskingService(ctx.work).ask(ctx.follower_id, seen=seen, actor=ctx.actor)
    except ConflictError as error:
        if error.code != "erasure.changed":
            return TextReply(text=texts.nothing())
        return await _look(ctx, lead=texts.changed())
    return TextReply(text=texts.asked(asked))


async def _look(ctx: ChatContext, lead: str = "") -> Reply:
    holdings = await AskingService(ctx.work).look(ctx.follower_id)
    if not holdings:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.nothing())
    if not askable(holdings):
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.remaining(holdings))
    ctx.goto(ChatState.ERASING, seen=fingerprint(holdings))
    return TextReply(text=lead + texts.look(holdings))
