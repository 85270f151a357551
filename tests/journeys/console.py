"""Staff before the console: a browser without script, over HTTP, that fills in the forms that the pages show.

    desk = await sign_in(site, organisation_id)
    page = await desk.open(f"/enrolments/{enrolment_id}")
    page = await page.press("确认通过", {"note": "材料齐全"})
    assert "已通过" in page.text

What no page offers cannot be pressed, and a field that a form does not have cannot be filled: then the story fails, as
a person at the desk would.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from uuid import UUID

import aiohttp
from yarl import URL

from services.models import StaffRole
from services.organisations import OrganisationTree
from services.staff import StaffService
from tests.installation import Installation
from tests.journeys.markup import Element, read
from tests.trees import SYSTEM

PASSWORD = "correct-horse-9"

#: A text, True for a tick, several values of one name, or a file's name and content.
Value = str | bool | Sequence[str] | tuple[str, bytes]

_LOGINS = count(1)


@dataclass(frozen=True)
class Page:
    """What the browser shows now."""

    console: "Console"
    url: URL
    root: Element

    @property
    def text(self) -> str:
        """What can be read outside the menu, in one line."""
        return _plain(self.root.find("main") or self.root)

    @property
    def address(self) -> str:
        """Where it stands below /console, to open it again; without what it was asked for besides."""
        return self.url.path.removeprefix(self.console.base.path)

    @property
    def buttons(self) -> list[str]:
        """What can be pressed."""
        return [_plain(button) for button in self.root.all("button") if button.attribute("type") != "button"]

    async def follow(self, words: str, *, within: str = "") -> "Page":
        """The page behind the link that reads so; `within` is text of the line or part that it stands in."""
        return await self.console.open(self.address_of(words, within=within))

    def address_of(self, words: str, *, within: str = "") -> str:
        """Where the link that reads so leads, below /console."""
        url = self.url.join(URL(self._one("a", words, within).attribute("href")))
        assert str(url).startswith(f"{self.console.base}/"), url
        return str(url).removeprefix(str(self.console.base))

    async def download(self, words: str, *, within: str = "") -> bytes:
        """The file behind the link that reads so."""
        link = self._one("a", words, within)
        async with self.console.http.get(self.url.join(URL(link.attribute("href")))) as answer:
            content = await answer.read()
            assert answer.status == 200, content.decode(errors="replace")
            assert answer.content_disposition is not None
            return content

    async def press(
        self,
        words: str,
        values: Mapping[str, Value] | None = None,
        *,
        within: str = "",
        forged: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> "Page":
        """Fill in the form whose button reads so, and send it; the page after it.

        `forged` are values that the page does not offer, as in a request that somebody wrote by hand.
        """
        method, target, pairs = self._form(words, values, within)
        pairs = [(name, (forged or {}).get(name, value)) for name, value in pairs]
        return await self.console.send(method, target, pairs, status=status)

    async def export(
        self, words: str, values: Mapping[str, Value] | None = None, *, within: str = ""
    ) -> bytes:
        """Fill in the form whose button reads so, and send it; the file that comes."""
        _, target, pairs = self._form(words, values, within)
        async with self.console.http.post(target, data=_body(pairs)) as answer:
            content = await answer.read()
            assert answer.status == 200, content.decode(errors="replace")
            assert answer.content_disposition is not None
            return content

    def _form(
        self, words: str, values: Mapping[str, Value] | None, within: str
    ) -> tuple[str, URL, list[tuple[str, str | tuple[str, bytes]]]]:
        button = self._one("button", words, within)
        form = button.above("form")
        assert form is not None, f"{words!r} stands in no form"
        target = self.url.join(
            URL(button.attribute("formaction") or form.attribute("action") or str(self.url))
        )
        pairs = filled(form, dict(values or {}))
        if name := button.attribute("name"):
            pairs.append((name, button.attribute("value")))
        return form.attribute("method"), target, pairs

    def _one(self, tag: str, words: str, within: str) -> Element:
        found = [
            element
            for element in self.root.all(tag)
            if _plain(element) == words and any(within in _plain(part) for part in _parts(element))
        ]
        there = sorted({_plain(element) for element in self.root.all(tag)})
        assert found, f"no {tag} {words!r} {within!r}; there are {there} on: {self.text}"
        targets = {
            id(element.above("form")) if tag == "button" else element.attribute("href") for element in found
        }
        assert len(targets) == 1, f"{len(found)} times {words!r} {within!r} on: {self.text}"
        return found[0]


@dataclass(frozen=True)
class Console:
    """A browser of one of the staff."""

    http: aiohttp.ClientSession
    base: URL
    login: str

    async def open(self, path: str, *, status: int = 200) -> Page:
        """The page at this address below /console. Who was away too long signs in again."""
        page = await self.send("get", URL(f"{self.base}{path}"), [], status=status)
        return await self.sign_in(page) if page.url.path == "/console/login" else page

    async def sign_in(self, page: Page) -> Page:
        """Fill in the login page; the page that was wanted."""
        page = await page.press("登录", {"login": self.login, "password": PASSWORD})
        assert page.url.path != "/console/login", page.text
        return page

    async def send(
        self, method: str, url: URL, pairs: Sequence[tuple[str, str | tuple[str, bytes]]], *, status: int
    ) -> Page:
        """One request with its redirects; the page at the end."""
        assert str(url).startswith(str(self.base)), f"{url} leaves the console"
        if method.lower() == "post":
            request = self.http.post(url, data=_body(pairs))
        else:
            request = self.http.get(
                url.update_query([(name, str(value)) for name, value in pairs]) if pairs else url
            )
        async with request as answer:
            page = Page(self, answer.url, read(await answer.text()))
            assert answer.status == status, f"{answer.status} {url}: {page.text}"
            return page


def filled(form: Element, values: dict[str, Value]) -> list[tuple[str, str | tuple[str, bytes]]]:
    """What a browser sends of this form, when somebody filled in these values over what it shows."""
    pairs: list[tuple[str, str | tuple[str, bytes]]] = []
    taken: set[str] = set()
    for field in form.all("input", "select", "textarea"):
        name, kind = field.attribute("name"), field.attribute("type")
        if not name or field.has("disabled") or kind in ("submit", "button"):
            continue
        given = values.get(name)
        taken.add(name)
        if kind in ("checkbox", "radio"):
            sent = _ticked(field, given)
        elif given is None:
            sent = [_shown(field)]
        elif field.tag == "select":
            sent = [_option(field, str(given))]
        elif isinstance(given, tuple | str):
            sent = [given]  # type: ignore[list-item]
        else:
            raise AssertionError(f"{name} takes one value")
        assert not (field.has("required") and kind != "radio" and not any(sent)), (
            f"{name} may not be left empty"
        )
        pairs.extend((name, value) for value in sent)
    assert set(values) <= taken, f"the form has no {set(values) - taken}, it has {sorted(taken)}"
    return pairs


def _ticked(field: Element, given: Value | None) -> list[str | tuple[str, bytes]]:
    value = field.attribute("value") or "on"
    if given is None:
        chosen = field.has("checked")
    elif isinstance(given, bool):
        chosen = given
    else:
        chosen = value == given if isinstance(given, str) else value in given
    return [value] if chosen else []


def _shown(field: Element) -> str:
    if field.tag == "textarea":
        return field.text
    if field.tag == "select":
        options = field.all("option")
        chosen = next(
            (option for option in options if option.has("selected")), options[0] if options else None
        )
        return "" if chosen is None else _value(chosen)
    return field.attribute("value")


def _option(field: Element, given: str) -> str:
    """The option of this value, or that reads so, or the only one that contains it."""
    options = field.all("option")
    for fits in (
        [option for option in options if given in (_value(option), _plain(option))],
        [option for option in options if given in _plain(option)],
    ):
        if len(fits) == 1:
            return _value(fits[0])
    raise AssertionError(f"{given!r} is none of {[_plain(option) for option in options]}")


def _value(option: Element) -> str:
    return option.attribute("value") if option.has("value") else _plain(option)


def _plain(element: Element) -> str:
    return re.sub(r"\s+", " ", element.text).strip()


def _parts(element: Element) -> list[Element]:
    """The lines and parts of the page that it stands in, or itself when it stands in none."""
    parts = [
        part
        for part in element.ancestors()
        if part.tag in ("form", "tr", "li", "details", "section", "article")
    ]
    return parts or [element]


def _body(pairs: Sequence[tuple[str, str | tuple[str, bytes]]]) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)
    for name, value in pairs:
        if isinstance(value, tuple):
            form.add_field(name, value[1], filename=value[0], content_type="application/octet-stream")
        else:
            form.add_field(name, value)
    return form


async def organisation(site: Installation, name: str) -> UUID:
    """Id of the organisation of this name."""
    async with site.work() as work:
        return (await OrganisationTree(work).find_by_name(SYSTEM, name)).id


@asynccontextmanager
async def sign_in(
    site: Installation, organisation_id: UUID, role: StaffRole = StaffRole.OFFICER, name: str = "谢老师"
) -> AsyncIterator[Console]:
    """A new account of this organisation, signed in through the login page."""
    login = f"staff{next(_LOGINS)}"
    async with site.work() as work:
        await StaffService(work).add(
            None, login=login, name=name, password=PASSWORD, role=role, organisation_id=organisation_id
        )
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        console = Console(http, URL(f"{site.server}/console"), login)
        await console.open("/")
        yield console
