"""What candidates of a sub-centre meet when it is suspended, goes on, or ends (C4, C13, C14)."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from services.authorisation import changes
from services.authorisation.standing import NotAuthorisedError
from services.exams.seats import SeatService
from services.exams.sittings import SittingService
from services.notices.catalogue import NOTICES, render_text
from services.unit_of_work import Tools
from storage.authorisation_states import EndingCause
from storage.states import DeliveryState
from storage.tables import Enrolment, Organisation, OutboxMessage, Seat, StudyRecord
from tests import factories
from tests.attendance_stories import STARTS_AT, School, school
from tests.handlers.chat.conftest import Meter, meter  # noqa: F401 - a fixture
from tests.handlers.chat.test_cost import Metered


@pytest.fixture
async def place(tools: Tools, meter: Meter) -> School:  # noqa: F811 - the fixture
    """A member whose hours are all done, and who is measured."""
    made = await school(tools)
    made.member = Metered(tools, openid="oMember", account="metrology", meter=meter)
    async with tools.unit_of_work() as work:
        work.session.add_all(
            StudyRecord(
                enrolment_id=made.enrolment_id,
                source=source,
                reference=source,
                course="学习",
                hours=Decimal(hours),
                created_at=work.now,
            )
            for source, hours in (("import", 40), ("practice", 24))
        )
    return made


async def a_sitting(place: School, capacity: int = 5) -> UUID:
    async with place.tools.unit_of_work() as work:
        added = await SittingService(work).add(
            place.sub_centre.officer,
            scheme_id="metrology-length-4",
            starts_at=STARTS_AT + timedelta(days=20),
            ends_at=STARTS_AT + timedelta(days=20, hours=2),
            place="贵阳市云岩区",
            form="on_site",
            capacity=capacity,
        )
        return added.id


async def told(tools: Tools, *, state: str = DeliveryState.QUEUED) -> list[tuple[str, str]]:
    async with tools.unit_of_work() as work:
        rows = await work.session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.notice.startswith("sub_centre"), OutboxMessage.state == state)
            .order_by(OutboxMessage.id)
        )
        return [(row.notice, render_text(NOTICES[row.notice], row.facts)) for row in rows]


async def stop(place: School, reason: str = "税务部门介入调查") -> None:
    async with place.tools.unit_of_work() as work:
        await changes.suspend(
            work, place.sub_centre.society_officer, place.sub_centre.authorisation_id, reason
        )


async def go_on(place: School) -> None:
    async with place.tools.unit_of_work() as work:
        await changes.lift(
            work, place.sub_centre.society_officer, place.sub_centre.authorisation_id, "没有问题"
        )


async def test_candidates_are_told_what_happens_to_their_enrolment_and_whom_to_ask_c14(
    place: School, tools: Tools
) -> None:
    await stop(place)
    [(kind, text)] = await told(tools)
    assert kind == "sub_centre_suspended"
    assert f"报名号 {place.number}" in text
    assert "学时、已缴费用都保留" in text
    assert "请联系中国计量测试学会" in text
    assert "税务" not in text
    await go_on(place)
    assert [kind for kind, _ in await told(tools)] == ["sub_centre_resumed"]
    assert [kind for kind, _ in await told(tools, state=DeliveryState.WITHDRAWN)] == ["sub_centre_suspended"]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("admitted", "已缴费用请向该分中心申请退还；要转到其他分中心，请联系中国计量测试学会办理"),
        ("in_review", "回复 退出 结束这份报名，再回复 报名 选择其他分中心"),
        ("withdrawn", None),
    ],
)
async def test_an_ending_tells_each_what_they_can_do_c4(
    place: School, tools: Tools, state: str, said: str | None
) -> None:
    async with tools.unit_of_work() as work:
        (await work.session.get_one(Enrolment, place.enrolment_id)).state = state
    async with tools.unit_of_work() as work:
        admin, identity = place.sub_centre.society_admin, place.sub_centre.authorisation_id
        await changes.end(work, admin, identity, EndingCause.LAX_INVIGILATION, "监考不严")
    texts = [text for _, text in await told(tools)]
    assert len(texts) == (said is not None)
    assert said is None or said in texts[0]


async def test_no_seat_is_booked_while_the_sub_centre_is_suspended_and_the_answer_says_why_c14(
    place: School, tools: Tools
) -> None:
    sitting_id = await a_sitting(place)
    assert "请选择考试场次" in await place.member.say("考试")
    await stop(place)
    assert "目前暂停办理，暂时不能预约考试" in await place.member.say("1")
    assert "恢复后会在这里通知您" in await place.member.say("考试")
    with pytest.raises(NotAuthorisedError) as refused:
        async with tools.unit_of_work() as work:
            await SeatService(work).book(place.enrolment_id, sitting_id, actor=place.sub_centre.officer)
    assert refused.value.code == "authorisation.suspended"
    await go_on(place)
    await place.member.say("考试")
    assert "准考证号" in await place.member.say("1")


async def test_who_waits_for_a_seat_moves_up_only_once_it_goes_on_c14(place: School, tools: Tools) -> None:
    sitting_id = await a_sitting(place, capacity=1)
    await place.member.say("考试")
    await place.member.say("1")
    async with tools.unit_of_work() as work:
        row = await factories.enrolment(
            work,
            organisation=await work.session.get_one(Organisation, place.sub_centre.id),
            follower=await factories.follower(work, "oWaits", "metrology"),
            scheme_id="metrology-length-4",
            state="admitted",
            identity_number=factories.identity_number(7),
        )
        other = row.id
        work.session.add(
            Seat(sitting_id=sitting_id, enrolment_id=other, state="waitlisted", created_at=work.now)
        )
    await stop(place)
    await place.member.say("取消考试")
    assert "已取消考试预约" in await place.member.say("2")

    async def waits() -> str:
        async with tools.unit_of_work() as work:
            return (await work.session.scalars(select(Seat.state).where(Seat.enrolment_id == other))).one()

    assert await waits() == "waitlisted"
    await go_on(place)
    assert await waits() == "booked"
