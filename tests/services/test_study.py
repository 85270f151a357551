"""Hours from tables and papers, classes, and what follows when the hours are met (A2, A4, A5, B1)."""

import asyncio
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, func, select, text

from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.imports import ImportReport
from services.models import Actor, DocumentState, EnrolmentState, StaffRole
from services.payments.service import PaymentService
from services.schemes.models import Payee
from services.spreadsheets import Column, SpreadsheetError, read_table, template_workbook
from services.study.classes import ClassService
from services.study.hours_sheet import COLUMNS
from services.study.service import HoursProgress, StudyService
from services.unit_of_work import Tools
from storage.tables import (
    AuditEntry,
    Certificate,
    Document,
    Enrolment,
    ImportRun,
    Organisation,
    OutboxMessage,
)
from tests import factories

HEADER = ("报名号", "姓名", "课程", "学习日期", "学时")
Row = Sequence[object]


def sheet(*rows: Row, header: Sequence[str] = HEADER) -> bytes:
    """A csv as a course platform exports it."""
    return "\r\n".join(",".join(str(cell) for cell in row) for row in (header, *rows)).encode("utf-8-sig")


class School:
    """An organisation with its officer and candidates."""

    def __init__(self, tools: Tools, organisation: Organisation) -> None:
        self.tools = tools
        self.organisation = organisation
        self.officer = factories.staff_actor(organisation.id)

    async def candidate(
        self, serial: int = 1, name: str = "王小明", *, portrait: bool = True, **given: str
    ) -> Enrolment:
        async with self.tools.unit_of_work() as work:
            enrolment = await factories.enrolment(
                work,
                organisation=self.organisation,
                follower=await factories.follower(work),
                name=name,
                identity_number=factories.identity_number(serial),
                **given,  # type: ignore[arg-type]
            )
            if portrait:
                work.session.add(
                    Document(
                        enrolment_id=enrolment.id,
                        material_key="portrait",
                        state=DocumentState.ACCEPTED,
                        file_key="documents/portrait",
                        created_at=work.now,
                    )
                )
            return enrolment

    async def bring(self, *rows: Row, dry_run: bool = False, header: Sequence[str] = HEADER) -> ImportReport:
        async with self.tools.unit_of_work() as work:
            return await StudyService(work).import_hours(
                self.officer, "学时.csv", sheet(*rows, header=header), dry_run=dry_run
            )

    async def progress(self, enrolment: Enrolment) -> HoursProgress:
        async with self.tools.unit_of_work() as work:
            return await StudyService(work).progress(enrolment.id)

    async def told(self) -> list[tuple[str, dict[str, str]]]:
        async with self.tools.unit_of_work() as work:
            rows = await work.session.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at))
            return [(row.notice, row.facts) for row in rows]


@pytest.fixture
async def school(tools: Tools) -> School:
    async with tools.unit_of_work() as work:
        return School(tools, await factories.organisation(work))


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.same, len(report.errors)


async def test_a_dry_run_counts_and_writes_nothing(school: School) -> None:
    enrolment = await school.candidate()
    row = (enrolment.number, "王小明", "质量安全法规", "2026-11-20", 4)
    report = await school.bring(row, dry_run=True)
    assert (counts(report), report.applied) == ((1, 0, 0, 0), False)
    assert (await school.progress(enrolment)).done == 0
    assert await school.told() == []
    async with school.tools.unit_of_work() as work:
        assert await work.session.scalar(select(func.count()).select_from(ImportRun)) == 0
        assert await work.session.scalar(select(func.count()).select_from(AuditEntry)) == 0


async def test_an_import_counts_the_hours_and_tells_the_person_how_far_they_are(school: School) -> None:
    enrolment = await school.candidate()
    report = await school.bring(
        (enrolment.number, "王小明", "质量安全法规", "2026-11-19", 4),
        (enrolment.number, "王小明", "质量安全法规", "2026年11月20日", "3.5"),
    )
    assert (counts(report), report.applied) == ((2, 0, 0, 0), True)
    progress = await school.progress(enrolment)
    assert (progress.done, progress.required) == (Decimal("7.50"), Decimal(30))
    assert (progress.percent, progress.met) == (25, False)
    assert [(line.course, line.studied_on) for line in progress.records] == [
        ("质量安全法规", date(2026, 11, 19)),
        ("质量安全法规", date(2026, 11, 20)),
    ]
    [(notice, facts)] = await school.told()
    assert notice == "hours_progress"
    assert (facts["done"], facts["required"], facts["percent"]) == ("7.5", "30", "25")
    assert facts["next"] == "还差 22.5 学时。回复 学时 查看明细和安排。"


