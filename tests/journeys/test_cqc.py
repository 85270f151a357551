"""CQC 认证联络员: from the first message to the login, and a laboratory's coverage when somebody is gone (E1–E8)."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.organisations import OrganisationKind, OrganisationTree, planting
from services.pictures import specimen
from tests.installation import Installation, Phone, installation
from tests.journeys import papers
from tests.journeys.console import organisation, sign_in
from tests.journeys.story import NAME, identity_number
from tests.trees import BUSINESS, LABORATORY, QUALITY, SUB_CENTRE, SYSTEM, TRAINING

IDENTITY = identity_number("11010519850307121")
MAIL = "wang@example.com"


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installation(database_url, tmp_path, accounts=("cqc",)) as made:
        async with made.work() as work:
            await planting.plant(work, SYSTEM, planting.read("cqc"))
            tree = OrganisationTree(work)
            above = (await tree.find_by_name(SYSTEM, TRAINING)).id
            sub_centre = await tree.add(
                SYSTEM, name=SUB_CENTRE, kind=OrganisationKind.CQC_SUB_CENTRE, parent_id=above
            )
            await tree.add(SYSTEM, name=LABORATORY, kind=OrganisationKind.LABORATORY, parent_id=sub_centre.id)
        yield made


async def enrol(site: Installation, phone: Phone) -> None:
    """Through the laboratory, the table of trainings on the page behind the link, all papers, up to 提交."""
    assert "3 聘用\n4 人工服务" in await phone.say("菜单")
    introduced = await phone.say("报名")
    assert "大专（含）以上学历，具有 1 年（含）以上工作经历" in introduced
    assert "收费" not in introduced
    assert LABORATORY in await phone.say("1")
    await phone.say("1")
    for typed in (NAME, IDENTITY, "1", "13800138000", MAIL, "北京市丰台区某某路1号"):
        assert (await phone.say(typed)).startswith("✓"), typed
    told = await phone.say("5")
    assert "不符合【认证联络员】" in told
    for typed in ("电气工程及其自动化", "3", "2"):
        assert (await phone.say(typed)).startswith("✓"), typed
    asked = await phone.say("1、5")
    assert "第1行（共5行）：CQC 规定的学习内容一" in asked
    async with papers.opened(site, asked) as sheet:
        cells = {
            f"t.training.{row}.{column}": value
            for row in range(1, 6)
            for column, value in (("trained_on", "2026-11-02"), ("outcome", "合格"))
        }
        assert "CB业务培训" in sheet.text
        left = await sheet.press("完成，回微信", {**cells, "t.training.5.outcome": ""}, status=422)
        assert "请填写考核结果" in left.text
        assert "已收到" in (await left.press("完成，回微信", {"t.training.5.outcome": "合格"})).text
    for label, asks in (
        ("认证联络员推荐表", "检测机构推荐意见"),
        ("聘用认证联络员上岗培训考核记录", "CB业务培训"),
    ):
        asked = await phone.say("继续")
        assert f"【{label}】" in asked
        printed, photo = await papers.signed_form(site, asked)
        assert asks in printed
        await phone.show(photo)
        await phone.wait_for(f"✓ 【{label}】")
    for picture, label in (
        (specimen.diploma(), "公正性与保密声明"),
        (specimen.diploma("105601202005000002"), "学历证明"),
        (specimen.id_card_front(), "身份证人像面"),
        (specimen.id_card_back(), "身份证国徽面"),
    ):
        await phone.show(picture)
        await phone.wait_for(f"✓ 【{label}】")
    await phone.say("继续")


async def test_a_liaison_officer_goes_through_five_stages_and_a_gap_shows_when_they_are_suspended(
    site: Installation,
) -> None:
    """E1 (no login before the appointment), E2 (大专以下 is refused), E3 (papers, the table), E4 (the laboratory's business
    must be covered: refused at the recommendation, shown at once when somebody is suspended), E5 (account and mail, one 聘用号),
    E6 (login, roster check), E8 (the public list).
    """
    phone = await site.phone(account="cqc")
    await enrol(site, phone)
    refused = await phone.say("提交")
    assert "【学历】须为“大学专科”或以上，您填写的是“大专以下”" in refused
    await phone.say("修改 学历")
    # The recommendation was printed with the old answer: it is printed, signed and sealed anew.
    asked = await phone.say("3")
    assert "打印这份表以后资料又改过" in asked
    assert "以后改过学历" in await phone.say("提交")
    _, photo = await papers.signed_form(site, asked)
    await phone.show(photo)
    await phone.wait_for("照片都齐了")
    assert "✓ 已提交" in await phone.say("提交")

    async with sign_in(site, await organisation(site, LABORATORY), name="张主任") as desk:
        page = await (await desk.open("/enrolments")).follow(NAME)
        assert "还没有填写" in (await page.press("确认通过", status=409)).text
        business = await (await desk.open("/laboratories")).follow(LABORATORY)
        await business.press("保存", {"fields": ["CCC", "CB", "PSE"]})
        page = await (await desk.open("/enrolments")).follow(NAME)
        assert "PSE 还没有人覆盖" in (await page.press("确认通过", status=409)).text
        business = await (await desk.open("/laboratories")).follow(LABORATORY)
        await business.press("保存", {"fields": ["CCC", "CB"]})
        page = await (await desk.open("/enrolments")).follow(NAME)
        assert "已转到下一环节" in (await page.press("确认通过", {"note": "同意推荐"})).text

    async with sign_in(site, await organisation(site, SUB_CENTRE)) as desk:
        page = await (await desk.open("/enrolments")).follow(NAME)
        assert "同意推荐" in page.text
        assert "请先创立账号" in (await page.press("确认通过", status=409)).text
        account = await page.follow("登记上网账号")
        assert "w***@example.com" in account.text
        page = await account.press("登记")
        assert IDENTITY not in page.text
        await page.press("确认通过")
    assert "w***@example.com" in (await phone.wait_for("上网权限已开通"))["content"]
    assert "还没有聘用记录" in await phone.say("证书")

    async with sign_in(site, await organisation(site, TRAINING)) as desk:
        page = await (await desk.open("/enrolments")).follow(NAME)
        await page.press("确认通过")
    told = (await phone.wait_for("您已被聘用为CQC 认证联络员"))["content"]
    number = re.search(r"聘用号：(\S+?)（终身不变）", told)
    assert number is not None, told
    assert "登录权限：还没有开通" in await phone.say("聘用")
    for where in (QUALITY, BUSINESS):
        async with sign_in(site, await organisation(site, where)) as desk:
            page = await (await desk.open("/enrolments")).follow(NAME)
            # What somebody was appointed upon is not sent back any more.
            assert "退回给考生" not in page.buttons
            await page.press("确认通过")
    await phone.wait_for("您的登录权限已开通")
    assert "登录权限：已开通" in await phone.say("证书")
    assert "回复 证书 查看聘用" in await phone.say("进度")
    assert await listed(site) == [{"name": NAME, "laboratory": LABORATORY, "fields": ["CCC", "CB"]}]

    await check_the_roster(site)

    async with sign_in(site, await organisation(site, TRAINING)) as desk:
        page = await (await desk.open(f"/appointments?q={number[1]}")).follow(number[1])
        look = await page.follow("暂停")
        assert "CCC、CB 将没有人覆盖" in look.text
        refused = await look.press("确认暂停", {"reason": "投诉核查", "uncovers": ["CCC", "CB"]})
        assert "聘用已暂停，登录权限同时暂停" in refused.text
    assert "投诉核查" in (await phone.wait_for("聘用资格已暂停"))["content"]
    async with sign_in(site, await organisation(site, LABORATORY)) as desk:
        page = await desk.open("/laboratories")
        assert "缺 CCC、CB" in page.text
        page = await page.follow(LABORATORY)
        assert "没有人覆盖：CCC、CB。请尽快安排人员申请聘用" in page.text
    assert await listed(site) == []


async def check_the_roster(site: Installation) -> None:
    """The training centre checks who may log in: one is appointed and stays, one is gone and loses the login (E6)."""
    async with sign_in(site, await organisation(site, TRAINING)) as desk:
        check = await (await desk.open("/rosters")).press(
            "开始核查", {"title": "2026年登录人员核查", "due_on": "2026-12-30"}
        )
        table = f"姓名,登录账号,检测机构\n{NAME},{IDENTITY},{LABORATORY}\n孙丽,sunli,{LABORATORY}\n"
        tried = await check.press("上传并试算", {"file": ("logins.csv", table.encode())})
        assert "导入完成" in (await tried.press("确认导入")).text
        async with sign_in(site, await organisation(site, LABORATORY)) as laboratory:
            page = await laboratory.open(check.url.path.removeprefix("/console"))
            page = await page.press("在岗", within=NAME)
            page = await page.press("已离岗", within="孙丽")
            assert "情形一：有聘用、有登录" in page.text
        check = await desk.open(check.url.path.removeprefix("/console"))
        assert "清理登录权限" in check.text
        check = await check.press("清理登录权限", {"reason": "检测机构确认已离岗"}, within="孙丽")
        check = await desk.open(check.url.path.removeprefix("/console"))
        assert "核查已结束" in (await check.press("结束核查")).text


async def listed(site: Installation) -> list[dict[str, object]]:
    """Whom the public list names."""
    async with site.http.get(f"{site.server}/appointments", headers={"Accept": "application/json"}) as answer:
        assert answer.status == 200
        people: list[dict[str, object]] = (await answer.json())["people"]
        return people
