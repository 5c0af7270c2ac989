"""A body as it is compared: plain data, whose places a JSON Pointer can name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from undrift.body import BodyKind

if TYPE_CHECKING:
    from undrift.body import View


def fields(body: View, *, as_lines: bool = False) -> Any:
    """What is compared of a body: of a form the values of each name, of a stream each kind of event.

    One JSON value is taken ``as_lines`` where the other side has lines of JSON.
    """
    if as_lines:
        return body.value if body.kind is BodyKind.NDJSON else [body.value]
    if body.kind is BodyKind.FORM:
        values: dict[str, Any] = {}
        for name, value in body.value:
            values.setdefault(name, []).append(value)
        return {name: value[0] if len(value) == 1 else value for name, value in values.items()}
    return _events(body.value) if body.kind is BodyKind.EVENTS else body.value


def _events(events: list[dict[str, Any]]) -> Any:
    """A stream as its kinds of events: how many there are of each says nothing.

    Of each kind there is one event, with the members of all; ``order`` has the kinds as they
    first come.
    """
    kinds: dict[str, Any] = {}
    for event in events:
        data = event["data"]
        kind = event["event"]
        if kind == "message" and isinstance(data, dict) and isinstance(data.get("type"), str):
            kind = data["type"]
        known = kinds.setdefault(kind, event)
        if known is not event and isinstance(known["data"], dict) and isinstance(data, dict):
            kinds[kind] = {**event, **known, "data": {**data, **known["data"]}}
    return {"order": list(kinds), "events": kinds}
