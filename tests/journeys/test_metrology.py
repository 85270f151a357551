"""职业能力水平评价（计量): from a sub-centre's class notice to the society's certificate (C3–C11)."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from services.pictures import specimen
from services.rules.localtime import SHANGHAI
from tests import sub_centres
from tests.installation import Installation, Phone, installation
from tests.journeys import story
from tests.journeys.console import Console, sign_in
from tests.sub_centres import SubCentre

ACCOUNT = "metrology"
NUMBER = story.identity_number()
CLASS = "CD4-2026-12"
FEES = {
    "fee.1.item": "培训费",
    "fee.1.amount": "1800",
    "fee.1.unit": "人",
    "fee.1.basis": "黔价费〔2026〕1号",
    "fee.1.scope": "本期学员",
    "fee.2.item": "评价费",
    "fee.2.amount": "360",
    "fee.2.unit": "人次",
    "fee.2.basis": "量学发〔2022〕37号",
    "fee.2.scope": "参加评价考试的学员",
    "fee.2.due": "考试前",
    "hotline": "0851-85000000",
}
PAYEE = {
    "payee_name": "贵州计量分中心",
    "payee_bank": "中国银行贵阳某某支行",
    "payee_account": "132000000001",
}
#: The theory that is not signed in for here comes with the hours that the centre hands in.
DAYS = (
    ("theory", "长度计量基础", 1),
    ("practice", "量具使用实操", 2),
    ("practice", "量块检定实操", 3),
    ("practice", "综合实操", 4),
)
PRACTICE = {
    "instrument": "外径千分尺 0–25 mm，编号 0123",
    "process": "校对零位，测量量块三次",
    "result": "示值误差 +1 μm，合格",
}


@dataclass
class Desks:
    """Who decides: a sub-centre's officer and a colleague, another sub-centre's, the society's."""

    site: Installation
    centre: SubCentre
    first: Console
    second: Console
    elsewhere: Console
    society: Console


@pytest.fixture
async def desks(database_url: str, tmp_path: Path) -> AsyncIterator[Desks]:
    """A society with two authorised sub-centres, and everybody at their desk."""
    async with installation(database_url, tmp_path, accounts=(ACCOUNT,)) as site, AsyncExitStack() as stack:
        async with site.work() as work:
            centre = await sub_centres.authorised(work)
            other = await sub_centres.authorised(work, "遵义计量分中心", plaque="FZX-053")
        first, second, elsewhere, society = [
            await stack.enter_async_context(sign_in(site, organisation_id, name=name))
            for organisation_id, name in (
                (centre.id, "李老师"),
                (centre.id, "周老师"),
                (other.id, "遵老师"),
                (centre.society_id, "张老师"),
            )
        ]
        yield Desks(site, centre, first, second, elsewhere, society)


