"""Pictures in the chat: what each is taken for, at once. What is found in it comes later as a message."""

from handlers.chat import changes, hearing
from handlers.chat.asking import form_to_print, open_draft, proceed
from handlers.chat.context import ChatContext
from handlers.chat.messages import ImageMessage, Reply, TextMessage, TextReply
from handlers.chat.payments import take_voucher
from handlers.chat.router import NotAnAnswer, Router
from handlers.chat.states import ChatState
from handlers.chat.texts import common, enrolment, pictures
from services.enrolments import crops
from services.enrolments.draft import Draft
from services.enrolments.materials import MaterialService
from services.enrolments.service import EnrolmentService
from services.errors import ConflictError, NotFoundError
from services.rules.files import pile_of
from services.rules.text import fold
from services.rules.words import Word
from services.schemes.models import Material

router = Router()


@router.kind(ImageMessage)
async def picture(ctx: ChatContext, message: ImageMessage) -> Reply:
    """A photo: a voucher while paying, else the material that was asked for or the first that is missing."""
    if ctx.state is ChatState.PAYING:
        return await take_voucher(ctx, message)
    if ctx.state in changes.TAKES_PICTURES:
        return await changes.take_proof(ctx, message)
    if ctx.state is ChatState.STATING:
        return await hearing.show(ctx, message)
    draft = await open_draft(ctx, for_update=True)
    if draft is None:
        return await changes.take_left_proof(ctx, message)
    if waiting := draft.outstanding_consents:
        # Nothing personal is taken before the consent (A12).
        ctx.goto(ChatState.CONSENTING, enrolment=draft.id, consent=waiting[0])
        consent = next(item for item in draft.scheme.consents if item.key == waiting[0])
        return TextReply(text=f"{common.photo_before_consent()}\n\n{enrolment.consent_again(consent)}")
    key = _meant_for(ctx, draft)
    if key is None:
        return TextReply(text=enrolment.pictures_complete())
    material = draft.scheme.material(key)
    try:
        updated = await MaterialService(ctx.work).hand_in(
            draft.id,
            key,
            message.media_id,
            account=ctx.account,
            follower_id=ctx.follower_id,
            place=_place(ctx),
        )
    except ConflictError as error:
        if error.code != "enrolment.files_full":
            raise
        return TextReply(text=pictures.full(material, pile_of(draft.files, key)))
    taken = _taken(material, draft, updated)
    if (question := _open_question(ctx, updated)) is not None:
        return TextReply(text=f"{taken}\n\n{question}")
    if material.max_files > 1:
        ctx.goto(ChatState.PHOTOGRAPHING, enrolment=draft.id, material=key)
    else:
        ctx.goto(ChatState.PHOTOGRAPHING, enrolment=draft.id)
    return TextReply(text=taken)


def _taken(material: Material, before: Draft, after: Draft) -> str:
    if material.max_files == 1:
        return pictures.taken(material, waiting=bool(after.missing))
    old, new = (pile_of(draft.files, material.key) for draft in (before, after))
    changed = next((file.place for file in new.files if file not in old.files), new.highest)
    return pictures.taken_as(material, changed, new)


@router.word(Word.DONE)
async def done(ctx: ChatContext, _: str | None) -> Reply:
    """完成: all pictures of a paper that may have several are sent."""
    enrolment_id, key = ctx.remembered("enrolment"), ctx.recalled("material")
    if ctx.state is not ChatState.PHOTOGRAPHING or enrolment_id is None or not key:
        raise NotAnAnswer
    try:
        draft = await MaterialService(ctx.work).settle(enrolment_id, key, follower_id=ctx.follower_id)
    except ConflictError as error:
        draft = await EnrolmentService(ctx.work).get(enrolment_id, follower_id=ctx.follower_id)
        if error.code == "enrolment.no_file":
            return TextReply(text=pictures.none_yet(draft.scheme.material(key)))
        return TextReply(text=enrolment.nothing_open())
    return proceed(ctx, draft)


@router.word(Word.CROP)
async def crop(ctx: ChatContext, _: str | None) -> Reply:
    """裁剪: the cropped portrait that was offered is taken; what was open stays open."""
    try:
        material = await crops.take(ctx.work, ctx.follower_id, actor=ctx.actor)
    except NotFoundError:
        # Somebody's trade may be called so.
        raise NotAnAnswer from None
    return TextReply(text=enrolment.cropped(material))


def _open_question(ctx: ChatContext, draft: Draft) -> str | None:
    """What was asked before a picture came unasked: it stays open, and is asked again."""
    if ctx.state is not ChatState.ANSWERING or ctx.remembered("enrolment") != draft.id:
        return None
    step = next((item for item in draft.steps if item.key == ctx.recalled("field")), None)
    return enrolment.ask(draft, step) if step is not None else None


def _place(ctx: ChatContext) -> int | None:
    """Which of several pictures is to be replaced."""
    place = ctx.recalled("place")
    return int(place) if place else None


def _meant_for(ctx: ChatContext, draft: Draft) -> str | None:
    """The picture asked for by name, else the first that is missing or was refused."""
    asked = ctx.recalled("material")
    if ctx.state is ChatState.PHOTOGRAPHING and asked:
        return asked
    return next((step.key for step in draft.missing if step.kind == "material"), None)


@router.text(ChatState.PHOTOGRAPHING)
async def text_instead(ctx: ChatContext, message: TextMessage) -> Reply:
    """A text where a picture was asked for; of a paper of several pictures the number of the one to replace."""
    draft = await open_draft(ctx)
    if draft is None:
        return TextReply(text=enrolment.nothing_open())
    key = _meant_for(ctx, draft)
    asked = bool(ctx.recalled("material"))
    if key is None or (not asked and draft.missing[0].kind == "field"):
        return proceed(ctx, draft)
    material = draft.scheme.material(key)
    place = fold(message.content)
    places = {file.place for file in pile_of(draft.files, key).files}
    if material.max_files > 1 and place.isdecimal() and int(place) in places:
        ctx.goto(ChatState.PHOTOGRAPHING, enrolment=draft.id, material=key, place=place)
        return TextReply(text=pictures.send_instead(material, int(place)))
    return TextReply(text=pictures.photo_instead(material) + form_to_print(ctx, draft, key))
