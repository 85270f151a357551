"""Fees as the source says (A2, A7): what is due, what is claimed, and what staff find on the account."""

import io
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy import select, text

from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import Actor, PaymentState, StaffRole
from services.payments.confirming import ConfirmingService
from services.payments.service import PaymentService
from services.payments.transfers import PaymentRemarkError
from services.payments.vouchers import VoucherService
from services.pictures.models import PictureRefusedError
from services.unit_of_work import Tools
from storage.tables import AuditEntry, Enrolment, OutboxMessage, StudyRecord, SupersededVoucher
from tests import factories


class Story:
    """An admitted candidate who owes what their scheme asks."""

    def __init__(self, tools: Tools, officer: Actor, applicant: Actor, enrolment_id: UUID) -> None:
        self.tools, self.officer, self.applicant, self.enrolment_id = tools, officer, applicant, enrolment_id

    async def payment(self, fee_key: str) -> UUID:
        async with self.tools.unit_of_work() as work:
            found = await PaymentService(work).instructions(self.enrolment_id)
            return next(item.payment_id for item in found if item.fee_key == fee_key)

    async def confirm(self, fee_key: str, fen: int, remark: str, note: str = "") -> PaymentState:
        payment_id = await self.payment(fee_key)
        async with self.tools.unit_of_work() as work:
            return await ConfirmingService(work).confirm(
                self.officer, payment_id, paid_fen=fen, remark=remark, note=note
            )

    async def told(self) -> list[tuple[str, dict[str, str]]]:
        async with self.tools.unit_of_work() as work:
            rows = await work.session.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at))
            return [(row.notice, row.facts) for row in rows]


async def admitted(tools: Tools, *, route: str = "class", in_class: bool = False, **given: str) -> Story:
    async with tools.unit_of_work() as work:
        organisation = await factories.organisation(work)
        follower = await factories.follower(work)
        enrolment = await factories.enrolment(
            work,
            organisation=organisation,
            follower=follower,
            route=route,
            **given,  # type: ignore[arg-type]
        )
        if in_class:
            course_class = await factories.course_class(
                work,
                organisation=organisation,
                training_fee_fen=398_000,
                payee={"name": "促进会", "bank": "中国银行", "account_number": "132000156473"},
            )
            enrolment.class_id = course_class.id
            await work.session.flush()
        await PaymentService(work).open_for(enrolment)
        officer, applicant = factories.staff_actor(organisation.id), factories.applicant_actor(follower)
        return Story(tools, officer, applicant, enrolment.id)


def png(width: int = 900, height: int = 600) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("scheme_id", "training", "verification"),
    [
        ("quality-safety-officer", 450_000, 18_000),
        ("quality-safety-director", 890_000, 58_000),
        ("chief-quality-officer", 1_280_000, 58_000),
    ],
)
async def test_admission_opens_the_fees_of_the_specialty_with_their_exact_remarks(
    tools: Tools, scheme_id: str, training: int, verification: int
) -> None:
    """A2, A7"""
    story = await admitted(tools, scheme_id=scheme_id)
    async with tools.unit_of_work() as work:
        found = await PaymentService(work).instructions(story.enrolment_id)
    assert [(item.remark, item.amount_fen, item.state) for item in found] == [
        ("培训费", training, PaymentState.DUE),
        ("人员能力验证费", verification, PaymentState.DUE),
    ]


async def test_whoever_proves_their_hours_elsewhere_owes_no_training_fee(tools: Tools) -> None:
    """A1, A4"""
    story = await admitted(tools, route="proof")
    async with tools.unit_of_work() as work:
        found = await PaymentService(work).instructions(story.enrolment_id)
        assert await PaymentService(work).outstanding(story.enrolment_id, "class") == ()
        assert await PaymentService(work).outstanding(story.enrolment_id, "sitting") == ("人员能力验证费",)
    assert [item.label for item in found] == ["人员能力验证费"]


async def test_the_account_for_training_is_the_class_notices_and_unknown_before_a_class_is_joined(
    tools: Tools,
) -> None:
    """A7: 账号以开班通知为准."""
    before = await admitted(tools)
    async with tools.unit_of_work() as work:
        training, verification = await PaymentService(work).instructions(before.enrolment_id)
    assert training.payee is None
    assert verification.payee is not None
    assert verification.payee.account_number == "132000156473"


