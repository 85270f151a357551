"""Publishing scheme versions: once in use here, a version may not change (B12)."""

from sqlalchemy import select

from services.unit_of_work import Work
from storage.tables import SchemeVersion


class ChangedSchemeError(Exception):
    """A published scheme version was changed; `.ref` names it."""

    def __init__(self, ref: str, path: str) -> None:
        self.ref = ref
        super().__init__(
            f"{path}：{ref} 已经发布，内容不能再改。请恢复原来的文件，或把 version 改成新的版本号（已有报名仍按旧版本办理）。"
        )


async def publish(work: Work) -> tuple[str, ...]:
    """Keep the hash of every scheme version that is new here; gives their refs. Raises ChangedSchemeError."""
    known = {row.ref: row.sha256 for row in await work.session.scalars(select(SchemeVersion))}
    new = []
    for ref, loaded in work.tools.schemes.loaded.items():
        if ref not in known:
            work.session.add(SchemeVersion(ref=ref, sha256=loaded.sha256, published_at=work.now))
            new.append(ref)
        elif known[ref] != loaded.sha256:
            raise ChangedSchemeError(ref, loaded.path.name)
    return tuple(new)
