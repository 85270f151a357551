"""Changes of personal data after the review: who decides them, what follows, what stays (E8)."""

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from services.answers import plain_answers
from services.blacklist import BarredError
from services.certificates import CertificateService
from services.certificates.verification import VerificationService
from services.changes import ChangeDesk, ChangeService
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import Actor, CertificateState, ChangeState, EnrolmentState, StaffRole
from services.notices.catalogue import NOTICES, render_text
from services.pictures import specimen
from services.rules import tables
from services.rules.errors import InvalidValueError
from services.schemes.loader import load_catalogue
from services.schemes.standing import change_kind
from services.unit_of_work import Tools, Work
from storage.tables import AuditEntry, Certificate, ChangeRequest, Enrolment, OutboxMessage, Person
from tests import appointment_stories, certificate_rows, factories, trees
from tests.services.blacklist_stories import open_house
from tests.services.test_review_stages import review

PROOF = (("proof.jpg", specimen.id_card_front()),)


@pytest.mark.parametrize(
    ("scheme_id", "a", "b", "c"),
    [
        ("cqc-liaison-officer", "mobile email laboratory address", "name identity_number political_status",
         "education major work_years entry_training fields training"),
        ("quality-safety-officer", "mobile region paper postal_address", "name identity_number", "education school route"),
        ("metrology-length-4", "mobile region employer", "name identity_number", "education work_years"),
    ],
)  # fmt: skip
def test_a_file_or_the_field_itself_says_who_may_change_it_e8(scheme_id: str, a: str, b: str, c: str) -> None:
    fields = load_catalogue().current(scheme_id).fields
    kinds = {field.key: change_kind(field) for field in fields}
    assert {key for key, kind in kinds.items() if kind == "a"} == set(a.split())
    assert {key for key, kind in kinds.items() if kind == "b"} == set(b.split())
    assert {key for key, kind in kinds.items() if kind == "c"} == set(c.split())


async def begun(work: Work, enrolment: Enrolment, key: str, value: str, actor: Actor | None = None) -> UUID:
    """A request of the person's, with its reason and a proof, handed in."""
    service, who = ChangeService(work), actor or Actor(kind="applicant", id="x", name="申请人")
    outcome = await service.put(enrolment.follower_id, enrolment.id, key, value, actor=who)
    assert outcome.request_id is not None
    await work.session.flush()
    await service.explain(enrolment.follower_id, outcome.request_id, "户籍登记已更正")
    await service.prove(enrolment.follower_id, outcome.request_id, "media", account="main")
    await service.file(enrolment.follower_id, outcome.request_id, actor=who)
    return outcome.request_id


async def told(work: Work, notice: str) -> list[str]:
    rows = await work.session.scalars(select(OutboxMessage).where(OutboxMessage.notice == notice))
    return [render_text(NOTICES[notice], row.facts) for row in rows]


