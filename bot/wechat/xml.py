"""Reading the platform's XML in one pass, and nothing that is not the platform's.

Own code, and not wechatpy's `parse_message`: that one renames events and strips `qrscene_` while it parses, which
would falsify the dedupe key, turns a doubled tag into a list where a text is expected, and raises half a dozen kinds
of error. The tests compare the two on every message and event.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

#: The platform's deepest body has five levels (`xml/SubscribeMsgPopupEvent/List/…`).
MAX_DEPTH = 8
#: Elements that may repeat: their children are numbered even when there is one.
_LISTS = frozenset({"list", "item"})


class MalformedCallbackError(Exception):
    """The body is not a callback of the platform; `reason` is for our log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class _Element:
    tag: str
    text: list[str] = field(default_factory=list)
    children: list["_Element"] = field(default_factory=list)


def read_fields(body: bytes | str) -> dict[str, str]:
    """The flat fields of `<xml>…</xml>`, values stripped, an empty element as an empty text.

    Nested elements get dotted names (`ScanCodeInfo.ScanResult`); `List` and `item`, and anything that repeats, are
    numbered from 0 even when there is only one (`SubscribeMsgPopupEvent.List.0.TemplateId`).

    Raises:
        MalformedCallbackError: not UTF-8, not well-formed, another root, deeper than `MAX_DEPTH`, a doubled top-level
            field, or any DTD (and so any entity of its own).
    """
    root = _Reader().read(body)
    if root.tag != "xml":
        raise MalformedCallbackError("root element")
    names = [child.tag for child in root.children]
    if len(set(names)) != len(names):
        raise MalformedCallbackError("doubled field")
    fields: dict[str, str] = {}
    for child in root.children:
        _flatten(child, child.tag, fields)
    return fields


def _flatten(element: _Element, path: str, into: dict[str, str]) -> None:
    if not element.children:
        into[path] = "".join(element.text).strip()
        return
    times = Counter(child.tag for child in element.children)
    seen: Counter[str] = Counter()
    for child in element.children:
        name = f"{path}.{child.tag}"
        if times[child.tag] > 1 or child.tag.lower() in _LISTS:
            name = f"{name}.{seen[child.tag]}"
            seen[child.tag] += 1
        _flatten(child, name, into)


class _Reader:
    """Builds the tree, and stops at the first thing that the platform never sends."""

    def __init__(self) -> None:
        self._open: list[_Element] = []
        self._root: _Element | None = None

    def read(self, body: bytes | str) -> _Element:
        try:
            text = body.decode() if isinstance(body, bytes) else body
            # The declared encoding is overruled: what WeChat sends is UTF-8.
            parser = expat.ParserCreate(encoding="utf-8")
            parser.buffer_text = True
            parser.StartDoctypeDeclHandler = self._doctype
            parser.StartElementHandler = self._start
            parser.EndElementHandler = self._end
            parser.CharacterDataHandler = self._characters
            parser.Parse(text.encode(), True)
        except (expat.ExpatError, UnicodeError) as error:
            raise MalformedCallbackError(f"not XML: {type(error).__name__}") from error
        if self._root is None:
            raise MalformedCallbackError("no element")
        return self._root

    def _doctype(self, *_: object) -> NoReturn:
        raise MalformedCallbackError("DTD")

    def _start(self, tag: str, _: dict[str, str]) -> None:
        if len(self._open) == MAX_DEPTH:
            raise MalformedCallbackError("too deep")
        element = _Element(tag)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _characters(self, text: str) -> None:
        self._open[-1].text.append(text)