async def test_the_class_notice_sets_the_training_fee_and_its_account_until_it_is_claimed(
    tools: Tools,
) -> None:
    """A2: 指导价; A7."""
    story = await admitted(tools, in_class=True)
    async with tools.unit_of_work() as work:
        training, _ = await PaymentService(work).instructions(story.enrolment_id)
        assert training.amount_fen == 398_000
        assert training.payee is not None
        assert training.payee.name == "促进会"
        await PaymentService(work).claim(
            story.enrolment_id, "training", remark="培训费", actor=story.applicant
        )
        enrolment = await work.session.get_one(Enrolment, story.enrolment_id)
        enrolment.class_id = None
        await work.session.flush()
        await PaymentService(work).open_for(enrolment)
        training, _ = await PaymentService(work).instructions(story.enrolment_id)
        assert (training.amount_fen, training.state) == (398_000, PaymentState.CLAIMED)


async def test_a_transfer_with_the_right_amount_and_remark_is_confirmed_and_the_person_is_told_what_is_next(
    tools: Tools,
) -> None:
    """A7"""
    story = await admitted(tools)
    assert await story.confirm("training", 450_000, " 培训费 ") is PaymentState.CONFIRMED
    [(notice, facts)] = await story.told()
    assert notice == "payment_confirmed"
    assert (facts["scheme"], facts["fee"], facts["amount"]) == ("质量安全员", "培训费", "4500元")
    assert facts["next"] == "还差 30 学时。回复 学时 查看明细和安排。"
    async with tools.unit_of_work() as work:
        assert await PaymentService(work).outstanding(story.enrolment_id, "class") == ()


async def test_when_hours_are_met_and_everything_is_paid_the_next_thing_is_the_exam(tools: Tools) -> None:
    story = await admitted(tools, route="proof")
    async with tools.unit_of_work() as work:
        work.session.add(
            StudyRecord(
                enrolment_id=story.enrolment_id, source="proof", reference="x", course="学时证明", hours=30
            )
        )
    await story.confirm("verification", 18_000, "人员能力验证费")
    [(_, facts)] = await story.told()
    assert facts["next"] == "学时和费用都齐了，回复 考试 选择考试场次。"


async def test_confirming_twice_is_a_conflict_and_tells_nobody_again(tools: Tools) -> None:
    story = await admitted(tools)
    await story.confirm("training", 450_000, "培训费")
    with pytest.raises(ConflictError) as caught:
        await story.confirm("training", 450_000, "培训费")
    assert caught.value.code == "payment.confirmed"
    assert len(await story.told()) == 1


async def test_another_remark_is_refused_and_the_fee_it_belongs_to_is_named(tools: Tools) -> None:
    """A7: the remark is exactly 培训费 or 人员能力验证费."""
    story = await admitted(tools)
    with pytest.raises(PaymentRemarkError) as caught:
        await story.confirm("training", 450_000, "人员能力验证费")
    assert caught.value.facts == {
        "expected": "培训费",
        "remark": "人员能力验证费",
        "belongs_to": "人员能力验证费",
    }
    with pytest.raises(PaymentRemarkError):
        await story.confirm("training", 450_000, "王小明培训费")
    assert await story.told() == []


async def test_staff_may_take_another_remark_with_a_note_and_the_note_is_in_the_log(tools: Tools) -> None:
    story = await admitted(tools)
    state = await story.confirm("training", 450_000, "王小明培训", note="银行电话核实为本人转账")
    assert state is PaymentState.CONFIRMED
    async with tools.unit_of_work() as work:
        entry = await work.session.scalar(select(AuditEntry).where(AuditEntry.action == "payment.confirmed"))
    assert entry is not None
    assert (entry.reason, entry.actor_name) == ("银行电话核实为本人转账", "谢老师")
    assert entry.after["remark"] == "other"


