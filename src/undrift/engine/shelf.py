"""Cassettes that are kept in the user's own way: by a serializer, a persister, or hooks around both."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from undrift.engine.hooks import request_from_vcr, response_from_vcr, vcr_response
from undrift.errors import CassetteNotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from undrift.model import Cassette, Interaction
    from undrift.scrub import Secrets

_HOOKS = frozenset({"after_load_interaction", "before_save_interaction", "filter_sensitive_data"})
_STORAGE = frozenset({"serializer", "persister"})


def shelf_for(options: Mapping[str, Any], maker: Any = None) -> Shelf | None:
    """How a cassette is kept by these options, and by a ``VCR`` object's persister; None where as ever."""
    if maker is None and not options.keys() & (_HOOKS | _STORAGE):
        return None
    from undrift.engine.vcrapi.cassettes import VCR  # noqa: PLC0415 - vcrpy is long in coming, and few need it

    recorder = maker if maker is not None else VCR()
    chosen = {name: options[name] for name in (*_HOOKS, *_STORAGE) if name in options}
    try:
        merged = recorder.get_merged_config(**chosen)
    except KeyError as error:
        raise UsageError(f"{error.args[0]}. Register it in pytest_recording_configure, or use yaml or json.") from None
    shelf = Shelf({name: merged[name] for name in (*_HOOKS, *_STORAGE)})
    return shelf if shelf.has_hooks or shelf.has_storage else None


class Shelf:
    """Reads and writes cassettes by vcrpy's own protocol, whatever the user put in its places."""

    def __init__(self, chosen: Mapping[str, Any]) -> None:
        from vcr.persisters.filesystem import FilesystemPersister  # noqa: PLC0415 - as above
        from vcr.serializers import yamlserializer  # noqa: PLC0415 - as above

        from undrift.engine.vcrapi.cassettes import Cassette as VcrCassette  # noqa: PLC0415 - as above

        self._settings = VcrCassette("", **chosen)
        self.has_hooks = bool(self._settings._before_save_interaction or self._settings._after_load_interaction)  # noqa: SLF001 - vcrpy has no public names for them
        self.has_storage = (chosen["serializer"], chosen["persister"]) != (yamlserializer, FilesystemPersister)
        self._serializer, self._persister = chosen["serializer"], chosen["persister"]

    def load(self, path: Path) -> Cassette:
        """What lies there; raises CassetteNotFoundError and CassetteUnreadableError."""
        from vcr.persisters.filesystem import CassetteNotFoundError as NothingThereError  # noqa: PLC0415 - as above

        from undrift.engine.vcrapi.storage import Storage, cassette_of  # noqa: PLC0415 - as above

        try:
            loaded = Storage(self._persister).load_cassette(str(path), self._serializer)
        except NothingThereError as error:
            raise CassetteNotFoundError(path, "There is no such cassette. Record it with `undrift record`.") from error
        return cassette_of(loaded)

    def save(self, path: Path, cassette: Cassette, secrets: Secrets, not_secret: tuple[str, ...] = ()) -> None:
        """Scrub a cassette and put it there; raises CassetteNotWrittenError and LeakError."""
        from undrift.engine.vcrapi.storage import Storage, dict_of  # noqa: PLC0415 - as above

        Storage(self._persister, secrets, not_secret).save_cassette(str(path), dict_of(cassette), self._serializer)

    def shaped_to_save(self, cassette: Cassette) -> Cassette:
        """A cassette as the user's hooks want it saved."""
        return self._shaped(cassette, self._settings._before_save_interaction)  # noqa: SLF001 - as above

    def shaped_after_loading(self, cassette: Cassette) -> Cassette:
        """A cassette as the user's hooks want it played."""
        return self._shaped(cassette, self._settings._after_load_interaction)  # noqa: SLF001 - as above

    def _shaped(self, cassette: Cassette, hooks: list[Any]) -> Cassette:
        if not hooks:
            return cassette
        shaped = (self._shaped_interaction(one, hooks) for one in cassette.interactions)
        return cassette.with_interactions(one for one in shaped if one is not None)

    def _shaped_interaction(self, interaction: Interaction, hooks: list[Any]) -> Interaction | None:
        from vcr.cassette import _run_hooks  # noqa: PLC0415 - as above; which hook takes what is vcrpy's to know

        from undrift.engine.vcrapi.storage import in_vcrpy_s_form  # noqa: PLC0415 - as above

        request, response = in_vcrpy_s_form(interaction.request), vcr_response(interaction.response)
        found = _run_hooks(hooks, copy.deepcopy(request), copy.deepcopy(response), self._settings)
        if found is None:
            return None
        # What the hooks left alone keeps what vcrpy's form has no place for.
        if found[0]._to_dict() != request._to_dict():  # noqa: SLF001 - vcrpy's requests compare by identity
            interaction = replace(interaction, request=request_from_vcr(found[0]))
        if found[1] != response:
            made = response_from_vcr(found[1], interaction.response.http_version)
            interaction = replace(interaction, response=made)
        return interaction
