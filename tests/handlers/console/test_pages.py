"""Every page with data and without, and what staff do on them, through HTTP on the real database."""

import io
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from aiohttp import FormData
from PIL import Image

from handlers.console.turning import turned
from services import organisations
from services.exams.scores_sheet import COLUMNS as SCORE_COLUMNS
from services.exams.sittings import SittingService
from services.exams.views import SittingView
from services.models import Actor, DocumentState, EnrolmentState, StaffRole
from services.payments.confirming import ConfirmingService
from services.payments.service import PaymentService
from services.payments.vouchers import VoucherService
from services.spreadsheets import Cell, template_workbook
from services.study.hours_sheet import TEMPLATE_COLUMNS
from services.study.service import StudyService
from services.unit_of_work import Tools
from storage.tables import Document, Enrolment, Organisation
from tests import factories
from tests.conftest import FixedClock
from tests.handlers.console.conftest import Browser

Browsers = Callable[..., Awaitable[Browser]]


def photo(width: int = 413, height: int = 579) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), "#3a6fc4").save(target, "JPEG")
    return target.getvalue()


@dataclass
class Person:
    """An enrolment of the story."""

    id: uuid.UUID
    number: int
    document: uuid.UUID


async def enrol(
    tools: Tools, organisation_id: uuid.UUID, *, name: str, serial: int, state: EnrolmentState
) -> Person:
    async with tools.unit_of_work() as work:
        organisation = await work.session.get_one(Organisation, organisation_id)
        row = await factories.enrolment(
            work,
            organisation=organisation,
            follower=await factories.follower(work),
            state=state,
            name=name,
            identity_number=factories.identity_number(serial),
        )
        document = Document(
            id=uuid.uuid4(),
            enrolment_id=row.id,
            material_key="portrait",
            state=DocumentState.UPLOADED,
            media_type="image/jpeg",
            width=413,
            height=579,
            warnings={"background_not_blue": {}},
            refusal={},
            created_at=work.now,
        )
        document.file_key = f"documents/{document.id.hex}"
        await tools.files.put(document.file_key, photo())
        work.session.add(document)
        return Person(row.id, row.number, document.id)


@pytest.fixture
async def waiting(tools: Tools, home: uuid.UUID) -> Person:
    """One who waits for review."""
    return await enrol(tools, home, name="王小明", serial=1, state=EnrolmentState.IN_REVIEW)


@pytest.fixture
async def admitted(tools: Tools, home: uuid.UUID) -> Person:
    """One who was admitted and owes both fees."""
    person = await enrol(tools, home, name="李丽华", serial=2, state=EnrolmentState.ADMITTED)
    async with tools.unit_of_work() as work:
        await PaymentService(work).open_for(await work.session.get_one(Enrolment, person.id))
    return person


PAGES = {
    "/": "今天的事都办完了",
    "/enrolments": "没有待审核的报名",
    "/enrolments?state=all&scheme=quality-safety-officer&q=%25&page=9": "没有符合条件的报名",
    "/payments": "没有待核对的缴费",
    "/payments?state=all": "没有符合条件的缴费",
    "/classes": "还没有培训班",
    "/classes/new": "添加培训班",
    "/sittings": "还没有安排考试",
    "/sittings/new": "2026年12月26日",
    "/hours": "选择文件",
    "/scores": "还没有考试场次",
    "/certificates": "没有符合条件的证书",
    "/undelivered": "没有未送达的通知",
    "/password": "原密码",
}


@pytest.mark.parametrize(("path", "words"), PAGES.items())
async def test_a_page_without_data_says_so(officer: Browser, path: str, words: str) -> None:
    assert words in await officer.open(path)


# ---- the queue and one enrolment ----------------------------------------------------------------------------


async def test_the_queue_shows_who_waits_and_masks_numbers(officer: Browser, waiting: Person) -> None:
    page = await officer.open("/enrolments")
    assert "王小明" in page
    assert factories.identity_number(1) not in page
    assert f"520***********{factories.identity_number(1)[-4:]}" in page
    assert "王小明" in await officer.open(f"/enrolments?q={waiting.number}")
    assert "王小明" not in await officer.open("/enrolments?q=李")
    assert "王小明" not in await officer.open("/enrolments?state=admitted")