async def test_the_same_file_twice_changes_nothing_and_tells_nobody_again(school: School) -> None:
    enrolment = await school.candidate()
    row = (enrolment.number, "王小明", "质量安全法规", "2026-11-20", 4)
    await school.bring(row)
    again = await school.bring(row)
    assert counts(again) == (0, 0, 1, 0)
    assert (await school.progress(enrolment)).done == 4
    assert len(await school.told()) == 1


async def test_other_hours_for_the_same_course_and_day_are_a_change_and_the_old_ones_stay_in_the_log(
    school: School,
) -> None:
    enrolment = await school.candidate()
    await school.bring((enrolment.number, "王小明", "质量安全法规", "2026-11-20", 4))
    report = await school.bring((enrolment.number, "王小明", " 质量 安全法规", "2026/11/20", 6))
    assert counts(report) == (0, 1, 0, 0)
    assert (await school.progress(enrolment)).done == 6
    async with school.tools.unit_of_work() as work:
        entry = await work.session.scalar(
            select(AuditEntry)
            .where(AuditEntry.action == "study.hours_imported")
            .order_by(AuditEntry.id.desc())
        )
    assert entry is not None
    assert entry.before["replaced"] == {"质量安全法规@2026-11-20": "4.00"}
    assert (entry.before["hours"], entry.after["hours"], entry.actor_name) == ("4.00", "6.00", "谢老师")


async def test_half_and_all_of_the_hours_are_told_once_and_only_the_highest_in_an_import(
    school: School,
) -> None:
    """A2: 30 学时; A6: 学时证明 at 100 %."""
    enrolment = await school.candidate()
    days = [(enrolment.number, "王小明", "质量安全法规", f"2026-11-{day:02d}", 8) for day in range(1, 6)]
    await school.bring(days[0])
    await school.bring(days[1])
    await school.bring(*days)
    assert [notice for notice, _ in await school.told()] == ["hours_progress", "hours_half", "hours_met"]
    (_, met) = (await school.told())[-1]
    assert (met["progress"], met["percent"]) == ("40/30学时", "100")
    async with school.tools.unit_of_work() as work:
        [certificate] = await work.session.scalars(select(Certificate))
        tasks = (await work.session.execute(text("SELECT task_name FROM procrastinate_jobs"))).scalars().all()
    assert certificate.title == "学时证明"
    assert tasks == ["deliver_certificate"]


async def test_whoever_is_done_with_the_hours_is_told_which_fee_is_still_owed(school: School) -> None:
    """A7"""
    enrolment = await school.candidate()
    async with school.tools.unit_of_work() as work:
        await PaymentService(work).open_for(await work.session.get_one(Enrolment, enrolment.id))
    await school.bring(*[(enrolment.number, "王小明", "法规", f"2026-11-{day:02d}", 15) for day in (1, 2)])
    [(_, facts)] = await school.told()
    assert facts["next"] == "下一步：缴纳人员能力验证费，回复 缴费 查看账号和转账附言。"


async def test_a_proof_that_cannot_be_issued_keeps_the_hours_and_says_so(school: School) -> None:
    enrolment = await school.candidate(name="王\U00030edd\U00030edd")
    report = await school.bring(
        *[(enrolment.number, "王\U00030edd\U00030edd", "法规", f"2026-11-{day:02d}", 15) for day in (1, 2)]
    )
    assert counts(report) == (2, 0, 0, 1)
    assert "学时证明没有签发（certificate.unprintable_name）" in report.errors[0].problem
    assert (await school.progress(enrolment)).met


async def test_a_correction_below_the_requirement_is_pointed_out_to_staff(school: School) -> None:
    enrolment = await school.candidate()
    who = (enrolment.number, "王小明", "法规")
    await school.bring((*who, "2026-11-01", 15), (*who, "2026-11-02", 15))
    report = await school.bring((*who, "2026-11-02", 10))
    assert (report.changed, len(report.errors)) == (1, 1)
    assert report.errors[0].problem == f"报名号 {enrolment.number} 的学时已更新，但现在低于要求的 30 学时"
    assert not (await school.progress(enrolment)).met


