"""Which enrolment is meant, where a person has several with something behind the same word."""

from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum

from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextMessage, TextReply
from handlers.chat.router import Router
from handlers.chat.states import ChatState
from handlers.chat.texts import common, picking
from services.enrolments.draft import Draft
from services.enrolments.service import EnrolmentService
from services.models import EnrolmentState
from services.rules import choices
from services.schemes.models import Option

router = Router()

#: After so many answers in a row that were not understood, another way is offered.
_STUCK_AFTER = 2
Opener = Callable[[ChatContext, Draft], Awaitable[Reply]]


class Topic(StrEnum):
    """What the person wants of the enrolment; kept in the conversation's memory."""

    HOURS = "hours"
    PAYMENT = "payment"
    EXAM = "exam"
    RELEASE = "release"  #: to give a seat up


_OPENERS: dict[Topic, Opener] = {}


def opens(topic: Topic) -> Callable[[Opener], Opener]:
    """Answers with this topic of the enrolment that was picked."""

    def register(opener: Opener) -> Opener:
        _OPENERS[topic] = opener
        return opener

    return register


async def open_or_ask(ctx: ChatContext, topic: Topic, drafts: Sequence[Draft]) -> Reply:
    """The topic of the only one of `drafts`; of several, first which one is meant."""
    if len(drafts) == 1:
        return await _OPENERS[topic](ctx, drafts[0])
    return ask_which(ctx, topic, drafts)


def ask_which(ctx: ChatContext, topic: Topic, drafts: Sequence[Draft]) -> Reply:
    """Which of several enrolments is meant; the answer opens the topic of that one."""
    ctx.goto(ChatState.PICKING_ENROLMENT, topic=topic.value, enrolments=[str(item.id) for item in drafts])
    return TextReply(text=picking.which(topic.value, drafts))


def spoken_of(ctx: ChatContext, drafts: Sequence[Draft]) -> Draft | None:
    """The one of this follower's `drafts` that the conversation is about, while it is admitted."""
    enrolment_id = ctx.remembered("enrolment")
    return next(
        (item for item in drafts if item.id == enrolment_id and item.state is EnrolmentState.ADMITTED), None
    )


@router.text(ChatState.PICKING_ENROLMENT)
async def pick(ctx: ChatContext, message: TextMessage) -> Reply:
    """The number or the scheme of an enrolment, as they were listed."""
    topic, listed = Topic(ctx.recalled("topic")), ctx.conversation.memory.get("enrolments", [])
    every = {str(item.id): item for item in await EnrolmentService(ctx.work).list_of(ctx.follower_id)}
    drafts = [every[item] for item in listed if item in every]
    options = [
        Option(
            value=str(item.number),
            label=item.scheme.short_title,
            aliases=(item.scheme.title, *item.scheme.entry_words),
        )
        for item in drafts
    ]
    answer = choices.match(message.content, options)
    if isinstance(answer, choices.Matched):
        ctx.goto(ChatState.IDLE)
        return await _OPENERS[topic](ctx, drafts[answer.index])
    ctx.conversation.failures += 1
    stuck = common.stuck() if ctx.conversation.failures >= _STUCK_AFTER else ""
    return TextReply(text=picking.which(topic.value, drafts) + stuck)
