"""What the commands about authorisations share."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from bot.cli.environment import Desk, desk, run
from bot.cli.problems import CommandError
from services.authorisation.views import ScopeView

_Result = TypeVar("_Result")

Plaque = Annotated[str, typer.Argument(metavar="铜牌编号")]
Id = Annotated[str, typer.Argument(metavar="编号", help="列表 --json 里的 id。")]
Day = Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], metavar="年-月-日")]


def as_desk(login: str | None, act: Callable[[Desk], Awaitable[_Result]]) -> _Result:
    """What `act` gives, at the desk of this account."""

    async def go() -> _Result:
        async with desk(login) as at:
            return await act(at)

    return run(go())


def identifier(text: str) -> UUID:
    """The id that was copied from a list. Raises CommandError."""
    try:
        return UUID(text)
    except ValueError:
        raise CommandError(f"“{text}”不是编号，编号形如 1b4e28ba-2fa1-4d3b-8f3e-9d0e5a6c7b8d") from None


def scope_words(scope: tuple[ScopeView, ...]) -> str:
    """What is authorised or asked for, in one line."""
    return "、".join(f"{one.occupation_label} {one.level_label}" for one in scope)