async def test_a_name_is_changed_by_the_organiser_and_the_paper_stays_until_it_is_replaced_e8(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        enrolment, officer = await certificate_rows.passed(work)
        certificate = await CertificateService(work).issue(officer, enrolment.id)
        request_id = await begun(work, enrolment, "name", "王晓明")
    async with tools.unit_of_work() as work:
        (waiting,) = (await ChangeDesk(work).queue(officer)).items
        assert (waiting.old, waiting.new, waiting.stage) == ("王小明", "王晓明", "促进会审核")
        await ChangeDesk(work).approve(officer, request_id)
    async with tools.unit_of_work() as work:
        assert (await work.session.scalars(select(Person.name))).one() == "王晓明"
        kept = await CertificateService(work).show(officer, certificate.id)
        assert (kept.name, kept.state) == ("王小明", CertificateState.VALID)
        (said,) = await told(work, "change_approved")
        assert certificate.number in said
        assert "回复 换证" in said
    async with tools.unit_of_work() as work:
        new = await CertificateService(work).replace(officer, certificate.id, "更名")
        assert (new.name, new.expires_on, new.grade) == ("王晓明", certificate.expires_on, certificate.grade)
    async with tools.unit_of_work() as work:
        old = await work.session.get_one(Certificate, certificate.id)
        assert (old.state, old.replaced_by_id) == (CertificateState.REPLACED, new.id)
        token = (await CertificateService(work).link(certificate.id)).rsplit("/", 1)[-1]
        seen = await VerificationService(work).by_token(token)
        assert seen is not None
        assert seen.replaced_by == new.number
        with pytest.raises(ConflictError, match=r"certificate\.nothing_changed"):
            await CertificateService(work).replace(officer, new.id, "再换一次")


async def test_cqc_s_changes_go_from_the_sub_centre_to_the_training_centre_e8(tools: Tools) -> None:
    house = await appointment_stories.open_house(tools)
    enrolment_id = await house.applicant("CCC")
    await house.approve(enrolment_id)
    await house.account(enrolment_id)
    await house.approve(enrolment_id, 4)
    async with tools.unit_of_work() as work:
        enrolment = await work.session.get_one(Enrolment, enrolment_id)
        request_id = await begun(work, enrolment, "political_status", "中共党员")
    training, sub_centre = house.officer("training"), house.officer("sub_centre")
    async with tools.unit_of_work() as work:
        with pytest.raises(NotFoundError):
            await ChangeDesk(work).show(house.officer("business"), request_id)
        assert (await ChangeDesk(work).queue(training)).items == ()
        with pytest.raises(NotFoundError):
            await ChangeDesk(work).approve(training, request_id)
    async with tools.unit_of_work() as work:
        line = await ChangeDesk(work).approve(sub_centre, request_id, "户口本与身份证一致")
        assert (line.state, line.stage) == (ChangeState.PENDING, "培训中心核查批准")
    async with tools.unit_of_work() as work:
        detail = await ChangeDesk(work).show(training, request_id)
        assert [step.reason for step in detail.steps] == ["户口本与身份证一致", ""]
        await ChangeDesk(work).approve(training, request_id)
    async with tools.unit_of_work() as work:
        changed = await work.session.get_one(Enrolment, enrolment_id)
        assert plain_answers(work, changed)["political_status"] == "中共党员"
        # Of a table several rows in one request; the same rows again are no change.
        service, who = ChangeService(work), Actor(kind="applicant", id="x", name="申请人")
        asked = await service.put(
            changed.follower_id, changed.id, "training", "1 2026.11.5，合格\n2 2026.11.6，合格", actor=who
        )
        assert "2026-11-05，合格" in asked.shown
        assert "2026-11-06，合格" in asked.shown
        field = work.scheme(changed.scheme_ref).field("training")
        filled = tables.fill(field, "1 2026.11.2，合格", changed.answers)
        changed.answers = {**changed.answers, "training": filled}
        await work.session.flush()
        with pytest.raises(ConflictError, match=r"change\.same"):
            await service.put(changed.follower_id, changed.id, "training", "1 2026-11-02，合格", actor=who)


async def test_a_laboratory_applies_for_a_change_of_qualification_and_the_appointment_follows_e8_e4(
    tools: Tools,
) -> None:
    house = await appointment_stories.open_house(tools)
    enrolment_id = await house.applicant("CCC")
    await house.approve(enrolment_id)
    await house.account(enrolment_id)
    await house.approve(enrolment_id, 4)
    laboratory = house.officer("laboratory")
    async with tools.unit_of_work() as work:
        desk = ChangeDesk(work)
        with pytest.raises(NotFoundError):
            await desk.askable(house.officer("other"), enrolment_id)
        assert "mobile" not in {
            field.key for field, _ in (await desk.askable(laboratory, enrolment_id)).fields
        }
        with pytest.raises(ServiceError, match=r"change\.own_data"):
            await desk.file_for(
                laboratory, enrolment_id, "email", "li@example.com", reason="换邮箱", files=PROOF
            )
        with pytest.raises(ServiceError, match=r"change\.no_proof"):
            await desk.file_for(laboratory, enrolment_id, "fields", "CCC、CB", reason="增加领域", files=())
    async with tools.unit_of_work() as work:
        line = await ChangeDesk(work).file_for(
            laboratory, enrolment_id, "fields", "CCC、CB", reason="增加认证领域", files=PROOF
        )
        assert (await told(work, "change_filed"))[0].startswith("【认证联络员】laboratory的老师代您申请变更")
    for where in ("sub_centre", "training"):
        async with tools.unit_of_work() as work:
            await ChangeDesk(work).approve(house.officer(where), line.id)
    async with tools.unit_of_work() as work:
        from services.appointments import AppointmentService

        (appointed,) = (await AppointmentService(work).list_lines(house.officer("training"))).items
        assert appointed.fields == ("CCC", "CB")


async def test_in_review_phone_and_mail_are_changed_at_once_and_the_rest_through_its_returns_e8(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        home = await factories.organisation(work)
        enrolment = await factories.enrolment(
            work, organisation=home, follower=await factories.follower(work), state=EnrolmentState.IN_REVIEW
        )
        officer = factories.staff_actor(home.id)
        (item,) = await ChangeService(work).changeable(enrolment.follower_id)
        assert [field.key for field, _ in item.fields] == ["mobile"]
        applicant = Actor(kind="applicant", id="x", name="申请人")
        service = ChangeService(work)
        done = await service.put(
            enrolment.follower_id, enrolment.id, "mobile", "13900139000", actor=applicant
        )
        assert (done.applied, plain_answers(work, enrolment)["mobile"]) == (True, "13900139000")
        with pytest.raises(NotFoundError, match=r"change\.no_field"):
            await service.put(enrolment.follower_id, enrolment.id, "name", "王晓明", actor=applicant)
        with pytest.raises(ConflictError, match=r"change\.in_review"):
            await ChangeDesk(work).file_for(
                officer, enrolment.id, "name", "王晓明", reason="更名", files=PROOF
            )


async def test_who_is_appointed_changes_data_before_the_login_is_granted_e8(tools: Tools) -> None:
    house = await appointment_stories.open_house(tools)
    enrolment_id = await house.applicant("CCC")
    await house.approve(enrolment_id)
    await house.account(enrolment_id)
    await house.approve(enrolment_id, 2)
    async with tools.unit_of_work() as work:
        enrolment = await work.session.get_one(Enrolment, enrolment_id)
        assert enrolment.state == EnrolmentState.IN_REVIEW
        service, who = ChangeService(work), Actor(kind="applicant", id="x", name="申请人")
        for key, value in (("email", "li@example.com"), ("address", "北京市丰台区某某路2号")):
            done = await service.put(enrolment.follower_id, enrolment_id, key, value, actor=who)
            assert done.applied
        await begun(work, enrolment, "political_status", "中共党员")


async def test_a_request_is_refused_with_a_reason_taken_back_and_one_at_a_time_e8(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        home = await factories.organisation(work)
        enrolment = await factories.enrolment(
            work, organisation=home, follower=await factories.follower(work)
        )
        first = await begun(work, enrolment, "school", "贵州医科大学")
    officer, applicant = factories.staff_actor(home.id), Actor(kind="applicant", id="x", name="申请人")
    async with tools.unit_of_work() as work:
        service = ChangeService(work)
        with pytest.raises(ConflictError, match=r"change\.pending"):
            await service.put(enrolment.follower_id, enrolment.id, "school", "贵州师范大学", actor=applicant)
    async with tools.unit_of_work() as work:
        with pytest.raises(InvalidValueError, match=r"words\.empty"):
            await ChangeDesk(work).refuse(officer, first, "")
    async with tools.unit_of_work() as work:
        await ChangeDesk(work).refuse(officer, first, "毕业证上仍是原校名")
        assert "毕业证上仍是原校名" in (await told(work, "change_refused"))[0]
        with pytest.raises(ConflictError, match=r"change\.over"):
            await ChangeDesk(work).approve(officer, first)
    async with tools.unit_of_work() as work:
        second = await begun(work, enrolment, "school", "贵州医科大学")
    async with tools.unit_of_work() as work:
        with pytest.raises(NotFoundError):
            await ChangeService(work).withdraw((await factories.follower(work)).id, second, actor=applicant)
        await ChangeService(work).withdraw(enrolment.follower_id, second, actor=applicant)
        assert (await ChangeDesk(work).queue(officer)).items == ()
        kept = await work.session.get_one(Enrolment, enrolment.id)
        assert plain_answers(work, kept)["school"] == "贵州大学"


async def test_who_files_for_somebody_does_not_decide_and_a_reader_does_neither_e8(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        enrolment, officer = await certificate_rows.passed(work)
        line = await ChangeDesk(work).file_for(
            officer, enrolment.id, "name", "王晓明", reason="更名", files=PROOF
        )
    home = officer.organisation_id
    assert home is not None
    verbs: list[Callable[[Work], Awaitable[object]]] = [
        lambda work: ChangeDesk(work).approve(officer, line.id),
        lambda work: ChangeDesk(work).approve(factories.staff_actor(home, StaffRole.VIEWER), line.id),
        lambda work: ChangeDesk(work).askable(factories.staff_actor(home, StaffRole.VIEWER), enrolment.id),
    ]
    for verb in verbs:
        with pytest.raises(ForbiddenError):
            async with tools.unit_of_work() as work:
                await verb(work)
    async with tools.unit_of_work() as work:
        done = await ChangeDesk(work).approve(factories.staff_actor(home), line.id)
        assert done.state is ChangeState.APPROVED


async def test_a_corrected_identity_number_moves_the_enrolment_and_what_follows_from_it_e8(
    tools: Tools,
) -> None:
    right = factories.identity_number(11)
    async with tools.unit_of_work() as work:
        home = await factories.organisation(work)
        enrolment = await factories.enrolment(
            work, organisation=home, follower=await factories.follower(work)
        )
        request_id = await begun(work, enrolment, "identity_number", right)
    async with tools.unit_of_work() as work:
        line = await ChangeDesk(work).approve(factories.staff_actor(home.id), request_id)
        assert right not in f"{line}"
        assert f"{right[:3]}***********{right[-4:]}" == line.new
    async with tools.unit_of_work() as work:
        changed = await work.session.get_one(Enrolment, enrolment.id)
        bearer = await work.session.get_one(Person, changed.person_id)
        assert (bearer.birth_on, plain_answers(work, changed)["sex"]) == (date(1990, 1, 1), "男")
        row = await work.session.get_one(ChangeRequest, request_id)
        logged = (await work.session.scalars(select(AuditEntry))).all()
        for kept in (row.__dict__, *(entry.__dict__ for entry in logged)):
            assert right not in str(kept)
            assert factories.IDENTITY_NUMBER not in str(kept)


async def test_who_is_barred_does_not_become_somebody_else_c7_e8(tools: Tools) -> None:
    centres = await open_house(tools)
    admitted = await centres.candidate(state=EnrolmentState.ADMITTED)
    await centres.barred(scheme_id="metrology-thermal-4")
    async with tools.unit_of_work() as work:
        enrolment = await work.session.get_one(Enrolment, admitted.id)
        with pytest.raises(BarredError):
            await begun(work, enrolment, "identity_number", factories.identity_number(99))


async def test_what_a_city_admitted_no_institution_changes_alone_and_all_who_reviewed_see_it_e8_d7_d2(
    tools: Tools,
) -> None:
    one = await review(tools)
    await one.approve(trees.LOCAL)
    await one.approve(trees.CHENGDU)
    institution, city = one.officer(trees.LOCAL), one.officer(trees.CHENGDU)
    async with tools.unit_of_work() as work:
        enrolment = await work.session.get_one(Enrolment, one.enrolment_id)
        (item,) = await ChangeService(work).changeable(enrolment.follower_id)
        assert "channel" not in {field.key for field, _ in item.fields}
        request_id = await begun(work, enrolment, "subjects", "电工、焊工、钳工")
    async with tools.unit_of_work() as work:
        (seen,) = (await ChangeDesk(work).queue(city, waiting=False)).items
        assert (seen.stage, (await ChangeDesk(work).queue(city)).items) == ("评价机构初审", ())
        assert not (await ChangeDesk(work).show(city, request_id)).may_decide
        assert (await ChangeDesk(work).queue(one.officer(trees.MIANYANG), waiting=False)).items == ()
    async with tools.unit_of_work() as work:
        passed = await ChangeDesk(work).approve(institution, request_id)
        assert (passed.state, passed.stage) == (ChangeState.PENDING, "市（州）职鉴中心审核")
    async with tools.unit_of_work() as work:
        enrolment = await work.session.get_one(Enrolment, one.enrolment_id)
        assert "钳工" not in plain_answers(work, enrolment).get("subjects", "")
        with pytest.raises(NotFoundError):
            await ChangeDesk(work).approve(institution, request_id)
    async with tools.unit_of_work() as work:
        assert (await ChangeDesk(work).approve(city, request_id)).state is ChangeState.APPROVED
        enrolment = await work.session.get_one(Enrolment, one.enrolment_id)
        assert "钳工" in plain_answers(work, enrolment)["subjects"]
