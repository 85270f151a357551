"""What strangers read on the public pages, apart from the templates: verdicts, refusals, faults."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.errors import ServiceError
from services.rules.errors import InvalidValueError


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """The verdict at a glance: `icon` names a drawing in `icons.html`, the word and the colour say the same."""

    icon: str
    tone: str
    word: str
    sentence: str


STAMPS: Final[Mapping[str, Stamp]] = {
    "valid": Stamp(icon="tick", tone="good", word="真实有效", sentence="本证书由下列机构签发，目前有效。"),
    "suspended": Stamp(
        icon="pause", tone="warn", word="暂停使用", sentence="证书确由下列机构签发，但目前被暂停，请勿采信。"
    ),
    "revoked": Stamp(icon="cross", tone="bad", word="已撤销", sentence="本证书已被签发机构撤销，不再有效。"),
    "cancelled": Stamp(
        icon="cross", tone="bad", word="资格已取消", sentence="持卡人的资格已被取消，本证卡不能再使用。"
    ),
    "void_copy": Stamp(
        icon="cross",
        tone="bad",
        word="旧卡已作废",
        sentence="这张证卡已作废，同一编号已发新卡。请对方出示新卡，扫新卡的二维码查验。",
    ),
    "expired": Stamp(icon="clock", tone="past", word="已过期", sentence="证书曾经有效，现已超过有效期。"),
    "replaced": Stamp(
        icon="next", tone="past", word="已换发", sentence="本证书已由新证书取代，请查验新证书。"
    ),
    "unknown": Stamp(icon="question", tone="bad", word="查无此证", sentence="没有查到与此对应的证书。"),
}

_VALUES: Final[Mapping[str, str]] = {
    "certificate.empty": "请填写证书编号。",
    "certificate.format": "证书编号的格式不对。编号印在证书上，由字母和数字组成，例如 PTA2026000001D。",
    "certificate.checksum": "证书编号有误，可能抄错了一位，请对照证书再填一次。",
    "certificate.code": "查验码是 6 位字母或数字，印在证书二维码下方。",
}
#: Which field of the form a refusal belongs to.
FIELDS: Final[Mapping[str, str]] = {
    "certificate.empty": "number",
    "certificate.format": "number",
    "certificate.checksum": "number",
    "certificate.code": "code",
}
NOT_FOUND_BY_NUMBER: Final = "没有查到：证书编号或查验码不对。请对照证书核对后再试。"

_TITLES: Final[Mapping[int, tuple[str, str]]] = {
    404: ("没有这个页面", "请检查网址，或从下面的入口查验证书。"),
    405: ("不能这样打开", "请从下面的入口查验证书。"),
    410: ("链接已过期", "下载链接 7 天内有效。请回到公众号，回复“证书”重新获取。"),
    413: ("内容太大", "提交的内容太大，请返回重新填写。"),
    429: ("查询太频繁", "请稍后再试。"),
    500: ("系统出了点问题", "请稍后再试。您的证书不受影响。"),
}


def value_problem(error: InvalidValueError) -> str:
    """What is wrong with what was typed."""
    return _VALUES.get(error.code, "填写的内容不对，请检查后再试。")


def limited(error: ServiceError) -> str:
    """Too many failures from one place."""
    return f"查询失败次数过多。为防止有人猜测编号，请 {error.facts.get('minutes', 15)} 分钟后再试，或直接扫描证书上的二维码。"


def page_of(status: int) -> tuple[str, str]:
    """Heading and sentence of an error page."""
    fallback = ("请求有误", "请返回后重试。") if status < 500 else _TITLES[500]
    return _TITLES.get(status, fallback)
