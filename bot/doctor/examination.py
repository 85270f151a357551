"""All steps in their order; each is told as soon as it is known."""

from collections.abc import AsyncIterator

from bot.doctor import account as accounts
from bot.doctor import house
from bot.doctor.findings import Finding
from bot.settings import Settings
from services.ports import Clock


async def examine(
    settings: Settings, database_url: str, *, production: bool, clock: Clock, only: str | None = None
) -> AsyncIterator[Finding]:
    """Look at the house, then at each official account, or only at the one called `only`.

    `production`: what a production start refuses is a fault, else a warning. Raises nothing of its own.
    """
    async for finding in house.examine(settings, database_url, production=production, clock=clock):
        yield finding
    for name in settings.wechat:
        if only in (None, name):
            async for finding in accounts.examine(settings, name, clock=clock):
                yield finding
