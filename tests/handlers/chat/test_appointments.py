"""What an appointed person reads in the chat: number, fields, state, login (E1, E4, E5, E7)."""

from sqlalchemy import select

from services.appointments import AppointmentService
from services.unit_of_work import Tools
from storage.tables import Enrolment
from storage.tables import Follower as FollowerRow
from tests.appointment_stories import open_house
from tests.chat import Follower


async def test_progress_and_certificate_tell_the_appointment_e5_e1(tools: Tools) -> None:
    house = await open_house(tools)
    appointment_id = await house.appointed("CCC", "CB")
    async with tools.unit_of_work() as work:
        follower_id = await work.session.scalar(select(Enrolment.follower_id))
        openid = (await work.session.get_one(FollowerRow, follower_id)).openid
    person = Follower(tools, openid=openid, account="cqc")
    told = await person.say("证书")
    assert "【CQC 认证联络员】有效" in told
    assert "聘用号：CQC000001" in told
    assert "认证领域：CCC、CB" in told
    assert "登录权限：已开通" in told
    async with tools.unit_of_work() as work:
        await AppointmentService(work).suspend(
            house.officer("training"), appointment_id, "投诉核查", uncovers=("CCC",)
        )
    told = await person.say("进度")
    assert "【CQC 认证联络员】暂停" in told
    assert "登录权限：已暂停\n原因：投诉核查" in told
    # Somebody else is told nothing of it.
    assert "还没有聘用记录" in await Follower(tools, openid="oSomebody", account="cqc").say("证书")
