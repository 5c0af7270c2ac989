"""vcrpy's own options, kept in vcrpy's own meaning: filters, hooks and matchers.

They are built by vcrpy and see vcrpy's requests and responses. What crosses the border is
a copy, so that no hook can change what is stored.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from undrift.engine import matchers, wire
from undrift.model import Headers, Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    import vcr
    from vcr.request import Request as VcrRequest

FILTERS = frozenset(
    {
        "before_record",
        "before_record_request",
        "before_record_response",
        "decode_compressed_response",
        "filter_headers",
        "filter_post_data_parameters",
        "filter_query_parameters",
        "filter_nested_post_data_parameters",
        "ignore_hosts",
        "ignore_localhost",
    }
)
MATCHERS = frozenset({"match_on", "additional_matchers"})
FOREIGN_MATCH_ON = ("method", "scheme", "host", "port", "path", "query")


class Hooks:
    """The filters and matchers that somebody asked for by vcrpy's names.

    ``keyed`` are those of its matchers that compare by a key, see ``engine.matchers``;
    ``is_keyed`` says that there are no others.
    """

    def __init__(self, options: Mapping[str, Any], *, maker: vcr.VCR | None = None, foreign: bool = False) -> None:
        self._maker = maker
        self._chosen = {name: value for name, value in options.items() if name in FILTERS | MATCHERS}
        self.has_matchers = foreign or bool(MATCHERS & self._chosen.keys())
        self.has_filters = bool(FILTERS & self._chosen.keys())
        names = self._names()
        self.keyed = matchers.keyed(names)
        self.is_keyed = self.keyed == frozenset(names)
        if self.has_filters or not self.is_keyed:
            # What vcrpy cannot make sense of is an error now, and not at the first request.
            self._merged  # noqa: B018 - worked out for the error that it raises

    def _names(self) -> tuple[str, ...]:
        """The names of the matchers; one that a user registered anew is not vcrpy's own any more."""
        default = FOREIGN_MATCH_ON if self._maker is None else self._maker.match_on
        names = (*self._chosen.get("match_on", default), *self._chosen.get("additional_matchers", ()))
        if self._maker is None:
            return names
        return tuple(name if _is_vcrpy_s(self._maker.matchers.get(name), name) else f"their {name}" for name in names)

    @cached_property
    def _merged(self) -> dict[str, Any]:
        merged: dict[str, Any] = (self._maker or new_maker()).get_merged_config(**self._chosen)
        return merged

    def request(self, request: Request) -> Request | None:
        """The request as the filters leave it; None where they drop it."""
        if not self.has_filters:
            return request
        shaped = self._merged["before_record_request"](vcr_request(request))
        return None if shaped is None else request_from_vcr(shaped)

    def response(self, response: Response) -> Response | None:
        """The response as the hooks leave it; None where they drop the interaction."""
        if not self.has_filters:
            return response
        shaped = self._merged["before_record_response"](vcr_response(response))
        return None if shaped is None else response_from_vcr(shaped, response.http_version)

    def matches(self, sent: Request, recorded: Request) -> bool:
        """Whether two requests match by vcrpy's matchers."""
        from vcr.matchers import requests_match  # noqa: PLC0415 - heavy, and only for matchers without a key

        return bool(requests_match(vcr_request(sent), vcr_request(recorded), self._merged["match_on"]))


def hooks_for(options: Mapping[str, Any], *, foreign: bool, maker: vcr.VCR | None = None) -> Hooks | None:
    """The hooks that the options ask for; None where they ask for none.

    A foreign cassette is matched by vcrpy's own default, as its recorder meant it.
    """
    if not foreign and not (FILTERS | MATCHERS) & options.keys():
        return None
    return Hooks(options, maker=maker, foreign=foreign)


def new_maker() -> vcr.VCR:
    """A ``VCR`` object, for users to register their matchers with."""
    from vcr import VCR  # noqa: PLC0415 - heavy: it imports every client that is installed

    return VCR()


def _is_vcrpy_s(matcher: Any, name: str) -> bool:
    from vcr import matchers as vcrpy_s  # noqa: PLC0415 - as above

    return matcher is getattr(vcrpy_s, "uri" if name == "url" else name, None)


def vcr_request(request: Request) -> VcrRequest:
    """A vcrpy request from one of the model."""
    from vcr.request import Request as VcrRequest  # noqa: PLC0415 - as above

    headers = {name: value for name, value in request.headers}  # noqa: C416 - dict() of Headers would need keys()
    return VcrRequest(request.method, request.url, request.body or None, headers)


def request_from_vcr(request: Any) -> Request:
    """A request of the model from vcrpy's, as its stubs build it."""
    content = request.body_bytes
    if hasattr(content, "read"):
        content = content.read()
    if isinstance(content, str):
        content = content.encode()
    pairs = [(_text(name), _text(value)) for name, value in request.headers.items()]
    return wire.request_from_wire(request.method, request.uri, Headers.of(pairs), bytes(content or b""))


def vcr_response(response: Response) -> dict[str, Any]:
    """vcrpy's mapping from a response of the model, its body as it travelled."""
    headers: dict[str, list[str]] = {}
    for name, value in wire.headers_for_client(response):
        headers.setdefault(name, []).append(value)
    return {
        "status": {"code": response.status, "message": response.reason},
        "headers": headers,
        "body": {"string": wire.content_for_client(response)},
    }


def response_from_vcr(response: Mapping[str, Any], http_version: str = "", *, is_decoded: bool = False) -> Response:
    """A response of the model from vcrpy's mapping, whose body travelled so or was decoded."""
    fields = response["headers"]
    listed = {
        _text(name): [_text(value) for value in ([values] if isinstance(values, (str, bytes)) else values)]
        # vcrpy's stub for tornado lists pairs, where the others give a mapping.
        for name, values in (fields.items() if hasattr(fields, "items") else fields)
    }
    headers = Headers.from_lists(listed)
    content = response["body"].get("string") or b""
    if isinstance(content, str):
        content = content.encode()
    code, reason = response["status"]["code"], response["status"]["message"] or ""
    if is_decoded:
        encoding = headers.get("Content-Encoding") or "" if content else ""
        return Response(code, reason, headers, content, encoding, http_version)
    return wire.response_from_wire(code, reason, headers, content, http_version)


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        value = value[0]
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
