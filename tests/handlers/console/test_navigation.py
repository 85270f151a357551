"""The main menu: each sees the places of their own work, and the first page says what waits there (B9)."""

from collections.abc import Awaitable, Callable

import pytest

from handlers.console.navigation import menu
from services.changes import ChangeDesk
from services.models import EnrolmentState, StaffRole
from services.pictures import specimen
from services.schemes.loader import load_catalogue
from services.unit_of_work import Tools
from tests import appointment_stories, factories, sub_centres
from tests.handlers.console.conftest import Browser
from tests.services import blacklist_stories

EVERYBODY = {"今日待办", "报名审核", "资料变更", "机构", "保存期限", "运行状况", "操作日志"}
EXAMS = {"培训班", "缴费核对", "学时导入", "考试场次", "成绩导入", "成绩申诉", "证书"}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("association", EXAMS | {"分领域分析", "群发"}),
        ("sub_centre", EXAMS | {"黑名单", "授权管理", "群发"}),
        ("society", {"证书", "黑名单", "授权管理"}),
        ("city_centre", {"培训班", "考试场次", "成绩导入", "成绩申诉", "证书", "证卡", "派遣", "群发"}),
        ("province_centre", {"培训班", "考试场次", "成绩导入", "成绩申诉", "证书", "证卡", "派遣", "群发"}),
        ("laboratory", {"聘用", "群发"}),
        ("cqc_product_department", {"聘用"}),
    ],
)
def test_the_menu_names_what_an_organisation_has_a_part_in_and_nothing_else_b9(
    kind: str, words: set[str]
) -> None:
    shown = {
        place.word
        for group in menu(load_catalogue().values(), kind, StaffRole.OFFICER)
        for place in group.places
    }
    assert shown == EVERYBODY | words


def test_staff_of_an_organisation_that_no_scheme_names_are_shown_every_place() -> None:
    groups = menu(load_catalogue().values(), "research_centre", StaffRole.OFFICER)
    assert [group.heading for group in groups] == ["", "报名", "培训考试", "证书证卡", "机构", "系统"]
    assert sum(len(group.places) for group in groups) == 21


async def test_a_page_below_a_place_leaves_its_place_marked(
    tools: Tools, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    async with tools.unit_of_work() as work:
        home = await sub_centres.authorised(work)
    page = await (await browsers(StaffRole.OFFICER, home.id)).open("/authorisation-members")
    assert page.count('aria-current="page"') == 1
    assert '<a href="/console/authorisations" aria-current="page">' in page


async def test_the_first_page_offers_no_shortcut_to_a_place_that_is_not_in_the_menu(
    tools: Tools, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    async with tools.unit_of_work() as work:
        laboratory = await factories.organisation(work, "某某检测研究院", "laboratory")
    page = await (await browsers(StaffRole.OFFICER, laboratory.id)).open("/")
    assert "查找一份报名" in page
    assert "安排考试" not in page
    assert "缴费待核对" not in page


async def test_the_first_page_counts_what_waits_for_a_society_and_does_not_say_all_is_done_c2_c12(
    tools: Tools, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    async with tools.unit_of_work() as work:
        await sub_centres.one_of_each(work)
        society = await sub_centres.society(work)
    page = await (await browsers(StaffRole.ADMIN, society.id)).open("/")
    assert "<strong>4</strong><span>分中心授权待处理</span>" in page
    assert "今天的事都办完了" not in page


async def test_the_first_page_counts_changes_and_hearings_that_wait_c7_e8(
    tools: Tools, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    centres = await blacklist_stories.open_house(tools)
    await centres.proposed(await centres.candidate())
    admitted = await centres.candidate(8, state=EnrolmentState.ADMITTED)
    proof = ("proof.jpg", specimen.id_card_front())
    async with tools.unit_of_work() as work:
        await ChangeDesk(work).file_for(
            centres.first, admitted.id, "name", "王晓明", reason="更名", files=(proof,)
        )
    page = await (await browsers(StaffRole.OFFICER, centres.organisation_id)).open("/")
    assert "<strong>1</strong><span>资料变更待审核</span>" in page
    assert "<strong>1</strong><span>黑名单待决定</span>" in page
    other = await (await browsers(StaffRole.OFFICER, centres.other_organisation_id)).open("/")
    assert "资料变更待审核" not in other
    assert "今天的事都办完了" in other


async def test_the_first_page_of_a_laboratory_names_the_roster_check_that_waits_for_its_answer_e6(
    tools: Tools, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    ids = await appointment_stories.one_of_each(tools)
    page = await (await browsers(StaffRole.OFFICER, ids["laboratories"])).open("/")
    assert "<strong>1</strong><span>登录核查进行中</span><small>2026年12月30日 前答复</small>" in page
    assert "今天的事都办完了" not in page
