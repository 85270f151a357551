"""Certificates and proofs of hours: issued once, printed, handed over, suspended, revoked (A6, B8, E8)."""

import asyncio
import json
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import select, text

from services.certificates import CertificateService, CertificateView, LinkExpiredError, late_facts
from services.certificates.models import last_valid_day
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import Actor, CertificateState, EnrolmentState, ResultState, StaffRole
from services.notices import NOTICES
from services.notices.catalogue import render_fields, render_text
from services.unit_of_work import Tools, Work
from storage.crypto import Keyring
from storage.states import DeliveryState
from storage.tables import AuditEntry, Certificate, Enrolment, OutboxMessage
from tests import certificate_rows, factories
from tests.conftest import SECRET, FixedClock


async def issued(tools: Tools, **wanted: object) -> tuple[CertificateView, Actor]:
    async with tools.unit_of_work() as work:
        enrolment, officer = await certificate_rows.passed(work, **wanted)
        return await CertificateService(work).issue(officer, enrolment.id), officer


async def jobs(work: Work) -> list[dict[str, str]]:
    rows = await work.session.execute(text("SELECT task_name, args FROM procrastinate_jobs ORDER BY id"))
    return [{"task": name, **args} for name, args in rows]


async def outbox(work: Work, notice: str) -> list[OutboxMessage]:
    rows = await work.session.scalars(
        select(OutboxMessage).where(OutboxMessage.notice == notice).order_by(OutboxMessage.created_at)
    )
    return list(rows)


async def test_one_who_passed_gets_a_numbered_certificate_that_a_job_will_hand_over(tools: Tools) -> None:
    view, _ = await issued(tools)
    assert view.number.startswith("PTA2026000001")
    assert (view.title, view.specialty, view.grade) == ("人员能力验证证书", "质量安全员", "良好")
    assert view.name == "王小明"
    assert view.identity_masked == "110***********002X"
    assert view.state is CertificateState.VALID
    assert view.issued_on == date(2026, 11, 21)
    async with tools.unit_of_work() as work:
        assert await jobs(work) == [{"task": "deliver_certificate", "certificate_id": str(view.id)}]


