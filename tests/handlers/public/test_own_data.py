"""A person asks in the chat for their data and gets them once."""

import io
import json
import re
import zipfile
from urllib.parse import quote, urlsplit

from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select, update

from handlers.public import mount
from services.unit_of_work import Tools
from storage.tables import AuditEntry, Enrolment
from storage.tables import Follower as FollowerRow
from tests import certificate_rows, factories
from tests.chat import Follower
from tests.services import retention_stories


async def test_who_asks_for_their_data_gets_everything_once_and_nobody_else_does_c11(tools: Tools) -> None:
    applicant = Follower(tools)
    assert "还没有填写过资料" in await applicant.say("我的数据")
    async with tools.unit_of_work() as work:
        mine, _ = await certificate_rows.passed(work)
        await retention_stories.one_file_of_each_kind(
            work, mine, await factories.organisation(work, "中国计量测试学会", "society")
        )
        follower = await work.session.scalar(
            select(FollowerRow.id).where(FollowerRow.openid == applicant.openid)
        )
        await work.session.execute(
            update(Enrolment).where(Enrolment.id == mine.id).values(follower_id=follower)
        )
        number = mine.number
    answer = await applicant.say("请导出数据")
    found = re.search(r"http\S+/h5/data/\S+", answer)
    assert found is not None, answer
    path = urlsplit(found[0]).path
    app = web.Application()
    mount(app, tools)
    server = TestServer(app)
    async with (
        TestClient(server, cookie_jar=CookieJar(unsafe=True)) as phone,
        TestClient(server, cookie_jar=CookieJar(unsafe=True)) as other,
    ):
        assert (await phone.post(path)).status == 422
        for _ in range(2):  # a preview takes nothing away
            assert "在浏览器打开" in await (await phone.get(path)).text()
        taken = await phone.post(path)
        assert taken.status == 200
        with zipfile.ZipFile(io.BytesIO(await taken.read())) as archive:
            page = archive.read("我的数据.html").decode()
            names = [name for name in archive.namelist() if name != "我的数据.html"]
            told = json.loads(archive.read("我的数据.json"))
            assert archive.read(names[1]) == certificate_rows.portrait()
        (enrolment,) = told["报名"]
        assert enrolment["报名号"] == number
        assert factories.IDENTITY_NUMBER in enrolment["填写"].values()
        assert (enrolment["成绩"][0]["等级"], enrolment["照片"]) == ("良好", names[1:2])
        # A phone opens the page: labels and values as people read them, with a way to each file.
        for words in (factories.IDENTITY_NUMBER, "已录取", "王小朋", "王小明", "千分尺", "良好", "证书"):
            assert words in page, words
        assert f'<a href="{quote(names[1])}">' in page
        assert "http" not in page

        # What was paid, practised and changed is in it, with its papers.
        (change,) = enrolment["资料变更"]
        assert (change["原来"], change["改为"]) == ("王小朋", "王小明")
        assert [one["使用仪器"] for one in enrolment["实操"]] == ["千分尺"]
        assert [name.partition("/")[0] for name in names[2:]] == ["缴费", "缴费", "实操", "资料变更"]
        assert "回复 <strong>我的数据</strong>" in await (await phone.post(path)).text()
        assert (await other.get(path)).status == 410
    async with tools.unit_of_work() as work:
        told = await work.session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("data.%")))
        assert sorted(told) == ["data.asked_for", "data.handed_over"]
