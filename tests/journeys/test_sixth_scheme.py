"""A sixth scheme is a file: form page, printed form, two stages, fee, class, hours, exam and card of another trade."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.organisations import OrganisationKind
from services.pictures import specimen
from services.rules.localtime import local_day
from tests import trees
from tests.installation import Installation, Phone, installation
from tests.journeys import papers, story
from tests.journeys.console import Console, sign_in

SCHEMES = Path(__file__).parent / "schemes"
PROGRAM = Path(__file__).parents[2]
ACCOUNT = "branch"
STATION, ASSOCIATION = "南明救护站", "某某应急救护协会"
REASONS = (
    "家住老旧小区，邻居多是老人，想学会心肺复苏和止血包扎，遇到紧急情况能在救护车到来之前帮上忙。"
    "也愿意每年参加社区的宣传和义诊活动。"
)

CELLS = {"on": "2026.5.8", "what": "社区义诊"}


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installation(database_url, tmp_path, accounts=(ACCOUNT,), schemes_dir=SCHEMES) as made:
        yield made


async def test_a_scheme_that_is_only_a_file_goes_from_enrolment_to_a_card(site: Installation) -> None:
    """Issue 3: a newcomer adds a system by writing one file."""
    ids = await trees.plant(
        site.running.tools,
        (ASSOCIATION, OrganisationKind.SOCIETY, None, None),
        (STATION, OrganisationKind.SUB_CENTRE, ASSOCIATION, None),
    )
    phone = await site.phone(account=ACCOUNT)
    async with (
        sign_in(site, ids[STATION], name="刘站长") as station,
        sign_in(site, ids[ASSOCIATION], name="马干事") as association,
    ):
        number = await enrol(site, station, phone)
        page = await (await station.open("/enrolments")).follow(str(number))
        assert "已转到下一环节" in (await page.press("确认通过", {"note": "社区已核实"})).text
        await phone.wait_for("现由某某应急救护协会办理“协会复审”")
        page = await (await association.open("/enrolments")).follow(str(number))
        assert "社区已核实" in page.text
        assert "审核已通过" in (await page.press("确认通过")).text
        await phone.wait_for("审核已通过")
        await train(site, association, phone, number)
        await examine(site, association, phone)
        await make_card(site, association, phone)
    for package in ("bot", "handlers", "scheduler", "services", "storage"):
        for path in (PROGRAM / package).rglob("*.py"):
            assert "救护" not in path.read_text(encoding="utf-8"), path


async def enrol(site: Installation, station: Console, phone: Phone) -> int:
    """Questions in the chat, table and long text on the page, the form signed, conditions told, handed in."""
    introduced = await phone.say("报名")
    assert "工本费" in introduced
    assert "达标" not in introduced
    assert STATION in await phone.say("1")
    assert "志愿服务承诺" in await phone.say("1")
    assert "【姓名】" in await phone.say("同意")
    asked = ""
    for typed in (story.NAME, story.identity_number(), "13800138000", "某某街道某某社区", "2", "12", "1、2"):
        asked = await phone.say(typed)
        assert asked.startswith("✓"), asked
    assert "【服务经历】" in asked
    async with papers.opened(site, asked) as sheet:
        assert "心肺复苏练习" in sheet.text
        table = {f"t.services.{row}.{key}": value for row in range(1, 5) for key, value in CELLS.items()}
        sheet = await sheet.press("完成，回微信", {**table, "f.reasons": REASONS[:30]}, status=422)
        assert "已写 30 字，至少 60 字，还差 30 字" in sheet.text
        assert "已收到" in (await sheet.press("完成，回微信", {"f.reasons": REASONS})).text
    assert "【一寸照片】" in await phone.say("继续")
    await phone.show(specimen.portrait(295, 413))
    await phone.wait_for("✓ 【一寸照片】")
    printed, photo = await papers.signed_form(site, await phone.say("继续"))
    assert "社区应急救护志愿者申请表" in printed
    assert "√心肺复苏√止血包扎伤员搬运" in printed
    assert "止血包扎练习2026-05-08社区义诊" in printed
    await phone.show(photo)
    await phone.wait_for("照片都齐了")
    refused = await phone.say("提交")
    assert "还差：【志愿服务时数】须不少于24小时，您填写的是12小时。" in refused
    assert "没有待审核的报名" in (await station.open("/enrolments")).text
    await phone.say("修改 服务时数")
    assert "不符合" not in await phone.say("26")
    return await story.submit(phone)


async def train(site: Installation, desk: Console, phone: Phone, number: int) -> None:
    """A class of the association, the fee, the hours, and the paper for them."""
    today = local_day(site.clock.now())
    notice = {"code": "JH-1", "title": "第1期救护培训班", "starts_on": f"{today}", "ends_on": f"{today}"}
    await (await desk.open("/classes/new")).press("添加培训班", {"scheme": "救护志愿者", **notice})
    await phone.wait_for("第1期救护培训班")
    assert "第1期救护培训班" in await phone.say("学时")
    joined = await phone.say("1")
    assert "已报入【第1期救护培训班】\n时间：2026年11月21日\n回复 缴费 查看费用" in joined
    owed = await phone.say("缴费")
    assert "账号：1320009999" in owed
    await phone.say("1")
    assert "已登记" in await phone.say("救护工本费")
    await story.confirm_payment(desk, phone, "工本费", "20", remark="救护工本费")
    rows = f"报名号,姓名,课程,学习日期,学时\n{number},{story.NAME},救护基础,{today},8\n"
    await story.import_rows(desk, "/hours", rows, 1)
    assert "《救护培训证明》随后发给您" in (await phone.wait_for("学时已全部完成"))["content"]
    ready = await phone.wait_for("《救护培训证明》已签发")
    assert "救护培训证明" in await story.stranger_verifies(site, ready["content"])


async def examine(site: Installation, desk: Console, phone: Phone) -> None:
    """One sitting with another full score and other grades than the built-in systems know."""
    day = local_day(site.clock.now()) + timedelta(days=7)
    sitting = {"day": f"{day}", "place": "某某社区活动中心", "capacity": "20"}
    page = await (await desk.open("/sittings/new")).press(
        "保存并通知考生", {"scheme": "救护志愿者", **sitting}
    )
    await phone.wait_for("考试已开放预约")
    ticket = await story.book(phone)
    await story.publish(site, desk, phone, page.address, (ticket, story.NAME, "43"))
    await phone.wait_for("成绩已公布：达标")
    assert "得分：43（满分 50）" in await phone.say("成绩")


async def make_card(site: Installation, desk: Console, phone: Phone) -> None:
    """Reported, numbered, made and handed out by the association; a stranger sees that it holds."""
    page = await (await desk.open("/cards")).follow("合格待上报（1 人）")
    assert "等待生成卡号" in (await page.press("上报勾选的人")).text
    page = await desk.open("/cards?state=awaiting_number")
    assert "卡号已生成" in (await page.press("生成卡号并通知本人")).text
    told = await phone.wait_for("《救护志愿者证》已签发")
    page = await (await desk.open("/cards?state=numbered")).press("登记已制作并通知本人")
    assert "已发放" in (await page.press("登记已发放")).text
    assert "JHZ" in await story.stranger_verifies(site, told["content"])
    held = await phone.say("证书")
    assert "《救护志愿者证》救护志愿者（有效）" in held
    assert "有效期至：2029年1月19日" in held
