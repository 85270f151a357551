"""The published benchmark indices 基准指数 (B5): every figure of each, as a page or as JSON. Nothing in it is one person's."""

from aiohttp import web

from handlers.public.guard import tools
from handlers.public.pages import document, page, wants_json
from services.exams.benchmark_views import PublishedBenchmark
from services.exams.benchmarks import BenchmarkService
from services.rules.benchmark_steps import basis_in_words
from services.rules.localtime import SHANGHAI

routes = web.RouteTableDef()


@routes.get("/benchmarks{ending:|.json}")
async def published(request: web.Request) -> web.Response:
    """What results were graded by, the newest first."""
    scheme_id = request.query.get("scheme", "")
    async with tools(request).unit_of_work() as work:
        found = await BenchmarkService(work).list_published()
        now = work.now
    schemes = list(dict.fromkeys((one.scheme_id, one.scheme) for one in found))
    shown = [one for one in found if scheme_id in ("", one.scheme_id)]
    if request.match_info["ending"] or wants_json(request):
        return document(
            {
                "benchmarks": [_as_json(one) for one in shown],
                "queried_at": now.astimezone(SHANGHAI).isoformat(timespec="seconds"),
            }
        )
    return page(
        "benchmarks.html",
        shown=[(one, basis_in_words(one.benchmark)) for one in shown],
        schemes=schemes,
        scheme_id=scheme_id,
        now=now,
    )


def _as_json(one: PublishedBenchmark) -> dict[str, object]:
    figures = one.benchmark
    return {
        "scheme": one.scheme_id,
        "scheme_version": one.scheme_version,
        "title": one.scheme,
        "sitting": one.sitting,
        "starts_at": one.starts_at.astimezone(SHANGHAI).isoformat(),
        "version": one.version,
        "superseded": one.superseded,
        "method": one.method,
        "basis": figures.basis.value,
        "n": figures.count,
        "mean": str(figures.mean),
        "deviation": str(figures.deviation),
        "cut": str(figures.cut),
        "index": str(figures.index),
        "full": str(one.full),
        "degenerate": figures.degenerate,
        "parameters": {name: str(value) for name, value in sorted(vars(figures.parameters).items())},
        "pool_sha256": figures.public_pool_sha256,
        # What the hash is over, so that anybody can compute it again.
        "text": one.text,
        "sha256": one.sha256,
        "published_at": one.published_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
    }
