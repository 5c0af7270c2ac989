"""Where vcrpy's cassettes lie: its persisters and serializers, with what is undrift's around them.

Files are read by undrift's own store, whoever wrote them, and written by it, atomically. A
serializer or a persister of the user's own is given what vcrpy would give it, after scrubbing.
"""

from __future__ import annotations

from dataclasses import dataclass
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
from undrift.model import Cassette, Interaction
from undrift.scrub import Secrets, scrub

if TYPE_CHECKING:
    from undrift.scrub import Scrubbed

_FILES = (FilesystemPersister.save_cassette, FilesystemPersister.load_cassette.__func__)
# vcrpy's own: requests, responses, and the user's metadata where there is any.
Loaded = tuple[list[Any], list[Any]] | tuple[list[Any], list[Any], Any]


@dataclass(frozen=True, slots=True)
class Storage:
    """A persister of vcrpy's kind over another, that writes nothing but what was scrubbed."""

    persister: Any = FilesystemPersister
    secrets: Secrets = Secrets()

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
            return _loaded(store.read(path))
        except CassetteNotFoundError as error:
            raise VcrNotFoundError from error
        except CassetteUnreadableError as unreadable:
            # What is no HTTP may be a cassette of vcrpy's all the same; what its loader refuses is none.
            try:
                loaded = self.persister.load_cassette(cassette_path, serializer=serializer)
            except Exception:  # noqa: BLE001 - whatever it says, undrift's own error says more
                raise unreadable from None
            return loaded

    def save_cassette(self, cassette_path: Any, cassette_dict: dict[str, Any], serializer: Any) -> None:
        """Scrub what vcrpy gives, and write it; raises CassetteNotWrittenError and LeakError."""
        pairs = zip(cassette_dict["requests"], cassette_dict["responses"], strict=True)
        metadata = cassette_dict.get("metadata") or None
        try:
            interactions = tuple(Interaction(request_from_vcr(one), response_from_vcr(two)) for one, two in pairs)
        except (AttributeError, KeyError, TypeError):
            # A hook of the user's made something else of them, which is scrubbed as plain data.
            self.persister.save_cassette(cassette_path, self._scrubbed_as_data(cassette_dict), serializer=serializer)
            return
        scrubbed = scrub(Cassette(interactions, metadata=metadata), self.secrets)
        if self._is_file():
            self._write(Path(cassette_path), cassette_dict, interactions, scrubbed, serializer)
        else:
            clean = _as_vcrpy_has_it(cassette_dict, interactions, scrubbed)
            self.persister.save_cassette(cassette_path, clean, serializer=serializer)
        for response in cassette_dict["responses"]:
            # Saving turns bodies that are text into text, in vcrpy's own cassettes too.
            convert_to_unicode(response)

    def _write(
        self,
        path: Path,
        cassette_dict: dict[str, Any],
        interactions: tuple[Interaction, ...],
        scrubbed: Scrubbed,
        serializer: Any,
    ) -> None:
        if _is_empty(path):
            # vcrpy treats an empty file as none, and nothing is lost with it.
            path.unlink()
        if serializer is yamlserializer:
            store.write(path, scrubbed, self.secrets)
            return
        text = serialize(_as_vcrpy_has_it(cassette_dict, interactions, scrubbed), serializer)
        store.write_as(path, text if isinstance(text, bytes) else text.encode(), scrubbed, self.secrets)

    def _is_file(self) -> bool:
        """Whether cassettes are vcrpy's files; whoever replaced a method of its persister has one of his own."""
        kind = self.persister if isinstance(self.persister, type) else type(self.persister)
        return kind is FilesystemPersister and (kind.save_cassette, kind.load_cassette.__func__) == _FILES

    def _scrubbed_as_data(self, cassette_dict: dict[str, Any]) -> dict[str, Any]:
        requests = [_data_of(request) for request in cassette_dict["requests"]]
        data = {"requests": requests, "responses": cassette_dict["responses"]}
        clean = scrub(Cassette(metadata=[data, cassette_dict.get("metadata")]), self.secrets).cassette.metadata
        pairs = zip(cassette_dict["requests"], clean[0]["requests"], strict=True)
        made = [VcrRequest(**after) if isinstance(before, VcrRequest) else after for before, after in pairs]
        return {**cassette_dict, **clean[0], "requests": made, **({"metadata": clean[1]} if clean[1] else {})}


def _data_of(request: Any) -> Any:
    """A request as plain data, in which text can be replaced."""
    return request._to_dict() if isinstance(request, VcrRequest) else request  # noqa: SLF001 - as vcrpy's filters do


def cassette_of(loaded: Loaded) -> Cassette:
    """A cassette of the model from what a persister loaded."""
    requests, responses, *metadata = loaded
    pairs = zip(requests, responses, strict=False)
    interactions = tuple(Interaction(request_from_vcr(one), response_from_vcr(two)) for one, two in pairs)
    return Cassette(interactions, metadata=metadata[0] if metadata else None, is_ours=False)


def dict_of(cassette: Cassette) -> dict[str, Any]:
    """What vcrpy gives a persister, from a cassette of the model."""
    requests, responses, *metadata = _loaded(cassette)
    return {"requests": requests, "responses": responses, **({"metadata": metadata[0]} if metadata else {})}


def _loaded(cassette: Cassette) -> Loaded:
    requests = [vcr_request(interaction.request) for interaction in cassette.interactions]
    responses = [vcr_response(interaction.response) for interaction in cassette.interactions]
    return (requests, responses, cassette.metadata) if cassette.metadata else (requests, responses)


def _as_vcrpy_has_it(
    cassette_dict: dict[str, Any], interactions: tuple[Interaction, ...], scrubbed: Scrubbed
) -> dict[str, Any]:
    """The dictionary again, in which whatever scrubbing did not change is the very same object."""
    requests: list[VcrRequest] = []
    responses: list[Any] = []
    rows = zip(
        cassette_dict["requests"],
        cassette_dict["responses"],
        interactions,
        scrubbed.cassette.interactions,
        strict=True,
    )
    for request, response, before, after in rows:
        requests.append(request if before.request == after.request else vcr_request(after.request))
        responses.append(response if before.response == after.response else vcr_response(after.response))
    clean = {**cassette_dict, "requests": requests, "responses": responses}
    if "metadata" in clean:
        clean["metadata"] = scrubbed.cassette.metadata
    return clean


def _is_standard(serializer: Any) -> bool:
    return serializer in {yamlserializer, jsonserializer}


def _is_empty(path: Path) -> bool:
    """Whether there is a file, with nothing in it."""
    try:
        with path.open("rb") as file:
            return not file.read(4096).strip() and not file.read().strip()
    except OSError:
        return False
