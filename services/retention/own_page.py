"""Somebody's own data as one page that a phone opens: what is in the JSON, with headings, tables and links to the files."""

from collections.abc import Collection, Mapping, Sequence
from html import escape
from typing import Final
from urllib.parse import quote

_STYLE: Final = (
    "body{margin:0 auto;max-width:46rem;padding:1rem;font:1rem/1.7 system-ui,'PingFang SC','Noto Sans CJK SC',sans-serif;"
    "color:#1b1f23;background:#fff}h1{font-size:1.4rem}h2{font-size:1.2rem;margin-top:2rem;border-top:2px solid #2f6f57;"
    "padding-top:1rem}h3{font-size:1rem;margin:1.5rem 0 .3rem}"
    "dl{margin:0;display:grid;grid-template-columns:minmax(6rem,30%) 1fr}"
    "dt,dd{margin:0;padding:.3rem .4rem;border-bottom:1px solid #d5dbdf;overflow-wrap:anywhere;white-space:pre-wrap}"
    "dt{color:#4a5560}.item{margin:.6rem 0;border:1px solid #d5dbdf;border-radius:.4rem;padding:.2rem .4rem}"
    "p.note{color:#4a5560}a{color:#1d5c45}"
)


def written(
    enrolments: Sequence[Mapping[str, object]],
    left_out: Sequence[str],
    files: Collection[str],
    *,
    made_at: str,
) -> bytes:
    """The page, UTF-8, without anything from elsewhere; `files` are the names in the zip, which it leads to."""
    body = "".join(_enrolment(one, files) for one in enrolments)
    missing = f"<h2>没有附上的文件</h2>{_value(list(left_out), ())}" if left_out else ""
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>我的数据</title>'
        f"<style>{_STYLE}</style></head><body><h1>我的数据</h1>"
        f'<p class="note">生成时间：{escape(made_at)}。里面有您的身份证号和证件照片，请妥善保存，不要转发。'
        "照片和文件在同一个压缩包里，解压后点文件名打开。</p>"
        f"{body}{missing}</body></html>"
    ).encode()


def _enrolment(told: Mapping[str, object], files: Collection[str]) -> str:
    facts = {key: value for key, value in told.items() if isinstance(value, str | int | bool)}
    parts = [
        f"<h3>{escape(key)}</h3>{_value(value, files)}"
        for key, value in told.items()
        if key not in facts and value
    ]
    return f"<h2>{escape(str(told['项目']))}（报名号 {told['报名号']}）</h2>{_value(facts, files)}{''.join(parts)}"


def _value(value: object, files: Collection[str]) -> str:
    match value:
        case bool():
            return "是" if value else "否"
        case Mapping():
            rows = (
                f"<dt>{escape(str(key))}</dt><dd>{_value(one, files)}</dd>"
                for key, one in value.items()
                if one not in ("", None, [])
            )
            return f"<dl>{''.join(rows)}</dl>"
        case list() | tuple():
            return "".join(f'<div class="item">{_value(one, files)}</div>' for one in value)
        case str() if value in files:
            return f'<a href="{escape(quote(value), quote=True)}">{escape(value)}</a>'
        case _:
            return escape(str(value))
