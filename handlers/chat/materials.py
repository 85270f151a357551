"""Pictures in the chat: what each is taken for, at once. What is found in it comes later as a message."""

from handlers.chat import hearing
from handlers.chat.context import ChatContext
from handlers.chat.enrolment import form_to_print, open_draft, proceed
from handlers.chat.messages import ImageMessage, Reply, TextMessage, TextReply
from handlers.chat.payments import take_voucher
from handlers.chat.router import Router
from handlers.chat.states import ChatState
from handlers.chat.texts import common, enrolment
from services.enrolments.service import Draft, EnrolmentService

router = Router()


@router.kind(ImageMessage)
async def picture(ctx: ChatContext, message: ImageMessage) -> Reply:
    """A photo: a voucher while paying, else the material that was asked for or the first that is missing."""
    if ctx.state is ChatState.PAYING:
        return await take_voucher(ctx, message)
    if ctx.state is ChatState.STATING:
        return await hearing.show(ctx, message)
    draft = await open_draft(ctx, for_update=True)
    if draft is None:
        return TextReply(text=common.no_photo_needed())
    if waiting := draft.outstanding_consents:
        # Nothing personal is taken before the consent (A12).
        ctx.goto(ChatState.CONSENTING, enrolment=draft.id, consent=waiting[0])
        consent = next(item for item in draft.scheme.consents if item.key == waiting[0])
        return TextReply(text=f"{common.photo_before_consent()}\n\n{enrolment.consent_again(consent)}")
    key = _meant_for(ctx, draft)
    if key is None:
        return TextReply(text=enrolment.pictures_complete())
    updated = await EnrolmentService(ctx.work).hand_in(
        draft.id, key, message.media_id, account=ctx.account, follower_id=ctx.follower_id
    )
    taken = enrolment.taken(draft.scheme.material(key), waiting=bool(updated.missing))
    if (question := _open_question(ctx, updated)) is not None:
        return TextReply(text=f"{taken}\n\n{question}")
    ctx.goto(ChatState.PHOTOGRAPHING, enrolment=draft.id)
    return TextReply(text=taken)


def _open_question(ctx: ChatContext, draft: Draft) -> str | None:
    """What was asked before a picture came unasked: it stays open, and is asked again."""
    if ctx.state is not ChatState.ANSWERING or ctx.remembered("enrolment") != draft.id:
        return None
    step = next((item for item in draft.steps if item.key == ctx.recalled("field")), None)
    return enrolment.ask(draft, step) if step is not None else None


def _meant_for(ctx: ChatContext, draft: Draft) -> str | None:
    """The picture asked for by name, else the first that is missing or was refused."""
    asked = ctx.recalled("material")
    if ctx.state is ChatState.PHOTOGRAPHING and asked:
        return asked
    return next((step.key for step in draft.missing if step.kind == "material"), None)


@router.text(ChatState.PHOTOGRAPHING)
async def text_instead(ctx: ChatContext, _: TextMessage) -> Reply:
    """A text where a picture was asked for."""
    draft = await open_draft(ctx)
    if draft is None:
        return TextReply(text=enrolment.nothing_open())
    key = _meant_for(ctx, draft)
    asked = bool(ctx.recalled("material"))
    if key is None or (not asked and draft.missing[0].kind == "field"):
        return proceed(ctx, draft)
    return TextReply(
        text=enrolment.photo_instead(draft.scheme.material(key)) + form_to_print(ctx, draft, key)
    )
