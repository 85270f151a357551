"""Whether the account's message templates are those that our notices fill."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from bot.doctor.findings import Finding, fault, ok, warning
from services.notices.catalogue import NOTICES

_STEP: Final = "templates"
_PLACEHOLDER: Final = re.compile(r"\{\{\s*(\w+)\.DATA\s*\}\}")


def template_findings(
    account: str, configured: Mapping[str, str], listed: Mapping[str, str]
) -> Iterator[Finding]:
    """`configured`: our key → template id; `listed`: the account's template id → its content as on the platform."""
    wanted = _fields()
    sound = 0
    for key, (always, ever) in wanted.items():
        template_id = configured.get(key)
        variable = f"ZHENGTU_WECHAT__{account.upper()}__TEMPLATES__{key.upper()}"
        if not template_id:
            yield warning(
                _STEP,
                f"没有设置模板 {key}（{'、'.join(sorted(ever))}）：48 小时没有说过话的人收不到这类通知",
                f"在公众平台“模板消息”里选用含这些字段的模板，把编号写入 {variable}。",
                account=account,
            )
            continue
        if template_id not in listed:
            yield fault(
                _STEP,
                f"模板 {key} 的编号 {template_id} 不在公众号的模板列表里",
                f"在公众平台“模板消息 → 我的模板”里核对编号，改正 {variable}。",
                account=account,
            )
            continue
        has = set(_PLACEHOLDER.findall(listed[template_id]))
        if has == always == ever:
            sound += 1
            continue
        differences = [
            f"模板多出 {'、'.join(sorted(has - always))}（缺内容会被微信拒绝）" if has - always else "",
            f"模板没有 {'、'.join(sorted(ever - has))}（这些内容看不到）" if ever - has else "",
        ]
        yield fault(
            _STEP,
            f"模板 {key} 的字段和程序的不一样：{'；'.join(one for one in differences if one)}",
            f"选用字段正好是 {'、'.join(sorted(ever))} 的模板，把编号写入 {variable}。",
            account=account,
        )
    if unknown := sorted(configured.keys() - wanted.keys()):
        yield warning(
            _STEP,
            f"设置了程序不用的模板：{'、'.join(unknown)}",
            f"可能写错了名字，程序用的是 {'、'.join(wanted)}。",
            account=account,
        )
    if sound:
        yield ok(_STEP, f"{sound} 个模板的编号和字段都对", account=account)


def _fields() -> dict[str, tuple[set[str], set[str]]]:
    """Our key → fields that every notice of it fills, and fields that any does."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for notice in NOTICES.values():
        if notice.template is None:
            continue
        fields = set(notice.template.fields)
        always, ever = found.setdefault(notice.template.key, (set(fields), set()))
        always &= fields
        ever |= fields
    return found
