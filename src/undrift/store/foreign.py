"""The bodies of cassettes that other tools than vcrpy write."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undrift.store.codec import Node, Source

# Betamax's name for ``interactions``, by which its cassettes are known.
BETAMAX = "http_interactions"


def betamax_body(source: Source, parts: Mapping[str, Node]) -> bytes:
    """The content of ``{encoding, string}`` or ``{encoding, base64_string}``.

    Where Betamax could not decode a body it replaced letters, and these are all that there is.
    """
    if "base64_string" in parts:
        return source.binary(parts["base64_string"], "`base64_string`")
    text = source.text(parts["string"], "`string`") if "string" in parts else ""
    encoding = source.text(parts["encoding"], "`encoding`") if "encoding" in parts else ""
    try:
        return text.encode(codecs.lookup(encoding or "utf-8").name)
    except (LookupError, UnicodeEncodeError):
        return text.encode("utf-8", "surrogatepass")


def cassetter_body(source: Source, parts: Mapping[str, Node]) -> bytes:
    """The content of ``{type, content}``.

    JSON, which cassetter keeps as data, is laid out as Python does: so its Content-Length has it.
    """
    kind, content = source.text(parts["type"], "`type`"), parts.get("content")
    if kind == "none":
        return b""
    if content is None:
        source.fail(f"A body of type {kind} has no `content`", parts["type"])
    if kind == "json":
        return json.dumps(source.plain(content, "`content`")).encode()
    text = source.text(content, "`content`")
    if kind == "text":
        return text.encode("utf-8", "surrogatepass")
    if kind != "binary":
        source.fail(f"A body is of type {kind!r}, which is none of json, text, binary and none", parts["type"])
    try:
        return bytes.fromhex(text)
    except ValueError:
        source.fail("`content` is no valid hexadecimal", content)
