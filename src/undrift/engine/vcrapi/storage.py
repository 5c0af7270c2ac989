"""Where vcrpy's cassettes lie: its persisters and serializers, with what is undrift's around them.

Files are read by undrift's own store, whoever wrote them, and written by it, atomically. A
serializer or a persister of the user's own is given what vcrpy would give it, after scrubbing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vcr.persisters.filesystem import CassetteNotFoundError as VcrNotFoundError
from vcr.persisters.filesystem import FilesystemPersister
from vcr.request import Request as VcrRequest
from vcr.serialize import serialize
from vcr.serializers import jsonserializer, yamlserializer
from vcr.serializers.compat import convert_to_unicode

from undrift import store
from undrift.engine.hooks import request_from_vcr, response_from_vcr, vcr_request, vcr_response
from undrift.errors import CassetteNotFoundError, CassetteUnreadableError
from undrift.model import Cassette, Interaction, Request, Response
from undrift.scrub import Secrets, scrub

if TYPE_CHECKING:
    from undrift.scrub import Scrubbed

_FILES = (FilesystemPersister.save_cassette, FilesystemPersister.load_cassette.__func__)
# Methods whose requests have content, empty or not, where others have none.
_WITH_CONTENT = frozenset({"POST", "PUT", "PATCH"})
_PARTS_OF_A_RESPONSE = {"status", "headers", "body"}
# vcrpy's own: requests, responses, and the user's metadata where there is any.
Loaded = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Storage:
    """A persister of vcrpy's kind over another, that writes nothing but what was scrubbed."""

    persister: Any = FilesystemPersister
    secrets: Secrets = field(default_factory=Secrets)
    not_secret: tuple[str, ...] = ()

    def load_cassette(self, cassette_path: Any, serializer: Any) -> Loaded:
        """What a cassette holds, by vcrpy's own protocol.

        Raises vcrpy's CassetteNotFoundError where there is nothing, an empty file included, and
        CassetteError for a file that is no cassette, which vcrpy would record over.
        """
        if not (self._is_file() and _is_standard(serializer)):
            loaded: Loaded = self.persister.load_cassette(cassette_path, serializer=serializer)
            return loaded
        path = Path(cassette_path)
        if _is_empty(path):
            raise VcrNotFoundError
        try:
            cassette = store.read(path)
        except CassetteNotFoundError as error:
            raise VcrNotFoundError from error
        except CassetteUnreadableError as unreadable:
            # What is no HTTP may be a cassette of vcrpy's all the same; what its loader refuses is none.
            try:
                loaded = self.persister.load_cassette(cassette_path, serializer=serializer)
            except Exception:  # noqa: BLE001 - whatever it says, undrift's own error says more
                raise unreadable from None
            return loaded
        if cassette.is_ours:
            return _loaded(cassette)
        try:
            # vcrpy's own, to the letter, with what only its stubs have a use for.
            loaded = self.persister.load_cassette(cassette_path, serializer=serializer)
        except Exception:  # noqa: BLE001 - another tool wrote it, which undrift has read
            return _loaded(cassette)
        return loaded

    def save_cassette(self, cassette_path: Any, cassette_dict: dict[str, Any], serializer: Any) -> None:
        """Scrub what vcrpy gives, and write it; raises CassetteNotWrittenError and LeakError."""
        pairs = [
            _Pair.of(*pair) for pair in zip(cassette_dict["requests"], cassette_dict["responses"], strict=True)
        ]  # fmt: skip
        is_exact = not any(pair.rest for pair in pairs)
        metadata = cassette_dict.get("metadata") or None
        if not is_exact:
            metadata = [[pair.rest for pair in pairs], metadata]
        scrubbed = scrub(Cassette(tuple(pair.interaction for pair in pairs), metadata=metadata), self.secrets)
        clean = _clean(cassette_dict, pairs, scrubbed, is_exact=is_exact)
        if not self._is_file():
            self.persister.save_cassette(cassette_path, clean, serializer=serializer)
            return
        path = Path(cassette_path)
        if _is_empty(path):
            # vcrpy treats an empty file as none, and nothing is lost with it.
            path.unlink()
        if serializer is yamlserializer and is_exact:
            store.write(path, scrubbed, self.secrets, not_secret=self.not_secret)
        else:
            text = serialize(clean, serializer)
            content = text if isinstance(text, bytes) else text.encode()
            store.write_as(path, content, scrubbed, self.secrets, not_secret=self.not_secret)
        for response in cassette_dict["responses"]:
            # Writing a file turns bodies that are text into text, in vcrpy's own cassettes too.
            convert_to_unicode(response)

    def _is_file(self) -> bool:
        """Whether cassettes are vcrpy's files; whoever replaced a method of its persister has one of his own."""
        kind = self.persister if isinstance(self.persister, type) else type(self.persister)
        return kind is FilesystemPersister and (kind.save_cassette, kind.load_cassette.__func__) == _FILES


