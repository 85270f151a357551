"""The journey as people do it: a candidate on the phone, staff in the console, a stranger with the certificate."""

import os
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from services.pictures import specimen
from services.rules.identity import check_character
from services.rules.localtime import SHANGHAI
from tests.browser.conftest import Demo

NAME = "欧阳小燕"
NUMBER = "52010219880815432" + check_character("52010219880815432")
Check = Callable[[Page], None]


class Candidate:
    """Whoever holds the phone in the browser."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def hears(self, text: str) -> Locator:
        """A bubble from the account that says so."""
        bubble = self.page.get_by_test_id("bubble").filter(has_text=text).last
        expect(bubble).to_be_visible(timeout=30_000)
        return bubble

    def says(self, text: str, answer: str) -> Locator:
        """Type, send, and wait for the answer."""
        before = self.page.get_by_test_id("bubble").count()
        self.page.get_by_test_id("composer").fill(text)
        self.page.get_by_test_id("send").click()
        expect(self.page.get_by_test_id("bubble").nth(before + 1)).to_be_visible(timeout=15_000)
        return self.hears(answer)

    def shows(self, picture: bytes, answer: str) -> Locator:
        """Send a photo and wait for what is found."""
        self.page.get_by_test_id("attach-input").set_input_files(
            {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture}
        )
        return self.hears(answer)


def sign_in(page: Page, demo: Demo) -> None:
    page.goto(demo.console)
    page.get_by_label("账号").fill(demo.login)
    page.get_by_label("密码").fill(demo.password)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("navigation", name="主菜单")).to_be_visible()


def keep(page: Page, name: str) -> None:
    """A picture of the page, where ZHENGTU_SCREENSHOTS names a folder."""
    if folder := os.environ.get("ZHENGTU_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.fixture
def candidate(desk: BrowserContext, demo: Demo) -> Candidate:
    page = desk.new_page()
    page.goto(demo.phone)
    page.locator("html[data-ready]").wait_for()
    page.get_by_test_id("add-follower").click()
    page.get_by_test_id("new-nickname").fill("小燕")
    page.get_by_test_id("confirm-add").click()
    return Candidate(page)


def test_from_following_to_a_certificate_that_a_stranger_checks(
    candidate: Candidate, desk: BrowserContext, pocket: BrowserContext, demo: Demo, accessible: Check
) -> None:
    candidate.hears("欢迎使用证途")
    accessible(candidate.page)
    enrol(candidate, accessible)

    staff = desk.new_page()
    sign_in(staff, demo)
    accessible(staff)
    number = review(staff, accessible)
    candidate.hears("审核已通过")
    candidate.says("学时", "请选择培训班")
    candidate.says("1", "已报入")
    pay(candidate, staff, accessible)
    study(candidate, staff, number)
    examine(candidate, staff, accessible)

    link = candidate.hears("《人员能力验证证书》已签发")
    address = re.search(r"http\S+/c/\w+", link.inner_text())
    assert address is not None
    candidate.page.wait_for_timeout(500)
    keep(candidate.page, "phone")
    stranger = pocket.new_page()
    stranger.goto(address[0])
    expect(stranger.get_by_text("真实有效").first).to_be_visible()
    expect(stranger.locator("body")).not_to_contain_text(NAME)
    expect(stranger.locator("body")).not_to_contain_text(NUMBER)
    accessible(stranger)
    keep(stranger, "verification")
    link.get_by_role("link").first.click()
    expect(
        candidate.page.frame_locator("[data-testid=h5-frame]").get_by_text("真实有效").first
    ).to_be_visible()


def enrol(candidate: Candidate, accessible: Check) -> None:
    candidate.says("报名", "请选择报名项目")
    candidate.says("1", "自愿参加")
    candidate.says("1", "报名知情函")
    candidate.says("同意", "【姓名】")
    candidate.says(NAME, "【身份证号】")
    candidate.says(NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2"), "校验不通过")
    candidate.says(NUMBER, "【联系电话】")
    candidate.says("13985012345", "【所在地】")
    candidate.says("贵阳云岩", "【文化程度】")
    candidate.says("大专", "【毕业院校】")
    candidate.says("贵州交通职业技术学院", "【学习方式】")
    candidate.says("1", "【纸质证书】")
    candidate.says("1", "【蓝底二寸照片】")
    candidate.shows(specimen.landscape(), "重新发送【蓝底二寸照片】")
    candidate.shows(specimen.portrait(), "请继续发送【身份证人像面】")
    candidate.shows(specimen.id_card_front(), "请继续发送【身份证国徽面】")
    candidate.shows(specimen.id_card_back(), "请继续发送【学位证或毕业证】")
    candidate.shows(specimen.diploma(), "照片都齐了")
    candidate.says("继续", "请核对")
    accessible(candidate.page)
    candidate.says("提交", "报名号：")


def review(staff: Page, accessible: Check) -> str:
    staff.get_by_role("link", name="报名审核").click()
    accessible(staff)
    row = staff.get_by_role("row").filter(has_text=NAME)
    expect(row).to_contain_text("520***********")
    row.get_by_role("link").first.click()
    expect(staff.get_by_role("heading", name=NAME)).to_be_visible()
    expect(staff.get_by_alt_text("蓝底二寸照片")).to_be_visible()
    accessible(staff)
    keep(staff, "console")
    number = re.search(r"报名号 (\d+)", staff.locator("main").inner_text())
    assert number is not None
    staff.get_by_role("button", name="显示完整的身份证号").click()
    expect(staff.locator("#field-identity_number")).to_contain_text(NUMBER)
    staff.locator("summary", has_text=re.compile("^通过$")).click()
    staff.get_by_label("报名信息和照片已逐项核对").check()
    staff.get_by_role("button", name="确认通过").click()
    expect(staff.get_by_role("status").first).to_be_visible()
    return number[1]


def pay(candidate: Candidate, staff: Page, accessible: Check) -> None:
    candidate.says("缴费", "打款事由必须写：人员能力验证费")
    candidate.says("1", "转账凭证")
    candidate.shows(specimen.voucher(), "当作【培训费】的转账凭证")
    candidate.says("缴费", "人员能力验证费")
    candidate.says("2", "转账凭证")
    candidate.says("人员能力验证费", "已登记【人员能力验证费】")
    for label, amount in (("培训费", "4500"), ("人员能力验证费", "180")):
        staff.goto(re.sub(r"/console/.*", "/console/payments?state=claimed", staff.url))
        accessible(staff)
        line = staff.locator("article").filter(has_text=NAME).filter(has_text=f"{label} ¥")
        line.locator("summary", has_text="核对到账").click()
        line.get_by_label("银行到账金额（元）").fill(amount)
        line.get_by_label("银行流水上的附言").fill(label)
        line.get_by_role("button", name="确认到账").click()
        expect(staff.get_by_role("status").first).to_be_visible()
    candidate.hears("已收到您的人员能力验证费")


def study(candidate: Candidate, staff: Page, number: str) -> None:
    yesterday = datetime.now(SHANGHAI).date() - timedelta(days=2)
    rows = "".join(f"{number},{NAME},课程{i},{yesterday - timedelta(days=i)},10\n" for i in range(3))
    staff.get_by_role("link", name="学时导入").click()
    staff.get_by_label("学时表格").set_input_files(
        {
            "name": "学时.csv",
            "mimeType": "text/csv",
            "buffer": f"报名号,姓名,课程,学习日期,学时\n{rows}".encode(),
        }
    )
    staff.get_by_role("button", name="上传并试算").click()
    expect(staff.locator("#report")).to_contain_text("还没有写入任何数据")
    staff.get_by_role("button", name="确认导入").click()
    expect(staff.locator("#report")).to_contain_text("导入完成")
    candidate.hears("学时已全部完成")
    candidate.hears("《学时证明》已签发")


def examine(candidate: Candidate, staff: Page, accessible: Check) -> None:
    candidate.says("考试", "请选择考试场次")
    seat = candidate.says("1", "准考证号").inner_text()
    ticket = re.search(r"准考证号：(\S+)", seat)
    assert ticket is not None
    sitting = ticket[1].rsplit("-", 1)[0]
    staff.get_by_role("link", name="考试场次").click()
    accessible(staff)
    staff.get_by_role("link", name=re.compile(sitting)).first.click()
    expect(staff.get_by_text(ticket[1])).to_be_visible()
    accessible(staff)
    address = staff.url
    staff.get_by_role("link", name="导入成绩").first.click()
    staff.get_by_label("成绩表格").set_input_files(
        {
            "name": "成绩.csv",
            "mimeType": "text/csv",
            "buffer": f"准考证号,姓名,成绩\n{ticket[1]},{NAME},88\n".encode(),
        }
    )
    staff.get_by_role("button", name="上传并试算").click()
    staff.get_by_role("button", name="确认导入").click()
    expect(staff.locator("#report")).to_contain_text("导入完成")
    staff.goto(address)
    staff.get_by_role("button", name="审核通过 1 份成绩").click()
    staff.get_by_role("button", name="公布 1 份成绩").click()
    accessible(staff)
    keep(staff, "publish")
    staff.get_by_role("button", name="确认公布").click()
    candidate.hears("成绩已公布：优秀")
    staff.goto(address)
    staff.get_by_role("button", name="签发 1 份证书").click()
    staff.get_by_role("link", name="证书").first.click()
    accessible(staff)


def test_the_sample_verification_that_the_demo_prints_is_valid(
    pocket: BrowserContext, demo: Demo, accessible: Check
) -> None:
    page = pocket.new_page()
    page.goto(demo.sample)
    expect(page.get_by_text("真实有效").first).to_be_visible()
    accessible(page)
    page.goto(re.sub(r"/c/.*", "/verify", demo.sample))
    accessible(page)
    page.goto(re.sub(r"/c/.*", "/c/00000000000000000000", demo.sample))
    expect(page.get_by_text("查无此证").first).to_be_visible()
    accessible(page)
    for path, heading in (("classes", "培训通知与收费公示"), ("appointments", "聘用名录")):
        page.goto(re.sub(r"/c/.*", f"/{path}", demo.sample))
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        accessible(page)


def test_the_verification_page_needs_no_script(browser, demo: Demo) -> None:  # type: ignore[no-untyped-def]
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(demo.sample)
    expect(page.get_by_text("真实有效").first).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_of_the_console_scrolls_sideways(browser, demo: Demo, width: int, accessible: Check) -> None:  # type: ignore[no-untyped-def]
    context = browser.new_context(viewport={"width": width, "height": 844}, locale="zh-CN")
    page = context.new_page()
    sign_in(page, demo)
    for path in (
        "",
        "enrolments",
        "payments",
        "classes",
        "sittings",
        "hours",
        "scores",
        "certificates",
        "audit",
        "changes",
        "classes/new",
        "blacklist",
        "cards",
        "assignments/new",
        "organisations",
        "authorisations",
        "appointments",
        "laboratories",
        "rosters",
        "retention",
        "nowhere",
    ):
        page.goto(f"{demo.console}{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        accessible(page)
    context.close()
