"""Two official accounts in one installation: each has its own schemes, followers, keys and messages."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from services.enrolments.review import ReviewService
from services.pictures import specimen
from simulator import callbacks, passive, xml
from simulator.config import AccountConfig
from simulator.xml import ReplyError
from storage.tables import Follower
from tests.installation import ACCOUNTS, Installation, Phone, installation
from tests.journeys import story

OPENID = "oSamePersonTwice"

#: What another organisation adds: made of existing kinds, so a file and no Python; with one picture for brevity.
BRANCH_SCHEME = """
extends = "_quality_safety"

id = "branch-safety-officer"
title = "分会质量安全员人员能力验证"
short_title = "分会安全员"
entry_words = ["分会"]
accounts = ["branch"]
materials = [
    { key = "diploma", label = "学位证或毕业证", kind = "document", help = "请拍清楚。" },
]

[rule_document]
code = "CCAI-R-P29:2023"
title = "《质量安全员人员能力验证规则》"

[hours]
required = 30

[[certificates]]
key = "certificate"
title = "人员能力验证证书"
trigger = "result_passed"
number_prefix = "PTB"
"""


@pytest.fixture
async def two(database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    """`main` offers the built-in schemes, `branch` the one of an extra folder."""
    schemes = tmp_path / "schemes"
    schemes.mkdir()
    (schemes / "branch.toml").write_text(BRANCH_SCHEME, encoding="utf-8")
    async with installation(database_url, tmp_path, accounts=("main", "branch"), schemes_dir=schemes) as site:
        yield site


def platform_account(name: str, site: Installation) -> AccountConfig:
    """The account as WeChat knows it."""
    account = ACCOUNTS[name]
    return AccountConfig(
        name=name,
        app_id=account.app_id,
        app_secret=account.app_secret,
        token=account.token,
        aes_key=account.aes_keys[0],
        original_id=account.original_id,
        callback_url=f"{site.server}/wechat/{name}",
    )


async def followers(site: Installation) -> list[tuple[str, str]]:
    """Account and openid of everybody we know."""
    async with site.work() as work:
        rows = await work.session.execute(
            select(Follower.account, Follower.openid).order_by(Follower.account)
        )
        return [(account, openid) for account, openid in rows]


async def enrol_in_branch(phone: Phone) -> int:
    assert "自愿" in await phone.say("报名")
    assert "报名知情函" in await phone.say("1")
    await phone.say("同意")
    for typed in (story.NAME, story.identity_number(), "13800138000", "贵州贵阳云岩区", "2", "贵州大学", "1"):
        assert "✓" in await phone.say(typed), typed
    await phone.say("1")
    await phone.show(specimen.diploma())
    await phone.wait_for("照片都齐了")
    return await story.submit(phone)


async def test_the_same_openid_in_two_accounts_is_two_followers_with_their_own_schemes(
    two: Installation,
) -> None:
    at_main, at_branch = await two.phone(OPENID), await two.phone(OPENID, "branch")
    welcome = await at_main.wait_for("欢迎使用证途")
    assert "质量安全员" in welcome["content"]
    assert "分会安全员" not in welcome["content"]
    assert "这里可以办理：分会安全员的报名" in (await at_branch.wait_for("欢迎使用证途"))["content"]
    # Both talk by turns; neither hears of what the other said.
    assert "1 质量安全员" in await at_main.say("报名")
    assert "自愿" in await at_branch.say("报名")
    assert "自愿" in await at_main.say("1")
    assert await followers(two) == [("branch", OPENID), ("main", OPENID)]
    for phone, name in ((at_main, "王小明"), (at_branch, "李四")):
        await phone.say("1")
        await phone.say("同意")
        assert f"✓ 姓名：{name}" in await phone.say(name)
    assert "分会安全员" in await at_branch.say("进度")
    progress = await at_main.say("进度")
    assert "质量安全员" in progress
    assert "分会安全员" not in progress


async def test_a_notice_leaves_through_the_account_that_the_person_enrolled_by(two: Installation) -> None:
    at_main, at_branch = await two.phone(OPENID), await two.phone(OPENID, "branch")
    number = await enrol_in_branch(at_branch)
    officer, enrolment_id = await two.officer(), await story.find(two, number)
    async with two.work() as work:
        await ReviewService(work).approve(officer, enrolment_id)
    await at_branch.wait_for("审核已通过")
    assert [item["type"] for item in await at_main.inbox()] == ["text"]
    assert "分会安全员" in await at_branch.say("进度")
    assert "分会安全员" not in await at_main.say("进度")


async def test_a_reply_is_sealed_and_signed_with_the_keys_of_its_own_account(two: Installation) -> None:
    for name, other in (("main", "branch"), ("branch", "main")):
        await two.phone(OPENID, name)
        account, stranger = platform_account(name, two), platform_account(other, two)
        status, body = await call_back(two, account, to=name)
        assert status == 200
        # It opens with its own token and key only: with the other's, WeChat shows that we are out of service.
        reply = xml.read(passive.open_envelope(body, account, account.aes_key) or "")
        assert (reply["FromUserName"], reply["ToUserName"]) == (account.original_id, OPENID)
        assert "请回复数字" in reply["Content"]
        with pytest.raises(ReplyError, match="MsgSignature does not match"):
            passive.open_envelope(body, stranger, stranger.aes_key)


@pytest.mark.parametrize(("address", "signer"), [("main", "branch"), ("branch", "main")])
async def test_a_callback_signed_with_the_other_accounts_token_is_refused(
    two: Installation, address: str, signer: str
) -> None:
    await two.phone(OPENID, address)
    status, _ = await call_back(two, platform_account(signer, two), to=address, openid="oStranger")
    assert status == 403
    assert [openid for _, openid in await followers(two)] == [OPENID]


async def call_back(
    site: Installation, account: AccountConfig, *, to: str, openid: str = OPENID
) -> tuple[int, str]:
    """The callback of a text, as `account` signs and encrypts it, to the address of the account `to`."""
    message = {
        "ToUserName": account.original_id,
        "FromUserName": openid,
        "CreateTime": int(time.time()),
        "MsgType": "text",
        "Content": "菜单",
        "MsgId": 24000000000999999,
    }
    envelope = callbacks.seal(account, openid, xml.write(message))
    async with site.http.post(
        f"{site.server}/wechat/{to}", params=envelope.query, data=envelope.body.encode()
    ) as answer:
        return answer.status, await answer.text()
