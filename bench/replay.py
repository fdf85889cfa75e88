"""Sessions without a database: what each query of one callback answered is recorded once, then handed out again.
So only what happens around the queries is left to be measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session


class Canned:
    """The rows of a statement, with as much of a result's interface as the house uses."""

    def __init__(self, rows: Sequence[Any], rowcount: int) -> None:
        self._rows, self.rowcount = rows, rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> list[Any]:
        return list(self._rows)

    def first(self) -> Any:
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        (row,) = self._rows
        return row

    def scalars(self) -> Canned:
        return Canned([row[0] for row in self._rows], self.rowcount)

    def scalar(self) -> Any:
        return self._rows[0][0] if self._rows else None

    one_or_none = first
    scalar_one = scalar_one_or_none = scalar


class Recorder(Session):
    """A real session that keeps what its statements answered, in `taped`."""

    def execute(self, *arguments: Any, **named: Any) -> Any:
        result = super().execute(*arguments, **named)
        answered = getattr(result, "returns_rows", True)
        answer = Canned(result.all() if answered else (), getattr(result, "rowcount", -1))
        self.info["taped"].append(answer)
        return answer

    def scalar(self, *arguments: Any, **named: Any) -> Any:
        return self.execute(*arguments, **named).scalar()


class Player:
    """Gives the answers of one tape in their order."""

    def __init__(self, tape: Sequence[Canned], info: dict[str, Any]) -> None:
        self.info, self._next = info, iter(tape)

    def __enter__(self) -> Player:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, *_: Any, **__: Any) -> Canned:
        return next(self._next)

    def scalar(self, *_: Any, **__: Any) -> Any:
        return next(self._next).scalar()

    def flush(self) -> None:
        pass

    def commit(self) -> None:
        pass
