"""How people come in and what always works: following, scanning, the menu, help, people, questions."""

import re

from handlers.chat import (
    appealing,
    assignments,
    attendance,
    binding,
    changes,
    class_notices,
    copies,
    correcting,
    diagnosis,
    enrolment,
    erasing,
    exams,
    hearing,
    materials,
    organisations,
    own_data,
    payments,
    picking,
    progress,
    recalling,
    submitting,
)
from handlers.chat.context import ChatContext
from handlers.chat.enrolment import choose_or_introduce, introduce, scheme_meant
from handlers.chat.messages import (
    HandOver,
    NoReply,
    OtherEvent,
    OtherMessage,
    Reply,
    Scanned,
    Subscribed,
    TextMessage,
    TextReply,
    Unsubscribed,
)
from handlers.chat.router import NotAnAnswer, Router
from handlers.chat.states import ChatState
from handlers.chat.texts import common
from handlers.chat.texts import recalling as recalling_texts
from services.delivery.grants import GrantService
from services.erasure.recalling import RecallingService
from services.followers import FollowerService
from services.rules import choices
from services.rules.text import closest, fold, is_question
from services.rules.words import Word
from services.schemes.models import Contact, Option, Question, Scheme

router = Router()
for topic in (
    enrolment,
    correcting,
    submitting,
    class_notices,
    organisations,
    materials,
    payments,
    exams,
    progress,
    diagnosis,
    appealing,
    hearing,
    assignments,
    copies,
    changes,
    own_data,
    erasing,
    recalling,
    picking,
):
    router.include(topic.router)

#: Scene of a QR code that opens the enrolment in one scheme: `enrol:<scheme id>`.
ENROL_SCENE = "enrol:"
#: Memory: the contacts were shown, the next 人工 hands over. Gone with the next step of the conversation.
_CALLED = "called"
#: A draft is being filled in, and 继续 shows its open question again.
_DRAFTING = frozenset(
    (ChatState.CONSENTING, ChatState.ANSWERING, ChatState.PHOTOGRAPHING, ChatState.SUMMARISING)
)
#: An answer is awaited, and a question is no answer.
_OPEN_QUESTIONS = _DRAFTING | {
    ChatState.CHOOSING_SCHEME,
    ChatState.INTRODUCED,
    ChatState.MODIFYING,
    ChatState.CHOOSING_CLASS,
    ChatState.CHOOSING_SITTING,
    ChatState.RELEASING_SEAT,
    ChatState.PAYING,
    ChatState.PICKING_ENROLMENT,
}
#: Whatever is written is kept as it is.
_IN_THEIR_OWN_WORDS = frozenset(
    (
        ChatState.STATING,
        ChatState.DECLINING,
        ChatState.CHANGING_VALUE,
        ChatState.CHANGING_REASON,
        ChatState.APPEALING_WHY,
        ChatState.ADDING_TO_APPEAL,
    )
)
_WISH = re.compile(
    r"^(?:你好|您好|[,，。])*(?:我)?(?:想要|想|要|来)?(?:报名|报考|申请|参加|考)(?:参加)?(.+?)(?:考试|项目)?[。!,]*$"
)


@router.kind(Subscribed)
async def follow(ctx: ChatContext, event: Subscribed) -> Reply:
    """Welcome; straight to the flow when a scene QR brought them here."""
    await FollowerService(ctx.work).follow(ctx.conversation)
    if attendance.is_sign_in(event.scene):
        return await attendance.sign_in(ctx, event.scene)
    if binding.is_binding(event.scene):
        return await binding.bind(ctx, event.scene)
    if (reply := _opened_by_scene(ctx, event.scene)) is not None:
        return reply
    ctx.goto(ChatState.MENU)
    invited = ctx.conversation.is_new and await RecallingService(ctx.work).has_before(
        ctx.account, event.openid
    )
    return TextReply(text=common.welcome(ctx.schemes) + (recalling_texts.invited() if invited else ""))


@router.kind(Scanned)
async def scan(ctx: ChatContext, event: Scanned) -> Reply:
    """A scene QR, by somebody who follows already."""
    if attendance.is_sign_in(event.scene):
        return await attendance.sign_in(ctx, event.scene)
    if binding.is_binding(event.scene):
        return await binding.bind(ctx, event.scene)
    if (reply := _opened_by_scene(ctx, event.scene)) is not None:
        return reply
    ctx.goto(ChatState.MENU)
    return TextReply(text=common.menu(ctx.schemes))


def _opened_by_scene(ctx: ChatContext, scene: str | None) -> Reply | None:
    if not scene or not scene.startswith(ENROL_SCENE):
        return None
    wanted = scene.removeprefix(ENROL_SCENE)
    scheme = next((item for item in ctx.schemes if item.id == wanted), None)
    return introduce(ctx, scheme) if scheme is not None else choose_or_introduce(ctx)