async def test_too_little_is_short_and_the_rest_completes_it(tools: Tools) -> None:
    story = await admitted(tools)
    assert await story.confirm("verification", 10_000, "人员能力验证费") is PaymentState.SHORT
    async with tools.unit_of_work() as work:
        _, verification = await PaymentService(work).instructions(story.enrolment_id)
    assert verification.remaining_fen == 8_000
    assert await story.confirm("verification", 8_000, "人员能力验证费") is PaymentState.CONFIRMED
    (first, short), (second, full) = await story.told()
    assert (first, short["amount"], short["paid"]) == ("payment_short", "180元", "100元")
    assert short["note"] == "还差 80元，转账附言请写：人员能力验证费。"
    assert (second, full["amount"]) == ("payment_confirmed", "180元")


@pytest.mark.parametrize(
    ("fen", "code"), [(0, "payment.amount"), (-1, "payment.amount"), (18_001, "payment.over")]
)
async def test_an_amount_that_cannot_be_right_is_refused(tools: Tools, fen: int, code: str) -> None:
    story = await admitted(tools)
    with pytest.raises(ServiceError) as caught:
        await story.confirm("verification", fen, "人员能力验证费")
    assert caught.value.code == code


async def test_what_a_person_claims_comes_first_in_the_staffs_list_beside_the_expected_remark(
    tools: Tools,
) -> None:
    story = await admitted(tools)
    async with tools.unit_of_work() as work:
        await PaymentService(work).claim(
            story.enrolment_id,
            "verification",
            remark="人员能力验证 费",
            actor=story.applicant,
        )
    async with tools.unit_of_work() as work:
        everything = await PaymentService(work).list_lines(story.officer)
        claimed = await PaymentService(work).list_lines(story.officer, state=PaymentState.CLAIMED)
    assert [line.fee_label for line in everything.items] == ["人员能力验证费", "培训费"]
    [line] = claimed.items
    assert (line.name, line.remark, line.expected_remark, line.voucher) == (
        "王小明",
        "人员能力验证 费",
        "人员能力验证费",
        False,
    )
    assert (claimed.total, claimed.pages) == (1, 1)


async def test_a_confirmed_fee_cannot_be_claimed_again_and_an_unknown_or_another_s_not_at_all(
    tools: Tools,
) -> None:
    story = await admitted(tools)
    await story.confirm("training", 450_000, "培训费")
    stranger = Actor(kind="applicant", id="x", name="申请人")
    async with tools.unit_of_work() as work:
        with pytest.raises(ConflictError):
            await PaymentService(work).claim(
                story.enrolment_id, "training", remark="培训费", actor=story.applicant
            )
        with pytest.raises(NotFoundError):
            await PaymentService(work).claim(story.enrolment_id, "tip", remark="", actor=story.applicant)
        with pytest.raises(NotFoundError):
            await PaymentService(work).claim(story.enrolment_id, "verification", remark="", actor=stranger)


async def test_a_voucher_is_kept_encrypted_shown_to_staff_and_every_look_is_logged(tools: Tools) -> None:
    """B9"""
    story = await admitted(tools)
    payment_id = await story.payment("training")
    async with tools.unit_of_work() as work:
        await VoucherService(work).keep(payment_id, png())
    async with tools.unit_of_work() as work:
        picture, media_type = await VoucherService(work).show(story.officer, payment_id)
        [line] = (await PaymentService(work).list_lines(story.officer, state=PaymentState.CLAIMED)).items
    assert media_type == "image/jpeg"
    assert Image.open(io.BytesIO(picture)).size == (900, 600)
    assert line.voucher
    async with tools.unit_of_work() as work:
        looks = await work.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "payment.voucher_viewed")
        )
        assert len(looks.all()) == 1


async def test_a_voucher_in_whose_place_a_newer_one_comes_is_kept_beside_it_c11(tools: Tools) -> None:
    story = await admitted(tools)
    payment_id = await story.payment("training")
    for width in (900, 901, 901):
        async with tools.unit_of_work() as work:
            await VoucherService(work).keep(payment_id, png(width))
    async with tools.unit_of_work() as work:
        (older,) = (await work.session.scalars(select(SupersededVoucher))).all()
        assert older.file_key
        assert Image.open(io.BytesIO(await tools.files.get(older.file_key))).size == (900, 600)
        picture, _ = await VoucherService(work).show(story.officer, payment_id)
    assert Image.open(io.BytesIO(picture)).size == (901, 600)