async def test_one_enrolment_shows_fields_beside_photos_with_what_to_check(
    officer: Browser, waiting: Person
) -> None:
    page = await officer.open(f"/enrolments/{waiting.id}")
    for words in ("贵州大学", "蓝底二寸照片", "背景看起来不是蓝色", "左转", "放大", "退回补正"):
        assert words in page
    assert f"/console/documents/{waiting.document}/picture" in page


async def test_a_full_number_is_shown_on_demand_and_the_look_is_logged(
    officer: Browser, waiting: Person
) -> None:
    page = await officer.send(f"/enrolments/{waiting.id}/reveal", {"field": "identity_number"})
    assert factories.identity_number(1) in page
    assert factories.identity_number(1) not in await officer.open(f"/enrolments/{waiting.id}")
    assert "查看完整信息" in await officer.open("/audit")


async def test_a_picture_is_turned_and_made_smaller(officer: Browser, waiting: Person) -> None:
    response = await officer.client.get(f"/console/documents/{waiting.document}/picture?rotate=90&size=300")
    assert response.content_type == "image/jpeg"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"
    assert Image.open(io.BytesIO(await response.read())).size == (300, 214)


def test_a_picture_turns_to_the_right() -> None:
    picture = Image.new("RGB", (40, 20), "white")
    picture.paste("black", (0, 0, 20, 20))
    source = io.BytesIO()
    picture.save(source, "PNG")
    result = Image.open(io.BytesIO(turned(source.getvalue(), rotate=90, size=0)))
    assert result.size == (20, 40)
    assert sum(result.getpixel((10, 5))) < 100 < sum(result.getpixel((10, 35)))  # type: ignore[arg-type]


async def test_approving_admits_and_the_history_says_who(officer: Browser, waiting: Person) -> None:
    page = await officer.send(f"/enrolments/{waiting.id}/approve", {"revision": "1"})
    assert "审核已通过" in page
    assert "已录取" in page
    assert "谢老师" in page
    assert "人员能力验证费" in page


async def test_a_decision_on_an_outdated_page_is_refused(officer: Browser, waiting: Person) -> None:
    page = await officer.send(f"/enrolments/{waiting.id}/approve", {"revision": "7"}, status=409)
    assert "您打开页面后" in page
    await officer.send(f"/enrolments/{waiting.id}/approve", {"revision": "1"})
    assert "已经不在待审核状态" in await officer.send(
        f"/enrolments/{waiting.id}/approve", {"revision": "1"}, status=409
    )


async def test_returning_needs_a_reason_for_each_ticked_item(officer: Browser, waiting: Person) -> None:
    path = f"/enrolments/{waiting.id}/return"
    none = [("pick", "portrait"), ("reason.portrait", ""), ("revision", "1")]
    assert "写明原因" in await officer.send(path, none, status=422)
    page = await officer.send(
        path,
        [
            ("pick", "portrait"),
            ("reason.portrait", "背景不是蓝色，请重发蓝底证件照"),
            ("pick", "school"),
            ("reason.school", "请填写全称"),
            ("reason.name", "没有勾选的不算"),
            ("revision", "1"),
        ],
    )
    assert "退回补正" in page
    assert "背景不是蓝色，请重发蓝底证件照" in page
    assert "没有勾选的不算" not in page


async def test_rejecting_needs_a_reason_has_a_second_look_and_shows_it(
    officer: Browser, waiting: Person
) -> None:
    path = f"/enrolments/{waiting.id}/reject"
    assert "写明原因" in await officer.send(path, {"reason": " ", "revision": "1"}, status=422)
    look = await officer.send(path, {"reason": "不符合报名条件", "revision": "1"})
    assert "不能撤回。这份报名到此结束" in look
    assert "退回补正" in await officer.open(f"/enrolments/{waiting.id}")
    page = await officer.send(path, {"reason": "不符合报名条件", "revision": "1", "confirmed": "yes"})
    assert "不予通过" in page
    assert "不符合报名条件" in page


# ---- who may what -------------------------------------------------------------------------------------------