@router.kind(Unsubscribed)
async def unfollow(ctx: ChatContext, _: Unsubscribed) -> Reply:
    """Nothing can be answered any more."""
    await FollowerService(ctx.work).unfollow(ctx.conversation)
    return NoReply()


@router.word(Word.MENU)
async def menu(ctx: ChatContext, _: str | None) -> Reply:
    """The numbered menu; an unfinished draft stays and 继续 takes it up."""
    ctx.goto(ChatState.MENU)
    return TextReply(text=common.menu(ctx.schemes))


@router.text(ChatState.MENU)
async def choose_from_menu(ctx: ChatContext, message: TextMessage) -> Reply:
    """A number of the menu, else whatever the text means on its own."""
    lines = common.menu_lines(ctx.schemes)
    options = [Option(value=word, label=label, aliases=(word,)) for label, word in lines]
    answer = choices.match(message.content, options)
    if not isinstance(answer, choices.Matched):
        return await anything_else(ctx, message)
    return await router.answer_word(ctx, Word(options[answer.index].value))


@router.word(Word.HELP)
async def help_(ctx: ChatContext, _: str | None) -> Reply:
    """How the chat works; the question that is open stays open."""
    return TextReply(text=common.help_text(ctx.schemes))


@router.word(Word.HUMAN)
async def human(ctx: ChatContext, _: str | None) -> Reply:
    """Whom to call (A9); a second 人工 hands over to the customer service."""
    if ctx.conversation.memory.pop(_CALLED, None):
        return HandOver()
    # The question that is open stays open.
    ctx.conversation.memory[_CALLED] = True
    return TextReply(text=common.human(_contacts(ctx)))


@router.kind(OtherMessage)
async def other_message(ctx: ChatContext, _: OtherMessage) -> Reply:
    """Voice, video, place, link."""
    return TextReply(text=common.only_text_and_photos())


@router.kind(OtherEvent)
async def other_event(ctx: ChatContext, event: OtherEvent) -> Reply:
    """Known or not: `success`; a grant for subscription notices goes into the ledger."""
    if GrantService.concerns(event.event):
        await GrantService(ctx.work).take(ctx.account, ctx.follower_id, event.event, event.facts)
    return NoReply()


@router.interjection
async def meanwhile(ctx: ChatContext, message: TextMessage) -> Reply:
    """取消考试 or 我想报名… anywhere; a question in the middle of something is answered, and what was open stays open."""
    if ctx.state in _IN_THEIR_OWN_WORDS:
        raise NotAnAnswer
    if exams.gives_up(message.content):
        return await exams.ask_release(ctx)
    if ctx.state not in _DRAFTING and (scheme := _wished_for(ctx, message.content)) is not None:
        return introduce(ctx, scheme)
    if ctx.state not in _OPEN_QUESTIONS or not is_question(message.content):
        raise NotAnAnswer
    if ctx.state is ChatState.PAYING and ctx.recalled("told"):
        # After a transfer was told, a question is about that transfer.
        raise NotAnAnswer
    question = _closest_question(ctx, message.content)
    known = common.answer(question.question, question.answer) if question else common.no_answer()
    return TextReply(text=known + common.go_on(draft_is_open=ctx.state in _DRAFTING))


@router.fallback
async def anything_else(ctx: ChatContext, message: TextMessage) -> Reply:
    """A scheme's name opens it; a question gets the closest answer; else the menu. Never silence."""
    if (scheme := scheme_meant_by_name(ctx, message.content)) is not None:
        return introduce(ctx, scheme)
    if (question := _closest_question(ctx, message.content)) is not None:
        return TextReply(text=common.answer(question.question, question.answer))
    ctx.goto(ChatState.MENU)
    return TextReply(text=common.not_understood(ctx.schemes))


def scheme_meant_by_name(ctx: ChatContext, text: str) -> Scheme | None:
    """The scheme named, but not by a bare number."""
    return None if fold(text).isdigit() else scheme_meant(ctx, text)


def _wished_for(ctx: ChatContext, text: str) -> Scheme | None:
    """The scheme of a sentence such as 我想报名质量安全员."""
    wish = _WISH.match(fold(text))
    return scheme_meant_by_name(ctx, wish[1]) if wish else None


def _closest_question(ctx: ChatContext, text: str) -> Question | None:
    asked = [question for scheme in ctx.schemes for question in scheme.faq]
    typed = fold(text)
    for question in asked:
        if any(fold(word) in typed for word in question.words):
            return question
    index = closest(text, [question.question for question in asked])
    return asked[index] if index is not None else None


def _contacts(ctx: ChatContext) -> list[Contact]:
    return [contact for scheme in ctx.schemes for contact in scheme.contacts]
