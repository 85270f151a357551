"""The chapters of a story: what a candidate and the staff do one after another."""

import re
from datetime import datetime, timedelta
from io import BytesIO
from uuid import UUID

from pypdf import PdfReader

from services.certificates import CertificateService
from services.enrolments.review import ReviewService
from services.exams.results import ResultService
from services.exams.sittings import SittingService
from services.payments.confirming import ConfirmingService
from services.payments.service import PaymentService
from services.pictures import specimen
from services.rules.identity import check_character
from services.rules.localtime import SHANGHAI, local_day
from services.study.classes import ClassService
from services.study.service import StudyService
from tests.installation import Installation, Phone

NAME = "王小明"
SCHEME = "quality-safety-officer"
ASSOCIATION = "贵州省 ISO9000 质量促进会"


def identity_number(seventeen: str = "52010219900307891") -> str:
    """A number with the right check character, of nobody."""
    return seventeen + check_character(seventeen)


async def answer_questions(phone: Phone, number: str = "") -> str:
    """From 报名 to the first picture that is asked for."""
    assert "1 质量安全员" in await phone.say("报名")
    assert "自愿" in await phone.say("1")
    assert "报名知情函" in await phone.say("1")
    assert "【姓名】" in await phone.say("同意")
    for typed in (NAME, number or identity_number(), "13800138000", "贵州贵阳云岩区", "2", "贵州大学", "1"):
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
    await send_pictures(phone)
    return await submit(phone)


async def find(site: Installation, number: int) -> UUID:
    officer = await site.officer()
    async with site.work() as work:
        return await ReviewService(work).find_by_number(officer, number)


async def admit(site: Installation, phone: Phone, number: int) -> UUID:
    officer, enrolment_id = await site.officer(), await find(site, number)
    async with site.work() as work:
        await ReviewService(work).approve(officer, enrolment_id)
    await phone.wait_for("审核已通过")
    return enrolment_id


async def join_class(site: Installation, phone: Phone) -> None:
    officer = await site.officer()
    today = local_day(site.running.tools.clock.now())
    async with site.work() as work:
        if not await ClassService(work).list_classes(scheme_id=SCHEME):
            await ClassService(work).add_class(
                officer,
                scheme_id=SCHEME,
                code=f"ZA-{today:%Y%m}",
                title="质量安全员第11期培训班",
                starts_on=today,
                ends_on=today + timedelta(days=20),
                form="online",
            )
    assert "第11期" in await phone.say("学时")
    assert "已报入" in await phone.say("1")


async def pay(site: Installation, phone: Phone, enrolment_id: UUID) -> None:
    """Both fees: one with a voucher's picture, one with the remark only."""
    officer = await site.officer()
    fees = await phone.say("缴费")
    assert "132000156473" in fees
    await phone.say("1")
    assert "凭证" in await phone.show(specimen.voucher())
    await phone.say("缴费")
    await phone.say("2")
    assert "已登记" in await phone.say("人员能力验证费")
    async with site.work() as work:
        owed = await PaymentService(work).instructions(enrolment_id)
        for item in owed:
            await ConfirmingService(work).confirm(
                officer, item.payment_id, paid_fen=item.amount_fen, remark=item.remark
            )
    await phone.wait_for("已收到您的培训费")
    await phone.wait_for("已收到您的人员能力验证费")


async def study(site: Installation, phone: Phone, number: int) -> None:
    """30 hours in two imports; the proof of hours arrives."""
    officer = await site.officer()
    today = local_day(site.running.tools.clock.now())
    for part, hours in enumerate((("8", "8"), ("8", "6"))):
        rows = "".join(
            f"{number},{NAME},课程{part}-{i},{today - timedelta(days=i + 1)},{value}\n"
            for i, value in enumerate(hours)
        )
        content = f"报名号,姓名,课程,学习日期,学时\n{rows}".encode()
        async with site.work() as work:
            rehearsal = await StudyService(work).import_hours(officer, "hours.csv", content, dry_run=True)
        assert (rehearsal.new, rehearsal.changed, rehearsal.errors) == (2, 0, ())
        async with site.work() as work:
            await StudyService(work).import_hours(officer, "hours.csv", content, dry_run=False)
    await phone.wait_for("学时过半")
    await phone.wait_for("学时已全部完成")
    await phone.wait_for("《学时证明》已签发")
    assert "100%" in await phone.say("学时")


async def open_sitting(site: Installation) -> UUID:
    """On the next day of the calendar rule (A5)."""
    officer = await site.officer()
    async with site.work() as work:
        saturday, _ = SittingService(work).suggest(SCHEME, local_day(site.running.tools.clock.now()))
        starts = datetime.combine(saturday, datetime.min.time(), SHANGHAI).replace(hour=9)
        view = await SittingService(work).add(
            officer,
            scheme_id=SCHEME,
            starts_at=starts,
            ends_at=starts + timedelta(minutes=90),
            place="人员能力验证综合服务平台 www.cascoedu.org.cn",
            form="online",
            capacity=30,
        )
    return view.id


async def book(phone: Phone) -> str:
    """Choose the first sitting; gives the admission ticket number."""
    assert "请选择考试场次" in await phone.say("考试")
    seat = await phone.say("1")
    found = re.search(r"准考证号：(\S+)", seat)
    assert found is not None, seat
    return found[1]


async def publish(site: Installation, phone: Phone, sitting_id: UUID, ticket: str, score: str) -> None:
    """The day has passed: import one score, approve, publish."""
    site.clock.move(days=60)
    officer = await site.officer()
    async with site.work() as work:
        code = (await SittingService(work).show(officer, sitting_id)).sitting.code
    content = f"准考证号,姓名,成绩\n{ticket},{NAME},{score}\n".encode()
    for rehearsal in (True, False):
        async with site.work() as work:
            report = await ResultService(work).import_scores(
                officer, "scores.csv", content, sitting_code=code, dry_run=rehearsal
            )
            assert report.new == 1, report
    # The candidate writes, weeks later: that opens the customer-service window again.
    await phone.say("考试")
    async with site.work() as work:
        await ResultService(work).approve(officer, sitting_id)
    async with site.work() as work:
        assert await ResultService(work).publish(officer, sitting_id) == 1


async def issue(site: Installation, enrolment_id: UUID) -> str:
    """Issue the certificate; gives its public link."""
    officer = await site.officer()
    async with site.work() as work:
        view = await CertificateService(work).issue(officer, enrolment_id)
        return await CertificateService(work).link(view.id)


async def stranger_verifies(site: Installation, message: str) -> str:
    """Somebody opens the address of the certificate that this message names; the page, which shows no whole name."""
    link = re.search(rf"{re.escape(site.server)}/c/\S+", message)
    assert link is not None, message
    async with site.http.get(link[0], headers={"Accept": "application/json"}) as answer:
        verdict = await answer.json()
    assert verdict["status"] == "valid"
    async with site.http.get(link[0]) as answer:
        page = await answer.text()
    assert "真实有效" in page
    for shown in (str(verdict), page):
        assert NAME not in shown
        assert identity_number() not in shown
    return page


async def downloaded(site: Installation, papers: str) -> str:
    """What the PDF says that the holder downloads from the address in this reply to 证书, without spaces."""
    link = re.search(r"下载PDF（7天内有效）：(\S+)", papers)
    assert link is not None, papers
    async with site.http.get(link[1]) as answer:
        content = await answer.read()
    return "".join(PdfReader(BytesIO(content)).pages[0].extract_text().split())
