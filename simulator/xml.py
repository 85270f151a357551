"""Callback XML as the platform writes it, and the strict reading of what comes back."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

#: Elements the platform writes bare; every other text is CDATA.
_BARE = frozenset(
    {
        "CreateTime", "MsgId", "MsgID", "MsgDataId", "Location_X", "Location_Y", "Scale", "Latitude", "Longitude",
        "Precision", "TotalCount", "FilterCount", "SentCount", "ErrorCount", "Count", "bizmsgmenuid", "Idx",
        "ExpiredTime", "FailTime", "CheckState", "ResultCount", "MenuId", "PublishedTime",
    }
)  # fmt: skip


class ReplyError(ValueError):
    """A reply that is no XML, or not shaped like a message."""


def cdata(text: str) -> str:
    """The text as a CDATA section, whatever it contains."""
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def write(fields: Mapping[str, Any], *, tag: str = "xml") -> str:
    """An element with its fields in order; mappings nest, lists repeat their tag."""
    return f"<{tag}>{''.join(_element(key, value) for key, value in fields.items())}</{tag}>"


def _element(tag: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return write(value, tag=tag)
    if isinstance(value, list):
        return "".join(_element(tag, item) for item in value)
    text = str(value)
    return f"<{tag}>{text if tag in _BARE else cdata(text)}</{tag}>"


def read(text: str) -> dict[str, Any]:
    """The document as nested dictionaries; a repeated tag becomes a list.

    Raises:
        ReplyError: not well-formed, a document type is declared, or the root is not `<xml>`.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ReplyError("a document type is not allowed")
    try:
        # Entities are refused above; what is left expands to nothing.
        root = ET.fromstring(text)  # noqa: S314
    except (ET.ParseError, ValueError) as error:
        raise ReplyError(f"not well-formed: {error}") from error
    if root.tag != "xml":
        raise ReplyError(f"the root is <{root.tag}>, not <xml>")
    return _children(root)


def _children(parent: ET.Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in parent:
        value: Any = _children(child) if len(child) else (child.text or "")
        if child.tag not in found:
            found[child.tag] = value
        elif isinstance(found[child.tag], list):
            found[child.tag].append(value)
        else:
            found[child.tag] = [found[child.tag], value]
    return found
