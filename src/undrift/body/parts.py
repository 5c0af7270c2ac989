"""Bodies made of parts: multipart and server-sent events."""

from __future__ import annotations

import json
import re
from typing import Any

_LINE = re.compile(r"\r\n|\r|\n")
_PARAMETER = re.compile(r';\s*([\w*]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')


def parse_multipart(content: bytes, boundary: str) -> list[dict[str, Any]]:
    """The parts, whatever the boundary: each its name, file name, media type and content.

    ``content`` is text where it is UTF-8, else bytes. Raises ValueError where the boundary
    is missing from the headers or the body.
    """
    delimiter = b"--" + boundary.encode()
    if not boundary or not content.startswith((delimiter, b"\r\n" + delimiter)):
        raise ValueError("the body has no such boundary")
    _, *pieces = (b"\r\n" + content.removeprefix(b"\r\n")).split(b"\r\n" + delimiter)
    if not pieces[-1].startswith(b"--"):
        raise ValueError("the last boundary is missing")
    return [_part(piece) for piece in pieces[:-1]]


def _part(piece: bytes) -> dict[str, Any]:
    head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    if piece.startswith(b"\r\n\r\n"):
        head, content = b"", piece[4:]
    fields = dict(_field(line) for line in head.decode("utf-8", "replace").split("\r\n") if ":" in line)
    disposition = {
        found[1].lower(): found[2] if found[2] is not None else found[3]
        for found in _PARAMETER.finditer(fields.get("content-disposition", ""))
    }
    return {
        "name": disposition.get("name"),
        "filename": disposition.get("filename"),
        "type": fields.get("content-type"),
        "content": _text_or_bytes(content),
    }


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _text_or_bytes(content: bytes) -> str | bytes:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content


def parse_events(content: bytes) -> list[dict[str, Any]]:
    """The events of a stream (WHATWG HTML, section 9.2), each with ``event`` and ``data``.

    ``data`` is the JSON value where it is JSON, else text; ``id`` and ``retry`` are there
    where the event has them. Raises ValueError where the stream is no UTF-8 or holds none.
    """
    events: list[dict[str, Any]] = []
    fields: dict[str, list[str]] = {}
    for line in [*_LINE.split(content.decode("utf-8-sig")), ""]:
        if line and not line.startswith(":"):
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
        elif not line and fields:
            events.append(_event(fields))
            fields = {}
    if not events:
        raise ValueError("the stream holds no event")
    return events


def _event(fields: dict[str, list[str]]) -> dict[str, Any]:
    data = "\n".join(fields.get("data", []))
    event: dict[str, Any] = {"event": fields.get("event", ["message"])[-1], "data": _json_or_text(data)}
    return event | {name: fields[name][-1] for name in ("id", "retry") if name in fields}


def _json_or_text(data: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return data