async def test_people_are_found_by_identity_number_too(school: School) -> None:
    enrolment = await school.candidate(7)
    header = ("姓名", "身份证号", "课程", "学习日期", "学时")
    number = factories.identity_number(7)
    report = await school.bring(("王小明", f"'{number}".lower(), "法规", "2026-11-20", 4), header=header)
    assert counts(report) == (1, 0, 0, 0)
    assert (await school.progress(enrolment)).done == 4


async def test_an_identity_number_that_a_spreadsheet_rounded_is_a_row_error_and_never_guessed(
    school: School,
) -> None:
    await school.candidate(7)
    columns = tuple(Column(key=name, label=name) for name in ("身份证号", "姓名", "课程", "学习日期", "学时"))
    number = factories.identity_number(7)
    content = template_workbook(
        columns,
        [
            {
                "身份证号": float(number[:17] + "0"),
                "姓名": "王小明",
                "课程": "法规",
                "学习日期": "2026-11-20",
                "学时": 4,
            }
        ],
    )
    async with school.tools.unit_of_work() as work:
        report = await StudyService(work).import_hours(school.officer, "学时.xlsx", content, dry_run=False)
    [error] = report.errors
    assert error.problem == "身份证号在表格里被存成了数字，末几位已丢失，请把该列设为“文本”后重新填写"
    assert (error.row, error.column) == (2, "身份证号")


@pytest.mark.parametrize(
    ("number", "name", "on", "hours", "problem"),
    [
        ("{n}", "王晓明", "2026-11-20", "4", "姓名与报名信息不一致"),
        ("99999", "王小明", "2026-11-20", "4", "报名号 99999 没有对应的报名"),
        ("99999999999999", "王小明", "2026-11-20", "4", "报名号应是数字"),
        ("", "王小明", "2026-11-20", "4", "没有填写报名号"),
        ("{n}", "", "2026-11-20", "4", "没有填写姓名"),
        ("{n}", "王小明", "2026-11-20", "0", "学时必须大于 0"),
        ("{n}", "王小明", "2026-11-20", "-2", "学时必须大于 0"),
        ("{n}", "王小明", "2026-11-20", "24.5", "一天的学时不能超过 24"),
        ("{n}", "王小明", "2026-11-20", "四", "不是数字"),
        ("{n}", "王小明", "2026-11-20", "1.005", "学时最多两位小数"),
        ("{n}", "王小明", "2026-11-22", "4", "学习日期 2026-11-22 还没有到"),
        ("{n}", "王小明", "2026-02-30", "4", "没有 2026 年 2 月 30 日这一天"),
        ("{n}", "王小明", "上周五", "4", "看不懂这个日期"),
    ],
)
async def test_a_wrong_row_says_what_is_wrong_and_the_good_ones_are_applied(
    school: School, number: str, name: str, on: str, hours: str, problem: str
) -> None:
    enrolment = await school.candidate()
    good = (enrolment.number, "王小明", "法规", "2026-11-20", 4)
    report = await school.bring(good, (number.format(n=enrolment.number), name, "标准", on, hours))
    assert counts(report) == (1, 0, 0, 1)
    assert report.errors[0].problem == problem
    assert report.errors[0].row == 3
    assert (await school.progress(enrolment)).done == 4
    [row] = read_table("x.xlsx", report.error_workbook(), (*COLUMNS, Column(key="p", label="问题"))).rows
    assert row.cells["p"] == f"第3行：{problem}"


async def test_more_than_24_hours_on_one_day_over_several_courses_and_imports_are_an_error(
    school: School,
) -> None:
    enrolment = await school.candidate()
    await school.bring((enrolment.number, "王小明", "法规", "2026-11-20", 20))
    report = await school.bring(
        (enrolment.number, "王小明", "标准", "2026-11-20", 4),
        (enrolment.number, "王小明", "计量", "2026-11-20", 1),
    )
    assert counts(report) == (1, 0, 0, 1)
    assert report.errors[0].problem == "这一天合计超过 24 学时（当天其他课程已有 24）"


