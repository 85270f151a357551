"""One person's way from following to the certificate: by chat over the simulated platform, with the staff in between.

The applicant reads what the account writes and answers that, so the journey does not depend on the order of questions.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.cli.verification import STATUS, fetch_verdict
from bot.demo.clock import RehearsalClock
from bot.demo.office import Issued, Office
from bot.demo.person import NICKNAME, SpecimenPerson
from bot.demo.phone import Phone, Platform
from bot.demo.transcript import STRANGER, Transcript
from services.exams.views import SittingView
from services.pictures import specimen
from services.rules.localtime import SHANGHAI, local_datetime, local_day
from services.schemes.models import Scheme

#: How long before the exam the journey begins, and when its further steps are.
BEFORE_EXAM = timedelta(days=40)
_REVIEWED, _PAID, _STUDIED, _BOOKED = (timedelta(days=days) for days in (39, 38, 28, 27))
_STUDY_DAYS = 9
#: More answers than any enrolment asks for: beyond that, the chat goes round in circles.
_MOST_ANSWERS = 60

_QUESTION = re.compile(r"（\d+/\d+）【(.+?)】")
_NUMBER = re.compile(r"报名号[：:]\s*(\d+)")


class LostError(Exception):
    """The applicant does not know what to answer; the text quotes what was asked."""


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """What the journey ends with."""

    enrolment_number: int
    certificate: Issued
    #: What a stranger is told: `valid`.
    status: str


@dataclass(kw_only=True)
class Journey:
    """Everybody who takes part, and the clock that they all go by."""

    scheme: Scheme
    person: SpecimenPerson
    phone: Phone
    platform: Platform
    office: Office
    clock: RehearsalClock
    #: Where strangers ask.
    server_url: str
    exam_day: date
    transcript: Transcript

    async def run(self) -> Arrived:
        """The whole way. Raises SilenceError, LostError, ServiceError."""
        tell = self.transcript
        tell.chapter("关注与报名")
        await self._pass_time(BEFORE_EXAM, 10)
        number = await self._enrol()
        tell.chapter("审核")
        await self._pass_time(_REVIEWED, 10)
        await self.office.approve(number)
        await self.phone.wait_for("审核通过的通知", lambda text: "审核" in text and "通过" in text)
        tell.chapter("培训班与缴费")
        await self._pass_time(_PAID, 10)
        await self._join_class(number)
        await self._pay(number)
        tell.chapter("学时")
        await self._pass_time(_STUDIED, 17)
        await self._study(number)
        tell.chapter("预约考试")
        await self._pass_time(_BOOKED, 10)
        sitting = await self._book()
        tell.chapter("考试提醒")
        await self._be_reminded(sitting)
        tell.chapter("成绩")
        await self._pass_time(timedelta(days=-3), 10)
        await self._be_graded(sitting, number)
        tell.chapter("证书")
        certificate = await self._be_certified(sitting)
        tell.chapter("查验")
        return Arrived(
            enrolment_number=number, certificate=certificate, status=await self._be_verified(certificate)
        )

    async def _enrol(self) -> int:
        text = await self.phone.follow(NICKNAME)
        text = await self.phone.say("报名")
        for _ in range(_MOST_ANSWERS):
            if "已提交" in text and (found := _NUMBER.search(text)):
                return int(found[1])
            text = await self._answer(text)
        raise LostError(f"报名没有走完，最后的消息：{text}")

    async def _answer(self, text: str) -> str:
        """Answer what was asked last."""
        phone, scheme = self.phone, self.scheme
        if asked := _QUESTION.findall(text):
            material = next((item for item in scheme.materials if item.label == asked[-1]), None)
            if material is None:
                return await phone.say(self.person.answer(scheme, asked[-1]))
            await phone.send_picture(self.person.picture(material), material.label)
            found = await phone.wait_for(
                f"【{material.label}】的检查结果",
                lambda text: f"【{material.label}】" in text and "正在检查" not in text,
            )
            return found if _asks(found) else await phone.say("继续")
        if "请回复：提交" in text or "回复 提交" in text:
            return await phone.say("提交")
        if "同意请回复" in text:
            return await phone.say("同意")
        if "请选择报名项目" in text:
            return await phone.say(_choice(text, scheme.short_title))
        if "开始报名" in text:
            return await phone.say("1")
        if "继续" in text:
            return await phone.say("继续")
        raise LostError(f"不知道怎么回答：{text}")

    async def _join_class(self, number: int) -> None:
        today = local_day(self.clock.now())
        course = await self.office.announce_class(
            self.scheme,
            f"YS{today:%Y%m}-{self.person.index + 1}",
            f"{self.scheme.short_title}培训班（演示）",
            today + timedelta(days=1),
            today + timedelta(days=_STUDY_DAYS),
        )
        await self.office.put_in_class(number, course.code)

    async def _pay(self, number: int) -> None:
        for _ in self.scheme.fees:
            text = await self.phone.say("缴费")
            found = re.search(r"^(\d+) 【(.+?)】.*（待缴费）", text, re.MULTILINE)
            if found is None:
                break
            fee = next(fee for fee in self.scheme.fees if fee.label == found[2])
            await self.phone.say(found[1])
            await self.phone.send_picture(specimen.voucher(f"{fee.amount_fen / 100:.2f}"), "转账凭证")
            await self.phone.say(fee.remark)
        await self.office.confirm_payments(number)
        await self.phone.wait_for("到账的通知", lambda text: "已收到您的" in text or "缴费" in text)

    async def _study(self, number: int) -> None:
        hours = self.scheme.hours
        if hours is None:
            return
        first_day = self.exam_day - _PAID + timedelta(days=1)
        await self.office.import_hours(number, self.person.name, hours.required, first_day)
        await self.phone.wait_for("学时完成的通知", lambda text: "学时" in text)
        await self.phone.wait_for("《学时证明》", lambda text: "学时证明" in text and "编号" in text)
        await self.phone.say("学时")

    async def _book(self) -> SittingView:
        sitting = await self.office.announce_sitting(self.scheme, self.exam_day)
        text = await self.phone.say("考试")
        if "准考证号" not in text:
            text = await self.phone.say("1")
        if "准考证号" not in text:
            raise LostError(f"没有约上考试：{text}")
        return sitting

    async def _be_reminded(self, sitting: SittingView) -> None:
        for before in (timedelta(days=7), timedelta(days=1), timedelta(hours=2)):
            await self._go_to(sitting.starts_at - before + timedelta(minutes=1))
            await self.phone.wait_for("考试提醒", lambda text: "考试" in text and "座位" in text)

    async def _be_graded(self, sitting: SittingView, number: int) -> None:
        await self.office.import_scores(sitting, number, self.person.name, 88)
        await self.office.publish_results(sitting)
        await self.phone.wait_for("成绩公布的通知", lambda text: "成绩" in text)
        await self.phone.say("成绩")

    async def _be_certified(self, sitting: SittingView) -> Issued:
        issued = await self.office.issue_certificates(sitting)
        if len(issued) != 1:
            raise LostError(f"应签发一张证书，实际 {len(issued)} 张")
        await self.phone.wait_for("证书", lambda text: issued[0].number in text)
        await self.phone.say("证书")
        return issued[0]

    async def _be_verified(self, certificate: Issued) -> str:
        address = self.server_url + certificate.url[certificate.url.index("/c/") :]
        verdict = await fetch_verdict(address)
        if verdict is None:
            raise LostError(f"查不到证书：{address}")
        said = (
            f"扫描二维码 {address}\n"
            f"{STATUS.get(verdict['status'], verdict['status'])}：{verdict['title']} {verdict['number']}\n"
            f"持证人 {verdict['name']}　{verdict['specialty']}　{verdict['grade'] or ''}\n{verdict['issuer']}"
        )
        self.transcript.line(STRANGER, said)
        return str(verdict["status"])

    async def _pass_time(self, before_exam: timedelta, hour: int) -> None:
        """To this hour in Shanghai of the day that lies so long before the exam."""
        await self._go_to(datetime.combine(self.exam_day - before_exam, time(hour), SHANGHAI))

    async def _go_to(self, moment: datetime) -> None:
        self.clock.move_to(moment)
        await self.platform.set_clock(self.clock.now())
        self.transcript.note(local_datetime(self.clock.now()))


def _asks(text: str) -> bool:
    """Whether this message already asks for the next thing."""
    return bool(_QUESTION.search(text)) or "请回复：提交" in text


def _choice(text: str, label: str) -> str:
    """The number of the line that begins with `label`."""
    found = re.search(rf"^(\d+)\s+{re.escape(label)}", text, re.MULTILINE)
    return found[1] if found else label
