"""What services raise. An error carries a code and facts; the edges turn it into Chinese or an HTTP status."""

from collections.abc import Mapping


class ServiceError(Exception):
    """A request that cannot be carried out, for a reason the caller can understand and often mend."""

    #: The kind of refusal, which an edge maps to a status: invalid, forbidden, not_found, conflict, limited.
    kind = "invalid"

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts: Mapping[str, object] = facts
        details = ", ".join(f"{key}={value}" for key, value in facts.items())
        super().__init__(f"{code}({details})" if details else code)


class NotFoundError(ServiceError):
    """There is no such thing, or not for this actor."""

    kind = "not_found"


class ForbiddenError(ServiceError):
    """This actor may not do this."""

    kind = "forbidden"


class ConflictError(ServiceError):
    """Not in this state, or changed by somebody else in the meantime."""

    kind = "conflict"


class LimitedError(ServiceError):
    """Too often; later."""

    kind = "limited"
