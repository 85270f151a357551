"""C3, C5, C10: nothing happens outside the authorised scope, and what a class publishes is what is charged."""

from dataclasses import replace

import pytest

from services.authorisation.standing import NotAuthorisedError
from services.certificates import CertificateService
from services.enrolments.beginning import BeginningService
from services.enrolments.review import ReviewService
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import EnrolmentState, StaffRole
from services.payments.service import PaymentService
from services.study.class_notices import ClassNoticeService
from services.study.published_fees import PublishedFeeService
from services.unit_of_work import Tools, Work
from storage.authorisation_states import AuthorisationState
from storage.tables import Authorisation, Certificate, Enrolment, Organisation
from tests import certificate_rows, factories, sub_centres
from tests.sub_centres import FEES, SCHEME, SubCentre


async def admitted(work: Work, sub_centre: SubCentre, class_id: object, serial: int = 1) -> Enrolment:
    """Somebody who enrolled with the class's notice and was admitted."""
    follower = await factories.follower(work, account="metrology")
    scheme = work.tools.schemes.current(SCHEME)
    draft = await BeginningService(work).begin(
        follower.id,
        scheme,
        actor=factories.applicant_actor(follower),
        class_id=class_id,  # type: ignore[arg-type]
    )
    row = await work.session.get_one(Enrolment, draft.id)
    row.person_id = (await factories.person(work, name="王小明", number=factories.identity_number(serial))).id
    row.state, row.submitted_at = EnrolmentState.IN_REVIEW, work.now
    await factories.waiting_stage(work, row)
    await ReviewService(work).approve(sub_centre.officer, row.id)
    return row


async def test_a_class_outside_the_authorised_scope_is_refused_and_says_which_c3(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        for scheme_id, level in (("metrology-length-1", "高级技师"), ("metrology-thermal-4", "中级工")):
            with pytest.raises(NotAuthorisedError) as refused:
                await sub_centres.open_class(work, sub_centre, scheme_id=scheme_id)
            assert refused.value.code == "authorisation.out_of_scope"
            assert level in str(refused.value.facts["level"])


async def test_who_was_never_authorised_opens_no_class_c3(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        stranger = await factories.organisation(work, "某某培训学校", "sub_centre")
        with pytest.raises(NotAuthorisedError) as refused:
            await sub_centres.open_class(
                work, replace(sub_centre, officer=factories.staff_actor(stranger.id))
            )
        assert refused.value.code == "authorisation.none"


async def test_suspended_and_ended_ones_neither_enrol_nor_admit_nor_are_issued_for_c3_c14(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        course = await sub_centres.open_class(work, sub_centre)
        passed = await admitted(work, sub_centre, course.id)
        organisation = await work.session.get_one(Organisation, sub_centre.id)
        sitting = await certificate_rows.sitting(work, organisation, "CD4-2026Q4")
        await certificate_rows.result(work, passed, sitting, grade="合格")
        row = await work.session.get_one(Authorisation, sub_centre.authorisation_id)
        for state in (AuthorisationState.SUSPENDED, AuthorisationState.ENDED):
            row.state = state
            await work.session.flush()
            for attempt in (
                admitted(work, sub_centre, course.id, 2),
                sub_centres.open_class(work, sub_centre, code="CD4-2026-13"),
                CertificateService(work).issue(sub_centre.society_officer, passed.id),
            ):
                with pytest.raises(NotAuthorisedError) as refused:
                    await attempt
                assert refused.value.code == f"authorisation.{state}"


async def test_the_society_issues_and_not_the_sub_centre_c10(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        course = await sub_centres.open_class(work, sub_centre)
        organisation = await work.session.get_one(Organisation, sub_centre.id)
        passed = await certificate_rows.enrolled(work, organisation, scheme_id=SCHEME)
        passed.class_id = course.id
        await certificate_rows.result(
            work, passed, await certificate_rows.sitting(work, organisation, "CD4-2026Q4"), grade="合格"
        )
        service = CertificateService(work)
        with pytest.raises(NotFoundError):
            await service.issue(sub_centre.officer, passed.id)
        issued = await service.issue(sub_centre.society_officer, passed.id)
        row = await work.session.get_one(Certificate, issued.id)
        assert row.organisation_id == sub_centre.society_id
        assert row.facts["organisation"] == "贵州计量分中心"


async def test_a_sub_centre_s_class_does_not_open_without_its_fees_published_c5(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        with pytest.raises(ServiceError) as refused:
            await sub_centres.open_class(work, sub_centre, fees=None)
        assert refused.value.code == "class.fees_unpublished"


async def test_what_is_charged_is_what_was_published_when_one_joined_c5(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        course = await sub_centres.open_class(work, sub_centre)
        early = await admitted(work, sub_centre, course.id)
        dearer = [replace(item, amount_fen=item.amount_fen + 10_000) for item in FEES.items]
        changed = await PublishedFeeService(work).publish(sub_centre.officer, course.id, dearer, FEES.hotline)
        late = await admitted(work, sub_centre, course.id, 2)
        assert changed.version == 2
        charged = {}
        for who, row in (("early", early), ("late", late)):
            told = await PaymentService(work).instructions(row.id)
            charged[who] = [(item.label, item.amount_fen, item.basis, item.hotline) for item in told]
        assert charged["early"] == [
            (item.item, item.amount_fen, item.basis, FEES.hotline) for item in FEES.items
        ]
        assert charged["late"] == [(item.item, item.amount_fen, item.basis, FEES.hotline) for item in dearer]
        public = await ClassNoticeService(work).by_code(course.code)
        assert [item.amount_fen for item in public.fees.items] == [190_000, 46_000]
        lines = await PaymentService(work).list_lines(sub_centre.officer)
        assert {line.fee_label for line in lines.items} == {"培训费", "评价费"}


async def test_no_candidate_begins_without_a_class_notice_or_in_another_scheme_s_class_c6(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        course = await sub_centres.open_class(work, sub_centre, capacity=1)
        follower = await factories.follower(work, account="metrology")
        actor, service = factories.applicant_actor(follower), BeginningService(work)
        with pytest.raises(ConflictError) as needed:
            await service.begin(follower.id, work.tools.schemes.current(SCHEME), actor=actor)
        assert needed.value.code == "enrolment.class_needed"
        with pytest.raises(NotFoundError):
            await service.begin(
                follower.id,
                work.tools.schemes.current("metrology-length-3"),
                actor=actor,
                class_id=course.id,
            )
        await admitted(work, sub_centre, course.id)
        with pytest.raises(ConflictError) as full:
            await admitted(work, sub_centre, course.id, 2)
        assert full.value.code == "class.full"


async def test_a_viewer_publishes_no_fees_c5(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        course = await sub_centres.open_class(work, sub_centre)
        viewer = factories.staff_actor(sub_centre.id, StaffRole.VIEWER)
        with pytest.raises(ForbiddenError):
            await PublishedFeeService(work).publish(viewer, course.id, FEES.items, "0851-1")
        assert (await ClassNoticeService(work).by_code(course.code)).version == 1
