"""The staff's side of the journey: the same service verbs that the console and the command line call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from bot.demo.transcript import STAFF, Transcript
from services.certificates import CertificateService
from services.enrolments.review import ReviewService
from services.exams.results import ResultService
from services.exams.scores_sheet import COLUMNS as SCORE_COLUMNS
from services.exams.sittings import SittingService
from services.exams.views import SittingView
from services.imports import ImportReport
from services.models import Actor, EnrolmentState
from services.payments.confirming import ConfirmingService
from services.payments.service import PaymentService
from services.rules.localtime import SHANGHAI
from services.rules.money import format_yuan
from services.schemes.models import Payee, Scheme
from services.spreadsheets import Cell, template_workbook
from services.study.classes import ClassService, ClassView
from services.study.hours_sheet import TEMPLATE_COLUMNS
from services.study.service import StudyService
from services.unit_of_work import Tools

#: Of a class in the demo; marked, so that nobody transfers anything.
PAYEE = Payee(
    name="贵州省 ISO9000 质量促进会（演示）", bank="演示银行，请勿转账", account_number="0000000000000000"
)
_HOURS_A_DAY = 8


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A certificate with its verification address."""

    id: UUID
    number: str
    url: str


class Office:
    """One of the staff at work."""

    def __init__(self, tools: Tools, actor: Actor, transcript: Transcript) -> None:
        self.tools = tools
        self.actor = actor
        self.transcript = transcript

    async def approve(self, number: int) -> None:
        """Pass an enrolment through all its stages."""
        while True:
            async with self.tools.unit_of_work() as work:
                service = ReviewService(work)
                enrolment_id = await service.find_by_number(self.actor, number)
                detail = await service.show(self.actor, enrolment_id)
                state = await service.approve(self.actor, enrolment_id, revision=detail.revision)
            self._said(
                f"{detail.stage}：报名号 {number} {detail.name}，材料 {len(detail.documents)} 件，通过"
            )
            if state is not EnrolmentState.IN_REVIEW:
                return

    async def announce_class(
        self, scheme: Scheme, code: str, title: str, starts_on: date, ends_on: date
    ) -> ClassView:
        """Announce a class with its own account for the training fee."""
        async with self.tools.unit_of_work() as work:
            view = await ClassService(work).add_class(
                self.actor,
                scheme_id=scheme.id,
                code=code,
                title=title,
                starts_on=starts_on,
                ends_on=ends_on,
                form="online",
                payee=PAYEE,
                capacity=60,
            )
        self._said(f"开班 {view.code}：{view.title}，{starts_on} 至 {ends_on}")
        return view

    async def announce_sitting(self, scheme: Scheme, day: date) -> SittingView:
        """Announce a sitting on this day, from 09:00 in Shanghai, for as long as the scheme says."""
        starts_at = datetime.combine(day, time(9), SHANGHAI)
        async with self.tools.unit_of_work() as work:
            view = await SittingService(work).add(
                self.actor,
                scheme_id=scheme.id,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=scheme.exam_terms.duration_minutes),
                place=scheme.hours.platform.name if scheme.hours and scheme.hours.platform else "线上",
                form=scheme.exam_terms.form,
                capacity=60,
            )
        self._said(f"安排考试 {view.code}：{scheme.short_title}，{day}")
        return view

    async def put_in_class(self, number: int, code: str) -> None:
        """Put a candidate into a class."""
        async with self.tools.unit_of_work() as work:
            enrolment_id = await ReviewService(work).find_by_number(self.actor, number)
            found = await ClassService(work).find_by_code(self.actor, code)
            await ClassService(work).enrol_in_class(enrolment_id, found.id, self.actor)
        self._said(f"报名号 {number} 编入 {code}")

    async def confirm_payments(self, number: int) -> None:
        """Find every transfer of this enrolment on the account, in full and with the right remark."""
        async with self.tools.unit_of_work() as work:
            enrolment_id = await ReviewService(work).find_by_number(self.actor, number)
            for item in await PaymentService(work).instructions(enrolment_id):
                if item.remaining_fen:
                    await ConfirmingService(work).confirm(
                        self.actor, item.payment_id, paid_fen=item.remaining_fen, remark=item.remark
                    )
                    self._said(
                        f"到账核对：{item.label} {format_yuan(item.remaining_fen)}，附言“{item.remark}”"
                    )

    async def import_hours(self, number: int, name: str, hours: Decimal, first_day: date) -> None:
        """Import a table of `hours` of study from `first_day` on: tried first, then for real."""
        rows: list[dict[str, Cell]] = []
        left, day = hours, first_day
        while left > 0:
            today = min(left, Decimal(_HOURS_A_DAY))
            rows.append(
                {
                    "number": str(number),
                    "name": name,
                    "course": f"质量安全课程 第{len(rows) + 1}讲",
                    "studied_on": day,
                    "hours": float(today),
                }
            )
            left, day = left - today, day + timedelta(days=1)
        content = template_workbook(TEMPLATE_COLUMNS, rows)
        for dry_run in (True, False):
            async with self.tools.unit_of_work() as work:
                report = await StudyService(work).import_hours(
                    self.actor, "学时表.xlsx", content, dry_run=dry_run
                )
            self._imported(report)

    async def import_scores(self, sitting: SittingView, number: int, name: str, score: float) -> None:
        """Import a table of scores: tried first, then for real."""
        async with self.tools.unit_of_work() as work:
            detail = await SittingService(work).show(self.actor, sitting.id)
        ticket = next((row.ticket for row in detail.roll if row.enrolment_number == number), None)
        line: dict[str, Cell] = {"ticket": ticket or "", "number": str(number), "name": name, "score": score}
        content = template_workbook(SCORE_COLUMNS, [line | {"status": ""}])
        for dry_run in (True, False):
            async with self.tools.unit_of_work() as work:
                report = await ResultService(work).import_scores(
                    self.actor, "成绩表.xlsx", content, sitting_code=sitting.code, dry_run=dry_run
                )
            self._imported(report)

    async def publish_results(self, sitting: SittingView) -> None:
        """Approve and publish what was imported."""
        async with self.tools.unit_of_work() as work:
            approved = await ResultService(work).approve(self.actor, sitting.id)
        async with self.tools.unit_of_work() as work:
            published = await ResultService(work).publish(self.actor, sitting.id)
        self._said(f"{sitting.code}：审核成绩 {approved} 个，公布 {published} 个")

    async def issue_certificates(self, sitting: SittingView) -> Sequence[Issued]:
        """Issue the certificates of a sitting."""
        async with self.tools.unit_of_work() as work:
            service = CertificateService(work)
            views = await service.issue_for_sitting(self.actor, sitting.id)
            issued = [
                Issued(id=view.id, number=view.number, url=await service.link(view.id)) for view in views
            ]
        for item in issued:
            self._said(f"签发证书 {item.number}")
        return issued

    def _imported(self, report: ImportReport) -> None:
        if report.errors:
            first = report.errors[0]
            raise ValueError(f"{report.filename} 第 {first.row} 行：{first.problem}")
        head = "试导入" if report.dry_run else "导入"
        self._said(
            f"{head} {report.filename}：新增 {report.new}，更改 {report.changed}，相同 {report.same}，错误 0"
        )

    def _said(self, text: str) -> None:
        self.transcript.line(STAFF, text)
