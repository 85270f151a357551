"""C12, C13: the self-check of a year, and what becomes of a year with few people. C10: results that are reported."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from services.authorisation import calendar
from services.authorisation.members import MemberService
from services.authorisation.proposals import ProposalService
from services.authorisation.registry import RegistryService
from services.authorisation.reports import ReportService
from services.authorisation.self_checks import SelfCheckService
from services.authorisation.standing import NotAuthorisedError
from services.authorisation.views import PlanLine, SelfCheckView
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.unit_of_work import Tools, Work
from storage.authorisation_states import EndingCause, MemberKind, ReportState, SelfCheckState
from storage.tables import Authorisation, Enrolment, Organisation, Sitting
from tests import certificate_rows, factories, sub_centres
from tests.conftest import FixedClock
from tests.sub_centres import SCHEME, SubCentre

#: 00:30 in Shanghai.
NEW_YEAR = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)


def shanghai(month: int, day: int, year: int = 2026) -> datetime:
    """Noon there."""
    return datetime(year, month, day, 4, 0, tzinfo=UTC)


async def opened(work: Work, sub_centre: SubCentre) -> SelfCheckView:
    """The self-check of this year."""
    await calendar.follow_year(work)
    own = await RegistryService(work).own(sub_centre.officer)
    assert own is not None
    return await SelfCheckService(work).show(sub_centre.officer, own.self_checks[0].id)


def answers(view: SelfCheckView) -> dict[str, object]:
    return {
        "declared": view.counted,
        "note": "",
        "situation": "管理正常",
        "problems": "没有发现问题",
        "plan": [replace(view.plan[0], people=120, times="3月、9月")],
        "assessors_wanted": "需要评价员6人",
    }


async def passed(work: Work, sub_centre: SubCentre, class_id: object) -> Enrolment:
    organisation = await work.session.get_one(Organisation, sub_centre.id)
    row = await certificate_rows.enrolled(work, organisation, scheme_id=SCHEME)
    row.class_id = class_id  # type: ignore[assignment]
    await certificate_rows.result(
        work, row, await certificate_rows.sitting(work, organisation, "CD4-2026Q4"), grade="合格"
    )
    return row


async def test_reminders_come_in_december_to_the_sub_centre_s_staff_c12(
    tools: Tools, clock: FixedClock
) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
    for month, day, reminders in ((11, 30, None), (12, 1, 1), (12, 15, 2), (12, 30, 3)):
        clock.moment = shanghai(month, day)
        async with tools.unit_of_work() as work:
            await calendar.follow_year(work)
            told = await RegistryService(work).reminder(sub_centre.officer)
            assert (told.reminders if told else None) == reminders
            assert await calendar.follow_year(work) == 0


async def test_our_own_numbers_are_confirmed_or_corrected_with_a_note_c12(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        course = await sub_centres.open_class(work, sub_centre)
        await passed(work, sub_centre, course.id)
        view = await opened(work, sub_centre)
        assert [(one.label, one.trained, one.examined, one.passed) for one in view.counted] == [
            ("长度计量员 四级/中级工", 1, 1, 1),
            ("长度计量员 三级/高级工", 0, 0, 0),
        ]
        corrected = [replace(view.counted[0], trained=130, examined=120, passed=110), view.counted[1]]
        service, given = SelfCheckService(work), answers(view)
        with pytest.raises(ServiceError) as no_note:
            await service.hand_in(
                sub_centre.officer,
                view.id,
                **{**given, "declared": corrected},  # type: ignore[arg-type]
            )
        assert no_note.value.code == "self_check.note_missing"
        done = await service.hand_in(
            sub_centre.officer,
            view.id,
            **{**given, "declared": corrected, "note": "上半年的班在系统启用前"},  # type: ignore[arg-type]
        )
        assert (done.state, done.declared[0].trained) == (SelfCheckState.HANDED_IN, 130)
        assert done.plan == (
            PlanLine(
                occupation="length",
                level="skilled",
                label="长度计量员 四级/中级工",
                people=120,
                times="3月、9月",
            ),
        )
        with pytest.raises(ConflictError):
            await service.hand_in(sub_centre.officer, view.id, **given)  # type: ignore[arg-type]


async def test_after_its_day_it_is_closed_and_nothing_goes_on_until_the_society_decides_c12(
    tools: Tools, clock: FixedClock
) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        view = await opened(work, sub_centre)
    clock.moment = NEW_YEAR
    async with tools.unit_of_work() as work:
        service = SelfCheckService(work)
        with pytest.raises(ConflictError) as closed:
            await service.hand_in(sub_centre.officer, view.id, **answers(view))  # type: ignore[arg-type]
        assert closed.value.code == "self_check.closed"
        # Refused from the first minute, whether or not a tick has run.
        with pytest.raises(NotAuthorisedError) as refused:
            await sub_centres.open_class(work, sub_centre)
        assert (refused.value.code, refused.value.facts["year"]) == ("authorisation.self_check_missed", 2026)
        await calendar.follow_year(work)
        (waiting,) = await service.waiting(sub_centre.society_officer)
        assert waiting.state is SelfCheckState.MISSED
        with pytest.raises(ForbiddenError):
            await service.excuse(sub_centre.society_officer, view.id, "机构搬迁")
        await service.excuse(sub_centre.society_admin, view.id, "机构搬迁")
        clock.moment = shanghai(1, 2, 2027)


async def test_an_excused_sub_centre_goes_on_c12(tools: Tools, clock: FixedClock) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        view = await opened(work, sub_centre)
    clock.moment = shanghai(12, 31)
    async with tools.unit_of_work() as work:
        await SelfCheckService(work).hand_in(sub_centre.officer, view.id, **answers(view))  # type: ignore[arg-type]
    clock.moment = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    async with tools.unit_of_work() as work:
        with pytest.raises(ServiceError) as over:
            await sub_centres.open_class(work, sub_centre, fees=None)
        assert over.value.code == "class.fees_unpublished"  # no longer the self-check


async def test_a_failed_assessment_proposes_the_ending_c13(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        view = await opened(work, sub_centre)
        service = SelfCheckService(work)
        await service.hand_in(sub_centre.officer, view.id, **answers(view))  # type: ignore[arg-type]
        with pytest.raises(NotFoundError):
            await service.assess(sub_centre.officer, view.id, "accepted", "好")
        await service.assess(sub_centre.society_officer, view.id, "failed", "管理混乱")
        (proposal,) = await ProposalService(work).open_ones(sub_centre.society_officer)
        assert proposal.cause is EndingCause.FAILED_ASSESSMENT


@pytest.mark.parametrize(
    ("authorised_on", "people", "cause"),
    [
        (date(2025, 6, 1), 0, EndingCause.NO_TRAINING),
        (date(2025, 6, 1), 1, EndingCause.FEW_PEOPLE),
        (date(2026, 3, 2), 0, None),
    ],
)
async def test_a_year_with_few_people_or_none_proposes_the_ending_once_c13(
    tools: Tools, clock: FixedClock, authorised_on: date, people: int, cause: EndingCause | None
) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        course = await sub_centres.open_class(work, sub_centre)
        for _ in range(people):
            await passed(work, sub_centre, course.id)
        (await work.session.get_one(Authorisation, sub_centre.authorisation_id)).authorised_on = authorised_on
    clock.moment = NEW_YEAR
    async with tools.unit_of_work() as work:
        await calendar.follow_year(work)
        await calendar.follow_year(work)
        proposals = await ProposalService(work).open_ones(sub_centre.society_officer)
        assert [(one.cause, one.about) for one in proposals] == ([(cause, "year:2026")] if cause else [])


async def test_assessors_report_the_society_reviews_and_the_society_issues_c10(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        course = await sub_centres.open_class(work, sub_centre)
        row = await passed(work, sub_centre, course.id)
        organisation = await work.session.get_one(Organisation, sub_centre.id)
        sitting = (
            await work.session.scalars(select(Sitting).where(Sitting.organisation_id == organisation.id))
        ).one()
        sitting.scheme_id = SCHEME
        service = ReportService(work)
        with pytest.raises(ServiceError) as nobody:
            await service.report(sub_centre.officer, sitting.id, assessor_ids=[])
        assert nobody.value.code == "report.no_assessor"
        assessor = await MemberService(work).add(
            sub_centre.officer,
            kind=MemberKind.ASSESSOR,
            name="李评价",
            occupation="length",
            title="none",
            certificate_number="PJY-1",
            undertaking_on=date(2026, 5, 8),
            undertaking=("承诺书.pdf", b"%PDF-1"),
        )
        first = await service.report(sub_centre.officer, sitting.id, assessor_ids=[assessor.id])
        await service.send_back(sub_centre.society_officer, first, "缺少答题卡")
        second = await service.report(sub_centre.officer, sitting.id, assessor_ids=[assessor.id])
        with pytest.raises(NotFoundError):
            await service.approve(sub_centre.officer, second)
        course_id, row.class_id = row.class_id, None
        await work.session.flush()
        with pytest.raises(ConflictError) as untrained:
            await service.approve(sub_centre.society_officer, second)
        assert untrained.value.code == "report.untrained"
        row.class_id = course_id
        await work.session.flush()
        (number,) = await service.approve(sub_centre.society_officer, second)
        shown = await service.show(sub_centre.officer, second)
        assert shown.state is ReportState.APPROVED
        assert [(one.name, one.certificate) for one in shown.people] == [("王小明", number)]
        stranger = factories.staff_actor((await factories.organisation(work)).id)
        with pytest.raises(NotFoundError):
            await service.show(stranger, second)
