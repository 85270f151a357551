"""Results: scores come in, are graded, approved, published, and seen by their owners."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from services.errors import ConflictError, ForbiddenError, NotFoundError
from services.exams.result_views import ResultView
from services.exams.results import ResultService
from services.exams.seats import SeatService
from services.exams.sittings import SittingService
from services.exams.views import SittingView
from services.imports import ImportReport
from services.models import EnrolmentState, ResultState, SeatState, StaffRole
from services.spreadsheets import SpreadsheetError
from services.unit_of_work import Tools
from storage.repositories.exams import SittingRepository
from tests.conftest import FixedClock
from tests.factories import staff_actor
from tests.services.exam_stories import SATURDAY_END, Candidate, House, kinds, open_house, text_of


@pytest.fixture
async def house(tools: Tools) -> House:
    """Candidates of the version that grades by bands."""
    house = await open_house(tools)
    house.scheme_version = "2024.4"
    return house


@pytest.fixture
async def sitting(house: House, clock: FixedClock) -> SittingView:
    """Three people, 王小明 李雷 韩梅梅, with the seats 1 to 3; the exam is over."""
    view = await house.sitting()
    for name in ("王小明", "李雷", "韩梅梅"):
        await house.book(await house.candidate(name), view.id)
    clock.moment = SATURDAY_END + timedelta(hours=3)
    return view


def table(*rows: str, header: str = "准考证号,姓名,成绩,状态") -> bytes:
    return "\n".join([header, *rows]).encode()


async def bring_in(
    house: House, content: bytes, *, dry_run: bool = False, code: str = "KS2026-001"
) -> ImportReport:
    async with house.tools.unit_of_work() as work:
        return await ResultService(work).import_scores(
            house.officer, "成绩.csv", content, sitting_code=code, dry_run=dry_run
        )


async def approve_and_publish(house: House, sitting: SittingView) -> int:
    async with house.tools.unit_of_work() as work:
        await ResultService(work).approve(house.officer, sitting.id)
    async with house.tools.unit_of_work() as work:
        return await ResultService(work).publish(house.officer, sitting.id)


async def result_of(house: House, who: Candidate) -> ResultView | None:
    async with house.tools.unit_of_work() as work:
        return await ResultService(work).of_enrolment(who.enrolment_id)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.same, len(report.errors)


ALL_THREE = table("KS2026-001-001,王小明,85,", "KS2026-001-002,李雷,59.99,", "KS2026-001-003,韩梅梅,,缺考")


async def test_a_dry_run_counts_and_writes_nothing(house: House, sitting: SittingView) -> None:
    report = await bring_in(house, ALL_THREE, dry_run=True)
    assert (counts(report), report.applied) == ((3, 0, 0, 0), False)
    assert counts(await bring_in(house, ALL_THREE, dry_run=True)) == (3, 0, 0, 0)
    async with house.tools.unit_of_work() as work:
        lines = await ResultService(work).list_for_sitting(house.officer, sitting.id)
    assert [(line.score, line.seat_state) for line in lines] == [(None, SeatState.BOOKED)] * 3


async def test_scores_are_graded_by_the_bands_of_the_scheme_b6(house: House, sitting: SittingView) -> None:
    await bring_in(house, ALL_THREE)
    async with house.tools.unit_of_work() as work:
        lines = await ResultService(work).list_for_sitting(house.officer, sitting.id)
    assert [(line.name, line.score, line.grade, line.passed, line.state) for line in lines] == [
        ("王小明", Decimal("85.00"), "优秀", True, ResultState.SCORED),
        ("李雷", Decimal("59.99"), "不合格", False, ResultState.SCORED),
        ("韩梅梅", None, None, None, None),
    ]
    assert lines[2].seat_state is SeatState.ABSENT


async def test_the_same_file_twice_changes_nothing(house: House, sitting: SittingView) -> None:
    await bring_in(house, ALL_THREE)
    assert counts(await bring_in(house, ALL_THREE)) == (0, 0, 3, 0)
    await approve_and_publish(house, sitting)
    assert counts(await bring_in(house, ALL_THREE)) == (0, 0, 3, 0)


async def test_a_result_is_seen_only_when_published_with_how_it_was_decided_b7(
    house: House, sitting: SittingView
) -> None:
    first, second, absent = house.candidates
    await bring_in(house, ALL_THREE)
    assert await result_of(house, first) is None
    assert await approve_and_publish(house, sitting) == 2
    view = await result_of(house, first)
    assert view is not None
    assert (view.scheme, view.score, view.full, view.grade, view.passed) == (
        "质量安全员",
        Decimal("85.00"),
        Decimal("100.00"),
        "优秀",
        True,
    )
    assert view.bands == (("优秀", "85"), ("良好", "75"), ("合格", "60"), ("不合格", "0"))
    assert view.bands_proposed
    assert await result_of(house, absent) is None
    [message] = [item for item in await house.told(first) if item.notice == "result_published"]
    assert text_of(message) == "【质量安全员】成绩已公布：优秀（85 分）。\n证书签发后会发给您。"
    [message] = [item for item in await house.told(second) if item.notice == "result_published"]
    assert text_of(message) == (
        "【质量安全员】成绩已公布：不合格（59.99 分）。\n可重新报名，回复 报名；有异议回复 申诉。"
    )
    assert "result_published" not in kinds(await house.told(absent))


async def test_one_verification_gives_one_result_and_concludes_the_enrolment_b2(
    house: House, sitting: SittingView
) -> None:
    first, second, absent = house.candidates
    await bring_in(house, ALL_THREE)
    await approve_and_publish(house, sitting)
    assert [await house.state_of(who) for who in house.candidates] == [
        EnrolmentState.CONCLUDED,
        EnrolmentState.CONCLUDED,
        EnrolmentState.ADMITTED,
    ]
    async with house.tools.unit_of_work() as work:
        seats = [await SeatService(work).seat_of(who.enrolment_id) for who in (first, second, absent)]
        assert [seat.state if seat else None for seat in seats] == [
            SeatState.SAT,
            SeatState.SAT,
            SeatState.ABSENT,
        ]
        assert await ResultService(work).publish(house.officer, sitting.id) == 0
    assert [entry.action for entry in await house.history(second)] == [
        "seat.booked",
        "result.scored",
        "result.approved",
        "result.published",
    ]


async def test_who_was_absent_is_freed_by_staff_and_books_again(house: House, sitting: SittingView) -> None:
    absent = house.candidates[2]
    await bring_in(house, ALL_THREE)
    async with house.tools.unit_of_work() as work:
        await SeatService(work).release(absent.enrolment_id, actor=house.officer, reason="因病缺考")
    spring = await house.sitting(
        starts_at=SATURDAY_END + timedelta(days=91), ends_at=SATURDAY_END + timedelta(days=91, hours=2)
    )
    assert (await house.book(absent, spring.id)).number == 1


async def test_nobody_leaves_a_sitting_as_absent_while_its_scores_are_being_imported(
    house: House, sitting: SittingView
) -> None:
    absent = house.candidates[2]
    await bring_in(house, ALL_THREE)
    spring = await house.sitting(
        starts_at=SATURDAY_END + timedelta(days=91), ends_at=SATURDAY_END + timedelta(days=91, hours=2)
    )
    async with house.tools.unit_of_work() as importing:
        await SittingRepository(importing.session).find(sitting.id, for_update=True)
        with pytest.raises(ConflictError) as refusal:
            await house.book(absent, spring.id)
    assert refusal.value.code == "seat.sitting_busy"
    assert (await house.book(absent, spring.id)).number == 1
    # Their old row says nothing any more, and the others' still counts.
    report = await bring_in(house, ALL_THREE)
    assert counts(report) == (0, 0, 2, 1)


async def test_a_score_that_changes_before_publication_is_a_new_version_to_be_approved_again(
    house: House, sitting: SittingView
) -> None:
    who = house.candidates[0]
    await bring_in(house, ALL_THREE)
    async with house.tools.unit_of_work() as work:
        assert await ResultService(work).approve(house.officer, sitting.id) == 2
    report = await bring_in(house, table("KS2026-001-001,王小明,58,"))
    assert counts(report) == (0, 1, 0, 0)
    async with house.tools.unit_of_work() as work:
        service = ResultService(work)
        line = (await service.list_for_sitting(house.officer, sitting.id))[0]
        assert (line.score, line.grade, line.state, line.version) == (
            Decimal("58.00"),
            "不合格",
            ResultState.SCORED,
            2,
        )
        [waiting] = await service.to_approve_counts(house.officer)
        assert (waiting.code, waiting.scored, waiting.approved) == ("KS2026-001", 1, 1)
        assert await service.publish(house.officer, sitting.id) == 1
    change = (await house.history(who))[-1]
    assert (change.action, change.actor_name) == ("result.changed", "谢老师")
    assert (change.before["score"], change.before["grade"]) == ("85.00", "优秀")
    assert (change.after["score"], change.after["grade"]) == ("58.00", "不合格")
    assert await result_of(house, who) is None


async def test_a_published_score_is_not_changed_by_an_import_b7(house: House, sitting: SittingView) -> None:
    await bring_in(house, ALL_THREE)
    await approve_and_publish(house, sitting)
    report = await bring_in(house, table("KS2026-001-001,王小明,99,", "KS2026-001-002,李雷,,缺考"))
    assert counts(report) == (0, 0, 0, 2)
    assert report.errors[0].problem == "成绩已公布（85 分），不能再改"
    view = await result_of(house, house.candidates[0])
    assert view is not None
    assert view.score == Decimal(85)


async def test_absent_void_and_there_after_all(house: House, sitting: SittingView) -> None:
    await bring_in(house, table("KS2026-001-001,王小明,70,", "KS2026-001-002,李雷,,缺考"))
    again = table("KS2026-001-001,王小明,,作废", "KS2026-001-002,李雷,66,", "KS2026-001-003,韩梅梅,缺考,")
    assert counts(await bring_in(house, again)) == (1, 2, 0, 0)
    assert counts(await bring_in(house, again)) == (0, 0, 3, 0)
    async with house.tools.unit_of_work() as work:
        lines = await ResultService(work).list_for_sitting(house.officer, sitting.id)
        assert [(line.name, line.grade, line.seat_state) for line in lines] == [
            ("李雷", "合格", SeatState.CHECKED_IN),
            ("韩梅梅", None, SeatState.ABSENT),
        ]
        assert await SeatService(work).seat_of(house.candidates[0].enrolment_id) is None
    assert counts(await bring_in(house, table("KS2026-001-001,王小明,70,"))) == (0, 0, 0, 1)


@pytest.mark.parametrize(
    ("row", "column", "problem"),
    [
        ("KS2026-001-009,王小明,70,", "准考证号", "准考证号 KS2026-001-009 不在本场考试的座次表里"),
        ("KS2026-001-001,李小明,70,", "姓名", "姓名与报名信息不一致"),
        ("KS2026-001-001,王小明,101,", "成绩", "成绩应在 0 到 100 之间"),
        ("KS2026-001-001,王小明,-1,", "成绩", "成绩应在 0 到 100 之间"),
        ("KS2026-001-001,王小明,70.125,", "成绩", "成绩最多两位小数"),
        ("KS2026-001-001,王小明,良好,", "成绩", "成绩不是数字"),
        ("KS2026-001-001,王小明,,", "成绩", "没有填写成绩"),
        ("KS2026-001-001,王小明,70,缺考", "成绩", "状态是“缺考”，但填写了成绩"),
        ("KS2026-001-001,王小明,70,迟到", "状态", "看不懂这个状态"),
        ("KS2026-001-001,,70,", "姓名", "没有填写姓名"),
        (",王小明,70,", "准考证号", "没有填写准考证号"),
    ],
)
async def test_a_faulty_row_says_what_is_wrong_with_it(
    house: House, sitting: SittingView, row: str, column: str, problem: str
) -> None:
    report = await bring_in(house, table(row), dry_run=True)
    assert [(error.row, error.column, error.problem) for error in report.errors] == [(2, column, problem)]


async def test_good_rows_are_taken_and_faulty_ones_come_back_in_a_workbook(
    house: House, sitting: SittingView
) -> None:
    content = table("KS2026-001-001,王小明,88,", "KS2026-001-002,李雷,880,")
    report = await bring_in(house, content)
    assert (counts(report), report.applied) == ((1, 0, 0, 1), True)
    rows = CalamineWorkbook.from_object(io.BytesIO(report.error_workbook())).get_sheet_by_index(0).to_python()
    assert rows[1][:3] == ["KS2026-001-002", "李雷", "880"]
    assert "成绩应在 0 到 100 之间" in str(rows[1][4])


async def test_two_rows_that_contradict_each_other_are_both_refused(
    house: House, sitting: SittingView
) -> None:
    number = house.candidates[0].number
    header = "准考证号,报名号,姓名,成绩"
    twice = table(f"KS2026-001-001,{number},王小明,70", f",{number},王小明,71", header=header)
    report = await bring_in(house, twice)
    assert [error.row for error in report.errors] == [2, 3]
    assert report.errors[0].problem == "与第 3 行是同一个人，但成绩或状态不同"
    same = table(f"KS2026-001-001,{number},王小明,70", f",{number},王小明,70", header=header)
    assert counts(await bring_in(house, same)) == (1, 0, 0, 1)
    other = house.candidates[1].number
    mixed = table(f"KS2026-001-001,{other},王小明,70", header=header)
    [error] = (await bring_in(house, mixed)).errors
    assert error.problem == "准考证号和报名号不是同一个人"


async def test_the_template_is_filled_with_the_roll_and_can_be_handed_in_again(
    house: House, sitting: SittingView
) -> None:
    await bring_in(house, ALL_THREE)
    async with house.tools.unit_of_work() as work:
        content = await ResultService(work).scores_template(house.officer, "KS2026-001")
    rows = CalamineWorkbook.from_object(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0] == [
        *("准考证号", "报名号", "姓名", "成绩", "状态"),
        *("法律法规", "专业知识", "案例分析", "实际操作"),
    ]
    assert rows[1][:5] == ["KS2026-001-001", str(house.candidates[0].number), "王小明", 85.0, ""]
    assert rows[3][3:5] == ["", "缺考"]
    assert counts(await bring_in(house, content)) == (0, 0, 3, 0)


async def test_a_table_without_any_number_of_a_person_is_refused(house: House, sitting: SittingView) -> None:
    with pytest.raises(SpreadsheetError) as refusal:
        await bring_in(house, table("王小明,70", header="姓名,成绩"))
    assert refusal.value.code == "spreadsheet.header_missing"


async def test_only_chosen_results_are_approved_and_only_scored_ones(
    house: House, sitting: SittingView
) -> None:
    await bring_in(house, ALL_THREE)
    async with house.tools.unit_of_work() as work:
        lines = await ResultService(work).list_for_sitting(house.officer, sitting.id)
        chosen = [line.result_id for line in lines if line.name == "王小明" and line.result_id is not None]
    async with house.tools.unit_of_work() as work:
        assert await ResultService(work).approve(house.officer, sitting.id, chosen) == 1
    async with house.tools.unit_of_work() as work:
        with pytest.raises(ConflictError):
            await ResultService(work).approve(house.officer, sitting.id, chosen)
        assert await ResultService(work).publish(house.officer, sitting.id) == 1
    assert await result_of(house, house.candidates[0]) is not None
    assert await result_of(house, house.candidates[1]) is None


async def test_results_belong_to_the_organisation_and_viewers_decide_nothing_b9(
    house: House, sitting: SittingView, tools: Tools
) -> None:
    foreign = (await open_house(tools, "别的协会")).officer
    viewer = staff_actor(house.organisation.id, StaffRole.VIEWER)
    async with tools.unit_of_work() as work:
        service = ResultService(work)
        for actor, refusal in ((foreign, NotFoundError), (viewer, ForbiddenError)):
            with pytest.raises(refusal):
                await service.import_scores(
                    actor, "成绩.csv", ALL_THREE, sitting_code="KS2026-001", dry_run=True
                )
            with pytest.raises(refusal):
                await service.approve(actor, sitting.id)
            with pytest.raises(refusal):
                await service.publish(actor, sitting.id)
        with pytest.raises(NotFoundError):
            await service.scores_template(foreign, "KS2026-001")
        assert await service.to_approve_counts(foreign) == ()


async def test_a_sitting_with_results_is_not_cancelled_and_its_seats_are_kept(
    house: House, sitting: SittingView, tools: Tools
) -> None:
    await bring_in(house, ALL_THREE)
    async with tools.unit_of_work() as work:
        service = SittingService(work)
        with pytest.raises(ConflictError, match=r"sitting\.has_results"):
            await service.cancel(house.officer, sitting.id, "平台维护")
        with pytest.raises(ConflictError, match=r"seat\.not_releasable"):
            await SeatService(work).release(house.candidates[0].enrolment_id, actor=house.officer)


async def test_scores_for_an_unknown_or_cancelled_sitting_are_refused(house: House) -> None:
    view = await house.sitting()
    with pytest.raises(NotFoundError):
        await bring_in(house, ALL_THREE, code="KS2026-999")
    async with house.tools.unit_of_work() as work:
        await SittingService(work).cancel(house.officer, view.id, "平台维护")
    with pytest.raises(ConflictError):
        await bring_in(house, ALL_THREE)
