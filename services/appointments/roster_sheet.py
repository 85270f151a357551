"""The list of logins 登录人员名单 as the business system gives it: its columns, and what can be wrong with a row (E6)."""

from dataclasses import dataclass

from services.appointments.accounts import read_login
from services.errors import ServiceError
from services.imports import ROUNDED_IDENTITY
from services.rules import identity
from services.rules.text import normalise
from services.spreadsheets import Column, ColumnKind, RowError, Table, TableRow, text_of

NAME = Column(
    key="name", label="姓名", aliases=("人员姓名", "用户姓名"), help="登录人员的姓名。", example="王小明"
)
LOGIN = Column(
    key="login",
    label="登录账号",
    kind=ColumnKind.IDENTIFIER,
    aliases=("账号", "用户名", "登录名"),
    help="业务系统里的登录账号，按文本填写。",
    example="wangxm",
    width=24,
)
LABORATORY = Column(
    key="laboratory",
    label="检测机构",
    aliases=("单位", "机构名称", "单位名称"),
    help="检测机构全称，须与本系统登记的名称一致。",
    example="某某产品质量检测研究院",
    width=36,
)
COLUMNS = (NAME, LOGIN, LABORATORY)
_LONGEST_NAME = 50


@dataclass(frozen=True, kw_only=True)
class LoginRow:
    """A row whose cells are all right in themselves."""

    row: int
    name: str
    login: str
    laboratory: str


def read_rows(table: Table) -> tuple[list[LoginRow], list[RowError]]:
    """Rows that are right in themselves, and what is wrong with the others."""
    good: list[LoginRow] = []
    errors: list[RowError] = []
    for row in table.rows:
        found = _read(table, row)
        if isinstance(found, LoginRow):
            good.append(found)
        else:
            errors.extend(found)
    return good, errors


def wrong(table: Table, row: int, column: Column, problem: str, remedy: str) -> RowError:
    """An error under the file's own header."""
    position = table.positions.get(column.key)
    header = table.headers[position] if position is not None else ""
    return RowError(row=row, column=header, problem=problem, example=remedy)


def _read(table: Table, row: TableRow) -> LoginRow | list[RowError]:
    errors: list[RowError] = []
    name, laboratory = (normalise(text_of(row.cells[column.key])) for column in (NAME, LABORATORY))
    if not name or len(name) > _LONGEST_NAME:
        errors.append(wrong(table, row.number, NAME, "没有填写姓名，或者太长", "请填写登录人员的姓名"))
    if not laboratory:
        errors.append(wrong(table, row.number, LABORATORY, "没有填写检测机构", "请填写检测机构全称"))
    login = ""
    cell = row.cells[LOGIN.key]
    if identity.looks_rounded(cell):
        errors.append(wrong(table, row.number, LOGIN, *ROUNDED_IDENTITY))
    else:
        try:
            login = read_login(text_of(cell))
        except ServiceError:
            errors.append(
                wrong(table, row.number, LOGIN, "登录账号应是 2 至 40 位字母、数字或 _ . @ -", "例如 wangxm")
            )
    if errors:
        return errors
    return LoginRow(row=row.number, name=name, login=login, laboratory=laboratory)
