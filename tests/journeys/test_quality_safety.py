"""人员能力验证（质量安全专项): from the first message to a certificate that a stranger checks (A1–A12, B2, B6)."""

from services.pictures import specimen
from tests.installation import Installation, Phone
from tests.journeys import story
from tests.journeys.console import Console


async def test_from_the_first_message_to_a_certificate_that_a_stranger_checks(
    site: Installation, desk: Console
) -> None:
    """A1 A2 A5 A6 A7 A10 A11 A12 B2 B6: enrolment, class, fees, hours, exam, result, certificate, verification."""
    phone = await site.phone()
    await phone.wait_for("欢迎使用证途")
    await story.answer_questions(phone)
    await story.send_pictures(phone)
    number = await story.submit(phone)
    await story.admit(desk, phone, number)
    await story.join_class(site, desk, phone)
    await story.pay(desk, phone)
    await story.study(site, desk, phone, number)
    sitting = await story.open_sitting(desk)
    await phone.wait_for("考试已开放预约")
    ticket = await story.book(phone)
    await story.publish(site, desk, phone, sitting, (ticket, story.NAME, "86.5"))
    await phone.wait_for("成绩已公布：优秀")
    assert "得分：86.5" in await phone.say("成绩")
    ready = await story.issue(desk, phone, number)
    assert "质量安全员" in await story.stranger_verifies(site, ready)
    papers = await phone.say("证书")
    assert "《学时证明》" in papers
    assert "参加人员能力验证（PT-P）项目，依据《质量安全员人员能力验证规则》" in await story.downloaded(
        site, papers
    )


async def test_returned_corrected_and_admitted(site: Installation, desk: Console) -> None:
    phone = await site.phone()
    number = await story.enrol(phone)
    page = await (await desk.open("/enrolments")).follow(str(number))
    page = await page.press(
        "退回给考生",
        {
            "pick": ["school", "diploma"],
            "reason.school": "请写毕业证上的全称",
            "reason.diploma": "照片反光，看不清编号",
        },
    )
    assert "退回补正" in page.text
    told = await phone.wait_for("需要补正")
    assert "毕业院校：请写毕业证上的全称" in told["content"]
    assert "不用修改" in await phone.say("修改 姓名")
    await phone.say("修改")
    await phone.say("1")
    assert "学位证或毕业证" in await phone.say("贵州医科大学")
    await phone.show(specimen.diploma("105601202005000002"))
    await phone.wait_for("照片都齐了")
    await phone.say("继续")
    assert "已提交" in await phone.say("提交")
    page = await (await desk.open("/enrolments")).follow(str(number))
    assert "贵州医科大学" in page.text
    assert "审核已通过" in (await page.press("确认通过")).text
    await phone.wait_for("审核已通过")


async def test_a_wrong_photo_is_refused_with_what_to_do_and_the_right_one_taken(site: Installation) -> None:
    phone = await site.phone()
    await story.answer_questions(phone)
    assert "当作【蓝底二寸照片】" in await phone.show(specimen.landscape())
    refused = await phone.wait_for("竖版证件照")
    assert "重新发送【蓝底二寸照片】" in refused["content"]
    await phone.show(specimen.portrait(120, 168))
    await phone.wait_for("照片太小（120×168 像素）")
    await story.send_pictures(phone)
    assert await story.submit(phone) > 0


async def test_every_callback_three_times_has_one_effect_and_the_same_reply(site: Installation) -> None:
    phone = await site.phone()
    for content in ("报名", "1", "1", "同意", story.NAME, story.identity_number()):
        replies = await phone.say_again(content, 3)
        assert len(set(replies)) == 1, replies
    assert "（3/12）【联系电话】" in replies[0]
    assert "2/12项" in await phone.say("继续")


async def test_who_failed_applies_again_and_both_results_stay_b2(site: Installation, desk: Console) -> None:
    phone = await site.phone()
    first = await _to_result(site, desk, phone, "41")
    failed = await phone.wait_for("成绩已公布：不合格")
    assert "重新报名" in failed["content"]
    assert "已办结" in (await (await desk.open("/enrolments?state=concluded")).follow(str(first))).text
    second = await _to_result(site, desk, phone, "78", holidays_known=False)
    await phone.wait_for("成绩已公布：良好")
    assert first != second
    progress = await phone.say("进度")
    assert "（第2次申请）" in progress
    assert progress.count("【质量安全员】已完成") == 2


async def _to_result(
    site: Installation, desk: Console, phone: Phone, score: str, *, holidays_known: bool = True
) -> int:
    number = await story.enrol(phone)
    await story.admit(desk, phone, number)
    await story.join_class(site, desk, phone)
    await story.pay(desk, phone)
    await story.study(site, desk, phone, number)
    sitting = await story.open_sitting(desk, holidays_known=holidays_known)
    ticket = await story.book(phone)
    await story.publish(site, desk, phone, sitting, (ticket, story.NAME, score))
    return number


async def test_whoever_learnt_elsewhere_proves_it_before_anything_is_reviewed_or_examined(
    site: Installation, desk: Console
) -> None:
    """A1 A4: without a proof nothing is handed in; with fewer hours than the specialty asks there is no verification."""
    phone = await site.phone()
    await story.answer_questions(phone, route="2")
    for picture in (
        specimen.portrait(),
        specimen.id_card_front(),
        specimen.id_card_back(),
        specimen.diploma(),
    ):
        await phone.show(picture)
    await phone.wait_for("请继续发送【学时证明】")
    refused = await phone.say("提交")
    assert "还差1项没有完成：学时证明。" in refused
    assert "公章要清楚" in refused
    assert "没有待审核的报名" in (await desk.open("/enrolments")).text
    await phone.show(specimen.diploma("XS-2025-77"))
    await phone.wait_for("照片都齐了")
    number = await story.submit(phone)
    await story.admit(desk, phone, number)
    await story.accept_proof(desk, number, "12")
    await story.open_sitting(desk)
    assert "还差 18 学时" in await phone.say("学时")
    assert "学时完成后才能预约考试：现有 12/30 学时" in await phone.say("考试")
    page = await (await desk.open("/enrolments?state=admitted")).follow(str(number))
    assert "预约" not in page.buttons
