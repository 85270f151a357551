"""诊断: in which knowledge areas one is strong or weak, and what to take (B11)."""

from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextReply
from handlers.chat.router import Router
from handlers.chat.texts import diagnosis as texts
from services.diagnosis.service import DiagnosisService
from services.rules.words import Word

router = Router()


@router.word(Word.DIAGNOSIS)
async def diagnosis(ctx: ChatContext, _: str | None) -> Reply:
    """Of the newest result whose areas are known."""
    found = await DiagnosisService(ctx.work).of_follower(ctx.follower_id)
    return TextReply(text=texts.nothing() if found is None else texts.told(found))
