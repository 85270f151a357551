"""What a person at the terminal reads when something is wrong: one line of Chinese, never a traceback."""

import re
import secrets
import sys
import traceback
from collections.abc import Mapping
from typing import Final

import structlog
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.exc import SQLAlchemyError

from bot.cli import words
from services.errors import ServiceError
from services.rules.errors import InvalidValueError
from services.scheme_versions import ChangedSchemeError
from services.schemes.between import SeveralFilesError
from services.schemes.loader import SchemeFileError
from storage.crypto import WeakSecretKeysError

log = structlog.get_logger(__name__)


class CommandError(Exception):
    """What the command line itself refuses; its text is the sentence to show, one line or more."""


#: Refusals that read differently here than on a page.
_ERRORS: Final[Mapping[str, str]] = {
    "access.not_found": "没有找到，或者它不属于这个账号所在的机构。",
    "staff.login_format": "账号只能用小写字母、数字和 . _ @ -，2 到 64 个字符，以字母或数字开头。",
    "staff.name_empty": "姓名不能为空。",
    "staff.login_taken": "账号 {login} 已经有人用了。",
    "staff.unknown": "没有账号 {login}。",
    "enrolment.not_found": "没有这个报名，或者它不属于这个账号所在的机构。",
    "enrolment.not_in_review": "这个报名现在不在审核中（{state}）。",
    "enrolment.restricted": "报名 {number} 已停止使用。请先运行 zhengtu enrolments open {number} --reason 理由（记入操作日志）。",
    "review.no_reason": "请写明原因。",
    "review.unknown_item": "没有“{key}”这一项。",
    "payment.remark_mismatch": "转账附言应为“{expected}”，实际是“{remark}”。确认是这笔款的，请用 --note 写明情况。",
    "payment.over": "到账比应缴的多，请核对；确实多缴的，请用 --note 写明情况。",
    "class.scheme": "没有这个方案，用 zhengtu schemes list 查看。",
    "class.code_taken": "班号 {class_code} 已经用过了。",
    "tree.unknown": "没有“{name}”这棵树，也没有这个文件。可以用：{known}。",
    "tree.file": "机构文件有误：{place}：{fault}。每个机构写 name、kind，有上级的写 under。",
    "tree.other_kind": "“{name}”已经是另一类机构（{kind}），没有改动。",
    "tree.not_before": "“{name}”还没有，上级要写在下级前面。",
    "scheme.not_found": "没有这个方案，用 zhengtu schemes list 查看。",
    "scheme.not_trained_here": (
        "“{scheme}”的培训和考试不由这个机构组织（组织单位：{organiser}），不能开班，也不能安排考试。"
    ),
    "sitting.no_exam": "“{scheme}”不安排考试。",
    "sitting.off_calendar": "按规定应在 {saturday} 或 {sunday}。另定日期的，请用 --override-reason 写明依据。",
    "appointment.uncovers": "此人离开后，本检测机构的 {fields} 将没有人覆盖。确实要这样做的，请加 --uncovers 领域（可写几次）。",
    "certificate.wrong_state": "证书现在的状态不能做这个操作。",
}


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


def sentence(error: BaseException) -> str | None:
    """What to tell of this error, or None when nobody foresaw it."""
    match error:
        case CommandError():
            return str(error)
        case ServiceError() | InvalidValueError():
            return _refusal(error)
        case SchemeFileError():
            return _faults_of(error)
        case SeveralFilesError():
            return "\n".join(map(_faults_of, error.files))
        case ChangedSchemeError():
            return str(error)
        case WeakSecretKeysError():
            return f"{'；'.join(error.problems)}（ZHENGTU_SECRET_KEYS，例如用 openssl rand -base64 48 生成）"
        case ValidationError():
            faults = (f"{'.'.join(map(str, fault['loc']))}：{fault['msg']}" for fault in error.errors())
            return f"设置有误：{'；'.join(faults)}"
        case SettingsError():
            return f"设置有误：{error}"
        case SQLAlchemyError() | ConnectionRefusedError():
            return f"数据库出了问题：{_first_line(error.__cause__ or error)}"
        case FileNotFoundError():
            return f"找不到文件：{error.filename}"
        case PermissionError():
            return f"没有权限：{error.filename}"
        case OSError():
            return f"{error.strerror or error}：{error.filename}" if error.filename else str(error)
        case _ if (message := getattr(error, "format_message", None)) is not None:
            # Typer keeps click inside itself and exports few of its errors; what it says of usage has this method.
            return _usage(error, str(message()))
        case _:
            return None


def _faults_of(error: SchemeFileError) -> str:
    return "\n".join(f"{error.path}：{place}：{fault}" for place, fault in error.faults)


def report(error: BaseException, *, debug: bool) -> None:
    """Say it on stderr. One that nobody foresaw is logged under an id, which is all a person sees of it."""
    if debug:
        traceback.print_exception(error)
    if (known := sentence(error)) is None:
        reference = secrets.token_hex(4)
        log.error(
            "command failed",
            reference=reference,
            kind=type(error).__name__,
            place=_place(error),
        )
        known = f"系统出了意外的问题，编号 {reference}。设置 ZHENGTU_LOG_LEVEL=debug 再运行一次可以看到详情。"
    sys.stderr.write(f"错误：{known}\n")


def _refusal(error: ServiceError | InvalidValueError) -> str:
    if (known := _ERRORS.get(error.code)) is not None:
        return known.format_map(_Facts(error.facts))
    return words.refusal(error)


def _usage(error: BaseException, message: str) -> str:
    context, parameter = getattr(error, "ctx", None), getattr(error, "param", None)
    help_at = f"。用法见 {context.command_path} --help" if context is not None else ""
    name = (parameter.metavar or parameter.opts[-1]) if parameter is not None else ""
    if parameter is not None and parameter.opts[-1].startswith("-"):
        name = parameter.opts[-1]
    match type(error).__name__:
        case "NoSuchOption":
            return f"没有 {getattr(error, 'option_name', '')} 这个选项{help_at}"
        case "MissingParameter" if name:
            return f"缺少 {name}{help_at}"
        case "BadParameter" if name:
            return f"{name} 写得不对（{_in_chinese(message)}）{help_at}"
        case "UsageError" | "NoSuchCommand" if typed := re.fullmatch(r"No such command '(.*)'\.?", message):
            return f"没有 {typed[1]} 这个命令{help_at}"
        case _:
            return f"命令写得不对（{message.rstrip('.')}）{help_at}"


#: What Typer says of a value that it cannot read, and how we say it.
_VALUE_PROBLEMS: Final = (
    (re.compile(r"is not one of (.+?)\.?$"), "只能是 {0}"),
    (re.compile(r"does not match the formats? (.+?)\.?$"), "格式应为 {0}"),
    (re.compile(r"valid integer|not a valid int"), "应为整数"),
    (re.compile(r"greater than or equal to (\S+?)\.?$|not in the range x>=(\S+?)\.?$"), "不能小于 {0}"),
)


def _in_chinese(message: str) -> str:
    for pattern, said in _VALUE_PROBLEMS:
        if found := pattern.search(message):
            return said.format(*(group.replace("'", "") for group in found.groups() if group is not None))
    return message.split(": ", 1)[-1].rstrip(".")


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
