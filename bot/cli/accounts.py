"""`menu` and `scene-qr`: what an official account is told once."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import printing
from bot.cli.environment import load_settings, opened, run
from bot.cli.options import AsJson
from bot.cli.problems import CommandError
from services.rules.words import Word
from services.schemes.models import Scheme

if TYPE_CHECKING:
    from bot.wechat.client import AccountClient

group = typer.Typer(help="公众号菜单。", no_args_is_help=True)

Account = Annotated[str, typer.Option("--account", metavar="公众号", help="设置里的名字。")]

#: Three buttons, at most five items each; an item says its word.
MENU = (
    (
        "报名",
        (
            ("我要报名", Word.ENROL),
            ("继续填写", Word.CONTINUE),
            ("报名进度", Word.PROGRESS),
            ("缴费", Word.PAY),
        ),
    ),
    (
        "学习考试",
        (
            ("我的学时", Word.HOURS),
            ("考试安排", Word.EXAM),
            ("我的成绩", Word.RESULT),
            ("我的证书", Word.CERTIFICATE),
        ),
    ),
    ("服务", (("全部功能", Word.MENU), ("帮助", Word.HELP), ("申诉", Word.APPEAL), ("人工服务", Word.HUMAN))),
)


#: Left out where no scheme of the account leads to it.
_BY_SCHEME = frozenset((Word.PAY, Word.HOURS, Word.EXAM, Word.RESULT))


def register(app: typer.Typer) -> None:
    """Add `scene-qr`, which has no group."""
    app.command("scene-qr")(scene_qr)


def menu_document(public_url: str, schemes: Sequence[Scheme] = ()) -> dict[str, Any]:
    """The menu as WeChat takes it, with what the account's schemes lead to; the last button also opens the verification
    page, or the list of who is appointed.
    """
    from handlers.chat.texts import common

    shown = {Word(word): label for label, word in common.menu_lines(schemes)}
    end = shown[Word.CERTIFICATE]
    buttons: list[dict[str, Any]] = []
    for name, items in MENU:
        kept = [(label, word) for label, word in items if word in shown or word not in _BY_SCHEME]
        sub = [
            {
                "type": "click",
                "name": f"我的{end}" if word is Word.CERTIFICATE else label,
                "key": word.value,
            }
            for label, word in kept
        ]
        buttons.append({"name": name if len(kept) > 1 else f"我的{end}", "sub_button": sub})
    view = ("聘用名录", "/appointments") if end == "聘用" else ("证书查验", "/verify")
    buttons[-1]["sub_button"].append({"type": "view", "name": view[0], "url": f"{public_url}{view[1]}"})
    return {"button": buttons}


@group.command()
def push(account: Account = "main", as_json: AsJson = False) -> None:
    """把菜单发布到公众号。"""

    async def publish() -> dict[str, Any]:
        async with opened(load_settings()) as running:
            menu = menu_document(running.settings.public_url, running.tools.schemes.offered_by(account))
            await client_of(running.clients, account).menu.create(menu)
            return menu

    printing.done(run(publish()), f"菜单已发布到 {account}。", as_json=as_json)


def scene_qr(
    scheme: Annotated[str, typer.Argument(metavar="方案", help="扫码后直接进入这个方案的报名。")],
    account: Account = "main",
    as_json: AsJson = False,
) -> None:
    """生成一个永久的报名二维码。"""

    from handlers.chat.entry import ENROL_SCENE

    async def make() -> dict[str, Any]:
        async with opened(load_settings()) as running:
            offered = {item.id for item in running.tools.schemes.offered_by(account)}
            if scheme not in offered:
                raise CommandError(f"{account} 没有方案 {scheme}，现有：{'、'.join(sorted(offered)) or '无'}")
            answer = await client_of(running.clients, account).qrcode.create_permanent(
                f"{ENROL_SCENE}{scheme}"
            )
            return {"scene": f"{ENROL_SCENE}{scheme}", "ticket": answer["ticket"], "url": answer["url"]}

    made = run(make())
    printing.done(made, f"二维码内容：{made['url']}", as_json=as_json)


def client_of(clients: Mapping[str, "AccountClient"], account: str) -> "AccountClient":
    """What speaks to WeChat for this account. Raises CommandError."""
    if account not in clients:
        raise CommandError(f"没有公众号 {account}，请设置 ZHENGTU_WECHAT__{account.upper()}__APP_ID 等")
    return clients[account]
