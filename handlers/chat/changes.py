"""资料变更: changing one's data after the review, at once or by a request; 撤回变更; 换证 (E8)."""

from collections.abc import Sequence

from handlers.chat.context import ChatContext
from handlers.chat.messages import ImageMessage, Reply, TextMessage, TextReply
from handlers.chat.numbered import chosen
from handlers.chat.router import Router
from handlers.chat.states import ChatState
from handlers.chat.texts import blacklist, common, problems
from handlers.chat.texts import changes as texts
from services.blacklist import BarredError
from services.certificates import CertificateService
from services.changes import Begun, Changeable, ChangeService
from services.errors import ConflictError, NotFoundError, ServiceError
from services.rules import choices
from services.rules.errors import InvalidValueError
from services.rules.words import Word, parse
from services.schemes.models import FormField, Option

router = Router()
router.left(texts.LEFT, ChatState.CHANGING_REASON, ChatState.CHANGING_PROOF, ChatState.RESUMING_CHANGE)

#: A request is being made: 提交 belongs to it, and pictures are its proofs.
TAKES_PICTURES = frozenset((ChatState.CHANGING_REASON, ChatState.CHANGING_PROOF))
#: 修改 with the name of a field is an answer here: which field, or why.
TAKES_NAMES = frozenset((ChatState.CHANGING_WHICH, ChatState.CHANGING_REASON))
_STUCK_AFTER = 2


@router.word(Word.CHANGE)
async def change(ctx: ChatContext, _: str | None) -> Reply:
    """资料变更: at first what was begun and left."""
    if (left := await ChangeService(ctx.work).begun(ctx.follower_id)) is not None:
        ctx.goto(ChatState.RESUMING_CHANGE, request=left.line.id)
        return TextReply(text=texts.go_on_or_drop(left))
    return await begin(ctx, None)


async def resume(ctx: ChatContext) -> Reply | None:
    """继续 with nothing to enrol in: the request that was begun and left; None where there is none."""
    left = await ChangeService(ctx.work).begun(ctx.follower_id)
    return _go_on(ctx, left) if left is not None else None


@router.text(ChatState.RESUMING_CHANGE)
async def go_on_or_drop(ctx: ChatContext, message: TextMessage) -> Reply:
    """1 goes on where it was, 2 gives it up and begins anew."""
    service = ChangeService(ctx.work)
    left = await service.begun(ctx.follower_id)
    if left is None:
        return _nothing(ctx)
    options = (Option(value="on", label="接着办理"), Option(value="drop", label="放弃，改其他项"))
    match choices.match(message.content, options):
        case choices.Matched(index=0):
            return _go_on(ctx, left)
        case choices.Matched(index=1):
            await service.drop(ctx.follower_id, left.line.id)
            return await begin(ctx, None)
        case _:
            return _not_understood(ctx, texts.go_on_or_drop(left))


def _go_on(ctx: ChatContext, left: Begun) -> Reply:
    state = ChatState.CHANGING_PROOF if left.reason else ChatState.CHANGING_REASON
    ctx.goto(state, request=left.line.id)
    return TextReply(text=texts.resumed(left))


async def take_left_proof(ctx: ChatContext, message: ImageMessage) -> Reply:
    """A picture that nobody asked for: a proof of the request that was begun and left, where there is one."""
    try:
        left = await ChangeService(ctx.work).prove_begun(
            ctx.follower_id, message.media_id, account=ctx.account
        )
    except ServiceError as error:
        return TextReply(text=texts.refused(error.code, error.facts))
    if left is None:
        return TextReply(text=common.no_photo_needed())
    _go_on(ctx, left)
    taken = texts.proof_taken(left.proofs) if left.reason else texts.proof_before_reason()
    return TextReply(text=f"{texts.taken_for(left)}\n{taken}")


async def begin(ctx: ChatContext, name: str | None) -> Reply:
    """What can be changed, or at once the field of this name."""
    service = ChangeService(ctx.work)
    items = await service.changeable(ctx.follower_id)
    if not items:
        return TextReply(text=texts.nothing_to_change(await service.why_not(ctx.follower_id)))
    if len(items) == 1 or name is not None:
        return _in(ctx, _with_field(items, name), name)
    ctx.goto(ChatState.CHANGING_WHERE, enrolments=[str(item.enrolment_id) for item in items])
    return TextReply(text=texts.where(items))