async def test_another_organisations_enrolment_is_not_there(
    tools: Tools, browsers: Browsers, waiting: Person, admitted: Person
) -> None:
    """B9."""
    async with tools.unit_of_work() as work:
        elsewhere = await organisations.ensure(work, "另一家促进会", "association")
    stranger = await browsers(StaffRole.OFFICER, elsewhere)
    assert "没有找到" in await stranger.open(f"/enrolments/{waiting.id}", status=404)
    assert "王小明" not in await stranger.open("/enrolments?state=all")
    await stranger.open(f"/documents/{waiting.document}/picture", status=404)
    await stranger.open(f"/enrolments/{uuid.uuid4()}", status=404)
    await stranger.open("/enrolments/not-an-id", status=404)
    await stranger.send(f"/enrolments/{waiting.id}/approve", {"revision": "1"}, status=404)
    await stranger.send(f"/enrolments/{waiting.id}/reveal", {"field": "mobile"}, status=404)
    assert "李丽华" not in await stranger.open("/payments?state=all")
    assert "王小明" not in await stranger.open("/audit")


async def test_a_viewer_reads_and_decides_nothing(viewer: Browser, waiting: Person, admitted: Person) -> None:
    page = await viewer.open(f"/enrolments/{waiting.id}")
    assert "王小明" in page
    assert "确认通过" not in page
    refused = await viewer.send(f"/enrolments/{waiting.id}/approve", {"revision": "1"}, status=403)
    assert "只有查看权限" in refused
    assert "确认到账" not in await viewer.open("/payments?state=all")


# ---- payments -----------------------------------------------------------------------------------------------


@pytest.fixture
async def claimed(tools: Tools, admitted: Person) -> uuid.UUID:
    """A payment that its candidate says was made, with a voucher."""
    async with tools.unit_of_work() as work:
        service = PaymentService(work)
        fee = next(one for one in await service.instructions(admitted.id) if one.fee_key != "training")
        await service.claim(admitted.id, fee.fee_key, remark="验证费", actor=Actor.system("chat"))
        await VoucherService(work).keep(fee.payment_id, photo(800, 1200))
        return fee.payment_id


async def test_a_claimed_payment_stands_beside_its_voucher_and_the_right_remark(
    officer: Browser, claimed: uuid.UUID
) -> None:
    page = await officer.open("/payments")
    for words in ("李丽华", "¥180.00", "人员能力验证费", "验证费", "与要求不同"):
        assert words in page
    response = await officer.client.get(f"/console/payments/{claimed}/voucher?size=300")
    assert response.content_type == "image/jpeg"


async def test_another_remark_needs_a_note_and_a_right_one_confirms(
    officer: Browser, claimed: uuid.UUID
) -> None:
    """A7."""
    path = f"/payments/{claimed}/confirm"
    page = await officer.send(path, {"paid": "180", "remark": "验证费", "state": "claimed"}, status=422)
    assert "与要求的“人员能力验证费”不一致" in page
    assert "金额请填写数字" in await officer.send(
        path, {"paid": "一百", "remark": "", "state": ""}, status=422
    )
    page = await officer.send(path, {"paid": "180", "remark": "人员能力验证费", "state": "claimed"})
    assert "缴费已确认" in page
    assert "没有待核对的缴费" in page
    assert "已确认" in await officer.open("/payments?state=confirmed")


async def test_too_little_is_recorded_as_short(officer: Browser, claimed: uuid.UUID) -> None:
    page = await officer.send(
        f"/payments/{claimed}/confirm", {"paid": "100.50", "remark": "人员能力验证费", "state": "claimed"}
    )
    assert "金额不足" in page
    page = await officer.open("/payments?state=short")
    assert "¥100.50" in page
    assert 'name="known" value="10050"' in page


async def test_a_form_that_is_sent_twice_counts_a_transfer_once(officer: Browser, claimed: uuid.UUID) -> None:
    sent = {"paid": "100", "remark": "人员能力验证费", "state": "claimed", "known": "0"}
    await officer.send(f"/payments/{claimed}/confirm", sent)
    page = await officer.send(f"/payments/{claimed}/confirm", sent, status=409)
    assert "又有到账登记" in page
    page = await officer.open("/payments?state=short")
    assert "<dt>已到账</dt><dd>¥100.00</dd>" in page


