"""A small site's machine is enough: server, worker and scheduler in one process stay small under real conversations."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # its types are a package apart

from services.rules.identity import check_character
from tests.installation import Installation, Phone, mortal_site
from tests.journeys import story

FOLLOWERS = 20
MESSAGES = 1000
LIMIT = 250 * 1024 * 1024


async def conversation(phone: Phone, serial: int, count: Callable[[str], None]) -> None:
    """An enrolment up to its pictures, then what people ask while they look for them: 50 messages."""
    seventeen = f"52010219900307{serial:03d}"
    number = seventeen + check_character(seventeen)
    dialogue = [
        ("报名", "1 质量安全员"),
        ("1", "自愿"),
        ("1", "报名知情函"),
        ("同意", "【姓名】"),
        (story.NAME, "✓ 姓名"),
        ("5201", "身份证"),
        (number, "✓ 身份证号"),
        ("13800138000", "✓"),
        ("贵州贵阳云岩区", "✓"),
        ("返回", "【所在地】"),
        ("贵州贵阳云岩区", "✓"),
        ("2", "✓"),
        ("贵州大学", "✓"),
        ("1", "✓"),
        ("1", "照片"),
    ]
    asked = [("进度", "质量安全员"), ("菜单", "请回复数字"), ("学时", ""), ("帮助", "返回"), ("证书", "")]
    while len(dialogue) < MESSAGES // FOLLOWERS:
        dialogue.append(asked[len(dialogue) % len(asked)])
    for typed, expected in dialogue:
        reply = await phone.say(typed)
        assert reply, typed
        assert expected in reply, (typed, reply)
        count(typed)


async def phones(site: Installation) -> list[Phone]:
    made: list[Awaitable[Phone]] = [site.phone(f"oFollower{serial:02d}") for serial in range(FOLLOWERS)]
    return list(await asyncio.gather(*made))


async def test_a_thousand_messages_are_answered_in_less_than_250_mb(
    database_url: str, tmp_path: Path
) -> None:
    answered: list[str] = []
    async with mortal_site(database_url, tmp_path) as (site, server):
        assert server.process is not None
        process = psutil.Process(server.process.pid)
        await asyncio.gather(
            *(conversation(phone, serial, answered.append) for serial, phone in enumerate(await phones(site)))
        )
        family = [process, *process.children(recursive=True)]
        resident = sum(member.memory_info().rss for member in family)
    assert len(answered) == MESSAGES
    assert resident < LIMIT, f"{resident / 1024 / 1024:.0f} MB"