@router.text(ChatState.CHANGING_WHERE)
async def choose_enrolment(ctx: ChatContext, message: TextMessage) -> Reply:
    """Which of several enrolments."""
    items = await ChangeService(ctx.work).changeable(ctx.follower_id)
    answer = choices.match(
        message.content,
        [Option(value=str(item.enrolment_id), label=item.scheme.short_title) for item in items],
    )
    if not isinstance(answer, choices.Matched):
        return _not_understood(ctx, texts.where(items))
    return _in(ctx, items[answer.index], None)


@router.text(ChatState.CHANGING_WHICH)
async def choose_field(ctx: ChatContext, message: TextMessage) -> Reply:
    """Which field, by number or name."""
    item = await _item(ctx)
    if item is None:
        return _nothing(ctx)
    command = parse(message.content)
    typed = command.argument if command is not None and command.argument else message.content
    field = _field_named(item, typed)
    if field is None:
        return _not_understood(ctx, texts.which(item))
    return _ask(ctx, item, field)


@router.text(ChatState.CHANGING_VALUE)
async def take_value(ctx: ChatContext, message: TextMessage) -> Reply:
    """The new value: changed at once, or the beginning of a request."""
    enrolment_id, key = ctx.remembered("enrolment"), ctx.recalled("field")
    if enrolment_id is None:
        return _nothing(ctx)
    try:
        outcome = await ChangeService(ctx.work).put(
            ctx.follower_id, enrolment_id, key, message.content, actor=ctx.actor
        )
    except InvalidValueError as error:
        item = await _item(ctx)
        field = next((one for one, _ in item.fields if one.key == key), None) if item is not None else None
        if item is None or field is None:
            return _nothing(ctx)
        wrong = problems.problem(error.code, error.facts, field)
        return _not_understood(ctx, f"{wrong}\n\n{texts.ask(item, field)}" if field.options else wrong)
    except BarredError as error:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=blacklist.barred(error))
    except (ConflictError, NotFoundError) as error:
        if error.code != "change.same":
            ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.refused(error.code, error.facts))
    if outcome.applied:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.changed(outcome))
    ctx.goto(ChatState.CHANGING_REASON, request=outcome.request_id)
    return TextReply(text=texts.why(outcome))


@router.text(ChatState.CHANGING_REASON)
async def take_reason(ctx: ChatContext, message: TextMessage) -> Reply:
    """Why it is to be changed."""
    request_id, command = ctx.remembered("request"), parse(message.content)
    if request_id is None:
        return _nothing(ctx)
    if command is not None and command.word is Word.SUBMIT:
        return _not_understood(ctx, texts.refused("change.no_reason", {}))
    try:
        proofs = await ChangeService(ctx.work).explain(ctx.follower_id, request_id, message.content)
    except InvalidValueError as error:
        return _not_understood(ctx, texts.refused(error.code, error.facts))
    except (ConflictError, NotFoundError) as error:
        ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.refused(error.code, error.facts))
    ctx.goto(ChatState.CHANGING_PROOF, request=request_id)
    return TextReply(text=texts.prove(proofs))


async def take_proof(ctx: ChatContext, message: ImageMessage) -> Reply:
    """A picture while a request is being made."""
    if (request_id := ctx.remembered("request")) is None:
        return TextReply(text=common.no_photo_needed())
    try:
        proofs = await ChangeService(ctx.work).prove(
            ctx.follower_id, request_id, message.media_id, account=ctx.account
        )
    except ServiceError as error:
        return TextReply(text=texts.refused(error.code, error.facts))
    if ctx.state is ChatState.CHANGING_REASON:
        return TextReply(text=texts.proof_before_reason())
    return TextReply(text=texts.proof_taken(proofs))


@router.text(ChatState.CHANGING_PROOF)
async def file(ctx: ChatContext, message: TextMessage) -> Reply:
    """提交 hands it in; anything else is told what is awaited."""
    request_id, command = ctx.remembered("request"), parse(message.content)
    if request_id is None:
        return _nothing(ctx)
    if command is None or command.word is not Word.SUBMIT:
        return _not_understood(ctx, texts.submit_or_show())
    try:
        line = await ChangeService(ctx.work).file(ctx.follower_id, request_id, actor=ctx.actor)
    except ServiceError as error:
        if error.code not in ("change.no_proof", "change.no_reason"):
            ctx.goto(ChatState.IDLE)
        return TextReply(text=texts.refused(error.code, error.facts))
    ctx.goto(ChatState.IDLE)
    return TextReply(text=texts.filed(line))


