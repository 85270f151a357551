"""How the simulator says no: to the program under test by errcode, to a test by HTTP status."""


class ApiError(Exception):
    """An answer of the platform other than ok: `errcode` and `errmsg`, plus fields some errors carry."""

    def __init__(self, errcode: int, errmsg: str, **extra: object) -> None:
        super().__init__(f"{errcode} {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg
        self.extra = extra


class ControlError(Exception):
    """A /sim request that cannot be carried out; `status` is the HTTP status of the answer."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
