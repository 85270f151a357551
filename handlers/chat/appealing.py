"""申诉: objecting to a published result, and how an appeal stands; 撤回申诉 (B7)."""

from collections.abc import Sequence

from handlers.chat.context import ChatContext
from handlers.chat.messages import Reply, TextMessage, TextReply
from handlers.chat.numbered import chosen
from handlers.chat.router import Router
from handlers.chat.states import ChatState
from handlers.chat.texts import appeals as texts
from services.appeals import AppealService
from services.appeals.models import Appealable, OwnAppeal
from services.errors import NotFoundError, ServiceError
from services.rules import choices
from services.rules.errors import InvalidValueError
from services.rules.text import fold
from services.rules.words import Word, parse
from services.schemes.models import Contact, Option
from storage.appeal_states import AppealState

router = Router()

#: 提交 belongs to the appeal.
TAKES_SUBMIT = frozenset((ChatState.APPEALING_WHY, ChatState.APPEALING))
_OPEN = (AppealState.LODGED, AppealState.DISCLOSED)


@router.word(Word.APPEAL)
async def appeal(ctx: ChatContext, _: str | None) -> Reply:
    """How one's appeals stand, with the pack; else which result is objected to."""
    service = AppealService(ctx.work)
    own, results = await service.own(ctx.follower_id), await service.appealable(ctx.follower_id)
    open_ = [one for one in own if one.state in _OPEN]
    in_time = [item for item in results if not item.obstacle]
    if open_:
        told = texts.standing(open_, await service.link(ctx.follower_id, open_[0]))
        others = [str(item.result_id) for item in in_time]
        ctx.goto(ChatState.ADDING_TO_APPEAL, appeal=open_[0].id, results=others)
        return TextReply(text=told + texts.add_more(in_time))
    if in_time:
        return _ask(ctx, in_time)
    ctx.goto(ChatState.IDLE)
    if own:
        link = await service.link(ctx.follower_id, own[0])
        return TextReply(text=texts.standing(own[:1], link))
    if results:
        return TextReply(text=texts.none_in_time(results, _contacts(ctx)))
    return TextReply(text=texts.nothing_to_appeal(_contacts(ctx)))


def _ask(ctx: ChatContext, items: Sequence[Appealable]) -> Reply:
    if len(items) == 1:
        ctx.goto(ChatState.APPEALING_WHY, result=items[0].result_id)
        return TextReply(text=texts.why(items[0]))
    ctx.goto(ChatState.APPEALING_WHICH, results=[str(item.result_id) for item in items])
    return TextReply(text=texts.which(items))


@router.text(ChatState.APPEALING_WHICH)
async def choose(ctx: ChatContext, message: TextMessage) -> Reply:
    """The number of a result."""
    result_id = chosen(ctx, "results", message.content)
    items = [
        item
        for item in await AppealService(ctx.work).appealable(ctx.follower_id)
        if not item.obstacle and result_id in (None, item.result_id)
    ]
    if not items:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.refused("appeal.no_result", {}))
    if result_id is None:
        ctx.conversation.failures += 1
        return TextReply(text=texts.which(items))
    return _ask(ctx, items)


@router.text(ChatState.APPEALING_WHY, ChatState.APPEALING)
async def write(ctx: ChatContext, message: TextMessage) -> Reply:
    """Why, kept for a second look; 提交 hands it in."""
    command, appeal_id = parse(message.content), ctx.remembered("appeal")
    result_id = ctx.remembered("result")
    try:
        if command is not None and command.word is Word.SUBMIT:
            if appeal_id is None:
                return TextReply(text=texts.refused("appeal.words_empty", {}))
            done = await AppealService(ctx.work).lodge(ctx.follower_id, appeal_id, actor=ctx.actor)
            ctx.goto(ChatState.IDLE)
            return TextReply(text=texts.lodged(done))
        if result_id is None:
            raise NotFoundError("appeal.no_result")
        draft = await AppealService(ctx.work).write(ctx.follower_id, result_id, message.content)
    except InvalidValueError as error:
        return TextReply(text=texts.refused(error.code, error.facts))
    except ServiceError as error:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.refused(error.code, error.facts))
    ctx.goto(ChatState.APPEALING, appeal=draft.id, result=result_id)
    return TextReply(text=texts.second_look(draft))


@router.text(ChatState.ADDING_TO_APPEAL)
async def add(ctx: ChatContext, message: TextMessage) -> Reply:
    """Whatever is written is added to the appeal; the number of another result opens that one."""
    if fold(message.content).isdigit() and chosen(ctx, "results", message.content) is not None:
        return await choose(ctx, message)
    if (appeal_id := ctx.remembered("appeal")) is None:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.refused("appeal.not_found", {}))
    try:
        own = await AppealService(ctx.work).add(ctx.follower_id, appeal_id, message.content, actor=ctx.actor)
    except (InvalidValueError, ServiceError) as error:
        if error.code in ("appeal.closed", "appeal.not_found"):
            ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.refused(error.code, error.facts))
    return TextReply(text=texts.added(own))


@router.word(Word.WITHDRAW_APPEAL)
async def ask_withdraw(ctx: ChatContext, _: str | None) -> Reply:
    """撤回申诉: a second look."""
    own = _newest_open(await AppealService(ctx.work).own(ctx.follower_id))
    if own is None:
        return TextReply(text=texts.nothing_to_withdraw())
    ctx.goto(ChatState.WITHDRAWING_APPEAL, appeal=own.id)
    return TextReply(text=texts.withdraw_or_not(own))


@router.text(ChatState.WITHDRAWING_APPEAL)
async def withdraw(ctx: ChatContext, message: TextMessage) -> Reply:
    """1 keeps it, 2 takes it back."""
    appeal_id = ctx.remembered("appeal")
    options = (Option(value="keep", label="不撤回"), Option(value="drop", label="撤回"))
    answer = choices.match(message.content, options)
    if not isinstance(answer, choices.Matched) or appeal_id is None:
        ctx.conversation.failures += 1
        return TextReply(text="请回复 1 不撤回，或 2 撤回。")
    ctx.goto(ChatState.IDLE)
    if answer.index == 0:
        return TextReply(text=texts.kept())
    try:
        own = await AppealService(ctx.work).withdraw(ctx.follower_id, appeal_id, actor=ctx.actor)
    except ServiceError as error:
        return TextReply(text=texts.refused(error.code, error.facts))
    return TextReply(text=texts.withdrawn(own))


def _newest_open(own: Sequence[OwnAppeal]) -> OwnAppeal | None:
    return next((one for one in own if one.state in _OPEN), None)


def _contacts(ctx: ChatContext) -> list[Contact]:
    return [contact for scheme in ctx.schemes for contact in scheme.contacts]
