"""四川省技能人才评价考评员、质量督导员: from the first message to a card, and to what a card may be used for (D1–D9)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest

from services.pictures import specimen
from services.rules.localtime import local_day
from tests.installation import Installation, installation
from tests.journeys import papers, sichuan
from tests.journeys.console import organisation, sign_in
from tests.journeys.sichuan import (
    CITY,
    EXAMINER,
    EXPERIENCE,
    IDENTITY,
    LOCAL,
    PROVINCE,
    PROVINCIAL,
    SUPERVISOR,
)
from tests.journeys.story import NAME

OTHER = "德阳某某职业技能评价有限公司"


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installation(database_url, tmp_path, accounts=("sichuan",)) as made:
        await sichuan.plant(made)
        yield made


async def test_an_examiner_is_reviewed_stage_by_stage_gets_a_card_and_is_drawn_with_it(
    site: Installation,
) -> None:
    """D1 (both the “5期” and the seven months are shown), D2 and D7 (a local institution's person goes by the city), D3,
    D5 (200 characters on the page behind the link), D6, 附件3 of D7, the card of D7, and D9: drawn among valid cards, not for
    one's own institution, not by another person, and not once the card is expired.
    """
    phone = await site.phone(account="sichuan")
    assert "1 考评员" in await phone.say("报名")
    introduced = await phone.say("1")
    assert "2024年组织5期考评员培训班" in introduced
    assert "所列月份合计7期" in introduced
    assert "请选择您的评价机构" in await phone.say("1")
    chosen = await phone.say("成都某某")
    assert f"✓ 评价机构：{LOCAL}" in chosen
    # A local institution's person is not asked who reviews: there is no choice.
    assert "✓ 审核渠道：市（州）职鉴中心审核" in chosen
    await phone.say("同意")
    asked = await sichuan.answer(
        phone, NAME, IDENTITY, "13800138000", "2", "四川省成都市武侯区", LOCAL, "十二年",
        "四川省成都市武侯区一环路南1号", "3", "工程师", "4", "电工", "电工、焊工",
    )  # fmt: skip
    assert "至少200字" in asked
    async with papers.opened(site, asked) as sheet:
        sheet = await sheet.press("完成，回微信", {"f.introduction": EXPERIENCE[:150]}, status=422)
        assert "已写 150 字，至少 200 字，还差 50 字" in sheet.text
        assert "已收到" in (await sheet.press("完成，回微信", {"f.introduction": EXPERIENCE})).text
    assert "【照片】" in await phone.say("继续")
    await sichuan.send_pictures(phone)
    printed = await sichuan.send_signed_form(site, phone)
    assert "四川省技能人才评价考评员资格申报表" in printed
    assert f"身份证号码{IDENTITY}" in printed
    assert "申报考评职业工种电工、焊工" in printed
    assert "推荐单位意见" in printed
    assert "职业资格证书或专业技术职称证书" in await phone.say("完成")
    await phone.show(specimen.diploma())
    await phone.wait_for("✓ 【国家职业资格证书或专业技术职称证书第1张】")
    await phone.say("完成")
    assert "由您选择的评价机构确定" in await phone.say("修改 审核渠道")
    number = await sichuan.submit(phone)

    assert "已转到下一环节" in (await sichuan.approve(site, LOCAL, "原件已核对")).text
    await phone.wait_for(f"现由{CITY}办理")
    title, head, columns, line, foot, *_ = await sichuan.list_of(
        site, LOCAL, EXAMINER, "附件3 资格培训（复核）汇总表"
    )
    assert title[0] == "四川省技能人才评价考评员资格培训（复核）汇总表"
    assert head[0] == f"填报单位：{LOCAL}（盖章）"
    assert [str(cell).replace("\n", "") for cell in columns] == [
        "序号", "工作单位", "姓名", "性别", "身份证号码", "文化程度", "现职业资格(专业技术职称)", "申报考评职业(工种)",
        "联系电话", "通讯地址",
    ]  # fmt: skip
    assert line == [
        1.0, LOCAL, NAME, "男", IDENTITY, "大学本科", "电工、高级（三级）、工程师、中级职称", "电工、焊工",
        "13800138000",
        "四川省成都市武侯区一环路南1号",
    ]  # fmt: skip
    assert str(foot[0]).startswith("经办人：周老师")
    admitted = await sichuan.approve(site, CITY, "符合申报条件")
    assert "原件已核对" in admitted.text  # The city reads what the institution said.
    assert "缴费" not in (await phone.wait_for(f"审核已通过（报名号 {number}）"))["content"]

    await sichuan.train(site, phone, EXAMINER)
    await sichuan.examine(site, phone, EXAMINER, "86")
    card, sheet_of_cards = await sichuan.make_card(site, phone, CITY)
    with pypdfium2.PdfDocument(sheet_of_cards) as document:
        text = document[0].get_textpage().get_text_bounded()
    assert card in text
    assert "电工、焊工" in text
    told = await phone.say("证书")
    assert f"编号：{card}" in told
    link = told.split("查验：")[1].split()[0]
    async with site.http.get(link, headers={"Accept": "application/json"}) as answer:
        assert (await answer.json())["status"] == "valid"

    soon = local_day(site.clock.now()) + timedelta(days=7)
    own = await sichuan.plan(site, soon, LOCAL)
    assert f"{card}：被评价单位的人员" in own.text
    assert "抽中 没有符合条件的人" in own.text
    drawn = await sichuan.plan(site, soon, OTHER)
    assert f"抽中 {card}" in drawn.text
    assert "结果一致" in drawn.text
    await phone.wait_for("评价机构：" + OTHER)
    assert OTHER in await phone.say("派遣")
    site.clock.move(days=7)
    async with sign_in(site, await organisation(site, CITY)) as desk:
        page = await desk.open(drawn.url.path.removeprefix("/console"))
        page = await page.press("查验并签到", {"number": card, "name": "李四"})
        assert "人证不符" in page.text
        page = await page.press("查验并签到", {"number": card, "name": NAME})
        assert "可以参加" in page.text
        assert "办结" in (await page.press("办结")).text
    # The card is in force for 36 months (proposed).
    site.clock.move(days=3 * 366)
    today = local_day(site.clock.now())
    late = await sichuan.plan(site, today, OTHER)
    assert f"{card}：证卡过期" in late.text
    assert "抽中 没有符合条件的人" in late.text
    async with sign_in(site, await organisation(site, CITY)) as desk:
        page = await desk.open(late.url.path.removeprefix("/console"))
        page = await page.press("查验并签到", {"number": card, "name": NAME})
        assert "证卡已过期，不能参加" in page.text


async def test_a_supervisor_of_a_provincial_institution_is_reviewed_trained_and_given_a_card_by_the_province(
    site: Installation,
) -> None:
    """D8 (附件4 with the number of an earlier card, 200 characters, exact items, 附件5 with 14 columns), D2 and D7 (the
    province reviews and trains, and makes the card itself).
    """
    phone = await site.phone(account="sichuan")
    await phone.say("报名")
    assert "2024年4月、9月" in await phone.say("5")
    await phone.say("1")
    assert f"1 {PROVINCIAL}" in await phone.say("四川某某")
    assert f"✓ 报名机构：{PROVINCIAL}" in await phone.say("1")
    await sichuan.answer(phone, NAME, IDENTITY, "汉族")
    assert "中共党员" in await phone.say("党员")
    await sichuan.answer(phone, "1")
    assert "2 大学本科" in await phone.say("本科")
    asked = await sichuan.answer(
        phone, "2", "13800138000", "wang@example.com", "四川省成都市武侯区", PROVINCIAL, "2", "1", "2", "职业技能评价管理",
        "10", "SCDD2009000001X", "四川省成都市武侯区一环路南1号", "610041",
    )  # fmt: skip
    async with papers.opened(site, asked) as sheet:
        await sheet.press("完成，回微信", {"f.introduction": EXPERIENCE})
    await phone.say("继续")
    await phone.say("跳过")
    await sichuan.send_pictures(phone, "照片")
    printed = await sichuan.send_signed_form(site, phone)
    assert "四川省技能人才评价质量督导员推荐表" in printed
    assert "原质量督导员证卡号SCDD2009000001X" in printed
    await phone.say("完成")
    await phone.wait_for("照片都齐了")
    await phone.say("继续")
    await sichuan.submit(phone)

    title, columns, line, *notes = await sichuan.list_of(
        site, PROVINCE, SUPERVISOR, "附件5 资格培训名册汇总表"
    )
    assert title[0] == "技能人才评价质量督导员资格培训名册汇总表"
    assert [str(cell).replace("\n", "") for cell in columns] == [
        "序号", "身份证号", "姓名", "性别", "出生日期", "民族", "政治面貌", "文化程度", "工作年限", "电子邮箱", "从事职业",
        "联系方式", "工作单位", "通讯地址",
    ]  # fmt: skip
    assert line == [
        1.0, IDENTITY, NAME, "男", "1985-03-07", "汉族", "中共党员", "大学本科", "10", "wang@example.com", "职业技能评价管理",
        "13800138000", PROVINCIAL, "四川省成都市武侯区一环路南1号",
    ]  # fmt: skip
    assert "1.出生日期格式必须为：yyyy-mm-dd，为文本类型。" in [note[0] for note in notes]
    admitted = await sichuan.approve(site, PROVINCE, "同意参加培训")
    assert "没有这个卡号的记录" in admitted.text
    await phone.wait_for("审核已通过")
    await sichuan.train(site, phone, SUPERVISOR)
    await sichuan.examine(site, phone, SUPERVISOR, "90")
    card, _ = await sichuan.make_card(site, phone, PROVINCE)
    assert card.startswith("SCDD")