async def test_numbers_run_without_gap_even_when_several_are_issued_at_once(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        organisation = await factories.organisation(work)
        sitting = await certificate_rows.sitting(work, organisation)
        enrolments = []
        for serial in range(6):
            enrolment = await certificate_rows.enrolled(
                work,
                organisation,
                with_portrait=False,
                identity_number=factories.identity_number(serial),
            )
            await certificate_rows.result(work, enrolment, sitting)
            enrolments.append(enrolment.id)
    officer = factories.staff_actor(organisation.id)

    async def issue(enrolment_id: object) -> str:
        async with tools.unit_of_work() as work:
            return (await CertificateService(work).issue(officer, enrolment_id)).number  # type: ignore[arg-type]

    numbers = await asyncio.gather(*(issue(one) for one in enrolments))
    assert sorted(number[:-1] for number in numbers) == [f"PTA2026{n:06d}" for n in range(1, 7)]


async def test_the_number_s_year_is_the_year_in_china(tools: Tools, clock: FixedClock) -> None:
    clock.moment = clock.moment.replace(month=12, day=31, hour=16, minute=30)
    view, _ = await issued(tools)
    assert view.number.startswith("PTA2027000001")
    assert view.issued_on == date(2027, 1, 1)


async def test_a_second_certificate_for_the_same_result_is_refused_and_names_the_first(tools: Tools) -> None:
    view, officer = await issued(tools)
    with pytest.raises(ConflictError) as caught:
        async with tools.unit_of_work() as work:
            await CertificateService(work).issue(officer, view.enrolment_id)
    assert caught.value.code == "certificate.already_issued"
    assert caught.value.facts["number"] == view.number


@pytest.mark.parametrize(
    ("passes", "state"),
    [(False, ResultState.PUBLISHED), (True, ResultState.APPROVED), (True, ResultState.SCORED)],
)
async def test_without_a_published_pass_there_is_no_certificate(
    tools: Tools, passes: bool, state: ResultState
) -> None:
    async with tools.unit_of_work() as work:
        organisation = await factories.organisation(work)
        enrolment = await certificate_rows.enrolled(work, organisation, with_portrait=False)
        sitting = await certificate_rows.sitting(work, organisation)
        await certificate_rows.result(work, enrolment, sitting, passed=passes, state=state)
        with pytest.raises(ConflictError, match=r"certificate\.no_passed_result"):
            await CertificateService(work).issue(factories.staff_actor(organisation.id), enrolment.id)


async def test_only_officers_of_the_organisation_issue_b9(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        enrolment, _ = await certificate_rows.passed(work)
        other = await factories.organisation(work, name="另一个促进会")
        service = CertificateService(work)
        with pytest.raises(NotFoundError):
            await service.issue(factories.staff_actor(other.id), enrolment.id)
        viewer = factories.staff_actor(enrolment.organisation_id, StaffRole.VIEWER)
        with pytest.raises(ForbiddenError):
            await service.issue(viewer, enrolment.id)


async def test_a_name_that_cannot_be_printed_is_refused_with_its_characters_and_uses_no_number(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        enrolment, officer = await certificate_rows.passed(work, name="王\U000313f0明")
        with pytest.raises(ServiceError) as caught:
            await CertificateService(work).issue(officer, enrolment.id)
    assert caught.value.code == "certificate.unprintable_name"
    assert caught.value.facts["characters"] == "\U000313f0"
    async with tools.unit_of_work() as work:
        assert (await work.session.scalars(select(Certificate))).all() == []
        assert await jobs(work) == []
        assert (await work.session.execute(text("SELECT count(*) FROM number_sequences"))).scalar() == 0


async def test_neither_token_nor_holder_stands_in_the_clear_in_the_database(tools: Tools) -> None:
    view, _ = await issued(tools)
    async with tools.unit_of_work() as work:
        token = (await CertificateService(work).link(view.id)).rpartition("/")[2]
        await CertificateService(work).deliver(view.id)
    async with tools.unit_of_work() as work:
        kept = []
        for table in ("certificates", "outbox", "audit_log", "procrastinate_jobs"):
            rows = await work.session.execute(text(f"SELECT row_to_json(t)::text FROM {table} t"))  # noqa: S608
            kept += [row for (row,) in rows]
    everything = "\n".join(kept)
    assert view.number in everything
    for secret in (token, factories.IDENTITY_NUMBER):
        assert secret not in everything
        assert secret.encode().hex() not in everything


async def test_the_holder_gets_picture_and_link_once_however_often_the_job_runs(tools: Tools) -> None:
    view, _ = await issued(tools)
    for _ in range(2):
        async with tools.unit_of_work() as work:
            await CertificateService(work).deliver(view.id)
    async with tools.unit_of_work() as work:
        [message] = await outbox(work, "certificate_ready")
        picture = await tools.files.get(message.facts["picture"])
        facts = await late_facts(work, message.facts)
        link = await CertificateService(work).link(view.id)
    assert picture.startswith(b"\x89PNG")
    said = render_text(NOTICES["certificate_ready"], facts)
    assert view.number in said
    assert link in said
    assert NOTICES["certificate_ready"].path.format_map(facts) == link.removeprefix(tools.public_url)
    template = NOTICES["certificate_ready"].template
    assert template is not None
    assert all(0 < len(value) <= 20 for value in render_fields(template, facts).values())


async def test_facts_of_other_notices_are_left_as_they_are(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        assert await late_facts(work, {"scheme": "质量安全员"}) == {"scheme": "质量安全员"}


async def test_the_picture_for_the_chat_carries_the_link_as_qr(tools: Tools) -> None:
    view, _ = await issued(tools)
    async with tools.unit_of_work() as work:
        service = CertificateService(work)
        picture = Image.open(BytesIO(await service.png(view.id)))
        assert [code.text for code in zxingcpp.read_barcodes(picture)] == [await service.link(view.id)]


async def test_the_paper_keeps_what_it_said_on_the_day_of_issue_e8(tools: Tools) -> None:
    view, _ = await issued(tools)
    async with tools.unit_of_work() as work:
        enrolment = await work.session.get_one(Enrolment, view.enrolment_id)
        enrolment.answers = {**enrolment.answers, "name": "王大明"}
    async with tools.unit_of_work() as work:
        [again] = await CertificateService(work).of_enrolment(view.enrolment_id)
        assert again.name == "王小明"


async def test_a_lost_file_is_printed_again(tools: Tools) -> None:
    view, _ = await issued(tools)
    async with tools.unit_of_work() as work:
        first = await CertificateService(work).pdf(view.id)
    await tools.files.delete(f"certificates/{view.id.hex}.pdf")
    async with tools.unit_of_work() as work:
        assert await CertificateService(work).pdf(view.id) == first


async def test_after_a_key_rotation_the_same_link_is_still_given(tools: Tools) -> None:
    view, _ = await issued(tools)
    rotated = replace(tools, keyring=Keyring(["another-secret-key-of-these-tests-0123456789", SECRET]))
    async with tools.unit_of_work() as before, rotated.unit_of_work() as after:
        assert await CertificateService(before).link(view.id) == await CertificateService(after).link(view.id)


async def test_all_who_passed_a_sitting_are_served_and_the_unprintable_one_is_named(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        organisation = await factories.organisation(work)
        officer = factories.staff_actor(organisation.id)
        sitting = await certificate_rows.sitting(work, organisation)
        for serial, (name, passes) in enumerate(
            [("张三", True), ("李\U000313f0", True), ("王五", False), ("赵六", True)]
        ):
            enrolment = await certificate_rows.enrolled(
                work,
                organisation,
                with_portrait=False,
                name=name,
                identity_number=factories.identity_number(serial),
                state=EnrolmentState.CONCLUDED,
            )
            await certificate_rows.result(work, enrolment, sitting, passed=passes)
    async with tools.unit_of_work() as work:
        service = CertificateService(work)
        assert [view.name for view in await service.issue_for_sitting(officer, sitting.id)] == [
            "张三",
            "赵六",
        ]
    async with tools.unit_of_work() as work:
        service = CertificateService(work)
        assert await service.issue_for_sitting(officer, sitting.id) == ()
        [left] = await service.unissued_of_sitting(officer, sitting.id)
        assert (left.name, left.problem) == ("李\U000313f0", "certificate.unprintable_name")
        assert left.characters == "\U000313f0"
        stranger = factories.staff_actor((await factories.organisation(work, name="另一个")).id)
        assert await service.unissued_of_sitting(stranger, sitting.id) == ()


async def test_hours_that_are_met_give_a_proof_with_hours_and_days_a6(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        organisation = await factories.organisation(work)
        enrolment = await certificate_rows.enrolled(work, organisation, with_portrait=False)
        await certificate_rows.studied(work, enrolment, 12, 10, 8)
        service, officer = CertificateService(work), factories.staff_actor(organisation.id)
        view = await service.issue_hours_certificate(enrolment, actor=officer)
        again = await service.issue_hours_certificate(enrolment, actor=officer)
        row = await work.session.get_one(Certificate, view.id)
        assert (row.facts["started_on"], row.facts["ended_on"]) == ("2026-10-08", "2026-10-10")
        assert (await service.pdf(view.id)).startswith(b"%PDF")
    assert view.number.startswith("XSA2026000001")
    assert (view.title, view.hours, view.grade) == ("学时证明", "30", "")
    assert again == view


async def test_hours_that_are_not_met_give_no_proof(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        organisation = await factories.organisation(work)
        enrolment = await certificate_rows.enrolled(work, organisation, with_portrait=False)
        await certificate_rows.studied(work, enrolment, 12, 10)
        with pytest.raises(ConflictError) as caught:
            await CertificateService(work).issue_hours_certificate(enrolment, actor=Actor.system("study"))
    assert (caught.value.facts["done"], caught.value.facts["required"]) == ("22", "30")


async def test_a_suspended_certificate_is_restored_and_each_time_the_holder_is_told(
    tools: Tools, clock: FixedClock
) -> None:
    view, officer = await issued(tools)
    async with tools.unit_of_work() as work:
        suspended = await CertificateService(work).suspend(officer, view.id, "投诉核查中")
    clock.move(hours=1)
    async with tools.unit_of_work() as work:
        restored = await CertificateService(work).restore(officer, view.id, "核查无误")
    assert (suspended.state, restored.state) == (CertificateState.SUSPENDED, CertificateState.VALID)
    async with tools.unit_of_work() as work:
        said = [
            render_text(NOTICES[one.notice], await late_facts(work, one.facts))
            for one in await outbox(work, "certificate_changed")
        ]
        audited = (await work.session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    assert "暂停使用" in said[0]
    assert "投诉核查中" in said[0]
    assert "恢复有效" in said[1]
    assert [(one.action, one.actor_name) for one in audited if one.subject_kind == "certificate"] == [
        ("certificate.issued", "谢老师"),
        ("certificate.suspended", "谢老师"),
        ("certificate.restored", "谢老师"),
    ]


async def test_a_revocation_is_final_and_takes_back_the_message_that_was_not_yet_sent_b8(
    tools: Tools,
) -> None:
    view, officer = await issued(tools)
    async with tools.unit_of_work() as work:
        await CertificateService(work).deliver(view.id)
    async with tools.unit_of_work() as work:
        await CertificateService(work).revoke(officer, view.id, "提供虚假材料")
    async with tools.unit_of_work() as work:
        [ready] = await outbox(work, "certificate_ready")
        assert ready.state == DeliveryState.WITHDRAWN
    for verb in ("restore", "suspend", "revoke"):
        with pytest.raises(ConflictError, match=r"certificate\.wrong_state"):
            async with tools.unit_of_work() as work:
                await getattr(CertificateService(work), verb)(officer, view.id, "再来")


async def test_a_change_needs_a_reason_and_an_officer_of_the_organisation(tools: Tools) -> None:
    view, officer = await issued(tools)
    async with tools.unit_of_work() as work:
        service = CertificateService(work)
        with pytest.raises(ServiceError, match=r"certificate\.no_reason"):
            await service.revoke(officer, view.id, "  ")
        with pytest.raises(ServiceError, match=r"certificate\.reason_too_long"):
            await service.revoke(officer, view.id, "长" * 201)
        other = await factories.organisation(work, name="另一个促进会")
        with pytest.raises(NotFoundError):
            await service.revoke(factories.staff_actor(other.id), view.id, "x")
        with pytest.raises(NotFoundError):
            await service.paper(factories.staff_actor(other.id), view.id)


async def test_what_is_revoked_before_the_job_runs_is_not_handed_over(tools: Tools) -> None:
    view, officer = await issued(tools)
    async with tools.unit_of_work() as work:
        await CertificateService(work).revoke(officer, view.id, "重复")
    async with tools.unit_of_work() as work:
        await CertificateService(work).deliver(view.id)
        assert await outbox(work, "certificate_ready") == []


async def test_staff_find_certificates_by_number_name_and_state_in_their_organisation_only(
    tools: Tools,
) -> None:
    view, officer = await issued(tools)
    async with tools.unit_of_work() as work:
        service = CertificateService(work)
        for query in ("", view.number[:9].lower(), "小明"):
            page = await service.list_lines(officer, query=query)
            assert [line.number for line in page.items] == [view.number]
        assert (await service.list_lines(officer, query="小红")).items == ()
        assert (await service.list_lines(officer, state="revoked")).total == 0
        other = await factories.organisation(work, name="另一个促进会")
        assert (await service.list_lines(factories.staff_actor(other.id))).total == 0


async def test_the_holder_s_download_ends_after_seven_days_and_cannot_be_forged(
    tools: Tools, clock: FixedClock
) -> None:
    view, _ = await issued(tools)
    async with tools.unit_of_work() as work:
        link = await CertificateService(work).download_link(view.id)
    assert link.startswith(f"{tools.public_url}/h5/papers/{view.id}/")
    expires, signature = link.removesuffix(".pdf").split("/")[-2:]
    clock.move(days=6)
    async with tools.unit_of_work() as work:
        content, filename = await CertificateService(work).download(view.id, int(expires), signature)
        assert content.startswith(b"%PDF")
        assert filename == f"人员能力验证证书-{view.number}.pdf"
        for forged in [(int(expires) + 1, signature), (int(expires), "0" * 32), (int(expires), "")]:
            with pytest.raises(NotFoundError, match=r"certificate\.bad_link"):
                await CertificateService(work).download(view.id, *forged)
    clock.move(days=1, minutes=1)
    async with tools.unit_of_work() as work:
        with pytest.raises(LinkExpiredError):
            await CertificateService(work).download(view.id, int(expires), signature)


@pytest.mark.parametrize(
    ("issued_on", "months", "last"),
    [
        (date(2026, 12, 28), 36, date(2029, 12, 27)),
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 11, 30), 1, date(2026, 12, 29)),
        (date(2026, 11, 30), None, None),
    ],
)
def test_a_certificate_s_last_day_is_the_one_before_its_anniversary(
    issued_on: date, months: int | None, last: date | None
) -> None:
    assert last_valid_day(issued_on, months) == last


async def test_facts_are_plain_json_that_a_later_program_can_read(tools: Tools) -> None:
    view, _ = await issued(tools)
    async with tools.unit_of_work() as work:
        facts = (await work.session.get_one(Certificate, view.id)).facts
    assert json.loads(json.dumps(facts)) == facts
    assert facts["rule_code"] == "CCAI-R-P29:2023"
