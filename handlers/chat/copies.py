"""补办: a card's holder asks for a new copy of it, or for 复核 before its last day (D9)."""

from uuid import UUID

from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextMessage, TextReply
from handlers.chat.router import Router
from handlers.chat.states import ChatState
from handlers.chat.texts import copies as texts
from services.cards import CopyCause
from services.cards.asking import AskingService
from services.errors import ServiceError
from services.rules import choices
from services.rules.words import Word
from services.schemes.models import Option

router = Router()
_STAYS = "stays"


@router.word(Word.NEW_COPY)
async def ask(ctx: ChatContext, _: str | None) -> Reply:
    """What can be asked for, as a list."""
    found = await AskingService(ctx.work).askable(ctx.follower_id)
    if not found:
        return TextReply(text=texts.nothing())
    ctx.goto(ChatState.ASKING_FOR_COPY, asked=[*(f"{one.card_id}/{one.cause}" for one in found), _STAYS])
    return TextReply(text=texts.which(found))


@router.text(ChatState.ASKING_FOR_COPY)
async def choose(ctx: ChatContext, message: TextMessage) -> Reply:
    """The number in the list; the last leaves everything as it is."""
    listed = ctx.conversation.memory.get("asked", [])
    answer = choices.match(message.content, [Option(value=item, label=item) for item in listed])
    if not isinstance(answer, choices.Matched):
        ctx.conversation.failures += 1
        return TextReply(text=texts.again(len(listed)))
    ctx.goto(ChatState.IDLE)
    if listed[answer.index] == _STAYS:
        return TextReply(text=texts.stays())
    card_id, _, cause = listed[answer.index].partition("/")
    try:
        maker = await AskingService(ctx.work).ask(
            ctx.follower_id, UUID(card_id), CopyCause(cause), actor=ctx.actor
        )
    except ServiceError:
        return TextReply(text=texts.not_any_more())
    return TextReply(text=texts.asked(maker, CopyCause(cause)))
