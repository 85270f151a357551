"""Appeals, benchmarks and analyses at the command line: the same verbs as in the console (B5, B7, B11)."""

from pathlib import Path

import pytest

from services.appeals import AppealService
from services.models import StaffRole
from services.staff import StaffService
from services.unit_of_work import Work
from storage.tables import Follower
from tests import certificate_rows, factories
from tests.bot.cli.conftest import Terminal


@pytest.fixture
def office(zhengtu: Terminal) -> Terminal:
    """One appeal about 41 points, and two officers."""

    async def story(work: Work) -> None:
        home = await factories.organisation(work)
        enrolment = await certificate_rows.enrolled(work, home)
        sitting = await certificate_rows.sitting(work, home)
        result = await certificate_rows.result(work, enrolment, sitting, passed=False)
        result.published_at = work.now
        result.method = {"method": "bands", "bands": [{"grade": "合格", "minimum_percent": "60"}]}
        enrolment.scheme_version = "2024.4"
        await work.session.flush()
        actor = factories.applicant_actor(await work.session.get_one(Follower, enrolment.follower_id))
        service = AppealService(work)
        draft = await service.write(enrolment.follower_id, result.id, "第12题漏计")
        await service.lodge(enrolment.follower_id, draft.id, actor=actor)
        for login in ("li", "zhou"):
            await StaffService(work).add(
                None,
                login=login,
                name=login,
                password="a-long-password-77",
                role=StaffRole.OFFICER,
                organisation_id=home.id,
            )

    zhengtu.put(story)
    return zhengtu


def test_an_appeal_is_disclosed_marked_again_and_decided_by_two_b7(office: Terminal, tmp_path: Path) -> None:
    (line,) = office("appeals", "list", "--as", "li", "--json").document
    assert (line["number"], line["state"], line["grade"]) == (1001, "lodged", "不合格")
    early = office("appeals", "decide", "1001", "upheld", "--reason", "已复核", "--as", "li")
    assert (early.code, "请先把原始成绩" in early.err) == (1, True)
    assert office("appeals", "disclose", "1001", "--as", "li").code == 0
    assert office("appeals", "answer", "1001", "--text", "正在核对", "--as", "li").code == 0
    marked = office(
        "appeals", "remark", "1001", "--score", "63", "--note", "漏计22分", "--as", "li", "--json"
    )
    assert marked.document["remark"]["grade"] == "合格"
    assert office("appeals", "decide", "1001", "changed", "--reason", "漏计", "--as", "li").code == 1
    done = office(
        "appeals", "decide", "1001", "changed", "--reason", "漏计", "--as", "zhou", "--json"
    ).document
    assert (done["line"]["outcome"], done["new_grade"], done["line"]["state"]) == (
        "changed",
        "合格",
        "decided",
    )
    file = tmp_path / "pack.pdf"
    assert office("appeals", "pack", "1001", str(file), "--as", "li").code == 0
    assert file.read_bytes().startswith(b"%PDF")


def test_benchmarks_and_analyses_say_what_there_is_not_b5_b11(office: Terminal) -> None:
    assert office("benchmarks", "list", "--as", "li", "--json").document == []
    assert "没有基准指数" in office("benchmarks", "show", "--sitting", "QSO-2026Q4", "--as", "li").out
    nothing = office("benchmarks", "regrade-confirm", "--sitting", "QSO-2026Q4", "--as", "li")
    assert "没有等待决定的重新评定方案" in nothing.err
    shown = office("analysis", "show", "--scheme", "quality-safety-officer", "--as", "li")
    assert "不足 5 份，不能显示" in shown.out
    assert "没有分知识领域" in office("analysis", "show", "--scheme", "sichuan-examiner", "--as", "li").err
