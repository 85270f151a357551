"""Papers that could not be made, at the command line."""

from sqlalchemy import text

from services.certificates import CertificateService
from services.unit_of_work import Work
from storage.repositories.organisations import OrganisationRepository
from tests import certificate_rows, factories
from tests.bot.cli.conftest import Terminal


async def _failed(work: Work) -> str:
    """A certificate whose job was tried for the last time; its number."""
    organisation = await OrganisationRepository(work.session).find_by_name("贵州省 ISO9000 质量促进会")
    assert organisation is not None
    enrolment = await certificate_rows.enrolled(work, organisation)
    await certificate_rows.result(work, enrolment, await certificate_rows.sitting(work, organisation))
    one = await CertificateService(work).issue(factories.staff_actor(organisation.id), enrolment.id)
    await work.session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))
    return one.number


def test_papers_that_could_not_be_made_are_listed_and_tried_again(office: Terminal) -> None:
    assert office("certificates", "unmade").out == "证书文件都已生成。\n"
    number = office.put(_failed)
    listed = office("certificates", "unmade").out
    assert number in listed
    assert "生成失败" in listed
    (line,) = office("certificates", "unmade", "--json").document
    assert (line["number"], line["paper"]) == (number, "failed")
    assert office("certificates", "retry", number).out == f"{number} 正在重新生成。\n"
    assert office("certificates", "unmade", "--json").document[0]["paper"] == "waiting"
    again = office("certificates", "retry", number)
    assert again.code == 1
    assert "正在生成" in again.err
