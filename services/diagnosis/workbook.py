"""An analysis as xlsx: one sheet by group, one that explains."""

from services.rules.diagnosis import Analysis
from services.schemes.diagnosis import Diagnosis
from services.spreadsheets import Cell, Column, ColumnKind, report_workbook


def written(scheme: str, diagnosis: Diagnosis, analysis: Analysis) -> bytes:
    """Means by group in per cent; CPU work."""
    columns = [
        Column(key="name", label="分组", width=28),
        Column(key="people", label="人数", kind=ColumnKind.NUMBER),
        *(
            Column(key=area.key, label=f"{area.label}（%）", kind=ColumnKind.NUMBER, width=18)
            for area in diagnosis.areas
        ),
        Column(key="weakest", label="最薄弱的领域", width=36),
    ]
    groups = [*([analysis.everybody] if analysis.everybody is not None else []), *analysis.groups]
    rows: list[dict[str, Cell]] = [
        {
            "name": group.name,
            "people": group.people,
            **{key: float(mean) for key, mean in group.means.items()},
            "weakest": "、".join(group.weakest),
        }
        for group in groups
    ]
    notes = [
        f"{scheme}：已公布成绩中有领域得分的 {analysis.people} 人。",
        "数字是各领域得分占该领域满分的百分比的平均值。",
        f"少于 {analysis.least} 人的分组合并为“其他”，不单独列出；合并后仍不足的，与人数最少的一组合并。",
    ]
    return report_workbook("分领域分析", columns, rows, notes)
