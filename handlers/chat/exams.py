"""The exam in the chat: the seat one has, or the sittings to choose from."""

from collections.abc import Mapping
from uuid import UUID

from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextMessage, TextReply
from handlers.chat.progress import proof_waits
from handlers.chat.router import NotAnAnswer, Router
from handlers.chat.states import ChatState
from handlers.chat.texts import exams
from services.enrolments.service import Draft, EnrolmentService
from services.errors import ConflictError, NotFoundError, ServiceError
from services.exams.sittings import SittingService
from services.exams.standing import Standing
from services.models import EnrolmentState, SeatState
from services.rules import choices
from services.rules.text import fold
from services.rules.words import Word
from services.schemes.models import Option

router = Router()

_GIVING_UP = frozenset(("取消考试", "取消预约", "取消考试预约", "改期", "我要改期", "我要取消考试", "不考了"))
_RELEASABLE = (SeatState.BOOKED, SeatState.WAITLISTED)


@router.word(Word.EXAM)
async def exam(ctx: ChatContext, _: str | None) -> Reply:
    """The seat, or what is still needed, or the sittings to choose from."""
    return await _where_it_stands(ctx, *await _look(ctx))


async def _look(ctx: ChatContext) -> tuple[tuple[Draft, ...], Mapping[UUID, Standing]]:
    """The enrolments of this follower, and how far each is on its way to an exam."""
    drafts = await EnrolmentService(ctx.work).list_of(ctx.follower_id)
    return drafts, await SittingService(ctx.work).standings([draft.id for draft in drafts])


async def _where_it_stands(
    ctx: ChatContext, drafts: tuple[Draft, ...], standings: Mapping[UUID, Standing]
) -> Reply:
    admitted = next((draft for draft in drafts if draft.state is EnrolmentState.ADMITTED), None)
    if admitted is None:
        concluded = any(draft.state is EnrolmentState.CONCLUDED for draft in drafts)
        return TextReply(text=exams.concluded() if concluded else exams.no_enrolment())
    found = standings[admitted.id]
    seat = found.seat
    if seat is not None and seat.state is SeatState.ABSENT:
        return TextReply(text=exams.absent(seat))
    if seat is not None and seat.starts_at <= ctx.work.now:
        return TextReply(text=exams.over(seat))
    if seat is not None:
        ctx.goto(ChatState.RELEASING_SEAT, enrolment=admitted.id)
        return TextReply(text=exams.seat(seat))
    if not found.hours_met:
        waits = proof_waits(admitted, counted=found.proof_counted)
        return TextReply(text=exams.hours_first(found.done, found.required, proof_waits=waits))
    if found.owed:
        return TextReply(text=exams.fees_first(found.owed))
    sittings = await SittingService(ctx.work).list_open(
        admitted.scheme.id, organisation_id=admitted.organisation_id
    )
    if not sittings:
        return TextReply(text=exams.none_open())
    ctx.goto(
        ChatState.CHOOSING_SITTING, enrolment=admitted.id, sittings=[str(sitting.id) for sitting in sittings]
    )
    return TextReply(text=exams.choose(sittings))


@router.text(ChatState.CHOOSING_SITTING)
async def choose(ctx: ChatContext, message: TextMessage) -> Reply:
    """The number of a sitting, as it was listed."""
    enrolment_id = ctx.remembered("enrolment")
    listed = ctx.conversation.memory.get("sittings", [])
    answer = choices.match(message.content, [Option(value=item, label=item) for item in listed])
    if enrolment_id is None or not isinstance(answer, choices.Matched):
        return await exam(ctx, None)
    try:
        seat = await SittingService(ctx.work).book(enrolment_id, UUID(listed[answer.index]), actor=ctx.actor)
    except ServiceError:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=exams.not_possible())
    ctx.goto(ChatState.RELEASING_SEAT, enrolment=enrolment_id)
    return TextReply(text=exams.seat(seat))


def gives_up(text: str) -> bool:
    """Whether somebody wants their seat cancelled: 取消考试, in any state."""
    return fold(text).rstrip("。.!") in _GIVING_UP


async def ask_release(ctx: ChatContext) -> Reply:
    """A second look before the seat is given up; without one that can be, where the exam stands."""
    drafts, standings = await _look(ctx)
    for draft in drafts:
        seat = standings[draft.id].seat if draft.state is EnrolmentState.ADMITTED else None
        if seat is not None and seat.state in _RELEASABLE and seat.starts_at > ctx.work.now:
            ctx.goto(ChatState.RELEASING_SEAT, enrolment=draft.id, asked="yes")
            return TextReply(text=exams.release_or_keep(seat))
    return await _where_it_stands(ctx, drafts, standings)


@router.text(ChatState.RELEASING_SEAT)
async def release(ctx: ChatContext, message: TextMessage) -> Reply:
    """What is answered to the second look before the seat is given up."""
    enrolment_id = ctx.remembered("enrolment")
    answer = choices.match(
        message.content, [Option(value="keep", label="保留预约"), Option(value="release", label="取消预约")]
    )
    if enrolment_id is not None and ctx.recalled("asked") and answer == choices.Matched(1):
        return await _give_up(ctx, enrolment_id)
    drafts, standings = await _look(ctx)
    found = standings.get(enrolment_id) if enrolment_id is not None else None
    if found is None or found.seat is None:
        return await _where_it_stands(ctx, drafts, standings)
    if not ctx.recalled("asked"):
        raise NotAnAnswer
    ctx.goto(ChatState.RELEASING_SEAT, enrolment=enrolment_id)
    return TextReply(text=exams.kept())


async def _give_up(ctx: ChatContext, enrolment_id: UUID) -> Reply:
    ctx.goto(ChatState.IDLE)
    try:
        await SittingService(ctx.work).release(enrolment_id, actor=ctx.actor)
    except (ConflictError, NotFoundError):
        # It has begun, or somebody else has given it back meanwhile.
        return await exam(ctx, None)
    return TextReply(text=exams.released())
