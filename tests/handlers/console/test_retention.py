"""The pages of what has been kept long enough (C11)."""

import uuid
from collections.abc import Awaitable, Callable

from services.models import StaffRole
from services.unit_of_work import Tools
from storage.tables import Organisation
from tests.handlers.console.conftest import Browser
from tests.services.retention_stories import ended, reported


async def test_two_administrators_delete_in_the_console_and_an_officer_only_reads_c11(
    tools: Tools, home: uuid.UUID, browsers: Callable[..., Awaitable[Browser]], officer: Browser
) -> None:
    async with tools.unit_of_work() as work:
        row = await ended(work, await work.session.get_one(Organisation, home))
        path = f"/retention/{(await reported(work)).id}"
    first, second = await browsers(StaffRole.ADMIN, home), await browsers(StaffRole.ADMIN, home)
    assert "到期清单 1" in await officer.open("/retention")
    page = await officer.open(path)
    assert str(row.number) in page
    assert "提出删除 1 份文件" not in page
    assert "提出删除 1 份文件" in await first.open(path)
    await first.send(f"{path}/propose", {"reason": ""}, status=422)
    assert "请另一位管理员核对" in await first.send(f"{path}/propose", {"reason": "保存已满十年"})
    assert "到期删除待确认" in await second.open("/")
    assert "不能是同一个人" in await first.send(f"{path}/confirm", {"files": "1"}, status=422)
    assert "现在到期的是 1 份" in await second.send(f"{path}/confirm", {"files": "7"}, status=422)
    assert "永久删除，不能恢复" in await second.open(path)
    assert "正在删除" in await second.send(f"{path}/confirm", {"files": "1"})
