"""What earlier checks saw of each endpoint: ``.undrift/history.sqlite``.

A night is one check. What it saw of an endpoint is an opaque text here, and most nights see the
same: each text is kept once. Only the newest nights are kept. Nothing in here is ever needed: what
is wrong with the file is said in one sentence, and a check goes on without it.

This is the one module that imports SQLAlchemy, and it is imported only by who needs it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from undrift.errors import HistoryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# Counts up with each change of the tables or of what the texts mean.
_FORMAT: Final = 1
# "udrf": tells a history from any other database.
_APPLICATION: Final = 0x75647266
_NIGHTS_KEPT: Final = 60
# How long to wait for another check that is writing, in seconds.
_PATIENCE: Final = 5.0

_metadata = sa.MetaData()
_nights = sa.Table("nights", _metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("run", sa.Text))
_facts = sa.Table(
    "facts", _metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.Text, unique=True)
)
_sightings = sa.Table(
    "sightings",
    _metadata,
    sa.Column("endpoint", sa.Text, primary_key=True),
    sa.Column("night", sa.ForeignKey("nights.id"), primary_key=True),
    sa.Column("cassette", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("facts", sa.ForeignKey("facts.id"), nullable=False),
)


class Sighting(NamedTuple):
    """What a night showed to one cassette of one endpoint.

    ``cassette`` is a path relative to the project's root, ``digest`` that of what was stored there;
    ``endpoint`` and ``facts`` are texts of whoever keeps them here.
    """

    cassette: str
    digest: str
    endpoint: str
    facts: str


class History:
    """The nights in one file. Each call is one transaction; ``patience`` is in seconds."""

    def __init__(self, path: Path, patience: float = _PATIENCE, nights_kept: int = _NIGHTS_KEPT) -> None:
        self._path = path
        self._nights_kept = nights_kept
        url = sa.URL.create("sqlite", database=str(path))
        self._engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"timeout": patience})

    def earlier(self, endpoints: Iterable[str]) -> tuple[Sighting, ...]:
        """What earlier nights saw of some endpoints, the oldest first; raises HistoryError."""
        if not self._path.exists():
            return ()
        with self._open() as connection:
            if not self._is_made(connection):
                return ()
            columns = _sightings.c
            query = (
                sa.select(columns.cassette, columns.digest, columns.endpoint, _facts.c.text)
                .join(_facts)
                .where(columns.endpoint == sa.bindparam("endpoint"))
                .order_by(columns.night)
            )
            return tuple(
                Sighting(*row)
                for endpoint in dict.fromkeys(endpoints)
                for row in connection.execute(query, {"endpoint": endpoint})
            )

    def append(self, run: str, seen: Iterable[Sighting]) -> None:
        """Add a night, wholly or not at all, and drop those that are too old; raises HistoryError."""
        with self._open() as connection:
            # The lock comes first: two checks that end at once wait for each other.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            if not self._is_made(connection):
                connection.exec_driver_sql(f"PRAGMA application_id = {_APPLICATION}")
                connection.exec_driver_sql(f"PRAGMA user_version = {_FORMAT}")
                _metadata.create_all(connection)
            night = connection.execute(sa.insert(_nights).values(run=run)).inserted_primary_key
            for sighting in seen:
                connection.execute(insert(_facts).values(text=sighting.facts).on_conflict_do_nothing())
                known = sa.select(_facts.c.id).where(_facts.c.text == sighting.facts).scalar_subquery()
                connection.execute(
                    sa.insert(_sightings).values(
                        endpoint=sighting.endpoint,
                        night=night[0] if night else None,
                        cassette=sighting.cassette,
                        digest=sighting.digest,
                        facts=known,
                    )
                )
            self._forget(connection)
            connection.commit()

    def _forget(self, connection: sa.Connection) -> None:
        """Drop the nights that are too old, and the texts that none has any more."""
        kept = sa.select(_nights.c.id).order_by(_nights.c.id.desc()).limit(self._nights_kept)
        connection.execute(sa.delete(_sightings).where(_sightings.c.night.not_in(kept)))
        connection.execute(sa.delete(_nights).where(_nights.c.id.not_in(kept)))
        connection.execute(sa.delete(_facts).where(_facts.c.id.not_in(sa.select(_sightings.c.facts))))

    def _is_made(self, connection: sa.Connection) -> bool:
        """Whether the tables are there; raises HistoryError for a file of another kind or a newer version."""
        application = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if application == _APPLICATION and version == _FORMAT:
            return True
        if application == _APPLICATION:
            raise HistoryError(f"{self._path} was written by a newer undrift. Upgrade undrift, or delete the file.")
        if connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one():
            raise HistoryError(f"{self._path} is a database of something else. Move it away, or delete it.")
        return False

    @contextmanager
    def _open(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                yield connection
        except (sa.exc.SQLAlchemyError, OSError) as error:
            # SQLAlchemy's own text quotes the statement with its values; the driver's says what is wrong.
            why = str(getattr(error, "orig", None) or type(error).__name__)
            raise HistoryError(f"{self._path} cannot be used: {why}. {_way_out(why)}") from error


def _way_out(why: str) -> str:
    if "locked" in why:
        return "Another check was writing to it; the next one will remember again."
    if "malformed" in why or "not a database" in why or "no such" in why:
        return "Delete it; the next check starts a new one."
    return "See that the file and its folder can be written and the disk has room."
