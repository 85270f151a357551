"""Chinese words of lists, cards and assignments in the console: states, actions, what was done, why it was refused."""

from collections.abc import Mapping
from typing import Final

DONE: Final[Mapping[str, str]] = {}

LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "subject": {"list": "名单"},
    "action": {"list.exported": "导出名单"},
}

ERRORS: Final[Mapping[str, str]] = {
    "list.not_found": "这个项目没有这份名单。",
    "list.too_many": "符合条件的超过 {limit} 人，请缩小范围后再导出。",
    "list.incomplete": "有 {count} 行缺少必填项，不能进入名单。请先看清是哪些行，再决定是否只导出完整的行。",
    "list.empty": "没有一行是完整的，没有可导出的内容。",
}
