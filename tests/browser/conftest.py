"""A demo as anybody starts it, and a browser before it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True)
class Demo:
    """The three addresses that the demo prints, and the console's login."""

    phone: str
    console: str
    login: str
    password: str
    sample: str


@dataclass
class DemoProcess:
    """`zhengtu demo` on a folder, started as often as a test wants."""

    folder: Path
    ports: tuple[int, int] = (0, 0)
    _process: "subprocess.Popen[str] | None" = None

    def start(self) -> Demo:
        """Until it has printed what it prints; a later start takes the ports of the first."""
        port, simulator_port = map(str, self.ports)
        arguments = ("--data-dir", str(self.folder), "--port", port, "--simulator-port", simulator_port)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "demo", *arguments],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        printed = _addresses(self._process)
        self.ports = (urlsplit(printed.console).port or 0, urlsplit(printed.phone).port or 0)
        return printed

    def stop(self, told: signal.Signals) -> None:
        """Told to, it ends well, and nothing of it is left."""
        process = self._process
        if process is None:
            return
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(told)
        assert process.wait(60) == 0
        _, alive = psutil.wait_procs(family, timeout=10)
        assert alive == []
        assert not [
            p
            for p in psutil.process_iter(["cmdline"])
            if str(self.folder) in " ".join(p.info["cmdline"] or [])
        ]
        self._process = None


@pytest.fixture(scope="session")
def demo_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    """The demo of all browser tests, stopped with Ctrl-C in the end."""
    process = DemoProcess(tmp_path_factory.mktemp("demo"))
    yield process
    process.stop(signal.SIGINT)


@pytest.fixture(scope="session")
def demo(demo_process: DemoProcess) -> Demo:
    """What it printed."""
    return demo_process.start()


def _addresses(process: "subprocess.Popen[str]") -> Demo:
    printed = ""
    deadline = time.monotonic() + 120
    assert process.stdout is not None
    while time.monotonic() < deadline and "Ctrl-C" not in printed:
        line = process.stdout.readline()
        if not line and process.poll() is not None:
            break
        printed += line
    found = re.search(
        r"手机\s+(\S+)\s+管理后台\s+(\S+)\s+账号 (\S+)\s+密码 (\S+)\s+查验样例\s+(http\S+)", printed
    )
    assert found is not None, printed
    return Demo(*found.groups())


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    if CHROMIUM is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("Chromium is required here and is not installed: apt-get install chromium")
        pytest.skip("no Chromium on this machine: apt-get install chromium, then run again")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[BrowserContext]:
    """A staff member's screen."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    yield context
    context.close()


@pytest.fixture
def pocket(browser: Browser) -> Iterator[BrowserContext]:
    """A stranger's phone."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", device_scale_factor=2
    )
    yield context
    context.close()


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Fails when axe-core finds a serious or critical violation on the page."""

    def check(page: Page) -> None:
        # evaluate runs outside the page's content security policy.
        page.evaluate(AXE)
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        serious = [
            (violation["id"], violation["nodes"][0]["html"][:200])
            for violation in result["violations"]
            if violation["impact"] in ("serious", "critical")
        ]
        assert serious == [], page.url

    return check
