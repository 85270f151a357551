"""What an entry of the audit log changed, in words: 状态：待核对 → 已确认."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from handlers.console.texts import label
from services.rules.localtime import local_datetime
from services.rules.money import format_sign

#: Facts worth a reader's time → (their word, the kind whose words their values are, empty for none).
_FACTS: Final[Mapping[str, tuple[str, str]]] = {
    "state": ("状态", "any"),
    "result": ("成绩", "result"),
    "seat": ("座位", "seat"),
    "score": ("分数", ""),
    "grade": ("等级", ""),
    "hours": ("学时", ""),
    "amount_fen": ("应缴", ""),
    "paid_fen": ("已到账", ""),
    "transfer_fen": ("本次到账", ""),
    "transfer_remark": ("附言", ""),
    "remark": ("附言", "remark"),
    "code": ("编号", ""),
    "number": ("编号", ""),
    "title": ("名称", ""),
    "ticket": ("准考证号", ""),
    "sitting": ("场次", ""),
    "told": ("通知人数", ""),
    "starts_at": ("开始", ""),
    "ends_at": ("结束", ""),
    "place": ("地点", ""),
    "capacity": ("名额", ""),
    "bring": ("请带", ""),
    "items": ("退回", ""),
    "hotline": ("监督电话", ""),
    "filename": ("文件", ""),
    "new": ("新增", ""),
    "changed": ("更改", ""),
    "same": ("相同", ""),
    "errors": ("有问题", ""),
    "login": ("账号", ""),
    "name": ("名称", ""),
    "role": ("角色", "role"),
    "right": ("登录权限", "right"),
    "fields": ("认证领域", ""),
    "laboratory": ("检测机构", ""),
    "uncovered": ("将无人覆盖", ""),
    "period": ("评价周期", ""),
    "mark": ("评价", ""),
}


def changes(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """One line for each fact that is new or has another value; what only machines read is left out.

    >>> changes({"state": "claimed", "paid_fen": None}, {"state": "confirmed", "paid_fen": 18000, "sha256": "…"})
    ['状态：待核对 → 已确认', '已到账：¥180.00']
    """
    lines = []
    for key, (word, kind) in _FACTS.items():
        old, new = before.get(key), after.get(key)
        if old == new or new is None or new == []:
            continue
        if isinstance(new, list) and any(isinstance(one, Mapping) for one in new):
            word = "收费"
        was = f"{_shown(key, kind, old)} → " if old is not None else ""
        lines.append(f"{word}：{was}{_shown(key, kind, new)}")
    return lines


def _fee(item: Mapping[str, object]) -> str:
    """One line of a fee publication: 培训费 ¥1,800.00/人."""
    amount = item.get("amount_fen")
    money = f" {format_sign(amount)}/{item.get('unit', '')}" if isinstance(amount, int) else ""
    return f"{item.get('item', '')}{money}"


def _shown(key: str, kind: str, value: object) -> str:
    if key.endswith("_fen") and isinstance(value, int):
        return format_sign(value)
    if key.endswith("_at") and isinstance(value, str):
        return local_datetime(datetime.fromisoformat(value))
    if isinstance(value, Mapping):
        return "；".join(str(one) for one in value.values())
    if isinstance(value, list):
        return "、".join(_fee(one) if isinstance(one, Mapping) else str(one) for one in value)
    return label(value, kind) if kind else str(value)
