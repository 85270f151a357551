"""What the candidates of a sub-centre are told when it stops, goes on, or ends: what becomes of their enrolment (C4, C13, C14).

Why it was suspended or ended is not in it: an investigation is between the society and the sub-centre.
"""

from typing import Final

from services.models import EnrolmentState
from services.notices import NoticeService
from services.notices.outbox import Addressed
from services.rules.localtime import local_datetime
from services.unit_of_work import Work
from storage.authorisation_states import AuthorisationState
from storage.repositories.authorisation_life import LifeRepository
from storage.repositories.running import RunningRepository
from storage.tables import Authorisation, Enrolment

_NOTICES: Final = {
    AuthorisationState.SUSPENDED: ("sub_centre_suspended", "您的报名保留，暂停办理"),
    AuthorisationState.ACTIVE: ("sub_centre_resumed", "已恢复，可继续办理"),
    AuthorisationState.ENDED: ("sub_centre_ended", "该分中心不再办理"),
}
_NOT_ADMITTED: Final = (
    "这份报名不能在该分中心继续。要继续报考，请回复 退出 结束这份报名，再回复 报名 选择其他分中心的培训班。"
)
_ADMITTED: Final = (
    "您的报名材料和已完成的学时仍保存。已缴费用请向该分中心申请退还；要转到其他分中心，请联系{society}办理。"
)
_PASSED: Final = "您的成绩仍然有效，证书能否签发由{society}核查后决定，请联系{society}。"


async def tell(work: Work, row: Authorisation) -> int:
    """Queue one message for everybody who is on the way there, by its state now; says for how many.

    What they were not told yet of the state before is taken back.
    """
    schemes = {scheme.id for scheme in work.tools.schemes.values() if scheme.authorised_for is not None}
    running = await RunningRepository(work.session).trained_by(row.organisation_id, schemes)
    notices, group = NoticeService(work), f"authorisation:{row.id}"
    await notices.withdraw(group)
    life = LifeRepository(work.session)
    names = {
        "organisation": await life.organisation_name(row.organisation_id),
        "society": await life.organisation_name(row.society_id),
    }
    state = AuthorisationState(row.state)
    notice, hint = _NOTICES[state]
    await notices.send_many(
        [
            Addressed(
                follower_id=enrolment.follower_id,
                notice=notice,
                cause=f"{row.id}:{row.state_changed_at}:{enrolment.id}",
                facts={
                    "scheme": work.scheme(enrolment.scheme_ref).short_title,
                    "number": str(enrolment.number),
                    **names,
                    "how": _how(enrolment).format_map(names),
                    "hint": hint,
                    "time": local_datetime(work.now),
                },
                enrolment_id=enrolment.id,
                group=group,
            )
            for enrolment, _ in running
        ]
    )
    return len(running)


def _how(enrolment: Enrolment) -> str:
    """What somebody does whose sub-centre has ended."""
    if enrolment.state == EnrolmentState.CONCLUDED:
        return _PASSED
    return _ADMITTED if enrolment.state == EnrolmentState.ADMITTED else _NOT_ADMITTED
