"""The tree of organisations in the console."""

from collections.abc import Awaitable, Callable

from services import organisations
from services.models import Actor, EnrolmentState, StaffRole
from services.organisations import OrganisationKind, OrganisationTree
from services.unit_of_work import Tools
from storage.tables import Organisation
from tests import factories, trees
from tests.handlers.console.conftest import Browser
from tests.services import sichuan_stories as stories


async def test_an_administrator_adds_renames_and_moves_what_is_below(
    tools: Tools, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    system = Actor.system("test")
    async with tools.unit_of_work() as work:
        tree = OrganisationTree(work)
        province = await organisations.ensure(work, "四川省职鉴中心", "province_centre")
        city = await tree.add(
            system, name="成都市职鉴中心", kind=OrganisationKind.CITY_CENTRE, parent_id=province
        )
    admin = await browsers(StaffRole.ADMIN, province)
    assert "添加下级机构" in await admin.open("/organisations")
    form = await admin.open("/organisations/new")
    assert "评价机构" in form
    assert "学会分中心" not in form
    given = {"name": "某某评价机构", "kind": "institution", "parent": str(city.id)}
    assert "机构已添加" in await admin.send("/organisations/new", given)
    refused = await admin.send("/organisations/new", given, status=422)
    assert "已经有名为“某某评价机构”的机构" in refused
    wrong = await admin.send(
        "/organisations/new", {**given, "name": "检测院", "kind": "laboratory"}, status=422
    )
    assert "检测机构不能放在市（州）职鉴中心下面，它的上级只能是：CQC 分中心" in wrong
    async with tools.unit_of_work() as work:
        made = await OrganisationTree(work).find_by_name(system, "某某评价机构")
    page = await admin.send(f"/organisations/{made.id}/rename", {"name": "某某评价公司"})
    assert "某某评价公司" in page
    page = await admin.send(
        f"/organisations/{made.id}/move", {"parent": str(province), "located_in": str(city.id)}
    )
    assert "上级：四川省职鉴中心 · 所在：成都市职鉴中心" in page
    circle = await admin.send(f"/organisations/{province}/move", {"parent": str(city.id)}, status=422)
    assert "由上级机构或系统管理员修改" in circle


async def test_an_officer_looks_at_the_tree_and_changes_nothing(officer: Browser) -> None:
    page = await officer.open("/organisations")
    assert "添加下级机构" not in page
    assert "还没有下级机构" in page
    await officer.send(f"/organisations/{officer.organisation_id}/rename", {"name": "改名"}, status=403)


async def test_a_stage_is_shown_with_what_earlier_ones_said_and_forwarded_in_the_console_d2(
    tools: Tools, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    ids = await trees.sichuan(tools)
    async with tools.unit_of_work() as work:
        row = await factories.enrolment(
            work,
            organisation=await work.session.get_one(Organisation, ids[trees.LOCAL]),
            follower=await factories.follower(work, account="sichuan"),
            scheme_id="sichuan-examiner",
            state=EnrolmentState.IN_REVIEW,
            channel="local",
        )
    first, city = [await browsers(StaffRole.OFFICER, ids[where]) for where in (trees.LOCAL, trees.CHENGDU)]
    path = f"/enrolments/{row.id}"
    await city.open(path, status=404)
    page = await first.open(path)
    assert "尚未到达" in page
    passed = await first.send(f"{path}/approve", {"note": "同意推荐，材料齐全"})
    assert "已转到下一环节" in passed
    assert "确认通过" not in passed
    assert "没有待审核的报名" in await first.open("/enrolments")
    assert trees.CHENGDU in await first.open("/enrolments?at=all")
    assert "王小明" in await city.open("/enrolments")
    page = await city.open(path)
    assert "同意推荐，材料齐全" in page
    assert f"经 {trees.LOCAL} 报名" in page
    await first.send(f"{path}/reject", {"reason": "不是我的环节"}, status=403)
    wrong = await city.send(
        f"{path}/forward", {"organisation": str(ids[trees.LOCAL]), "reason": "请代办"}, status=422
    )
    assert "请从列表里选择接收的机构" in wrong
    form = {"organisation": str(ids[trees.PROVINCE]), "reason": "本市无法组织", "reference": "成职鉴函3号"}
    assert "已转交" in await city.send(f"{path}/forward", form)
    page = await city.open(path)
    assert "本市无法组织（成职鉴函3号）" in page
    assert "确认转交" not in page


async def test_an_institution_is_suspended_ended_by_two_and_its_people_handed_over_in_the_console_d7(
    tools: Tools, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    ids = await trees.sichuan(tools)
    async with tools.unit_of_work() as work:
        home = await work.session.get_one(Organisation, ids[trees.LOCAL])
        row = await stories.applicant(work, home)
        other = await factories.organisation(work, "接收机构", "institution")
        other.parent_id = ids[trees.CHENGDU]
    first, second = [await browsers(StaffRole.ADMIN, ids[trees.PROVINCE]) for _ in range(2)]
    inside = await browsers(StaffRole.OFFICER, ids[trees.LOCAL])
    page = f"/organisations/{ids[trees.LOCAL]}/standing"
    assert page in await first.open(f"/organisations/{ids[trees.LOCAL]}")
    assert "在办的报名 1 份" in await first.open(page)
    assert "请写明原因" in await first.send(f"{page}/suspend", {"reason": ""}, status=422)
    assert "已暂停。原因：投诉核查" in await first.send(f"{page}/suspend", {"reason": "投诉核查"})
    picked = [("pick", str(row.id)), ("reason", "停止备案")]
    assert "请选择“接收单位”" in await first.send(f"{page}/hand-over", picked, status=422)
    assert "已移交" in await first.send(f"{page}/hand-over", [*picked, ("to", str(other.id))])
    assert "待另一位管理员决定" in await first.send(f"{page}/propose-end", {"reason": "停止备案"})
    assert "要两个人" in await first.send(f"{page}/confirm-end", {}, status=422)
    assert "已终止。原因：停止备案" in await second.send(f"{page}/confirm-end", {})
    assert (await inside.client.get("/console/", allow_redirects=False)).status == 303
    await (await browsers(StaffRole.OFFICER, ids[trees.PROVINCE])).send(
        f"{page}/suspend", {"reason": "核查"}, status=403
    )