@dataclass(frozen=True, slots=True)
class _Pair:
    """A request and a response as vcrpy has them, and as the model does.

    ``rest`` is what the model has no place for, as plain data: a ``body`` that is none yet, ``more``
    parts of a response, or a ``request`` and a ``response`` that a hook made something else of.
    """

    request: Any
    response: Any
    interaction: Interaction
    rest: dict[str, Any]

    @classmethod
    def of(cls, request: Any, response: Any) -> _Pair:
        rest: dict[str, Any] = {}
        try:
            asked = request_from_vcr(request)
        except (AttributeError, TypeError):
            if isinstance(request, VcrRequest):
                # Some of vcrpy's stubs keep what the client was given.
                asked = request_from_vcr(VcrRequest(request.method, request.uri, None, request.headers))
                rest["body"] = request.body
            else:
                asked = Request("", "")
                rest["request"] = request
        try:
            answered = response_from_vcr(response)
            more = {name: value for name, value in response.items() if name not in _PARTS_OF_A_RESPONSE}
            if more:
                # Such as the last address after redirects, which tornado's stub keeps.
                rest["more"] = more
        except (AttributeError, KeyError, TypeError):
            answered = Response(0)
            rest["response"] = response
        return cls(request, response, Interaction(asked, answered), rest)

    def clean_request(self, after: Interaction, rest: dict[str, Any]) -> Any:
        """The request with what scrubbing changed; the very same object where it changed nothing."""
        if "request" in rest:
            return rest["request"]
        if after.request == self.interaction.request and rest.get("body") == self.rest.get("body"):
            return self.request
        made = vcr_request(after.request)
        return VcrRequest(made.method, made.uri, rest["body"], made.headers) if "body" in rest else made

    def clean_response(self, after: Interaction, rest: dict[str, Any]) -> Any:
        """The response with what scrubbing changed; the very same object where it changed nothing."""
        if "response" in rest:
            return rest["response"]
        if after.response == self.interaction.response and rest.get("more") == self.rest.get("more"):
            return self.response
        return {**vcr_response(after.response), **rest.get("more", {})}


def _clean(
    cassette_dict: dict[str, Any], pairs: list[_Pair], scrubbed: Scrubbed, *, is_exact: bool
) -> dict[str, Any]:  # fmt: skip
    """What vcrpy gave, scrubbed."""
    after, metadata = scrubbed.cassette.interactions, scrubbed.cassette.metadata
    rests: list[dict[str, Any]] = [{} for _ in pairs]
    if not is_exact:
        rests, metadata = metadata
    rows = list(zip(pairs, after, rests, strict=True))
    clean = {
        **cassette_dict,
        "requests": [pair.clean_request(one, rest) for pair, one, rest in rows],
        "responses": [pair.clean_response(one, rest) for pair, one, rest in rows],
    }
    if metadata:
        clean["metadata"] = metadata
    return clean


def in_vcrpy_s_form(request: Request) -> VcrRequest:
    """A request as vcrpy's stubs make it."""
    made = vcr_request(request)
    if made.body is None and made.method in _WITH_CONTENT:
        made.body = b""
    return made


def cassette_of(loaded: Loaded) -> Cassette:
    """A cassette of the model from what a persister loaded."""
    requests, responses, *metadata = loaded
    pairs = zip(requests, responses, strict=False)
    interactions = tuple(Interaction(_sent(one), response_from_vcr(two)) for one, two in pairs)
    return Cassette(interactions, metadata=metadata[0] if metadata else None, is_ours=False)


def _sent(request: Any) -> Request:
    """A request of the model; one whose body somebody wrote down as data can only have been sent as JSON."""
    if isinstance(request.body, (dict, list)):
        request = VcrRequest(request.method, request.uri, json.dumps(request.body), request.headers)
    return request_from_vcr(request)


def dict_of(cassette: Cassette) -> dict[str, Any]:
    """What vcrpy gives a persister, from a cassette of the model."""
    requests, responses, *metadata = _loaded(cassette)
    return {"requests": requests, "responses": responses, **({"metadata": metadata[0]} if metadata else {})}


def _loaded(cassette: Cassette) -> Loaded:
    requests = [in_vcrpy_s_form(interaction.request) for interaction in cassette.interactions]
    responses = [vcr_response(interaction.response) for interaction in cassette.interactions]
    return (requests, responses, cassette.metadata) if cassette.metadata else (requests, responses)


def _is_standard(serializer: Any) -> bool:
    return any(serializer is one for one in (yamlserializer, jsonserializer))


def _is_empty(path: Path) -> bool:
    """Whether there is a file, with nothing in it."""
    try:
        with path.open("rb") as file:
            return not file.read(4096).strip() and not file.read().strip()
    except OSError:
        return False