@router.word(Word.TAKE_BACK)
async def take_back(ctx: ChatContext, _: str | None) -> Reply:
    """撤回变更: the requests that are under way, as a list to choose from."""
    lines = await ChangeService(ctx.work).pending(ctx.follower_id)
    if not lines:
        return TextReply(text=texts.nothing_pending())
    ctx.goto(ChatState.TAKING_BACK, requests=[str(line.id) for line in lines])
    return TextReply(text=texts.which_to_take_back(lines))


@router.text(ChatState.TAKING_BACK)
async def taking_back(ctx: ChatContext, message: TextMessage) -> Reply:
    """The number in the list; 0 leaves everything as it is."""
    request_id = chosen(ctx, "requests", message.content)
    if request_id is None:
        return _not_understood(ctx, texts.take_back_again())
    ctx.goto(ChatState.IDLE)
    try:
        line = await ChangeService(ctx.work).withdraw(ctx.follower_id, request_id, actor=ctx.actor)
    except (ConflictError, NotFoundError) as error:
        return TextReply(text=texts.refused(error.code, error.facts))
    return TextReply(text=texts.taken_back(line))


@router.word(Word.REPLACE)
async def replace(ctx: ChatContext, _: str | None) -> Reply:
    """换证: certificates that name somebody as they are not named any more."""
    views = await CertificateService(ctx.work).replaceable_of_follower(ctx.follower_id)
    if not views:
        return TextReply(text=texts.nothing_to_replace())
    ctx.goto(ChatState.REPLACING, certificates=[str(view.id) for view in views])
    return TextReply(text=texts.which_to_replace(views))


@router.text(ChatState.REPLACING)
async def replacing(ctx: ChatContext, message: TextMessage) -> Reply:
    """The number in the list."""
    certificate_id = chosen(ctx, "certificates", message.content)
    if certificate_id is None:
        return _not_understood(ctx, texts.replace_again())
    ctx.goto(ChatState.IDLE)
    try:
        new = await CertificateService(ctx.work).replace_own(certificate_id, ctx.follower_id, actor=ctx.actor)
    except BarredError as error:
        return TextReply(text=blacklist.barred(error))
    except ServiceError as error:
        return TextReply(text=texts.refused(error.code, error.facts))
    return TextReply(text=texts.replaced(new))


def _in(ctx: ChatContext, item: Changeable, name: str | None) -> Reply:
    field = _field_named(item, name) if name is not None else None
    if field is not None:
        return _ask(ctx, item, field)
    ctx.goto(ChatState.CHANGING_WHICH, enrolment=item.enrolment_id)
    lead = f"{texts.no_such(name)}\n\n" if name is not None and item.limited is None else ""
    return TextReply(text=lead + texts.which(item))


def _ask(ctx: ChatContext, item: Changeable, field: FormField) -> Reply:
    ctx.goto(ChatState.CHANGING_VALUE, enrolment=item.enrolment_id, field=field.key)
    return TextReply(text=texts.ask(item, field))


def _with_field(items: Sequence[Changeable], name: str | None) -> Changeable:
    """The newest that has the field; else the newest."""
    if name is None:
        return items[0]
    return next((item for item in items if _field_named(item, name) is not None), items[0])


def _field_named(item: Changeable, typed: str) -> FormField | None:
    options = [Option(value=field.key, label=field.label, aliases=field.aliases) for field, _ in item.fields]
    found = choices.match(typed, options)
    return item.fields[found.index][0] if isinstance(found, choices.Matched) else None


async def _item(ctx: ChatContext) -> Changeable | None:
    enrolment_id = ctx.remembered("enrolment")
    items = await ChangeService(ctx.work).changeable(ctx.follower_id)
    return next((item for item in items if item.enrolment_id == enrolment_id), None)


def _nothing(ctx: ChatContext) -> Reply:
    ctx.goto(ChatState.IDLE)
    return TextReply(text=texts.refused("change.not_found", {}))


def _not_understood(ctx: ChatContext, text: str) -> Reply:
    ctx.conversation.failures += 1
    return TextReply(text=text + (texts.stuck() if ctx.conversation.failures >= _STUCK_AFTER else ""))
