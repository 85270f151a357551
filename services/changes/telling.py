"""What the person hears of a request (E8); values are not in a message, only what it is about."""

from collections.abc import Sequence

from services.notices import NoticeService
from services.rules.localtime import local_datetime
from services.unit_of_work import Work
from storage.tables import Certificate, ChangeRequest, Enrolment


async def filed(work: Work, request: ChangeRequest, enrolment: Enrolment) -> None:
    """Staff filed it for them."""
    await _send(work, request, enrolment, "change_filed", by=request.filed_by_name, hint="代您提交了变更申请")


async def approved(
    work: Work,
    request: ChangeRequest,
    enrolment: Enrolment,
    outdated: Sequence[Certificate],
    *,
    card_with: str = "",
) -> None:
    """The data are changed; papers with the old ones can be replaced, a card is by `card_with`, who makes it."""
    numbers = "、".join(certificate.number for certificate in outdated)
    papers = f"\n证书 {numbers} 上仍是原来的内容，继续有效。需要换发的，请回复 换证。" if outdated else ""
    if card_with:
        papers += (
            f"\n您的证卡上仍是原来的内容，已转{card_with}换发（卡号不变）；新卡发出以前，原证卡继续有效。"
        )
    await _send(work, request, enrolment, "change_approved", papers=papers, hint="资料已变更")


async def refused(work: Work, request: ChangeRequest, enrolment: Enrolment, reason: str) -> None:
    """Nothing is changed."""
    await _send(work, request, enrolment, "change_refused", reason=reason, hint="变更未通过")


async def _send(work: Work, request: ChangeRequest, enrolment: Enrolment, notice: str, **facts: str) -> None:
    scheme = work.scheme(enrolment.scheme_ref)
    await NoticeService(work).send(
        enrolment.follower_id,
        notice,
        cause=str(request.id),
        facts={
            "scheme": scheme.short_title,
            "number": request.number,
            "field": scheme.field(request.field_key).label,
            "time": local_datetime(work.now),
            **facts,
        },
        enrolment_id=enrolment.id,
    )
