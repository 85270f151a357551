"""Imports 导入: what one did or would do, its faulty rows in words, and the run that is kept.

A dry run counts and writes nothing. A real run applies the good rows and reports the others; the same file again
finds everything as it left it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from services import audit
from services.models import Actor
from services.rules.errors import InvalidValueError
from services.spreadsheets import RowError, Table, error_workbook
from services.unit_of_work import Work
from storage.repositories.study import ImportRunRepository
from storage.tables import ImportRun


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What an import did (`applied`) or, as a dry run, would do. Counts are rows."""

    #: `hours`, `scores`.
    kind: str
    filename: str
    sha256: str
    dry_run: bool
    new: int
    changed: int
    same: int
    errors: tuple[RowError, ...]
    #: Whether anything of it was written: False for a dry run.
    applied: bool
    table: Table = field(repr=False)

    @property
    def faulty_rows(self) -> int:
        """How many rows have at least one error."""
        return len({error.row for error in self.errors})

    def error_workbook(self) -> bytes:
        """An xlsx of the faulty rows with 问题 and 怎么改, which can be mended and imported. Blocking: use a thread."""
        return error_workbook(self.table, self.errors)


def report(
    kind: str, table: Table, *, dry_run: bool, new: int, changed: int, same: int, errors: tuple[RowError, ...]
) -> ImportReport:
    """The report of a run over `table`; errors by row."""
    return ImportReport(
        kind=kind,
        filename=table.filename,
        sha256=table.sha256,
        dry_run=dry_run,
        new=new,
        changed=changed,
        same=same,
        errors=tuple(sorted(errors, key=lambda error: error.row)),
        applied=not dry_run,
        table=table,
    )


async def record_run(work: Work, actor: Actor, kind: str, table: Table, counts: Mapping[str, int]) -> UUID:
    """Keep a real run with its counts (`new`, `changed`, `same`, `errors`), audited; gives its id for the rows."""
    runs = ImportRunRepository(work.session)
    row = ImportRun(
        id=uuid4(),
        kind=kind,
        filename=table.filename[:200],
        sha256=table.sha256,
        staff_id=await runs.find_staff_id(actor.id) if actor.kind == "staff" else None,
        counts=dict(counts),
        finished_at=work.now,
        created_at=work.now,
    )
    await runs.add(row)
    audit.record(
        work,
        actor,
        f"{kind}.imported",
        "import",
        row.id,
        after={"filename": row.filename, "sha256": row.sha256, **counts},
    )
    return row.id


#: Code → (problem, remedy); `{…}` are the error's facts. Nothing of the refused value is in them.
_WORDS: Mapping[str, tuple[str, str]] = {
    "number.empty": ("没有填写数字", "请填写数字，例如 2.5"),
    "number.format": ("不是数字", "请只填数字，例如 2.5，不要带单位"),
    "date.empty": ("没有填写日期", "请填写日期，例如 2026-11-20"),
    "date.day_missing": ("日期缺少“日”", "请写到日，例如 2026-11-20"),
    "date.year": ("年份不是四位数", "年份请写四位，例如 2026-11-20"),
    "date.impossible": ("没有 {year} 年 {month} 月 {day} 日这一天", "请核对日期，例如 2026-11-20"),
    "date.format": ("看不懂这个日期", "请写成 2026-11-20 的样子"),
    "identity.old_15": ("身份证号是 15 位的旧号码", "请填写 18 位身份证号"),
    "identity.length": ("身份证号应是 18 位，现在是 {length} 位", "请核对后填写 18 位身份证号"),
    "identity.characters": ("身份证号第 {position} 位不是数字", "请核对身份证号，只有最后一位可以是 X"),
    "identity.checksum": ("身份证号的校验位不对，可能有一位写错了", "请对照身份证逐位核对"),
    "identity.birth_date": ("身份证号里的出生日期不存在", "请对照身份证核对第 7 至 14 位"),
}

#: A number of 16 digits or more that a spreadsheet kept as a number has lost its tail.
ROUNDED_IDENTITY = (
    "身份证号在表格里被存成了数字，末几位已丢失，请把该列设为“文本”后重新填写",
    "选中该列，单元格格式设为“文本”，再重新输入身份证号",
)


def in_words(error: InvalidValueError) -> tuple[str, str]:
    """(problem, remedy) for a cell that a rule refuses."""
    problem, remedy = _WORDS.get(error.code, ("这个值不正确", "请核对后重新填写"))
    return problem.format_map(error.facts), remedy