# ---- classes, hours -----------------------------------------------------------------------------------------

CLASS = {
    "scheme": "quality-safety-officer",
    "code": "QSO-2026-12",
    "title": "质量安全员培训班（12月）",
    "starts_on": "2026-12-01",
    "ends_on": "2026-12-05",
    "form": "online",
    "fee": "4500",
    "capacity": "60",
}


async def test_a_class_is_added_joined_and_closed(officer: Browser, admitted: Person) -> None:
    assert "不能早于" in await officer.send("/classes/new", {**CLASS, "ends_on": "2026-11-30"}, status=422)
    assert "请填写日期" in await officer.send(
        "/classes/new", {**CLASS, "starts_on": "0001-01-01"}, status=422
    )
    page = await officer.send("/classes/new", CLASS)
    assert "QSO-2026-12" in page
    assert "¥4,500.00" in page
    assert "班号“QSO-2026-12”已经用过" in await officer.send("/classes/new", CLASS, status=422)
    one = await officer.open(f"/enrolments/{admitted.id}")
    class_id = one.split('<select name="class"')[1].split('value="')[1].split('"')[0]
    assert "已编入培训班" in await officer.send(f"/enrolments/{admitted.id}/class", {"class": class_id})
    assert "截止报名" in await officer.send(f"/classes/{class_id}/close", {})


async def test_whoever_proves_their_hours_is_offered_no_class_a4(
    officer: Browser, tools: Tools, admitted: Person, home: uuid.UUID
) -> None:
    await officer.send("/classes/new", CLASS)
    async with tools.unit_of_work() as work:
        organisation = await work.session.get_one(Organisation, home)
        row = await factories.enrolment(
            work,
            organisation=organisation,
            follower=await factories.follower(work),
            route="proof",
            name="赵永强",
            identity_number=factories.identity_number(77),
        )
        prover = row.id
    assert '<select name="class"' in await officer.open(f"/enrolments/{admitted.id}")
    assert '<select name="class"' not in await officer.open(f"/enrolments/{prover}")


def hours_file(*rows: dict[str, Cell]) -> FormData:
    form = FormData()
    form.add_field("file", template_workbook(TEMPLATE_COLUMNS, rows), filename="学时.xlsx")
    return form


async def test_hours_are_tried_out_first_then_imported_and_twice_changes_nothing(
    officer: Browser, admitted: Person
) -> None:
    rows: tuple[dict[str, Cell], ...] = (
        {
            "number": str(admitted.number),
            "name": "李丽华",
            "course": "法规",
            "studied_on": "2026-11-10",
            "hours": 8,
        },
        {"number": "99", "name": "某人", "course": "法规", "studied_on": "2026-11-10", "hours": 8},
    )
    page = await officer.send("/hours", hours_file(*rows))
    assert "试算结果" in page
    assert "<strong>1</strong>新增" in page
    assert "没有对应的报名" in page
    token = page.split('name="token" value="')[1].split('"')[0]
    response = await officer.client.get(f"/console/hours/{token}/errors.xlsx")
    assert response.status == 200
    assert (await response.read()).startswith(b"PK")
    assert "0 / 30" in await officer.open(f"/enrolments/{admitted.id}")
    assert "导入完成" in await officer.send("/hours/apply", {"token": token})
    assert "8 / 30" in await officer.open(f"/enrolments/{admitted.id}")
    page = await officer.send("/hours", hours_file(*rows))
    assert "<strong>1</strong>相同" in page
    assert "没有要写入的内容" in page


async def test_an_upload_is_gone_after_an_hour_and_is_nobody_elses(
    officer: Browser, browsers: Browsers, home: uuid.UUID, admitted: Person, clock: FixedClock
) -> None:
    row: dict[str, Cell] = {"number": str(admitted.number), "name": "李丽华", "course": "法规"}
    page = await officer.send("/hours", hours_file({**row, "studied_on": "2026-11-10", "hours": 8}))
    token = page.split('name="token" value="')[1].split('"')[0]
    colleague = await browsers(StaffRole.OFFICER, home)
    assert "重新上传" in await colleague.send("/hours/apply", {"token": token}, status=404)
    clock.move(minutes=60)
    assert "重新上传" in await officer.send("/hours/apply", {"token": token}, status=404)