async def test_what_is_no_picture_is_not_kept_as_a_voucher(tools: Tools) -> None:
    story = await admitted(tools)
    payment_id = await story.payment("training")
    async with tools.unit_of_work() as work:
        with pytest.raises(PictureRefusedError):
            await VoucherService(work).keep(payment_id, b"<html>")
        with pytest.raises(NotFoundError):
            await VoucherService(work).show(story.officer, payment_id)


async def test_a_voucher_sent_in_the_chat_becomes_one_job(tools: Tools) -> None:
    story = await admitted(tools)
    payment_id = await story.payment("training")
    async with tools.unit_of_work() as work:
        await VoucherService(work).request(payment_id, "media-1", account="main", actor=Actor.system("chat"))
    async with tools.unit_of_work() as work:
        rows = await work.session.execute(text("SELECT task_name, args FROM procrastinate_jobs"))
        [(task, arguments)] = [tuple(row) for row in rows]
    assert task == "take_voucher"
    assert arguments == {"payment_id": str(payment_id), "account": "main", "media_id": "media-1"}


async def test_money_that_went_back_is_refunded_once_with_a_reason(tools: Tools) -> None:
    story = await admitted(tools)
    payment_id = await story.payment("training")
    async with tools.unit_of_work() as work:
        with pytest.raises(ConflictError) as caught:
            await ConfirmingService(work).refund(story.officer, payment_id, "没开班")
        assert caught.value.code == "payment.nothing_paid"
    await story.confirm("training", 450_000, "培训费")
    async with tools.unit_of_work() as work:
        with pytest.raises(ServiceError):
            await ConfirmingService(work).refund(story.officer, payment_id, " ")
        await ConfirmingService(work).refund(story.officer, payment_id, "班级取消")
        with pytest.raises(ConflictError):
            await ConfirmingService(work).refund(story.officer, payment_id, "班级取消")
    async with tools.unit_of_work() as work:
        assert await PaymentService(work).outstanding(story.enrolment_id, "class") == ("培训费",)


async def test_other_organisations_see_nothing_and_viewers_decide_nothing(tools: Tools) -> None:
    """B9"""
    story = await admitted(tools)
    payment_id = await story.payment("training")
    stranger = factories.staff_actor(uuid4())
    assert story.officer.organisation_id is not None
    viewer = factories.staff_actor(story.officer.organisation_id, StaffRole.VIEWER)
    async with tools.unit_of_work() as work:
        service = PaymentService(work)
        assert (await service.list_lines(stranger)).items == ()
        with pytest.raises(NotFoundError):
            await ConfirmingService(work).confirm(stranger, payment_id, paid_fen=450_000, remark="培训费")
        with pytest.raises(ForbiddenError):
            await ConfirmingService(work).confirm(viewer, payment_id, paid_fen=450_000, remark="培训费")
        assert len((await service.list_lines(viewer)).items) == 2


async def test_a_voucher_for_what_was_short_comes_back_to_the_staffs_list(tools: Tools) -> None:
    story = await admitted(tools)
    await story.confirm("verification", 10_000, "人员能力验证费")
    async with tools.unit_of_work() as work:
        await VoucherService(work).keep(await story.payment("verification"), png())
    async with tools.unit_of_work() as work:
        [line] = (await PaymentService(work).list_lines(story.officer, state=PaymentState.CLAIMED)).items
    assert (line.voucher, line.paid_fen) == (True, 10_000)


async def test_fees_of_a_class_that_another_organisation_holds_are_confirmed_by_it_c5(tools: Tools) -> None:
    story = await admitted(tools)
    payment_id = await story.payment("verification")
    async with tools.unit_of_work() as work:
        trainer = await factories.organisation(work, "成都市职业技能鉴定指导中心", "city_centre")
        (await work.session.get_one(Enrolment, story.enrolment_id)).trainer_id = trainer.id
    home, story.officer = story.officer, factories.staff_actor(trainer.id)
    async with tools.unit_of_work() as work:
        assert not (await PaymentService(work).list_lines(home)).items
        assert (await PaymentService(work).list_lines(story.officer)).total == 2
        with pytest.raises(NotFoundError):
            await ConfirmingService(work).confirm(home, payment_id, paid_fen=18_000, remark="人员能力验证费")
    assert await story.confirm("verification", 18_000, "人员能力验证费") is PaymentState.CONFIRMED