async def test_the_same_record_twice_in_one_file_is_told_and_a_contradiction_counts_for_nothing(
    school: School,
) -> None:
    enrolment = await school.candidate()
    who = (enrolment.number, "王小明")
    report = await school.bring(
        (*who, "法规", "2026-11-20", 4),
        (*who, "法规", "20261120", 4),
        (*who, "标准", "2026-11-20", 2),
        (*who, "标准", "2026-11-20", 3),
    )
    assert counts(report) == (1, 0, 0, 3)
    assert [error.row for error in report.errors] == [3, 4, 5]
    assert report.errors[0].problem == "与第 2 行重复（同一人、同一课程、同一天），已按第 2 行计一次"
    assert (await school.progress(enrolment)).done == 4


async def test_people_of_another_organisation_are_unknown_here(school: School) -> None:
    """B9"""
    async with school.tools.unit_of_work() as work:
        other = await factories.organisation(work, name="别的促进会")
    stranger = await School(school.tools, other).candidate(3)
    report = await school.bring((stranger.number, "王小明", "法规", "2026-11-20", 4))
    assert report.errors[0].problem == f"报名号 {stranger.number} 没有对应的报名"
    assert (await school.progress(stranger)).done == 0


async def test_only_admitted_candidates_collect_hours(school: School) -> None:
    waiting = await school.candidate(4, state=EnrolmentState.IN_REVIEW)
    report = await school.bring((waiting.number, "王小明", "法规", "2026-11-20", 4))
    assert report.errors[0].problem == f"报名号 {waiting.number} 的报名不在学习中"


async def test_of_a_persons_enrolments_the_running_one_is_meant_and_two_need_the_number(
    school: School,
) -> None:
    """B2: a second attempt."""
    header = ("身份证号", "姓名", "课程", "学习日期", "学时")
    await school.candidate(5, state=EnrolmentState.CONCLUDED)
    running = await school.candidate(5)
    row = (factories.identity_number(5), "王小明", "法规", "2026-11-20", 4)
    assert counts(await school.bring(row, header=header)) == (1, 0, 0, 0)
    assert (await school.progress(running)).done == 4
    await school.candidate(5, scheme_id="chief-quality-officer")
    report = await school.bring(row, header=header)
    assert report.errors[0].problem == "这个人同时有几个报名"


async def test_number_and_identity_number_of_two_people_contradict_each_other(school: School) -> None:
    one, _ = await school.candidate(5), await school.candidate(6, name="李四")
    report = await school.bring(
        (one.number, factories.identity_number(6), "王小明", "法规", "2026-11-20", 4),
        header=("报名号", "身份证号", "姓名", "课程", "学习日期", "学时"),
    )
    assert report.errors[0].problem == "报名号和身份证号不是同一个人"


async def test_a_file_that_names_nobody_is_refused_as_a_whole(school: School) -> None:
    with pytest.raises(SpreadsheetError) as caught:
        await school.bring(("王小明", "法规", "2026-11-20", 4), header=("姓名", "课程", "学习日期", "学时"))
    assert caught.value.facts["columns"] == "报名号（或身份证号）"


async def test_viewers_and_applicants_import_nothing(school: School) -> None:
    content = sheet((1, "王小明", "法规", "2026-11-20", 4))
    for actor in (
        factories.staff_actor(school.organisation.id, StaffRole.VIEWER),
        Actor(kind="applicant", id="x", name="申请人"),
    ):
        async with school.tools.unit_of_work() as work:
            with pytest.raises(ForbiddenError):
                await StudyService(work).import_hours(actor, "x.csv", content, dry_run=True)


async def test_a_real_run_is_kept_with_its_counts_and_the_files_hash(school: School) -> None:
    enrolment = await school.candidate()
    report = await school.bring(
        (enrolment.number, "王小明", "法规", "2026-11-20", 4), (1, "谁", "法规", "2026-11-20", 4)
    )
    async with school.tools.unit_of_work() as work:
        [run] = await work.session.scalars(select(ImportRun))
    assert run.counts == {"new": 1, "changed": 0, "same": 0, "errors": 1}
    assert (run.kind, run.filename, run.sha256) == ("hours", "学时.csv", report.sha256)


async def test_two_imports_of_the_same_file_at_once_count_it_once(school: School) -> None:
    enrolment = await school.candidate()
    row = (enrolment.number, "王小明", "法规", "2026-11-20", 4)
    reports = await asyncio.gather(school.bring(row), school.bring(row))
    assert sorted(report.new for report in reports) == [0, 1]
    assert (await school.progress(enrolment)).done == 4


