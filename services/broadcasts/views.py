"""Broadcasts as staff see them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.broadcasts.models import (
    Audience,
    AudienceNames,
    BroadcastDetail,
    BroadcastKind,
    BroadcastLine,
    BroadcastPage,
    BroadcastState,
    ChunkLine,
    ChunkState,
    Content,
    Progress,
    ReasonLine,
    RecipientState,
    TestLine,
    TestState,
)
from services.rules.broadcasting import UNREACHABLE_CODES, filled
from services.rules.calendar import next_allowed
from services.unit_of_work import Work
from storage.repositories.broadcast_audience import AudienceRepository
from storage.repositories.broadcast_chunks import ChunkRepository
from storage.repositories.broadcasts import BroadcastRepository
from storage.tables import Broadcast, BroadcastChunk, CourseClass, Organisation, Sitting

#: What a preview puts into the fields of a personal message: nobody's.
_EXAMPLE = {"姓名": "王小明", "报名号": "10001", "项目": "质量安全员"}


def line_of(row: Broadcast) -> BroadcastLine:
    """One in a list."""
    return BroadcastLine(
        id=row.id,
        number=row.number,
        title=row.title,
        kind=BroadcastKind(row.kind),
        state=BroadcastState(row.state),
        recipients=row.recipients,
        created_by=row.created_by_name,
        created_at=row.created_at,
        due_at=row.due_at,
        started_at=row.started_at,
    )


def page_of(rows: Sequence[Broadcast], total: int, page: int, per_page: int) -> BroadcastPage:
    """Some of them."""
    return BroadcastPage(
        items=tuple(line_of(row) for row in rows),
        total=total,
        page=page,
        pages=max(1, -(-total // per_page)),
    )


async def progress_of(work: Work, row: Broadcast) -> Progress:
    """How far it is: counted from the rows of its recipients, whose number is never written down elsewhere."""
    counts = await BroadcastRepository(work.session).counts(row.id)

    def of(*states: RecipientState) -> int:
        return sum(counts.get(state, 0) for state in states)

    return Progress(
        total=sum(counts.values()),
        waiting=of(RecipientState.PENDING),
        under_way=of(RecipientState.SENDING, RecipientState.QUEUED),
        taken=of(RecipientState.ACCEPTED, RecipientState.DELIVERED),
        delivered=of(RecipientState.DELIVERED),
        failed=of(RecipientState.FAILED),
        unknown=of(RecipientState.UNKNOWN),
        skipped=of(RecipientState.SKIPPED),
        cancelled=of(RecipientState.CANCELLED),
    )


async def detail(work: Work, row: Broadcast) -> BroadcastDetail:
    """Everything of one."""
    repository, content = BroadcastRepository(work.session), Content.of(row.content)
    personal = row.kind == BroadcastKind.PERSONAL
    reasons = tuple(
        ReasonLine(state=state, errcode=errcode, reason=reason, count=count)
        for state, errcode, reason, count in await repository.reasons(row.id)
    )
    morning = next_allowed(work.now)
    waits = row.state == BroadcastState.RUNNING and work.tools.quiet_hours and morning > work.now
    return BroadcastDetail(
        line=line_of(row),
        account=row.account,
        content=content,
        audience=Audience.of(row.audience),
        preview=filled(content.text, _EXAMPLE) if personal else content.text,
        has_picture=bool(row.picture_key),
        revision=row.revision,
        fingerprint=row.fingerprint,
        left_out=dict(row.left_out),
        submitted_by=row.submitted_by_name,
        submitted_at=row.submitted_at,
        authors=frozenset({row.created_by, row.submitted_by} - {""}),
        approved_by=row.approved_by_name,
        approved_at=row.approved_at,
        reason=row.reason,
        finished_at=row.finished_at,
        names=await AudienceRepository(work.session).count_named(row.id),
        progress=await progress_of(work, row),
        reasons=reasons,
        chunks=tuple(_chunk(one) for one in await ChunkRepository(work.session).of(row.id)),
        tests=tuple(
            TestLine(
                staff_name=test.staff_name,
                state=TestState(test.state),
                at=test.created_at,
                errcode=test.errcode,
                errmsg=test.errmsg or "",
            )
            for test in await repository.tests(row.id)
        ),
        quiet_until=morning if waits else None,
        retriable=sum(
            one.count
            for one in reasons
            if one.state is RecipientState.FAILED and one.errcode not in UNREACHABLE_CODES
        ),
    )


async def names_of(work: Work, audience: Audience) -> AudienceNames:
    """What its ids are called; something that is gone has no name."""
    titles = {scheme.id: scheme.short_title for scheme in work.tools.schemes.values()}

    async def named(table: Any, row_id: UUID | None, column: str) -> str:
        row = await work.session.get(table, row_id) if row_id is not None else None
        return str(getattr(row, column, ""))

    return AudienceNames(
        schemes=tuple(titles.get(one, one) for one in audience.scheme_ids),
        states=audience.states,
        class_title=await named(CourseClass, audience.class_id, "title"),
        sitting=await named(Sitting, audience.sitting_id, "code"),
        through=await named(Organisation, audience.through_id, "name"),
    )


def _chunk(row: BroadcastChunk) -> ChunkLine:
    return ChunkLine(
        number=row.number,
        size=row.size,
        state=ChunkState(row.state),
        msgid=row.msgid,
        attempts=row.attempts,
        errcode=row.errcode,
        errmsg=row.errmsg or "",
        accepted_at=row.accepted_at,
        total=row.total,
        filtered=row.filtered,
        sent=row.sent,
        errors=row.errors,
    )
