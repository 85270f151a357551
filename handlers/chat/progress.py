"""Where things stand: 进度, 学时 (with the class to join), 成绩, 证书."""

from collections.abc import Sequence
from uuid import UUID

from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextMessage, TextReply
from handlers.chat.picking import Topic, open_or_ask, opens, spoken_of
from handlers.chat.router import Router
from handlers.chat.states import ChatState
from handlers.chat.stopping import stopped
from handlers.chat.texts import appeals as about_appeals
from handlers.chat.texts import appointments as about_appointments
from handlers.chat.texts import blacklist
from handlers.chat.texts import changes as about_changes
from handlers.chat.texts import progress as texts
from services.appeals import AppealService
from services.appointments import AppointmentLine, AppointmentService
from services.blacklist import BarredError
from services.blacklist.stopping import stops_of
from services.certificates import CertificateService
from services.changes import ChangeService
from services.enrolments.draft import Draft
from services.enrolments.service import EnrolmentService
from services.errors import ConflictError, NotFoundError
from services.exams.results import ResultService
from services.models import EnrolmentState
from services.rules import choices
from services.rules.words import Word
from services.schemes.models import Option
from services.study.classes import ClassService, ClassView
from services.study.service import HOURS_PROOF, StudyService

router = Router()


@router.word(Word.PROGRESS)
async def progress(ctx: ChatContext, _: str | None) -> Reply:
    """Every enrolment, its state and what comes next."""
    drafts = await EnrolmentService(ctx.work).list_of(ctx.follower_id)
    if not drafts:
        return TextReply(text=texts.nothing_yet())
    kept = [draft.id for draft in drafts[: texts.MOST_SHOWN] if draft.scheme.blacklist is not None]
    told = texts.enrolments(drafts, await stops_of(ctx.work, kept))
    # Nobody's data are changed by a request before the review is over.
    if any(draft.state in (EnrolmentState.ADMITTED, EnrolmentState.CONCLUDED) for draft in drafts):
        told += about_changes.in_progress(await ChangeService(ctx.work).list_of(ctx.follower_id, limit=3))
    if any(draft.state is EnrolmentState.CONCLUDED for draft in drafts):
        told += about_appeals.in_progress(await AppealService(ctx.work).own(ctx.follower_id))
    # The newest; 证书 tells of all of them.
    if newest := (await _appointments(ctx))[:1]:
        told = f"{about_appointments.appointments(newest)}\n\n{told}"
    return TextReply(text=told)


@router.word(Word.HOURS)
async def hours(ctx: ChatContext, _: str | None) -> Reply:
    """Of whom is admitted, else of whom has a result: the hours, or the class to join."""
    return await _hours_of_one(ctx, await EnrolmentService(ctx.work).list_of(ctx.follower_id))


async def _hours_of_one(ctx: ChatContext, drafts: Sequence[Draft]) -> Reply:
    admitted = [draft for draft in drafts if draft.state is EnrolmentState.ADMITTED]
    if admitted:
        studied = [draft for draft in admitted if draft.scheme.hours is not None]
        return await open_or_ask(ctx, Topic.HOURS, studied or admitted[:1])
    concluded = next((draft for draft in drafts if draft.state is EnrolmentState.CONCLUDED), None)
    return await hours_of(ctx, concluded) if concluded else TextReply(text=texts.not_admitted())


@opens(Topic.HOURS)
async def hours_of(ctx: ChatContext, draft: Draft) -> Reply:
    """The hours of one enrolment; before that the class to join, where one is needed."""
    study = await StudyService(ctx.work).progress(draft.id)
    counts = draft.scheme.hours is not None
    if not (counts and study.met) and draft.state is EnrolmentState.ADMITTED:
        if (told := await stopped(ctx, draft)) is not None:
            return told
        classes = await ClassService(ctx.work).joinable(draft.id)
        if classes:
            ctx.goto(ChatState.CHOOSING_CLASS, enrolment=draft.id, classes=[str(item.id) for item in classes])
            return TextReply(text=texts.choose_class(classes))
    if not counts:
        return TextReply(text=texts.no_hours(draft))
    return TextReply(
        text=texts.study(draft, study, proof_waits=proof_waits(draft, counted=study.proof_counted))
    )


def proof_waits(draft: Draft, *, counted: bool) -> bool:
    """A paper that proves hours was handed in, and staff have not counted it yet (A4)."""
    return HOURS_PROOF in draft.handed_in and not counted


@router.text(ChatState.CHOOSING_CLASS)
async def choose_class(ctx: ChatContext, message: TextMessage) -> Reply:
    """The number of a class, as it was listed."""
    enrolment_id = ctx.remembered("enrolment")
    listed = ctx.conversation.memory.get("classes", [])
    answer = choices.match(message.content, [Option(value=item, label=item) for item in listed])
    if enrolment_id is None or not isinstance(answer, choices.Matched):
        drafts = await EnrolmentService(ctx.work).list_of(ctx.follower_id)
        draft = spoken_of(ctx, drafts)
        return await hours_of(ctx, draft) if draft is not None else await _hours_of_one(ctx, drafts)
    ctx.goto(ChatState.IDLE)
    try:
        joined: ClassView = await ClassService(ctx.work).enrol_in_class(
            enrolment_id, UUID(listed[answer.index]), ctx.actor
        )
    except BarredError as error:
        return TextReply(text=blacklist.stopped(error))
    except (ConflictError, NotFoundError):
        return TextReply(text=texts.class_full())
    return TextReply(text=texts.class_joined(joined, ctx.work.tools.schemes.current(joined.scheme_id)))


@router.word(Word.RESULT)
async def result(ctx: ChatContext, _: str | None) -> Reply:
    """The newest published result."""
    drafts = await EnrolmentService(ctx.work).list_of(ctx.follower_id)
    results = await ResultService(ctx.work).of_enrolments([draft.id for draft in drafts])
    for draft in drafts:
        if (view := results.get(draft.id)) is not None:
            return TextReply(text=texts.result(view, draft.scheme))
    return TextReply(text=texts.no_result())


@router.word(Word.CERTIFICATE)
async def certificates(ctx: ChatContext, _: str | None) -> Reply:
    """Every appointment and every paper of this follower, with its links."""
    appointments = await _appointments(ctx)
    service = CertificateService(ctx.work)
    papers = [
        (view, await service.link(view.id), await service.download_link(view.id))
        for view in await service.of_follower(ctx.follower_id)
    ]
    told = [about_appointments.appointments(appointments)] if appointments else []
    if papers:
        told.append(texts.certificates(papers))
    if not told:
        told.append(_nothing_issued(ctx))
    return TextReply(text="\n\n".join(told))


def _nothing_issued(ctx: ChatContext) -> str:
    """That there is nothing yet, in the words of what this account's schemes end in: papers, cards or appointments."""
    if ctx.schemes and not any(scheme.certificates for scheme in ctx.schemes):
        if all(scheme.appointment is not None for scheme in ctx.schemes):
            return about_appointments.not_appointed()
        if all(scheme.card is not None for scheme in ctx.schemes):
            return texts.no_cards()
    return texts.no_certificates()


async def _appointments(ctx: ChatContext) -> Sequence[AppointmentLine]:
    """The follower's, the newest first; no statement on an account where nobody is appointed."""
    if all(scheme.appointment is None for scheme in ctx.schemes):
        return ()
    return await AppointmentService(ctx.work).of_follower(ctx.follower_id)
