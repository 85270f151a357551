"""Alembic's entry: it is handed an open connection by `storage.migrations.migrate`."""

from alembic import context

from storage.tables import Base


def include_object(thing: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:
    """Procrastinate's tables are its own."""
    return not (name or "").startswith("procrastinate_")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_object=include_object,
    compare_type=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
