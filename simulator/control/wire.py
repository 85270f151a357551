"""JSON in and out of /sim: bodies checked by pydantic, errors as `{"error": …}`."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError

from simulator.errors import ApiError, ControlError
from simulator.state import ChatItem

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ModelT = TypeVar("ModelT", bound=BaseModel)


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what went wrong under /sim into JSON that says so."""
    if not request.path.startswith("/sim"):
        return await handler(request)
    try:
        return await handler(request)
    except ControlError as error:
        return web.json_response({"error": str(error)}, status=error.status)
    except ApiError as error:
        return web.json_response({"error": str(error), "errcode": error.errcode}, status=400)
    except ValidationError as error:
        return web.json_response({"error": _explain(error)}, status=400)


async def body_of(request: web.Request, model: type[ModelT]) -> ModelT:
    """The request's JSON as `model`; an empty body is an empty object."""
    raw = await request.read()
    return model.model_validate_json(raw or b"{}")


async def act_of(request: web.Request, adapter: TypeAdapter[Any]) -> Any:
    """The request's JSON as one of several models."""
    return adapter.validate_json(await request.read() or b"{}")


def number(request: web.Request, name: str, default: float = 0) -> float:
    """A number in the query."""
    text = request.query.get(name)
    if text is None:
        return default
    try:
        return float(text)
    except ValueError:
        raise ControlError(f"{name} must be a number") from None


def item_json(item: ChatItem) -> dict[str, Any]:
    """A chat item with its payload's fields beside its own."""
    return {
        "seq": item.seq,
        "openid": item.openid,
        "direction": item.direction,
        "via": item.via,
        "type": item.type,
        "at": datetime.fromtimestamp(item.at, UTC).isoformat(),
        **item.payload,
    }


def _explain(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
