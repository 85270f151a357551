"""The report of a broadcast as a workbook: figures, everybody with what became of them, WeChat's figures by batch."""

import asyncio
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import xlsxwriter

from services import audit
from services.broadcasts.models import BroadcastDetail
from services.broadcasts.permitted import readable
from services.broadcasts.views import detail
from services.models import Actor
from services.rules.localtime import SHANGHAI
from services.unit_of_work import Work
from storage.repositories.broadcasts import BroadcastRepository

#: A sheet holds a million lines, and nobody reads so many; who did not get it stands first.
MOST_LINES: Final = 200_000


@dataclass(frozen=True, kw_only=True)
class Words:
    """The edge's language: a state's word, and why somebody did not get it."""

    state: Callable[[str], str]
    chunk: Callable[[str], str]
    reason: Callable[[int | None, str], str]


async def report(work: Work, actor: Actor, broadcast_id: UUID, words: Words) -> tuple[str, bytes]:
    """Filename and xlsx; that it was taken is logged, because it names people (B9). Raises NotFoundError."""
    row = await readable(work, actor, broadcast_id)
    one = await detail(work, row)
    lines = await BroadcastRepository(work.session).lines(row.id, MOST_LINES)
    audit.record(
        work,
        actor,
        "broadcast.exported",
        "broadcast",
        row.id,
        after={"lines": len(lines)},
        organisation_id=row.organisation_id,
    )
    content = await asyncio.to_thread(_workbook, one, lines, words)
    return f"群发报告 {row.number}.xlsx", content


def _workbook(one: BroadcastDetail, lines: Sequence[Any], words: Words) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True, "bg_color": "#E7F2EC"})
        sheet = book.add_worksheet("汇总")
        sheet.set_column(0, 0, 18)
        sheet.set_column(1, 1, 60)
        for line, (name, value) in enumerate(_figures(one, words).items()):
            sheet.write_string(line, 0, name, bold)
            sheet.write(line, 1, value)
        people = book.add_worksheet("收件人")
        _head(people, bold, {"报名号": 12, "姓名": 14, "结果": 14, "发送时间": 18, "原因": 50})
        for line, (number, name, state, sent_at, errcode, reason) in enumerate(lines, start=1):
            people.write_string(line, 0, str(number or "—"))
            people.write_string(line, 1, name or "—")
            people.write_string(line, 2, words.state(state))
            people.write_string(line, 3, _stamp(sent_at))
            people.write_string(line, 4, words.reason(errcode, reason or ""))
        batches = book.add_worksheet("批次")
        heads = ("批次", "人数", "状态", "微信编号", "微信总数", "过滤后", "送达", "失败", "说明")
        _head(batches, bold, {name: 40 if name == "说明" else 12 for name in heads})
        for line, chunk in enumerate(one.chunks, start=1):
            cells = (
                chunk.number,
                chunk.size,
                words.chunk(chunk.state.value),
                chunk.msgid or "",
                chunk.total if chunk.total is not None else "",
                chunk.filtered if chunk.filtered is not None else "",
                chunk.sent if chunk.sent is not None else "",
                chunk.errors if chunk.errors is not None else "",
                words.reason(chunk.errcode, chunk.errmsg) if chunk.errcode or chunk.errmsg else "",
            )
            for index, cell in enumerate(cells):
                batches.write(line, index, cell)
    return out.getvalue()


def _figures(one: BroadcastDetail, words: Words) -> dict[str, object]:
    counted = one.progress
    figures: dict[str, object] = {
        "编号": one.line.number,
        "名称": one.line.title,
        "提交": f"{one.submitted_by} {_stamp(one.submitted_at)}",
        "审批": f"{one.approved_by} {_stamp(one.approved_at)}",
        "内容和名单的指纹": one.fingerprint,
        "开始": _stamp(one.line.started_at),
        "结束": _stamp(one.finished_at),
        "收件人": counted.total,
        "微信已接收": counted.taken,
        "其中已送达": counted.delivered,
        "失败": counted.failed,
        "结果不明": counted.unknown,
        "跳过": counted.skipped,
        "未发": counted.cancelled + counted.waiting + counted.under_way,
    }
    for line in one.reasons:
        figures[f"{words.state(line.state.value)}：{words.reason(line.errcode, line.reason)}"] = line.count
    return figures


def _head(sheet: Any, bold: Any, columns: Mapping[str, int]) -> None:
    for index, (name, width) in enumerate(columns.items()):
        sheet.set_column(index, index, width)
        sheet.write_string(0, index, name, bold)
    sheet.freeze_panes(1, 0)


def _stamp(moment: Any) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if moment is not None else ""
