"""Every await of a running program, named; and SIGKILL at a chosen one.

A task's coroutine is stepped by the event loop: each step ends where the program awaits something that is not there
yet (`before`: what was written is on its way, nothing has come back), and the next one begins when it has come
(`after`: what came has not been looked at). Between the two no line of the program runs, so a process that can be
killed at both ends of every step can be killed wherever it makes a difference.
"""

import asyncio
import contextvars
import gc
import os
import signal
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from types import AsyncGeneratorType, CoroutineType, FrameType, GeneratorType
from typing import Any, Final

ROOT: Final = f"{Path(__file__).resolve().parents[2]}{os.sep}"
_OURS: Final = tuple(
    f"{ROOT}{name}{os.sep}" for name in ("bot", "handlers", "scheduler", "services", "storage")
)


@dataclass(frozen=True, kw_only=True)
class Order:
    """Where to die: at the `hit`-th time that `point` is passed, or at the latest after `steps` awaits."""

    point: str = ""
    hit: int = 1
    steps: int = 1_000_000_000


@dataclass
class Watch:
    """Counts the awaits of all watched tasks, and kills this process where the order says."""

    order: Order
    #: Called with the place just before the end.
    last_words: Callable[[str, "Watch"], None]
    passed: Counter[str] = field(default_factory=Counter)
    steps: int = 0

    def install(self) -> None:
        """Watch every task that is made from now on in the running loop."""
        asyncio.get_running_loop().set_task_factory(self._task)

    def pass_by(self, place: str, side: str) -> None:
        """The program is at one side of an await."""
        point = f"{side} {place}"
        self.passed[point] += 1
        self.steps += 1
        if self.steps >= self.order.steps or (
            point == self.order.point and self.passed[point] >= self.order.hit
        ):
            self.last_words(point, self)
            os.kill(os.getpid(), signal.SIGKILL)

    def _task(
        self,
        loop: asyncio.AbstractEventLoop,
        coro: Coroutine[Any, Any, Any],
        context: contextvars.Context | None = None,
    ) -> asyncio.Task[Any]:
        watched = _Watched(coro, self) if isinstance(coro, CoroutineType) else coro
        return asyncio.Task(watched, loop=loop, context=context)


class _Watched(Coroutine[Any, Any, Any]):
    """A coroutine that tells its watch of every await."""

    def __init__(self, inner: Coroutine[Any, Any, Any], watch: Watch) -> None:
        self._inner = inner
        self._watch = watch
        self._place = ""
        self.__qualname__ = getattr(inner, "__qualname__", "watched")

    def __await__(self) -> Any:
        return self._inner.__await__()

    def send(self, value: Any) -> Any:
        return self._step(self._inner.send, value)

    def throw(self, *error: Any) -> Any:
        return self._step(self._inner.throw, *error)

    def close(self) -> None:
        self._inner.close()

    def _step(self, step: Callable[..., Any], *given: Any) -> Any:
        if self._place:
            self._watch.pass_by(self._place, "after")
        awaited = step(*given)
        self._place = place_of(self._inner)
        if self._place:
            self._watch.pass_by(self._place, "before")
        return awaited


def place_of(coro: object) -> str:
    """Where a suspended coroutine of ours is: the innermost function of ours, its caller, and what a library waits for.

    Empty for one that never was in our code.
    """
    ours, last = list[str](), ""
    inner: object | None = coro
    while inner is not None:
        frame, inner = _look_in(inner)
        if frame is None:
            continue
        code = frame.f_code
        if code.co_filename.startswith(_OURS):
            ours.append(f"{code.co_filename.removeprefix(ROOT)}:{frame.f_lineno}:{code.co_name}")
            last = ""
        else:
            last = code.co_name
    if not ours:
        return ""
    return " > ".join([*ours[-2:], *([last] if last else [])])


def _look_in(inner: object) -> tuple[FrameType | None, object | None]:
    """The frame of what is awaited, and what it awaits itself."""
    match inner:
        case CoroutineType():
            return inner.cr_frame, inner.cr_await
        case AsyncGeneratorType():
            return inner.ag_frame, inner.ag_await
        case GeneratorType():
            return inner.gi_frame, inner.gi_yieldfrom
        case asyncio.Future():
            return None, None
        case _:
            # What stands between two of them (`anext(…)`, `coroutine.__await__()`) says whose it is to the collector only.
            for held in gc.get_referents(inner):
                if isinstance(held, (CoroutineType, AsyncGeneratorType, GeneratorType)):
                    return None, held
            return None, None