def shanghai(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


async def announce(
    desk: Console,
    scheme: str = "长度计量员四级/中级工",
    code: str = CLASS,
    status: int = 200,
    forged: Mapping[str, str] | None = None,
) -> str:
    """A class notice with its fees; what the page says then."""
    page = await (await desk.open("/classes/new")).press(
        "添加培训班",
        {
            "scheme": scheme,
            "code": code,
            "title": "长度计量员中级工培训班",
            "starts_on": "2026-12-01",
            "ends_on": "2026-12-12",
            "form": "on_site",
            "place": "贵阳市云岩区某某路1号",
            **PAYEE,
            **FEES,
        },
        status=status,
        forged=forged,
    )
    return page.text


async def answer(phone: Phone, *typed: str) -> str:
    """The reply to the last."""
    reply = ""
    for text in typed:
        reply = await phone.say(text)
    return reply


async def enrol(phone: Phone) -> int:
    """Choose the class notice, fill in the form, send the papers; gives the running number."""
    listed = await phone.say("报名")
    [line] = [line for line in listed.splitlines() if "长度计量员四级/中级工" in line]
    assert "虚假学历" in await phone.say(line.split()[0])
    offered = await phone.say("1")
    assert "贵州计量分中心" in offered
    assert "收费：培训费 1800元/人；评价费 360元/人次" in offered
    assert "监督电话：0851-85000000" in await phone.say("1")
    for typed in (story.NAME, NUMBER, "13800138000", "大学本科", "贵州省贵阳市云岩区", "贵州某某计量院", "6"):
        assert "✓" in await phone.say(typed), typed
    papers = [specimen.diploma(number) for number in ("GL-2026-1", "105601202005000001", "XXW-1")]
    for picture in (specimen.portrait(390, 567), specimen.id_card_front(), specimen.id_card_back(), *papers):
        assert "正在检查" in await phone.show(picture)
    await phone.wait_for("照片都齐了")
    assert NUMBER not in await phone.say("继续")
    return await story.submit(phone)


async def test_from_a_sub_centre_s_class_notice_to_the_society_s_certificate(desks: Desks) -> None:
    """C3 C5 C6 C8 C9 C10: notice and fees, papers, review, sign-in, practice, exam, report, certificate."""
    site, desk = desks.site, desks.first
    assert "培训班已添加" in await announce(desk)
    phone = await site.phone(account=ACCOUNT)
    number = await enrol(phone)

    page = await (await desk.open("/enrolments")).follow(str(number))
    assert (await desks.elsewhere.open("/enrolments")).text.count(story.NAME) == 0
    await page.press("确认通过", {"note": "工龄、学历已核对"})
    await phone.wait_for("审核已通过")
    await pay(desk, phone, number)
    await attend(site, desk, phone, number)
    sitting, ticket = await book(desk, phone)
    await grade(site, desk, phone, sitting, ticket)
    await report(desks, sitting)
    ready = await phone.wait_for("《职业能力水平评价证书》已签发")
    seen = await story.stranger_verifies(site, ready["content"])
    assert "长度计量员四级/中级工" in seen
    assert "中国计量测试学会" in seen
    paper = await story.downloaded(site, await phone.say("证书"))
    assert "参加职业能力水平评价，依据《中国计量测试学会职业能力水平评价机构管理办法》" in paper
    assert "人员能力验证" not in paper


async def pay(desk: Console, phone: Phone, number: int) -> None:
    """Exactly what the notice says, each with its remark (C5)."""
    owed = await phone.say("缴费")
    assert "【培训费】¥1,800.00" in owed
    assert "账号：132000000001" in owed
    assert "收费依据：黔价费〔2026〕1号" in owed
    await phone.say("1")
    assert "凭证" in await phone.show(specimen.voucher("1800.00"))
    await phone.say("缴费")
    await phone.say("2")
    assert "已登记" in await phone.say("评价费")
    for fee, amount in (("培训费", "1800"), ("评价费", "360")):
        page = await desk.open("/payments?state=all")
        page = await page.press("确认到账", {"paid": amount, "remark": fee}, within=f"{fee} ¥")
        assert "缴费已确认" in page.text
        await phone.wait_for(f"已收到您的{fee}")


async def attend(site: Installation, desk: Console, phone: Phone, number: int) -> None:
    """Theory and practice with sign-in by scan; practice counts with its record (C8)."""
    days = await (await desk.open("/classes")).follow("签到", within=CLASS)
    for kind, title, day in DAYS:
        plan = {"title": title, "day": f"2026-12-{day:02d}", "starts": "09:00", "ends": "17:00", "hours": "8"}
        days = await days.press("添加", {"day_kind": kind, **plan})
    for kind, title, day in DAYS:
        site.clock.go_on_to(shanghai(12, day, 8, 40))
        page = await (await desk.open(days.address)).follow(title)
        code = re.search(r"sign:[a-z0-9]{12}", page.text)
        assert code is not None
        # What `zhengtu attendance qr` asks WeChat for; it hangs at the door.
        await site.running.clients[ACCOUNT].qrcode.create_temporary(code[0], seconds=3600)
        signed = await phone.scan(code[0])
        assert "签到成功" in signed
        assert "不用重复签到" in await phone.scan(code[0])
        if kind == "practice":
            assert "老师登记实操记录后计入" in signed
            page = await desk.open(page.address)
            page = await page.press(
                "登记", {**PRACTICE, "file": ("答题卷.jpg", specimen.diploma("DTK-1"))}, within="使用仪器"
            )
            assert PRACTICE["instrument"] in page.text
    assert "还差 32 学时" in await phone.say("学时")
    await import_hours(desk, number)
    assert "学时证明" not in (await phone.wait_for("学时已全部完成"))["content"]
    hours = await phone.say("学时")
    assert "学时证明" not in hours
    assert "理论 40/40" in hours
    assert "实操 24/24" in hours


async def import_hours(desk: Console, number: int) -> None:
    """The rest of the theory, as the centre's own platform counted it; tried first, then taken."""
    rows = [f"{number},{story.NAME},测量误差与不确定度{part},2026-11-{20 + part},8" for part in range(1, 5)]
    await story.import_rows(desk, "/hours", "\n".join(["报名号,姓名,课程,学习日期,学时", *rows]), 4)


async def book(desk: Console, phone: Phone) -> tuple[str, str]:
    """The centre holds the exam; gives the address of the sitting and the candidate's ticket."""
    page = await (await desk.open("/sittings")).follow("安排考试")
    assert "按规定" not in page.text
    page = await page.press(
        "保存并通知考生",
        {
            "scheme": "长度计量员四级/中级工",
            "day": "2026-12-12",
            "place": "贵阳市云岩区某某路1号",
            "capacity": "30",
        },
    )
    assert "现场" in page.text
    await phone.wait_for("考试已开放预约")
    assert "请选择考试场次" in await phone.say("考试")
    ticket = re.search(r"准考证号：(\S+)", await phone.say("1"))
    assert ticket is not None
    return page.address, ticket[1]


async def grade(site: Installation, desk: Console, phone: Phone, sitting: str, ticket: str) -> None:
    """The day has passed: scores are tried, taken, approved and published."""
    site.clock.go_on_to(shanghai(12, 14, 10))
    await story.import_scores(desk, sitting, (ticket, story.NAME, "82"))
    page = await (await desk.open(sitting)).press("审核通过 1 份成绩")
    page = await (await page.follow("公布 1 份成绩")).press("确认公布")
    assert "成绩已公布" in page.text
    assert "合格" in (await phone.wait_for("成绩公布通知"))["fields"][1]["value"]
    assert "得分：82" in await phone.say("成绩")
    assert "签发 1 份证书" not in page.buttons


async def report(desks: Desks, sitting: str) -> None:
    """An assessor with certificate and undertaking reports, the society reviews and issues (C9, C10)."""
    page = await desks.first.open("/authorisation-members")
    assessor = {
        "kind": "评价员",
        "name": "周评价",
        "occupation": "长度计量员",
        "title": "none",
        "certificate": "PJY-2026-7",
    }
    undertaking = {"undertaking_on": "2026-05-08", "undertaking": ("承诺书.pdf", b"%PDF-1.7")}
    await page.press("添加", {**assessor, **undertaking})
    page = await (await desks.first.open(sitting)).follow("上报学会")
    assert "周评价（PJY-2026-7）" in page.text
    assert "待学会审核" in (await page.press("上报", {"assessor": True})).text
    page = await (await desks.society.open("/authorisations")).follow("KS2026-001")
    assert CLASS in page.text
    assert f"{story.NAME} {CLASS} 合格 JLCD42026000001" in (await page.press("颁发证书")).text


async def test_a_class_outside_the_authorised_scope_is_refused_and_the_society_takes_it_up(
    desks: Desks,
) -> None:
    """C3: nobody is enrolled or trained outside the list of occupations and levels."""
    refused = await announce(desks.first, status=422, forged={"scheme": "metrology-thermal-4"})
    assert "“热工计量员 四级/中级工”不在授权的职业、等级范围内" in refused
    phone = await desks.site.phone(account=ACCOUNT)
    listed = await phone.say("报名")
    [line] = [line for line in listed.splitlines() if "热工计量员四级/中级工" in line]
    await phone.say(line.split()[0])
    assert "目前没有可以报名的培训通知" in await phone.say("1")
    page = await (await desks.society.open("/authorisations")).follow("贵州计量分中心")
    assert "没有查处记录" in page.text
    page = await page.press("记为查处", within="热工计量员四级/中级工")
    assert "超出授权范围" in page.text
    assert "没有查处记录" not in page.text


async def test_who_handed_in_a_false_degree_is_heard_and_then_refused_by_every_sub_centre(
    desks: Desks,
) -> None:
    """C7: false degree, heard first, two people decide, five years to the day, shared by all sub-centres."""
    site = desks.site
    await announce(desks.first)
    phone = await site.phone(account=ACCOUNT)
    number = await enrol(phone)
    page = await (await desks.first.open("/enrolments")).follow(str(number))
    page = await (await page.follow("提出列入黑名单")).press(
        "提出并告知本人",
        {
            "reason": "false_degree",
            "allegation": "所交毕业证的编号在学信网查无此人",
            "papers": "学信网查询页，存档 2026-17",
        },
    )
    entry = page.address
    told = await phone.wait_for("拟将您列入黑名单")
    assert "您可以在2026年12月1日（含当日）前陈述" in told["content"]
    assert "查无此人" in await phone.say("陈述")
    assert "已收到" in await phone.say("毕业证是托人代办的，我不知道编号不对")
    await phone.say("菜单")
    assert "确认列入" not in (await desks.second.open(entry)).buttons
    site.clock.go_on_to(shanghai(12, 2, 10))
    assert "不能是同一个人" in (await desks.first.open(entry)).text
    page = await desks.second.open(entry)
    assert "我不知道编号不对" in page.text
    page = await page.press("确认列入", {"reason": "经学信网和毕业学校核实，毕业证不实"})
    assert "2026年12月2日 至 2031年12月2日（含当日）" in page.text
    # Another sub-centre's notice, the same person: neither in the chat nor at that centre's desk.
    await announce(desks.elsewhere, code="ZY4-2026-12")
    listed = await phone.say("报名")
    [line] = [line for line in listed.splitlines() if "长度计量员四级/中级工" in line]
    await answer(phone, line.split()[0], "1")
    assert "遵义计量分中心" in await phone.say("ZY4-2026-12")
    await phone.say(story.NAME)
    refused = await phone.say(NUMBER)
    assert "现在不能受理您的报名" in refused
    assert "原因：提供虚假学历，已列入黑名单，全国分中心共享" in refused
    assert "2026年12月2日至2031年12月2日（含当日）" in refused
    assert "有异议的，可以回复 陈述 写明理由" in refused
    page = await (await desks.elsewhere.open("/blacklist")).press("查询", {"number": NUMBER})
    assert "此人在黑名单中，期限至 2031年12月2日（含当日），不得受理报名" in page.text
    assert "虚假学历。" not in page.text
    assert "已列入黑名单，不予受理" in await phone.say("进度")
