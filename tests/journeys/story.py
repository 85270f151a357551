"""The chapters of a story: what a candidate and the staff do one after another."""

import re
from datetime import timedelta
from io import BytesIO
from uuid import UUID

from pypdf import PdfReader

from services.enrolments.review import ReviewService
from services.pictures import specimen
from services.rules.identity import check_character
from services.rules.localtime import local_day
from tests.installation import Installation, Phone
from tests.journeys.console import Console

NAME = "王小明"
ASSOCIATION = "贵州省 ISO9000 质量促进会"
TRAINING = "质量安全员第11期培训班"


def identity_number(seventeen: str = "52010219900307891") -> str:
    """A number with the right check character, of nobody."""
    return seventeen + check_character(seventeen)


async def answer_questions(phone: Phone, number: str = "", *, route: str = "1") -> str:
    """From 报名 to the first picture that is asked for; `route` is how the hours are learnt (A1)."""
    assert "1 质量安全员" in await phone.say("报名")
    assert "自愿" in await phone.say("1")
    assert "报名知情函" in await phone.say("1")
    assert "【姓名】" in await phone.say("同意")
    for typed in (NAME, number or identity_number(), "13800138000", "贵州贵阳云岩区", "2", "贵州大学", route):
        assert "✓" in await phone.say(typed), typed
    return await phone.say("1")


async def send_pictures(phone: Phone) -> None:
    """The four pictures, each after the word that the one before was good."""
    assert "蓝底二寸照片" in await phone.show(specimen.portrait())
    await phone.wait_for("请继续发送【身份证人像面】")
    await phone.show(specimen.id_card_front())
    await phone.wait_for("请继续发送【身份证国徽面】")
    await phone.show(specimen.id_card_back())
    await phone.wait_for("请继续发送【学位证或毕业证】")
    await phone.show(specimen.diploma())
    await phone.wait_for("照片都齐了")


async def send_pictures_at_once(phone: Phone, *papers: bytes) -> None:
    """The same one upon the other, and these papers after them."""
    for picture in (
        specimen.portrait(),
        specimen.id_card_front(),
        specimen.id_card_back(),
        specimen.diploma(),
        *papers,
    ):
        assert "正在检查" in await phone.show(picture)
    await phone.wait_for("照片都齐了")


async def submit(phone: Phone) -> int:
    """Summary and 提交; gives the running number."""
    assert "请核对" in await phone.say("继续")
    done = await phone.say("提交")
    found = re.search(r"报名号：(\d+)", done)
    assert found is not None, done
    return int(found[1])


async def enrol(phone: Phone, number: str = "") -> int:
    """The whole enrolment; gives the running number."""
    await answer_questions(phone, number)
    await send_pictures_at_once(phone)
    return await submit(phone)


async def find(site: Installation, number: int) -> UUID:
    officer = await site.officer()
    async with site.work() as work:
        return await ReviewService(work).find_by_number(officer, number)


async def admit(desk: Console, phone: Phone, number: int) -> None:
    """The officer looks at everything and approves."""
    page = await (await desk.open("/enrolments")).follow(str(number))
    assert "审核已通过" in (await page.press("确认通过")).text
    await phone.wait_for("审核已通过")


async def join_class(site: Installation, desk: Console, phone: Phone) -> None:
    """A class of this month is announced where there is none, and the candidate joins it (A5)."""
    today = local_day(site.clock.now())
    code = f"ZA-{today:%Y%m}"
    page = await desk.open("/classes")
    if code not in page.text:
        notice = {
            "scheme": "质量安全员",
            "code": code,
            "title": TRAINING,
            "starts_on": f"{today}",
            "ends_on": f"{today + timedelta(days=20)}",
        }
        await (await page.follow("添加培训班")).press("添加培训班", notice)
    assert TRAINING in await phone.say("学时")
    assert "已报入" in await phone.say("1")


async def pay(desk: Console, phone: Phone) -> None:
    """Both fees: one with a voucher's picture, one with the remark only (A7)."""
    fees = await phone.say("缴费")
    assert "132000156473" in fees
    await phone.say("1")
    assert "凭证" in await phone.show(specimen.voucher())
    await phone.say("缴费")
    await phone.say("2")
    assert "已登记" in await phone.say("人员能力验证费")
    await confirm_payment(desk, phone, "培训费", "4500.00")
    await confirm_payment(desk, phone, "人员能力验证费", "180.00")


async def confirm_payment(desk: Console, phone: Phone, fee: str, amount: str, *, remark: str = "") -> None:
    """The money has come in, with the right remark."""
    page = await desk.open("/payments?state=all")
    await page.press("确认到账", {"paid": amount, "remark": remark or fee}, within=f"{NAME} {fee} ¥")
    await phone.wait_for(f"已收到您的{fee}")


