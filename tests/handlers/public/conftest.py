"""The public pages on loopback, with one certificate that was issued."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from handlers.public import mount
from services.certificates import CertificateService, CertificateView
from services.models import Actor
from services.unit_of_work import Tools
from tests import certificate_rows

Browser = TestClient[web.Request, web.Application]


@dataclass
class Issued:
    """A certificate as its holder has it."""

    view: CertificateView
    token: str
    code: str
    officer: Actor

    @property
    def path(self) -> str:
        """Where its QR leads, below the public address."""
        return f"/c/{self.token}"


@pytest.fixture
async def browser(tools: Tools) -> AsyncIterator[Browser]:
    app = web.Application()
    mount(app, tools, trust_proxy=True)
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
async def issued(tools: Tools) -> Issued:
    async with tools.unit_of_work() as work:
        enrolment, officer = await certificate_rows.passed(work)
        service = CertificateService(work)
        view = await service.issue(officer, enrolment.id)
        token = (await service.link(view.id)).rpartition("/")[2]
        return Issued(view=view, token=token, code=await service.code(view.id), officer=officer)
