"""`demo`: everything on one machine, to look at or as a script."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.environment import DEMO_DIR


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(demo)


def demo(
    script: Annotated[
        bool, typer.Option("--script", help="不开网页，把整个过程自动走一遍并打印对话。")
    ] = False,
    port: Annotated[
        int | None, typer.Option("--port", help="服务（后台、查验）的端口；默认 8080 起第一个空闲的。")
    ] = None,
    simulator_port: Annotated[
        int | None,
        typer.Option("--simulator-port", help="手机（模拟器）的端口；默认 8090 起第一个空闲的。"),
    ] = None,
    data_dir: Annotated[
        Path, typer.Option("--data-dir", metavar="文件夹", help="演示数据放在哪里。")
    ] = DEMO_DIR,
    as_json: Annotated[
        bool, typer.Option("--json", help="与 --script 一起：最后打印一个 JSON 文档。")
    ] = False,
) -> None:
    """在本机演示全部功能：手机、管理后台、查验。"""
    if script:
        from bot.demo.script import play

        play(as_json=as_json)
    else:
        from bot.demo.running import stay

        stay(data_dir, port=port, simulator_port=simulator_port)