async def test_a_file_that_is_no_table_is_refused_in_words(officer: Browser) -> None:
    form = FormData()
    form.add_field("file", b"\x00\x01 nothing", filename="x.xlsx")
    await officer.send("/hours", form, status=422)
    assert "请先选择要导入的文件" in await officer.send("/hours", {"file": ""}, status=422)


async def test_the_hours_template_holds_the_roll(officer: Browser, admitted: Person) -> None:
    response = await officer.client.get("/console/hours/template.xlsx")
    assert (await response.read()).startswith(b"PK")
    assert "UTF-8''" in response.headers["Content-Disposition"]


# ---- sittings -----------------------------------------------------------------------------------------------

SITTING = {
    "scheme": "quality-safety-officer",
    "day": "2026-12-26",
    "starts": "09:00",
    "ends": "10:30",
    "form": "online",
    "place": "人员能力验证综合服务平台",
    "capacity": "50",
    "bring": "身份证原件\n\n电脑",
}


async def test_a_sitting_off_the_rules_weekend_needs_the_official_notice(officer: Browser) -> None:
    """A5: in principle the last weekend of the quarter; the official notice overrides."""
    off = {**SITTING, "day": "2026-12-12"}
    assert "请填写依据" in await officer.send("/sittings/new", off, status=422)
    page = await officer.send("/sittings/new", {**off, "override_reason": "黔质促会〔2026〕30号"})
    assert "2026年12月12日（周六）09:00" in page
    assert "黔质促会〔2026〕30号" in page


async def test_a_working_day_clash_is_shown_and_has_to_be_accepted(officer: Browser) -> None:
    """The calendar of 2027 is not known yet: that is said, not guessed."""
    page = await officer.send("/sittings/new", {**SITTING, "day": "2027-03-27"}, status=422)
    assert "放假安排还没有公布" in page
    page = await officer.send("/sittings/new", {**SITTING, "day": "2027-03-27", "accepted": "on"})
    assert "2027年3月27日" in page


@pytest.fixture
async def sitting(tools: Tools, admitted: Person, home: uuid.UUID) -> SittingView:
    """A sitting that the admitted one, who has paid and learnt, can book."""
    staff = factories.staff_actor(home)
    async with tools.unit_of_work() as work:
        for fee in await PaymentService(work).instructions(admitted.id):
            await ConfirmingService(work).confirm(
                staff, fee.payment_id, paid_fen=fee.amount_fen, remark=fee.remark
            )
        rows: list[dict[str, Cell]] = [
            {
                "number": str(admitted.number),
                "name": "李丽华",
                "course": "实务",
                "studied_on": f"2026-11-{day:02d}",
                "hours": 10,
            }
            for day in (1, 2, 3)
        ]
        content = template_workbook(TEMPLATE_COLUMNS, rows)
        await StudyService(work).import_hours(staff, "a.xlsx", content, dry_run=False)
        return await SittingService(work).add(
            staff,
            scheme_id="quality-safety-officer",
            starts_at=datetime(2026, 12, 26, 1, tzinfo=UTC),
            ends_at=datetime(2026, 12, 26, 2, 30, tzinfo=UTC),
            place="人员能力验证综合服务平台",
            form="online",
            capacity=2,
        )


async def test_a_sitting_is_booked_changed_and_cancelled_with_a_second_look(
    officer: Browser, admitted: Person, sitting: SittingView
) -> None:
    path = f"/sittings/{sitting.id}"
    page = await officer.send(f"/enrolments/{admitted.id}/seat", {"sitting": str(sitting.id)})
    assert f"{sitting.code}-001" in page
    page = await officer.open(path)
    assert "李丽华" in page
    assert factories.identity_number(2) not in page
    assert (await (await officer.client.get(f"/console{path}/roll.xlsx")).read()).startswith(b"PK")
    assert "李丽华" in await officer.open("/enrolments?state=admitted")
    change = {**SITTING, "day": "2026-12-27", "reason": ""}
    assert "请填写原因" in await officer.send(f"{path}/change", change, status=422)
    page = await officer.send(f"{path}/change", {**change, "reason": "平台维护"})
    assert "2026年12月27日（周日）" in page
    assert "确认取消考试" in await officer.open(f"{path}/cancel")
    page = await officer.send(f"{path}/cancel", {"reason": "平台停机"})
    assert "场次已取消" in page
    assert "平台停机" in page


