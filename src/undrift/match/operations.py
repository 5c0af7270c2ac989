"""Which operation a request asks for, where many share one URL.

AWS's JSON protocols name it in ``X-Amz-Target``, its query protocol in the form field
``Action``, GraphQL and JSON-RPC in the body.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from undrift.body import media_type
from undrift.match.contents import Kind, read_content

if TYPE_CHECKING:
    from undrift.model import Request

# Tokens of a GraphQL document (its specification, section 2.1): block strings, strings,
# comments and what else is ignored, names and numbers, punctuators.
_TOKEN: Final = re.compile(
    r'(?P<text>"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*")|(?P<ignored>#[^\n]*|[\s,\ufeff]+)|[\w.]+|.', re.DOTALL
)
_DOCUMENT: Final = re.compile(
    r"(?:\s|,|\ufeff|#[^\n]*\n)*(?:(?:query|mutation|subscription|fragment)\b|\{\s*[A-Za-z_.#])"
)
_OPERATION_TYPES: Final = frozenset({"query", "mutation", "subscription"})


def operation(request: Request) -> str:
    """The operation that a request asks for, or an empty text where its URL says it all.

    It is the value of ``X-Amz-Target``, the form field ``Action``, the name of a GraphQL
    operation (of an anonymous one its document, without comments and needless white space)
    or the method of a JSON-RPC call; a batch gives all of them, joined by commas.
    """
    target = request.headers.get("X-Amz-Target")
    if target is not None:
        return target
    content = read_content(request.headers, request.body)
    if content.kind is Kind.FORM:
        return next((str(value) for name, value in content.value if name == "Action"), "")
    if content.kind is Kind.JSON:
        calls = content.value if isinstance(content.value, list) else [content.value]
        return ",".join(filter(None, map(_called, calls)))
    if content.value and media_type(request.headers).essence == "application/graphql":
        return _graphql_operation(request.body.decode("utf-8", "surrogateescape"))
    return ""


def _called(call: Any) -> str:
    if not isinstance(call, dict):
        return ""
    method = call.get("method")
    if isinstance(method, str) and ("jsonrpc" in call or {"params", "id"} <= call.keys()):
        return method
    document = call.get("query")
    if not isinstance(document, str) or not _DOCUMENT.match(document):
        document = ""
    name = call.get("operationName")
    if isinstance(name, str) and name and (document or not call.keys().isdisjoint({"extensions", "variables"})):
        return name
    return _graphql_operation(document)


def _graphql_operation(document: str) -> str:
    """The names of all operations of a document, or the document itself where they have none."""
    tokens = [found.group() for found in _TOKEN.finditer(document) if not found.group("ignored")]
    names: list[str] = []
    depth = 0
    for word, following in pairwise(tokens):
        depth += (word == "{") - (word == "}")
        if depth == 0 and word in _OPERATION_TYPES and following.isidentifier():
            names.append(following)
    return ",".join(names) or " ".join(tokens)
