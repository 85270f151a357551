"""Staff see which papers could not be made, and have them tried again."""

import uuid

from sqlalchemy import text

from services.certificates import CertificateService
from services.unit_of_work import Tools
from storage.tables import Organisation
from tests import certificate_rows, factories
from tests.handlers.console.conftest import Browser


async def issued(tools: Tools, organisation_id: uuid.UUID) -> str:
    """A certificate whose job is queued; its address."""
    async with tools.unit_of_work() as work:
        organisation = await work.session.get_one(Organisation, organisation_id)
        enrolment = await certificate_rows.enrolled(work, organisation)
        await certificate_rows.result(work, enrolment, await certificate_rows.sitting(work, organisation))
        one = await CertificateService(work).issue(factories.staff_actor(organisation_id), enrolment.id)
        return f"/certificates/{one.id}"


async def test_staff_see_a_paper_that_could_not_be_made_and_have_it_tried_again(
    tools: Tools, officer: Browser, viewer: Browser
) -> None:
    path = await issued(tools, officer.organisation_id)
    page = await officer.open("/certificates")
    assert "证书文件还没有生成（1 份）" in page
    assert ">未生成<" in page
    assert "重新生成</button>" not in page
    assert "生成失败" not in await officer.open("/")

    async with tools.unit_of_work() as work:
        await work.session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))
    page = await officer.open("/certificates")
    assert ">生成失败<" in page
    assert "重新生成</button>" in page
    assert "重新生成</button>" not in await viewer.open("/certificates")
    assert "有 1 份证书文件生成失败" in await officer.open("/")
    assert "证书文件生成失败，持证人还没有收到" in await officer.open(path)
    assert "正在重新生成" in await officer.send(f"{path}/retry", {})
    assert "正在生成，请过几分钟" in await officer.send(f"{path}/retry", {}, status=409)

    async with tools.unit_of_work() as work:
        await CertificateService(work).deliver(uuid.UUID(path.rsplit("/", 1)[1]))
    assert "还没有生成" not in await officer.open("/certificates")
    assert "还没有收到" not in await officer.open(path)
    log = await officer.open("/audit")
    assert "重新生成证书文件" in log
