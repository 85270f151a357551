"""`keys`: under which secret key everything lies, and bringing it under the newest."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from bot.cli import printing
from bot.cli.environment import load_settings, opened, run
from bot.cli.options import AsJson
from bot.cli.problems import CommandError
from services import keys
from services.keys import PlaceCount
from services.models import Actor

group = typer.Typer(help="密钥轮换（ZHENGTU_SECRET_KEYS）。", no_args_is_help=True)

_PLACES: Final = {
    "persons": "身份证号",
    "answers": "报名填写的敏感项",
    "certificates": "证书持有人和查验令牌",
    "access_tokens": "微信 access_token",
    "replies": "暂存的回复",
    "documents": "证明材料照片",
    "vouchers": "转账凭证照片",
    "papers": "证书文件",
}


@group.command()
def check(as_json: AsJson = False) -> None:
    """统计每一处有多少值在当前密钥（第一个）下、多少还在旧密钥下。不改动任何数据。"""

    async def count() -> tuple[PlaceCount, ...]:
        async with opened(load_settings()) as running:
            with _bar() as told:
                return await keys.check(running.tools, told)

    counts = run(count())
    _show(counts, as_json=as_json)
    if not as_json:
        printing.say(_verdict(counts))


@group.command()
def rotate(as_json: AsJson = False) -> None:
    """把旧密钥下的值改用当前密钥加密。可以随时中断、再次运行；服务不必停。

    先给所有进程的 ZHENGTU_SECRET_KEYS 末尾加上新密钥并重启，再把它移到最前面并重启，然后运行本命令。
    """

    async def renew() -> tuple[PlaceCount, ...]:
        async with opened(load_settings()) as running:
            with _bar() as told:
                return await keys.rotate(running.tools, Actor.system("keys"), told)

    counts = run(renew())
    _show(counts, as_json=as_json)
    if any(count.left for count in counts):
        raise CommandError(_verdict(counts))
    if not as_json:
        printing.say(_verdict(counts))


def _show(counts: tuple[PlaceCount, ...], *, as_json: bool) -> None:
    if as_json:
        printing.document(counts)
        return
    lines = {
        _PLACES.get(count.place, count.place): f"当前密钥 {count.current}　旧密钥 {count.older}"
        + (f"　无法解密 {count.unreadable}" if count.unreadable else "")
        + (f"　本次更新 {count.renewed}" if count.renewed else "")
        for count in counts
    }
    printing.card("加密的值", lines)


def _verdict(counts: tuple[PlaceCount, ...]) -> str:
    older = sum(count.older for count in counts)
    unreadable = sum(count.unreadable for count in counts)
    if unreadable:
        return (
            f"有 {unreadable} 个值用现有的密钥都解不开，请不要去掉任何密钥；哪些行见日志 keys.not_renewed。"
        )
    if older:
        return f"还有 {older} 个值在旧密钥下，请（再次）运行 zhengtu keys rotate；旧密钥还不能去掉。"
    return "全部在当前密钥下。旧密钥可以去掉；此前发出的证书下载链接（7 天内有效）会随之失效，过 7 天再去掉则不受影响。"


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar a place, on stderr; nothing where nobody looks."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        tasks: dict[str, TaskID] = {}

        def told(place: str, rows: int, done: int) -> None:
            if place not in tasks:
                tasks[place] = progress.add_task(_PLACES.get(place, place), total=rows)
            progress.update(tasks[place], total=rows, completed=done)

        yield told
