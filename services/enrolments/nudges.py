"""Nudging: an unfinished enrolment is recalled once after a day and once after three."""

from uuid import UUID

import structlog

from services.answers import plain_answers
from services.enrolments.piles import complete
from services.notices import NoticeService
from services.rules.completeness import missing, steps
from services.rules.localtime import local_datetime
from services.rules.nudging import FIRST, nudges_after
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.nudges import NudgeRepository
from storage.tables import Enrolment

log = structlog.get_logger(__name__)

_BATCH = 200


async def nudge_due(work: Work) -> int:
    """Nudge up to 200 followers whose draft was left alone; says how many. Whoever unfollowed is left in peace."""
    drafts = NudgeRepository(work.session)
    nudged = 0
    for enrolment in await drafts.list_idle(work.now - FIRST, _BATCH):
        count = nudges_after(enrolment.nudges, work.now - enrolment.last_activity_at)
        if count == enrolment.nudges:
            continue
        if enrolment.scheme_ref not in work.tools.schemes:
            log.error("nudge.scheme_gone", enrolment=str(enrolment.id), scheme=enrolment.scheme_ref)
            continue
        await drafts.keep(enrolment.id, count)
        await _send(work, enrolment, count)
        nudged += 1
    return nudged


async def _send(work: Work, enrolment: Enrolment, count: int) -> None:
    scheme = work.scheme(enrolment.scheme_ref)
    await NoticeService(work).send(
        enrolment.follower_id,
        "nudge",
        cause=f"{enrolment.id}:{count}",
        facts={
            "scheme": scheme.short_title,
            "place": _place(
                scheme,
                plain_answers(work, enrolment),
                await _handed_in(work, enrolment.id),
                enrolment.skipped,
            ),
            "hint": "回复 继续 接着填写",
            "time": local_datetime(work.now),
        },
        enrolment_id=enrolment.id,
    )


async def _handed_in(work: Work, enrolment_id: UUID) -> set[str]:
    documents = await EnrolmentRepository(work.session).documents(enrolment_id)
    return set(complete(documents))


def _place(scheme: Scheme, answers: dict[str, str], handed_in: set[str], skipped: list[str]) -> str:
    """`第4步【手机号】`, or that only the submission is missing."""
    lacking = missing(scheme, answers, handed_in, skipped)
    if not lacking:
        return "最后一步（核对并提交）"
    first = lacking[0]
    named = scheme.field(first.key) if first.kind == "field" else scheme.material(first.key)
    return f"第{steps(scheme, answers, handed_in).index(first) + 1}步【{named.label}】"
