"""The exam in the chat: the seat one has, or the sittings to choose from."""

from collections.abc import Mapping
from uuid import UUID

from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextMessage, TextReply
from handlers.chat.picking import Topic, ask_which, opens, spoken_of
from handlers.chat.progress import proof_waits
from handlers.chat.router import NotAnAnswer, Router
from handlers.chat.states import ChatState
from handlers.chat.stopping import stopped
from handlers.chat.texts import blacklist, exams
from services.authorisation.standing import NotAuthorisedError
from services.blacklist import BarredError
from services.enrolments.draft import Draft
from services.enrolments.service import EnrolmentService
from services.errors import ConflictError, NotFoundError, ServiceError
from services.exams.plan import may_sit_again
from services.exams.seats import SeatService
from services.exams.sittings import SittingService
from services.exams.standing import Standing
from services.exams.views import SeatView
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
    """Of whom is admitted: the seat, or what is still needed, or the sittings to choose from."""
    return await _where_they_stand(ctx, *await _look(ctx))


@opens(Topic.EXAM)
async def exam_of(ctx: ChatContext, draft: Draft) -> Reply:
    """The same of one admitted enrolment."""
    return await _where_it_stands(ctx, draft, await _standing(ctx, draft))


async def _look(ctx: ChatContext) -> tuple[tuple[Draft, ...], Mapping[UUID, Standing]]:
    """The enrolments of this follower, and how far each is on its way to an exam."""
    drafts = await EnrolmentService(ctx.work).list_of(ctx.follower_id)
    return drafts, await SeatService(ctx.work).standings([draft.id for draft in drafts])


async def _standing(ctx: ChatContext, draft: Draft) -> Standing:
    return (await SeatService(ctx.work).standings([draft.id]))[draft.id]


async def _where_they_stand(
    ctx: ChatContext, drafts: tuple[Draft, ...], standings: Mapping[UUID, Standing]
) -> Reply:
    """Of several admitted enrolments with an exam, first which one is meant."""
    admitted = [draft for draft in drafts if draft.state is EnrolmentState.ADMITTED]
    if not admitted:
        concluded = any(draft.state is EnrolmentState.CONCLUDED for draft in drafts)
        return TextReply(text=exams.concluded() if concluded else exams.no_enrolment())
    examined = [draft for draft in admitted if draft.scheme.exam is not None] or admitted[:1]
    if len(examined) > 1:
        return ask_which(ctx, Topic.EXAM, examined)
    return await _where_it_stands(ctx, examined[0], standings[examined[0].id])


async def _where_it_still_stands(
    ctx: ChatContext, drafts: tuple[Draft, ...], standings: Mapping[UUID, Standing]
) -> Reply:
    """Of the enrolment that was spoken of; of whichever is meant, where that is admitted no more."""
    draft = spoken_of(ctx, drafts)
    ctx.goto(ChatState.IDLE)
    if draft is None:
        return await _where_they_stand(ctx, drafts, standings)
    return await _where_it_stands(ctx, draft, standings[draft.id])


async def _where_it_stands(ctx: ChatContext, admitted: Draft, found: Standing) -> Reply:
    seat = found.seat
    if seat is not None and may_sit_again(admitted.scheme, seat.state):
        return await _choose_sitting(ctx, admitted, found, missed=seat)
    if seat is not None and seat.state is SeatState.ABSENT:
        return TextReply(text=exams.absent(seat))
    if seat is not None and seat.starts_at <= ctx.work.now:
        return TextReply(text=exams.over(seat))
    if seat is not None:
        ctx.goto(ChatState.RELEASING_SEAT, enrolment=admitted.id)
        return TextReply(text=exams.seat(seat))
    return await _choose_sitting(ctx, admitted, found)


