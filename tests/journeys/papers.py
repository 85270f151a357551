"""A person's papers: the form page behind a one-time link, and the form that is printed, signed and photographed."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO

import aiohttp
import pypdfium2
from PIL import Image, ImageDraw
from yarl import URL

from tests.installation import Installation
from tests.journeys.console import Value, filled
from tests.journeys.markup import read


@dataclass(frozen=True)
class Sheet:
    """What the phone's browser shows; it runs no script."""

    http: aiohttp.ClientSession
    url: str
    page: str

    @property
    def text(self) -> str:
        """What can be read, in one line."""
        return re.sub(r"\s+", " ", read(self.page).text).strip()

    async def press(
        self, words: str, values: Mapping[str, Value] | None = None, *, status: int = 200
    ) -> "Sheet":
        """Fill in and send the form with this button; the page after it."""
        root = read(self.page)
        button = next(one for one in root.all("button") if one.text.strip() == words)
        form = button.above("form")
        assert form is not None
        pairs = filled(form, dict(values or {}))
        if name := button.attribute("name"):
            pairs.append((name, button.attribute("value")))
        data = aiohttp.FormData([(name, str(value)) for name, value in pairs])
        address = URL(self.url).join(URL(form.attribute("action") or self.url))
        async with self.http.post(address, data=data) as answer:
            page = await answer.text()
            assert answer.status == status, page
            return Sheet(self.http, str(answer.url), page)


@asynccontextmanager
async def opened(site: Installation, said: str) -> AsyncIterator[Sheet]:
    """The form page whose link the chat gave, in the browser of the phone: its door is opened with the button."""
    found = re.search(r"http\S+/h5/forms/\S+", said)
    assert found is not None, said
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        async with http.get(found[0]) as answer:
            assert answer.status == 200
            door = Sheet(http, found[0], await answer.text())
        yield await door.press("打开表格")


async def signed_form(site: Installation, said: str) -> tuple[str, bytes]:
    """The form that the chat offers, printed, signed and sealed: its text without spaces, and the photo of its first page."""
    found = re.search(r"http\S+/h5/printed/\S+\.pdf", said)
    assert found is not None, said
    async with site.http.get(found[0]) as answer:
        assert (answer.status, answer.content_type) == (200, "application/pdf")
        content = await answer.read()
    with pypdfium2.PdfDocument(content) as document:
        text = "".join(page.get_textpage().get_text_bounded() for page in document)
        page = document[0].render(scale=1.5).to_pil().convert("RGB")
    return re.sub(r"\s", "", text), _photographed(page)


def _photographed(page: Image.Image) -> bytes:
    """The page with a signature and a seal on it, lying on a desk."""
    draw = ImageDraw.Draw(page)
    width, height = page.size
    x, y = width * 6 // 10, height * 7 // 10
    draw.line([(x, y), (x + 60, y - 30), (x + 90, y + 20), (x + 150, y - 10)], fill=(20, 30, 120), width=5)
    draw.ellipse((x - 40, y + 60, x + 160, y + 260), outline=(200, 30, 30), width=8)
    desk = Image.new("RGB", (width + 160, height + 160), (142, 108, 78))
    desk.paste(page, (80, 80))
    out = BytesIO()
    desk.save(out, "JPEG", quality=88)
    return out.getvalue()
