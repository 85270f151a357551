"""Tables that commands read and write: an import told in a few lines, a template or a PDF put into a file."""

from pathlib import Path

from bot.cli import printing
from bot.cli.problems import CommandError
from services.imports import ImportReport

#: Errors that are listed; the rest is counted and in the error workbook.
_LISTED = 20


def written(path: Path, content: bytes) -> None:
    """Put `content` into a file. Raises CommandError when the file is there already."""
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise CommandError(f"{path} 已经存在，请换一个文件名") from None


def told(report: ImportReport, errors_to: Path | None, *, as_json: bool) -> None:
    """What an import did or would do; faulty rows go to `errors_to` when it is given."""
    if report.errors and errors_to is not None:
        written(errors_to, report.error_workbook())
    if as_json:
        printing.document(report)
        return
    head = "试导入（没有写入）" if report.dry_run else "已导入"
    printing.say(
        f"{head} {report.filename}：新增 {report.new}，更改 {report.changed}，相同 {report.same}，错误 {report.faulty_rows} 行。"
    )
    for error in report.errors[:_LISTED]:
        where = f"第 {error.row} 行" + (f"“{error.column}”" if error.column else "")
        printing.say(f"  {where}：{error.problem}。{error.example}")
    if len(report.errors) > _LISTED:
        printing.say(f"  ……还有 {len(report.errors) - _LISTED} 处，用 --errors 文件.xlsx 取得全部。")
