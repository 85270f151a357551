"""The chapters of the stories of Sichuan's examiners and supervisors, from the first message to a card (D1–D9)."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO

from python_calamine import CalamineWorkbook

from services.organisations import OrganisationKind, OrganisationTree, planting
from services.pictures import specimen
from services.rules.localtime import local_day
from tests.installation import Installation, Phone
from tests.journeys import papers
from tests.journeys.console import Page, organisation, sign_in
from tests.journeys.story import NAME, identity_number
from tests.trees import SYSTEM

PROVINCE, CITY = "四川省职业技能鉴定指导中心", "成都市职业技能鉴定指导中心"
LOCAL, PROVINCIAL = "成都某某职业技能评价有限公司", "四川某某职业技术学院"
IDENTITY = identity_number("51010719850307121")
EXPERIENCE = "从事电工技术工作和技能人才评价工作多年，" * 10


@dataclass(frozen=True)
class Course:
    """What one of the schemes is called, and the organisation that trains for it."""

    scheme: str
    title: str
    centre: str


EXAMINER = Course("sichuan-examiner", "考评员", CITY)
SUPERVISOR = Course("sichuan-supervisor", "质量督导员", PROVINCE)


async def plant(site: Installation) -> None:
    """The centres that come along, with an institution of Chengdu and one of the province that lies in Chengdu."""
    async with site.work() as work:
        await planting.plant(work, SYSTEM, planting.read("sichuan"))
        tree = OrganisationTree(work)
        city, province = [(await tree.find_by_name(SYSTEM, name)).id for name in (CITY, PROVINCE)]
        await tree.add(SYSTEM, name=LOCAL, kind=OrganisationKind.INSTITUTION, parent_id=city)
        await tree.add(
            SYSTEM,
            name=PROVINCIAL,
            kind=OrganisationKind.INSTITUTION,
            parent_id=province,
            located_in_id=city,
        )


async def answer(phone: Phone, *typed: str) -> str:
    """Each answer is understood; the reply to the last."""
    reply = ""
    for text in typed:
        reply = await phone.say(text)
        assert reply.startswith("✓"), (text, reply)
    return reply


async def send_pictures(phone: Phone, *labels: str) -> None:
    """Portrait, both sides of the identity card, as far as they are asked for, each after the one before was good."""
    pictures = {
        "照片": specimen.portrait,
        "身份证人像面": specimen.id_card_front,
        "身份证国徽面": specimen.id_card_back,
    }
    for label in labels or pictures:
        await phone.show(pictures[label]())
        await phone.wait_for(f"✓ 【{label}】")


async def send_signed_form(site: Installation, phone: Phone) -> str:
    """Download the form, sign it, have it sealed, send its photo; gives what was printed, without spaces."""
    asked = await phone.say("继续")
    assert "打印、签字、盖章后拍照发来" in asked
    printed, photo = await papers.signed_form(site, asked)
    await phone.show(photo)
    return printed


async def submit(phone: Phone) -> str:
    """提交; gives the running number."""
    done = await phone.say("提交")
    found = re.search(r"报名号：(\d+)", done)
    assert found is not None, done
    return found[1]


async def approve(site: Installation, where: str, note: str) -> Page:
    """An officer of this organisation finds the only enrolment that waits there, looks at it and lets it pass."""
    async with sign_in(site, await organisation(site, where), name=f"{where[:2]}的老师") as desk:
        queue = await desk.open("/enrolments")
        dossier = await queue.follow(NAME)
        assert "待审核" in dossier.text
        assert IDENTITY not in dossier.text
        return await dossier.press("确认通过", {"note": note})


async def list_of(site: Installation, where: str, course: Course, annex: str) -> list[list[object]]:
    """The list as an officer exports it from the queue, read back from the xlsx: its lines."""
    async with sign_in(site, await organisation(site, where), name="周老师") as desk:
        queue = await (await desk.open("/enrolments")).press("查找", {"scheme": course.scheme, "at": "all"})
        preview = await queue.follow(f"导出{annex}")
        assert "1 行都是完整的" in preview.text
        content = await preview.export("导出 1 行（xlsx）")
    sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0)
    return [list(row) for row in sheet.to_python()]


async def train(site: Installation, phone: Phone, course: Course) -> None:
    """The centre announces its class; the candidate joins it in the chat."""
    today = local_day(site.clock.now())
    async with sign_in(site, await organisation(site, course.centre)) as desk:
        form = await desk.open("/classes/new")
        notice = {
            "scheme": course.scheme,
            "code": f"{course.scheme}-1",
            "title": f"{course.title}培训班",
            "starts_on": (today + timedelta(days=7)).isoformat(),
            "ends_on": (today + timedelta(days=9)).isoformat(),
            "form": "on_site",
            "place": "成都市武侯区某某路8号",
        }
        assert "培训班已添加" in (await form.press("添加培训班", notice)).text
    await phone.wait_for(f"{course.title}培训班")
    assert f"{course.title}培训班" in await phone.say("学时")
    assert f"✓ 已报入【{course.title}培训班】" in await phone.say("1")


async def examine(site: Installation, phone: Phone, course: Course, score: str) -> None:
    """One sitting, booked in the chat; its scores are imported, approved and published weeks later."""
    day = local_day(site.clock.now()) + timedelta(days=14)
    async with sign_in(site, await organisation(site, course.centre)) as desk:
        form = await desk.open(f"/sittings/new?scheme={course.scheme}")
        sitting = {"day": day.isoformat(), "place": "四川省技能人才信息管理系统", "capacity": "30"}
        assert "考试场次已添加" in (await form.press("保存并通知考生", sitting)).text
    await phone.wait_for("考试已开放预约")
    await phone.say("考试")
    seat = await phone.say("1")
    ticket = re.search(r"准考证号：(\S+)", seat)
    assert ticket is not None, seat
    site.clock.move(days=20)
    async with sign_in(site, await organisation(site, course.centre)) as desk:
        table = f"准考证号,姓名,成绩\n{ticket[1]},{NAME},{score}\n".encode()
        tried = await (await desk.open("/scores")).press("上传并试算", {"file": ("成绩.csv", table)})
        done = await tried.press("确认导入")
        roll = await done.follow(ticket[1].rpartition("-")[0])
        approved = await roll.press("审核通过 1 份成绩")
        published = await (await approved.follow("公布 1 份成绩")).press("确认公布")
        assert "成绩已公布" in published.text
    await phone.wait_for("合格")


async def make_card(site: Installation, phone: Phone, maker: str) -> tuple[str, bytes]:
    """Reported by who makes it, numbered by the province, made and handed out; gives number and printed sheet."""
    async with sign_in(site, await organisation(site, maker)) as desk:
        waiting = await (await desk.open("/cards")).follow("合格待上报（1 人）")
        assert "等待生成卡号" in (await waiting.press("上报勾选的人")).text
        # Only the province gives numbers.
        asked = await desk.open("/cards?state=awaiting_number")
        assert ("生成卡号并通知本人" in asked.buttons) == (maker == PROVINCE)
    async with sign_in(site, await organisation(site, PROVINCE)) as desk:
        asked = await desk.open("/cards?state=awaiting_number")
        numbered = await asked.press("生成卡号并通知本人")
        assert "卡号已生成" in numbered.text
    await phone.say("证书")
    told = await phone.wait_for("证卡》已签发")
    number = re.search(r"编号：(\S+)", told["content"])
    assert number is not None, told
    async with sign_in(site, await organisation(site, maker)) as desk:
        made = await (await desk.open("/cards?state=numbered")).press("登记已制作并通知本人")
        sheet = await made.export("打印（A4 每页 10 张）")
        assert "已发放" in (await made.press("登记已发放")).text
    await phone.wait_for("已制作好")
    return number[1], sheet


async def plan(site: Installation, held_on: date, assessed: str, occupation: str = "电工") -> Page:
    """The city's centre asks for one examiner and draws; the page with the draw."""
    async with sign_in(site, await organisation(site, CITY)) as desk:
        form = await (await desk.open("/assignments")).follow("添加派遣")
        wanted = {
            "family": "sichuan_examiner",
            "occupation": occupation,
            "held_on": held_on.isoformat(),
            "wanted": "1",
            "place": "成都市武侯区某某路1号",
            "assessed": assessed,
        }
        return await (await form.press("保存", wanted)).press("抽取 1 人")
