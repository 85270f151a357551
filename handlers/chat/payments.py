"""Paying by bank transfer: what to transfer, and telling us that it was done (A7)."""

from uuid import UUID

from handlers.chat.context import ChatContext
from handlers.chat.messages import ImageMessage, Reply, TextMessage, TextReply
from handlers.chat.picking import Topic, ask_which, opens
from handlers.chat.router import NotAnAnswer, Router
from handlers.chat.states import ChatState
from handlers.chat.stopping import stopped, stopped_by_id
from handlers.chat.texts import blacklist, common, payments
from services.blacklist import BarredError
from services.enrolments.draft import Draft
from services.enrolments.service import EnrolmentService
from services.errors import ConflictError
from services.models import EnrolmentState
from services.payments.service import PaymentService
from services.payments.views import UNPAID, PaymentInstruction
from services.payments.vouchers import VoucherService
from services.rules import choices
from services.rules.text import fold, is_question
from services.rules.words import Word
from services.schemes.models import Option

router = Router()
#: What people say without meaning a remark.
_COURTESIES = frozenset(
    ("好", "好的", "收到", "谢谢", "谢谢您", "谢谢你", "多谢", "知道了", "明白", "嗯", "ok", "你好", "您好")
)


@router.word(Word.PAY)
async def pay(ctx: ChatContext, _: str | None) -> Reply:
    """Of whom is admitted: what is to be paid, where, with which remark."""
    drafts = await EnrolmentService(ctx.work).list_of(ctx.follower_id)
    admitted = [draft for draft in drafts if draft.state is EnrolmentState.ADMITTED]
    if not admitted:
        waiting = any(draft.state is EnrolmentState.IN_REVIEW or draft.open for draft in drafts)
        return TextReply(text=payments.not_admitted() if waiting else payments.nothing_due())
    instructions = await PaymentService(ctx.work).instructions_of([draft.id for draft in admitted])
    owing = [draft for draft in admitted if _unpaid(instructions[draft.id])]
    if len(owing) > 1:
        return ask_which(ctx, Topic.PAYMENT, owing)
    draft = (owing or admitted)[0]
    return await _overview(ctx, draft, instructions[draft.id])


@opens(Topic.PAYMENT)
async def pay_for(ctx: ChatContext, draft: Draft) -> Reply:
    """What is to be paid for one admitted enrolment."""
    return await _overview(ctx, draft, await PaymentService(ctx.work).instructions(draft.id))


async def _overview(ctx: ChatContext, draft: Draft, instructions: tuple[PaymentInstruction, ...]) -> Reply:
    if (told := await stopped(ctx, draft)) is not None:
        return told
    if unpaid := _unpaid(instructions):
        ctx.goto(ChatState.PAYING, enrolment=draft.id)
    else:
        ctx.goto(ChatState.IDLE)
    return TextReply(text=payments.overview(instructions, unpaid))


@router.text(ChatState.PAYING)
async def tell(ctx: ChatContext, message: TextMessage) -> Reply:
    """Which fee was transferred, then the remark that was written."""
    enrolment_id = ctx.remembered("enrolment")
    unpaid = await _unpaid_of(ctx, enrolment_id)
    if enrolment_id is None or not unpaid:
        return TextReply(text=payments.nothing_due())
    if (stop := await stopped_by_id(ctx, enrolment_id)) is not None:
        return stop
    chosen, typed = _chosen(ctx, unpaid), fold(message.content)
    options = [Option(value=item.fee_key, label=item.label, aliases=(item.remark,)) for item in unpaid]
    answer = choices.match(message.content, options)
    meant = unpaid[answer.index] if isinstance(answer, choices.Matched) else None
    # A number is never a remark; one fee's label or remark, while another is chosen, names that one.
    if meant is not None and (typed.isdigit() or meant != chosen):
        ctx.goto(ChatState.PAYING, enrolment=enrolment_id, fee=meant.fee_key)
        return TextReply(text=payments.send_proof(meant))
    if chosen is None:
        return TextReply(text=payments.choose_first(unpaid))
    told = bool(ctx.recalled("told"))
    if typed in _COURTESIES or typed.isdigit() or is_question(message.content):
        return TextReply(text=payments.waiting(chosen) if told else payments.send_proof(chosen))
    if told and meant is None:
        raise NotAnAnswer
    try:
        await PaymentService(ctx.work).claim(
            enrolment_id, chosen.fee_key, remark=message.content, actor=ctx.actor
        )
    except BarredError as error:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=blacklist.stopped(error))
    except ConflictError:
        return TextReply(text=payments.nothing_due())
    ctx.goto(ChatState.PAYING, enrolment=enrolment_id, fee=chosen.fee_key, told="yes")
    return TextReply(text=payments.claimed(chosen, message.content.strip()))


async def take_voucher(ctx: ChatContext, message: ImageMessage) -> Reply:
    """A picture while paying: the voucher of the chosen fee, or of the only one."""
    enrolment_id = ctx.remembered("enrolment")
    unpaid = await _unpaid_of(ctx, enrolment_id)
    if enrolment_id is None or not unpaid:
        return TextReply(text=common.no_photo_needed())
    chosen = _chosen(ctx, unpaid) or (unpaid[0] if len(unpaid) == 1 else None)
    if chosen is None:
        return TextReply(text=payments.choose_first(unpaid))
    try:
        await VoucherService(ctx.work).request(
            chosen.payment_id, message.media_id, account=ctx.account, actor=ctx.actor
        )
    except BarredError as error:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=blacklist.stopped(error))
    ctx.goto(ChatState.PAYING, enrolment=enrolment_id, fee=chosen.fee_key, told="yes")
    return TextReply(text=payments.voucher_taken(chosen))


def _chosen(ctx: ChatContext, unpaid: tuple[PaymentInstruction, ...]) -> PaymentInstruction | None:
    return next((item for item in unpaid if item.fee_key == ctx.recalled("fee")), None)


def _unpaid(instructions: tuple[PaymentInstruction, ...]) -> tuple[PaymentInstruction, ...]:
    return tuple(item for item in instructions if item.state in UNPAID)


async def _unpaid_of(ctx: ChatContext, enrolment_id: UUID | None) -> tuple[PaymentInstruction, ...]:
    if enrolment_id is None:
        return ()
    return _unpaid(await PaymentService(ctx.work).instructions(enrolment_id))