async def test_scores_are_imported_approved_published_and_certified(
    officer: Browser, viewer: Browser, admitted: Person, sitting: SittingView
) -> None:
    """B2, B6: one enrolment, one result; nothing is seen before it is published."""
    path = f"/sittings/{sitting.id}"
    await officer.send(f"/enrolments/{admitted.id}/seat", {"sitting": str(sitting.id)})
    response = await officer.client.get(f"/console/scores/template.xlsx?sitting={sitting.code}")
    assert (await response.read()).startswith(b"PK")
    rows: list[dict[str, Cell]] = [{"number": str(admitted.number), "name": "李丽华", "score": 88.5}]
    form = FormData()
    form.add_field("file", template_workbook(SCORE_COLUMNS, rows), filename="成绩.xlsx")
    form.add_field("about", sitting.code)
    page = await officer.send("/scores", form)
    assert "<strong>1</strong>新增" in page
    token = page.split('name="token" value="')[1].split('"')[0]
    assert "导入完成" in await officer.send("/scores/apply", {"token": token})
    page = await officer.open(path)
    assert "88.5 / 100" in page
    assert "没有已审核、待公布的成绩" in await officer.open(f"{path}/publish")
    await viewer.send(f"{path}/approve", {}, status=403)
    assert "成绩已审核" in await officer.send(f"{path}/approve", {})
    assert "没有待审核的成绩" in await officer.send(f"{path}/approve", {}, status=409)
    assert sitting.code in await officer.open("/scores")
    assert "公布这 1 份成绩" in await officer.open(f"{path}/publish")
    assert "优秀" not in await officer.open(f"/enrolments/{admitted.id}")
    page = await officer.send(f"{path}/publish", {})
    assert "成绩已公布" in page
    assert "签发 1 份证书" in page
    assert "优秀" in await officer.open(f"/enrolments/{admitted.id}")
    assert "证书已签发" in await officer.send(f"{path}/certificates", {})
    assert "没有可以签发证书的考生" in await officer.send(f"{path}/certificates", {}, status=404)
    assert "已经签发过证书" in await officer.send(f"/enrolments/{admitted.id}/certificate", {}, status=409)


async def test_the_certificate_of_hours_is_listed_read_suspended_restored_and_revoked(
    tools: Tools, officer: Browser, admitted: Person, home: uuid.UUID
) -> None:
    """B8."""
    async with tools.unit_of_work() as work:
        row: dict[str, Cell] = {"number": str(admitted.number), "name": "李丽华", "course": "实务"}
        days: list[dict[str, Cell]] = [
            {**row, "studied_on": f"2026-11-{day:02d}", "hours": 15} for day in (1, 2)
        ]
        content = template_workbook(TEMPLATE_COLUMNS, days)
        await StudyService(work).import_hours(factories.staff_actor(home), "a.xlsx", content, dry_run=False)
    page = await officer.open("/certificates?q=李丽华")
    assert "学时证明" in page
    path = "/certificates/" + page.split('href="/console/certificates/')[1].split('"')[0]
    assert "2026年11月21日" in await officer.open(path)
    response = await officer.client.get(f"/console{path}/public", allow_redirects=False)
    assert response.headers["Location"].startswith(f"{tools.public_url}/c/")
    assert "请填写原因" in await officer.send(f"{path}/suspend", {"reason": ""}, status=422)
    assert "证书已暂停" in await officer.send(f"{path}/suspend", {"reason": "核查中"})
    assert "核查中" in await officer.open(path)
    assert "证书已恢复" in await officer.send(f"{path}/restore", {"reason": "核查无误"})
    assert "确认撤销" in await officer.open(f"{path}/revoke")
    assert "证书已撤销" in await officer.send(f"{path}/revoke", {"reason": "以欺骗手段取得"})