async def study(site: Installation, desk: Console, phone: Phone, number: int) -> None:
    """30 hours in two imports, each tried before it is taken; the proof of hours arrives (A2, A6)."""
    today = local_day(site.clock.now())
    for part, hours in enumerate((("8", "8"), ("8", "6"))):
        rows = "".join(
            f"{number},{NAME},课程{part}-{i},{today - timedelta(days=i + 1)},{value}\n"
            for i, value in enumerate(hours)
        )
        await import_rows(desk, "/hours", f"报名号,姓名,课程,学习日期,学时\n{rows}", 2)
    await phone.wait_for("学时过半")
    await phone.wait_for("学时已全部完成")
    await phone.wait_for("《学时证明》已签发")
    assert "100%" in await phone.say("学时")


async def accept_proof(desk: Console, number: int, hours: str) -> None:
    """So many hours of the proof that the candidate handed in are accepted (A4)."""
    page = await (await desk.open("/enrolments?state=admitted")).follow(str(number))
    page = await page.press("认可", {"hours": hours, "note": "与证明一致"})
    assert "学时证明已认可" in page.text


async def import_rows(desk: Console, path: str, content: str, new: int) -> None:
    """A table is tried, and taken when all of it is new and without fault."""
    page = await (await desk.open(path)).press("上传并试算", {"file": ("导入.csv", content.encode())})
    assert "还没有写入任何数据" in page.text
    assert f"{new}新增 0更改 0相同（不变） 0有问题的行" in page.text
    assert "导入完成" in (await page.press("确认导入")).text


async def open_sitting(desk: Console, *, holidays_known: bool = True) -> str:
    """On the next day of the calendar rule, as the form proposes (A5); gives its address.

    In a year whose holidays are not announced yet the form asks once more.
    """
    page = await desk.open("/sittings/new")
    page = await page.press("保存并通知考生", {"capacity": "40"}, status=200 if holidays_known else 422)
    if not holidays_known:
        assert "放假安排还没有公布" in page.text
        page = await page.press("保存并通知考生", {"accepted": True})
    return page.address


async def book(phone: Phone) -> str:
    """Choose the first sitting; gives the admission ticket number."""
    assert "请选择考试场次" in await phone.say("考试")
    seat = await phone.say("1")
    found = re.search(r"准考证号：(\S+)", seat)
    assert found is not None, seat
    return found[1]


async def publish(
    site: Installation, desk: Console, phone: Phone, sitting: str, *marks: tuple[str, str, str]
) -> None:
    """The day has passed: scores of these (ticket, name, score) are imported, approved, published."""
    site.clock.move(days=60)
    await import_scores(desk, sitting, *marks)
    # The candidate writes, weeks later: that opens the customer-service window again.
    await phone.say("考试")
    page = await (await desk.open(sitting)).press(f"审核通过 {len(marks)} 份成绩")
    page = await (await page.follow(f"公布 {len(marks)} 份成绩")).press("确认公布")
    assert "成绩已公布" in page.text


async def import_scores(desk: Console, sitting: str, *marks: tuple[str, str, str]) -> None:
    """Scores of these (ticket, name, score), on the page of the sitting."""
    link = (await desk.open(sitting)).address_of("导入成绩")
    rows = "\n".join(",".join(mark) for mark in marks)
    await import_rows(desk, link, f"准考证号,姓名,成绩\n{rows}\n", len(marks))


async def issue(desk: Console, phone: Phone, number: int) -> str:
    """Issue the certificate; gives the candidate's message with the public link."""
    page = await (await desk.open("/enrolments?state=concluded")).follow(str(number))
    assert "证书已签发" in (await page.press("签发证书")).text
    await phone.wait_for("", kind="image")
    return str((await phone.wait_for("《人员能力验证证书》已签发"))["content"])


async def stranger_verifies(site: Installation, message: str) -> str:
    """Somebody opens the address of the certificate that this message names; the page, which shows no whole name."""
    verdict, page = await seen_by_a_stranger(site, message)
    assert verdict == "valid"
    assert "真实有效" in page
    return page


async def seen_by_a_stranger(site: Installation, message: str) -> tuple[str, str]:
    """The verdict for programs and the page for people; neither shows a whole name or number."""
    link = re.search(rf"{re.escape(site.server)}/c/\S+", message)
    assert link is not None, message
    async with site.http.get(link[0], headers={"Accept": "application/json"}) as answer:
        verdict = await answer.json()
    async with site.http.get(link[0]) as answer:
        page = await answer.text()
    for shown in (str(verdict), page):
        assert NAME not in shown
        assert identity_number() not in shown
    return str(verdict["status"]), page


async def downloaded(site: Installation, papers: str) -> str:
    """What the PDF says that the holder downloads from the address in this reply to 证书, without spaces."""
    link = re.search(r"下载PDF（7天内有效）：(\S+)", papers)
    assert link is not None, papers
    async with site.http.get(link[1]) as answer:
        content = await answer.read()
    return "".join(PdfReader(BytesIO(content)).pages[0].extract_text().split())
