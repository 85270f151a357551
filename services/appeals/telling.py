"""What the person hears of their appeal (B7); the link to the pack is made as a message leaves and never kept."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from services.links import LinkPurpose, LinkService
from services.notices import NoticeService
from services.rules.localtime import local_datetime
from services.unit_of_work import Work
from storage.tables import Appeal, Enrolment

#: Who gets it by message may open it some days later.
LINK_WAITS: Final = timedelta(days=7)
_OUTCOMES: Final = {"upheld": "维持原成绩", "changed": "成绩已更正", "rejected": "不予受理"}


async def disclosed(work: Work, appeal: Appeal, enrolment: Enrolment, *, again: bool) -> None:
    """The figures can be read; said `again` it is another message."""
    await _send(
        work,
        appeal,
        enrolment,
        "appeal_disclosed",
        cause=f"{appeal.id}:{work.now.isoformat()}" if again else "",
        hint="回复 申诉 查看材料",
        appeal_id=str(appeal.id),
    )


async def answered(work: Work, appeal: Appeal, enrolment: Enrolment, answer: str, cause: UUID) -> None:
    """One of the staff answered what the person had written."""
    await _send(
        work, appeal, enrolment, "appeal_answered", cause=str(cause), answer=answer, hint="有新的答复"
    )


async def decided(work: Work, appeal: Appeal, enrolment: Enrolment, *, change: str, further: str) -> None:
    """How it ended, and why."""
    outcome = _OUTCOMES[appeal.outcome]
    await _send(
        work,
        appeal,
        enrolment,
        "appeal_decided",
        outcome=outcome,
        reason=appeal.decision_reason,
        change=change,
        further=further,
        hint=outcome,
    )


async def late_facts(work: Work, facts: Mapping[str, Any]) -> dict[str, Any]:
    """A one-time `link` to the pack where `appeal_id` is in `facts`, made at the moment of sending; else unchanged."""
    complete = dict(facts)
    if (known := facts.get("appeal_id")) is not None:
        appeal = await work.session.get(Appeal, UUID(str(known)))
        if appeal is not None:
            enrolment = await work.session.get_one(Enrolment, appeal.enrolment_id)
            complete["link"] = give_link(work, appeal, enrolment.follower_id, waits=LINK_WAITS)
    return complete


def give_link(work: Work, appeal: Appeal, follower_id: UUID, *, waits: timedelta | None = None) -> str:
    """A new address of the pack, for this follower alone."""
    given: dict[str, Any] = {"waits": waits} if waits is not None else {}
    return LinkService(work).give(
        LinkPurpose.APPEAL, follower_id=follower_id, facts={"appeal": str(appeal.id)}, **given
    )


async def _send(
    work: Work, appeal: Appeal, enrolment: Enrolment, notice: str, *, cause: str = "", **facts: str
) -> None:
    await NoticeService(work).send(
        enrolment.follower_id,
        notice,
        cause=cause or str(appeal.id),
        facts={
            "scheme": work.scheme(enrolment.scheme_ref).short_title,
            "number": appeal.number,
            "time": local_datetime(work.now),
            **facts,
        },
        enrolment_id=enrolment.id,
    )
