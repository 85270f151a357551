"""Options that many commands share."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.environment import STAFF

AsJson = Annotated[bool, typer.Option("--json", help="在标准输出打印一个 JSON 文档。")]
Login = Annotated[
    str | None, typer.Option("--as", metavar="账号", envvar=STAFF, help="以哪个工作人员的身份操作。")
]
Page = Annotated[int, typer.Option("--page", metavar="页", min=1, help="第几页。")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只检查和统计，不写入。")]
ErrorsTo = Annotated[
    Path | None,
    typer.Option("--errors", metavar="文件.xlsx", help="有错误行时，把它们写到这个表格，改好后可再导入。"),
]
Reason = Annotated[str, typer.Option("--reason", metavar="原因", help="写明原因，会记入操作日志。")]
EnrolmentNumber = Annotated[int, typer.Argument(metavar="报名号", help="例如 10001。")]
