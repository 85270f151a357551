"""A page's elements as a tree: enough of HTML for pages that are made on the server."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)


@dataclass(eq=False)
class Element:
    """One element with what stands in it."""

    tag: str
    attributes: dict[str, str]
    parent: "Element | None" = None
    children: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All its text, without scripts and styles."""
        if self.tag in ("script", "style", "datalist"):
            return ""
        space = "" if self.tag in ("a", "span", "strong", "small", "textarea", "option") else " "
        return space + "".join(part if isinstance(part, str) else part.text for part in self.children) + space

    def has(self, name: str) -> bool:
        return name in self.attributes

    def attribute(self, name: str) -> str:
        """Its value; empty when it has none."""
        return self.attributes.get(name, "")

    def all(self, *tags: str) -> list["Element"]:
        """Every element of these kinds in it, in the page's order."""
        return [element for element in self._walk() if element.tag in tags]

    def find(self, tag: str) -> "Element | None":
        """The first element of this kind in it."""
        return next((element for element in self._walk() if element.tag == tag), None)

    def ancestors(self) -> list["Element"]:
        """What it stands in, the nearest first."""
        return [] if self.parent is None else [self.parent, *self.parent.ancestors()]

    def above(self, tag: str) -> "Element | None":
        """The nearest of this kind that it stands in."""
        return next((element for element in self.ancestors() if element.tag == tag), None)

    def _walk(self) -> Iterator["Element"]:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child._walk()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.open = Element("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.open)
        self.open.children.append(element)
        if tag not in _VOID:
            self.open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.children.append(Element(tag, {name: value or "" for name, value in attrs}, self.open))

    def handle_endtag(self, tag: str) -> None:
        for element in (self.open, *self.open.ancestors()):
            if element.tag == tag and element.parent is not None:
                self.open = element.parent
                return

    def handle_data(self, data: str) -> None:
        self.open.children.append(data)


def read(page: str) -> Element:
    """The whole page."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.root