async def test_the_number_of_statements_does_not_grow_with_rows_or_people(school: School) -> None:
    enrolments = [await school.candidate(serial, portrait=False) for serial in range(40)]
    statements: list[str] = []
    engine = school.tools.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))

    async def cost(*rows: Row) -> int:
        statements.clear()
        assert (await school.bring(*rows)).errors == ()
        return len(statements)

    few = await cost((enrolments[0].number, "王小明", "短课", "2026-11-01", "0.01"))
    many = await cost(
        *[
            (row.number, "王小明", f"课程{course}", f"2026-10-{day:02d}", "0.01")
            for row in enrolments
            for day in range(1, 26)
            for course in range(10)
        ]
    )
    assert many <= few
    assert (await school.progress(enrolments[-1])).done == Decimal("2.50")


async def test_the_template_holds_the_roll_and_comes_back_as_an_import(school: School) -> None:
    enrolment = await school.candidate()
    await school.candidate(9, name="李四", state=EnrolmentState.IN_REVIEW)
    async with school.tools.unit_of_work() as work:
        content = await StudyService(work).hours_template(school.officer)
    [row] = read_table("模板.xlsx", content, COLUMNS).rows
    assert (row.cells["number"], row.cells["name"], row.cells["hours"]) == (
        str(enrolment.number),
        "王小明",
        "",
    )


async def test_the_template_of_a_class_holds_that_class_only(school: School) -> None:
    inside = await school.candidate(1)
    await school.candidate(2, name="李四")
    async with school.tools.unit_of_work() as work:
        course_class = await factories.course_class(work, organisation=school.organisation)
    async with school.tools.unit_of_work() as work:
        await ClassService(work).enrol_in_class(inside.id, course_class.id, school.officer)
    async with school.tools.unit_of_work() as work:
        content = await StudyService(work).hours_template(school.officer, class_code=course_class.code)
        with pytest.raises(NotFoundError):
            await StudyService(work).hours_template(
                factories.staff_actor(uuid4()), class_code=course_class.code
            )
    assert [row.cells["name"] for row in read_table("模板.xlsx", content, COLUMNS).rows] == ["王小明"]


async def _proof(school: School, enrolment: Enrolment, state: DocumentState = DocumentState.UPLOADED) -> UUID:
    async with school.tools.unit_of_work() as work:
        row = Document(
            enrolment_id=enrolment.id, material_key="hours_proof", state=state, created_at=work.now
        )
        work.session.add(row)
        await work.session.flush()
        return row.id


async def test_an_accepted_proof_counts_once_and_leads_to_the_proof_of_hours(school: School) -> None:
    """A1, A4"""
    enrolment = await school.candidate(route="proof")
    await _proof(school, enrolment)
    async with school.tools.unit_of_work() as work:
        progress = await StudyService(work).accept_proof(
            school.officer, enrolment.id, Decimal(30), "原件已核"
        )
    assert progress.met
    assert [(line.course, line.source, line.hours) for line in progress.records] == [
        ("学时证明", "proof", Decimal(30))
    ]
    assert [notice for notice, _ in await school.told()] == ["hours_met"]
    async with school.tools.unit_of_work() as work:
        with pytest.raises(ConflictError) as caught:
            await StudyService(work).accept_proof(school.officer, enrolment.id, Decimal(30), "")
        assert caught.value.code == "study.proof_counted"
        document = await work.session.scalar(select(Document).where(Document.material_key == "hours_proof"))
        assert document is not None
        assert document.state == DocumentState.ACCEPTED


@pytest.mark.parametrize(
    ("state", "hours", "code"),
    [
        (None, "30", "study.no_proof"),
        (DocumentState.REFUSED, "30", "study.no_proof"),
        (DocumentState.UPLOADED, "0", "study.hours"),
        (DocumentState.UPLOADED, "1000", "study.hours"),
        (DocumentState.UPLOADED, "0.001", "study.hours"),
    ],
)
async def test_no_hours_without_a_proof_that_can_be_looked_at(
    school: School, state: DocumentState | None, hours: str, code: str
) -> None:
    """A4"""
    enrolment = await school.candidate(route="proof")
    if state is not None:
        await _proof(school, enrolment, state)
    async with school.tools.unit_of_work() as work:
        with pytest.raises(ServiceError) as caught:
            await StudyService(work).accept_proof(school.officer, enrolment.id, Decimal(hours), "")
    assert caught.value.code == code


