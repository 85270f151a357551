"""`schemes`: look at scheme files and check them. Needs no database."""

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import printing
from bot.cli.environment import load_settings
from bot.cli.options import AsJson
from bot.cli.problems import CommandError
from services.rules.money import format_yuan
from services.schemes import between, reference, starting
from services.schemes.between import SeveralFilesError
from services.schemes.loader import BUILT_IN, LoadedScheme, SchemeCatalogue, load_catalogue
from services.schemes.models import Scheme

group = typer.Typer(help="认定方案文件。", no_args_is_help=True)


@group.command("list")
def list_(as_json: AsJson = False) -> None:
    """列出所有方案和版本。"""
    loaded = list(_catalogue().loaded.values())
    if as_json:
        printing.document([_line(item) for item in loaded])
        return
    columns = {"方案": "id", "版本": "version", "名称": "title", "来源": "source"}
    printing.listing([item.scheme for item in loaded], columns, as_json=False, empty="没有方案。")


@group.command()
def show(
    scheme_id: Annotated[str, typer.Argument(metavar="方案", help="方案编号，可加 @版本。")],
    as_json: AsJson = False,
) -> None:
    """显示一个方案的内容。"""
    scheme = _find(_catalogue(), scheme_id)
    if as_json:
        printing.document(scheme.model_dump(mode="json"))
        return
    printing.card(
        scheme.title,
        {
            "编号": scheme.ref,
            "公众号": scheme.accounts,
            "来源": scheme.source,
            "规则": f"{scheme.rule_document.title}（{scheme.rule_document.code}）",
            "组织实施": scheme.roles.organiser,
            "颁证": scheme.roles.issuer,
            "填写项": [field.label for field in scheme.fields],
            "材料": [material.label for material in scheme.materials],
            "费用": [f"{fee.label} {format_yuan(fee.amount_fen)}/{fee.unit}" for fee in scheme.fees],
            "学时": scheme.hours.required if scheme.hours else "不要求",
            "等级": _grades(scheme),
            "证书": [kind.title for kind in scheme.certificates],
            "待确认": scheme.proposed,
        },
    )


@group.command()
def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[文件或文件夹]…", help="默认：自带的和 ZHENGTU_SCHEMES_DIR 里的。"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """检查方案文件，逐条列出错误的位置；也和其他方案、公众号、聊天里的固定词比较。"""
    settings = load_settings()
    there = between.scheme_files(BUILT_IN, *((settings.schemes_dir,) if settings.schemes_dir else ()))
    paths = [path for given in files for path in _files(given)] if files else there
    try:
        checked = between.check(paths, there, settings.wechat)
    except SeveralFilesError as error:
        if as_json:
            faults = [
                {"file": wrong.path, "place": place, "problem": problem}
                for wrong in error.files
                for place, problem in wrong.faults
            ]
            printing.document({"valid": False, "file": error.files[0].path, "faults": faults})
        raise
    unknown = between.unconnected(checked, settings.wechat)
    if as_json:
        printing.document(
            {"valid": True, "schemes": [_line(item) for item in checked], "unchecked_accounts": unknown}
        )
        return
    for item in checked:
        printing.say(f"✓ {item.path.name}：{item.scheme.ref} {item.scheme.title}")
    if unknown:
        printing.say(f"提示：还没有接入公众号（ZHENGTU_WECHAT__…），没有核对 accounts：{'、'.join(unknown)}")


@group.command()
def new(
    scheme_id: Annotated[
        str, typer.Argument(metavar="编号", help="2 到 60 个小写字母、数字和 -，例如 first-aider。")
    ],
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="文件夹", help="默认：ZHENGTU_SCHEMES_DIR，否则当前文件夹。"),
    ] = None,
) -> None:
    """写一个可以直接使用的新方案文件，再照着改。"""
    if re.fullmatch(r"[a-z0-9][a-z0-9-]{1,59}", scheme_id) is None:
        raise CommandError(f"编号“{scheme_id}”写法不对：2 到 60 个小写字母、数字和 -，例如 first-aider")
    folder = into or load_settings().schemes_dir or Path()
    path = folder / f"{scheme_id.replace('-', '_')}.toml"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(starting.begun(scheme_id))
    except FileExistsError:
        raise CommandError(f"{path} 已经有了，没有改动；请换一个编号，或先改名保存原来的文件") from None
    printing.say(
        f"已写好 {path}。\n下一步：照 docs/schemes.md 改内容，运行 zhengtu schemes check {path} 检查，"
        "再把文件夹设为 ZHENGTU_SCHEMES_DIR 并重新启动。"
    )


@group.command("reference")
def reference_(
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="文件", help="更新这个文件里的参考部分，例如 docs/schemes.md。"),
    ] = None,
) -> None:
    """列出方案文件里可以写的每一部分、每一个键（英文，Markdown）。"""
    made = reference.written(load_catalogue())
    if into is None:
        sys.stdout.write(made)
        return
    kept, marker, _ = into.read_text(encoding="utf-8").partition(reference.MARKER)
    if not marker:
        raise CommandError(f"{into} 里没有这一行：{reference.MARKER}")
    into.write_text(kept + made, encoding="utf-8")
    printing.say(f"已更新 {into}。")


def _grades(scheme: Scheme) -> list[str] | str:
    if scheme.grading is None:
        return "不考试"
    if scheme.grading.robust is not None:
        return "按标准分与基准指数评定：优秀、良好、合格、不合格"
    return [f"{band.grade} ≥{printing.shown(band.minimum_percent)}%" for band in scheme.grading.bands]


def _catalogue() -> SchemeCatalogue:
    settings = load_settings()
    return load_catalogue(*((settings.schemes_dir,) if settings.schemes_dir else ()))


def _files(given: Path) -> list[Path]:
    if given.is_dir():
        return between.scheme_files(given)
    return [given]


def _find(catalogue: SchemeCatalogue, name: str) -> Scheme:
    try:
        return catalogue[name] if "@" in name else catalogue.current(name)
    except KeyError:
        known = "、".join(sorted({scheme.id for scheme in catalogue.values()}))
        raise CommandError(f"没有方案 {name}，现有：{known}") from None


def _line(item: LoadedScheme) -> dict[str, object]:
    scheme = item.scheme
    return {
        "id": scheme.id,
        "version": scheme.version,
        "title": scheme.title,
        "accounts": scheme.accounts,
        "source": scheme.source,
        "sha256": item.sha256,
        "file": item.path,
    }
