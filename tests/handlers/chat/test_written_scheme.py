"""Whoever wrote a scheme file by `docs/schemes.md` alone meets it in the chat, from the introduction to 提交."""

import re
from dataclasses import replace
from pathlib import Path

from services.scheme_versions import publish
from services.schemes.loader import load_catalogue
from services.unit_of_work import Tools
from tests.chat import Follower
from tests.handlers.chat.test_enrolling import check_pictures
from tests.handlers.chat.test_other_sources import IDENTITY

DOCUMENT = Path(__file__).parents[3] / "docs" / "schemes.md"


async def test_the_scheme_of_the_document_is_enrolled_in_by_chat(tools: Tools, tmp_path: Path) -> None:
    """Issue 3: a new scheme made of known kinds is a file, no Python."""
    steps = re.findall(r"^```toml\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.S | re.M)
    (tmp_path / "first_aider.toml").write_text("\n".join(steps), encoding="utf-8")
    written = replace(tools, schemes=load_catalogue(tmp_path))
    async with written.unit_of_work() as work:
        await publish(work)
    person = Follower(written)
    assert "救护员（培训8学时，工本费20元）" in await person.say("报名")
    introduced = await person.say("急救")
    assert "1. 持有救护证\n2. 听过讲座，且志愿服务满24小时" in introduced
    assert "工本费：20元/次" in introduced
    assert "服务承诺" in await person.say("1")
    for typed in ("同意", "王小明", IDENTITY, "13800138000"):
        await person.say(typed)
    assert "不符合【救护员】的申报条件" in await person.say("没有学过")
    assert "【志愿服务时数】" in await person.say("修改 救护基础") + await person.say("2")
    assert "【一寸照片】" in await person.say("48")
    await person.show("media-1")
    await check_pictures(written)
    assert "志愿服务时数：48小时" in await person.say("继续")
    assert "✓ 已提交" in await person.say("提交")