async def _class(school: School, **given: object) -> UUID:
    facts: dict[str, object] = {
        "scheme_id": "quality-safety-officer",
        "code": "QSO-12",
        "title": "质量安全员第12期",
        "starts_on": date(2026, 12, 1),
        "ends_on": date(2026, 12, 5),
        "form": "online",
        **given,
    }
    async with school.tools.unit_of_work() as work:
        view = await ClassService(work).add_class(school.officer, **facts)  # type: ignore[arg-type]
        return view.id


async def test_a_class_is_announced_joined_and_its_fee_and_account_are_then_due(school: School) -> None:
    """A5, A7"""
    payee = Payee(name="促进会", bank="中国银行", account_number="132000156473")
    class_id = await _class(school, training_fee_fen=398_000, payee=payee, capacity=1)
    enrolment = await school.candidate()
    applicant = Actor(kind="applicant", id=str(enrolment.follower_id), name="申请人")
    async with school.tools.unit_of_work() as work:
        await PaymentService(work).open_for(await work.session.get_one(Enrolment, enrolment.id))
        [offered] = await ClassService(work).list_classes(None, "quality-safety-officer")
        assert (offered.id, offered.members, offered.full) == (class_id, 0, False)
        assert await ClassService(work).joinable(enrolment.id) == (offered,)
        joined = await ClassService(work).enrol_in_class(enrolment.id, class_id, applicant)
        assert await ClassService(work).joinable(enrolment.id) == ()
        assert (joined.members, joined.full) == (1, True)
        training, _ = await PaymentService(work).instructions(enrolment.id)
        assert (training.amount_fen, training.payee) == (398_000, payee)
    other = await school.candidate(2)
    async with school.tools.unit_of_work() as work:
        assert await ClassService(work).joinable(other.id) == ()
        again = await ClassService(work).enrol_in_class(enrolment.id, class_id, applicant)
        assert again.members == 1
        with pytest.raises(ConflictError) as caught:
            await ClassService(work).enrol_in_class(other.id, class_id, school.officer)
        assert caught.value.code == "class.full"
        with pytest.raises(NotFoundError):
            await ClassService(work).enrol_in_class(other.id, class_id, applicant)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"ends_on": date(2026, 11, 30)}, "class.dates"),
        ({"training_fee_fen": -1}, "class.fee"),
        ({"capacity": 0}, "class.capacity"),
        ({"title": " "}, "class.title"),
        ({"form": "on_site"}, "class.place"),
        ({"scheme_id": "nothing"}, "class.scheme"),
    ],
)
async def test_a_class_that_cannot_be_is_refused(school: School, given: dict[str, object], code: str) -> None:
    with pytest.raises(ServiceError) as caught:
        await _class(school, **given)
    assert caught.value.code == code


async def test_two_classes_never_share_a_code(school: School) -> None:
    await _class(school)
    with pytest.raises(ConflictError) as caught:
        await _class(school)
    assert caught.value.code == "class.code_taken"


@pytest.mark.parametrize(
    ("candidate", "given", "close", "code"),
    [
        ({"route": "proof"}, {}, False, "class.not_for_route"),
        ({"state": EnrolmentState.IN_REVIEW}, {}, False, "class.not_admitted"),
        ({}, {"starts_on": date(2026, 11, 1), "ends_on": date(2026, 11, 20)}, False, "class.over"),
        ({}, {}, True, "class.not_open"),
        ({}, {"scheme_id": "chief-quality-officer"}, False, "class.not_found"),
    ],
)
async def test_a_class_takes_only_whom_it_is_for(
    school: School, candidate: dict[str, str], given: dict[str, object], close: bool, code: str
) -> None:
    """A4, A5"""
    enrolment = await school.candidate(**candidate)  # type: ignore[arg-type]
    class_id = await _class(school, **given)
    async with school.tools.unit_of_work() as work:
        if close:
            await ClassService(work).close_class(school.officer, class_id)
            assert await ClassService(work).list_classes() == ()
        with pytest.raises(ServiceError) as caught:
            await ClassService(work).enrol_in_class(enrolment.id, class_id, school.officer)
    assert caught.value.code == code