async def _choose_sitting(
    ctx: ChatContext, admitted: Draft, found: Standing, missed: SeatView | None = None
) -> Reply:
    """What is still needed for a seat, or the sittings to choose from; `missed` is where they were absent."""
    if (told := await stopped(ctx, admitted)) is not None:
        return told
    if not found.hours_met:
        waits = proof_waits(admitted, counted=found.proof_counted)
        return TextReply(text=exams.hours_first(found.done, found.required, proof_waits=waits))
    if found.owed:
        return TextReply(text=exams.fees_first(found.owed))
    try:
        await SeatService(ctx.work).ensure_examines(admitted.trained_by, admitted.scheme)
    except NotAuthorisedError as refusal:
        return TextReply(text=exams.not_examining(refusal.code))
    sittings = await SittingService(ctx.work).list_open(
        admitted.scheme.id, organisation_id=admitted.trained_by
    )
    sittings = tuple(item for item in sittings if missed is None or item.id != missed.sitting_id)
    if not sittings:
        return TextReply(text=exams.none_open(missed))
    ctx.goto(
        ChatState.CHOOSING_SITTING, enrolment=admitted.id, sittings=[str(sitting.id) for sitting in sittings]
    )
    return TextReply(text=exams.choose(sittings, missed))


@router.text(ChatState.CHOOSING_SITTING)
async def choose(ctx: ChatContext, message: TextMessage) -> Reply:
    """The number of a sitting, as it was listed."""
    enrolment_id = ctx.remembered("enrolment")
    listed = ctx.conversation.memory.get("sittings", [])
    answer = choices.match(message.content, [Option(value=item, label=item) for item in listed])
    if enrolment_id is None or not isinstance(answer, choices.Matched):
        return await _where_it_still_stands(ctx, *await _look(ctx))
    try:
        seat = await SeatService(ctx.work).book(enrolment_id, UUID(listed[answer.index]), actor=ctx.actor)
    except NotAuthorisedError as refusal:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=exams.not_examining(refusal.code))
    except BarredError as error:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=blacklist.stopped(error))
    except ServiceError:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=exams.not_possible())
    ctx.goto(ChatState.RELEASING_SEAT, enrolment=enrolment_id)
    return TextReply(text=exams.seat(seat))


def gives_up(text: str) -> bool:
    """Whether somebody wants their seat cancelled: 取消考试, in any state."""
    return fold(text).rstrip("。.!") in _GIVING_UP


async def ask_release(ctx: ChatContext) -> Reply:
    """A second look before the seat is given up; without one that can be, where the exam stands.

    The seat that was spoken of just now, else the only one; of several, first which.
    """
    drafts, standings = await _look(ctx)
    seated = [
        draft
        for draft in drafts
        if draft.state is EnrolmentState.ADMITTED and _may_be_given_up(ctx, standings[draft.id].seat)
    ]
    if not seated:
        return await _where_they_stand(ctx, drafts, standings)
    meant = spoken_of(ctx, seated) if ctx.state is ChatState.RELEASING_SEAT else None
    if meant is None and len(seated) > 1:
        return ask_which(ctx, Topic.RELEASE, seated)
    draft = meant or seated[0]
    return await _second_look(ctx, draft, standings[draft.id])


@opens(Topic.RELEASE)
async def ask_release_of(ctx: ChatContext, draft: Draft) -> Reply:
    """The second look at one enrolment's seat."""
    return await _second_look(ctx, draft, await _standing(ctx, draft))


async def _second_look(ctx: ChatContext, draft: Draft, found: Standing) -> Reply:
    if found.seat is None or not _may_be_given_up(ctx, found.seat):
        return await _where_it_stands(ctx, draft, found)
    ctx.goto(ChatState.RELEASING_SEAT, enrolment=draft.id, asked="yes")
    return TextReply(text=exams.release_or_keep(found.seat))


def _may_be_given_up(ctx: ChatContext, seat: SeatView | None) -> bool:
    return seat is not None and seat.state in _RELEASABLE and seat.starts_at > ctx.work.now


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
        return await _where_it_still_stands(ctx, drafts, standings)
    if not ctx.recalled("asked"):
        raise NotAnAnswer
    ctx.goto(ChatState.RELEASING_SEAT, enrolment=enrolment_id)
    return TextReply(text=exams.kept())


async def _give_up(ctx: ChatContext, enrolment_id: UUID) -> Reply:
    try:
        await SeatService(ctx.work).release(enrolment_id, actor=ctx.actor)
    except (ConflictError, NotFoundError):
        # It has begun, or somebody else has given it back meanwhile.
        return await _where_it_still_stands(ctx, *await _look(ctx))
    ctx.goto(ChatState.IDLE)
    return TextReply(text=exams.released())
