"""The options of the marker ``vcr`` and of ``use_cassette``: vcrpy's names and ours."""

from __future__ import annotations

import difflib
import os
from typing import TYPE_CHECKING, Any

from undrift.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

# Each with a meaning here; all but the last are vcrpy's.
_KNOWN = frozenset(
    {
        "additional_matchers", "after_load_interaction", "allow_playback_repeats", "before_record",
        "before_record_request", "before_record_response", "before_save_interaction", "cassette_library_dir",
        "decode_compressed_response", "drop_unused_requests", "filter_headers", "filter_nested_post_data_parameters",
        "filter_post_data_parameters", "filter_query_parameters", "filter_sensitive_data", "func_path_generator",
        "ignore_hosts", "ignore_localhost", "inject_cassette", "match_on", "path_transformer", "persister",
        "record_mode", "record_on_exception", "serializer", "skip_patchers",
        "allowed_hosts",  # pytest-recording's
        "client_drift",
    }
)  # fmt: skip
_ONLY_OF_VCR = frozenset({"custom_patches"})


def unknown_in_words(options: Mapping[str, Any], where: str) -> str:
    """A sentence for each option that means nothing, with the nearest that would; empty where all do.

    Raises UsageError for an option of vcrpy's that only ``VCR`` has.
    """
    for name in sorted(_ONLY_OF_VCR & options.keys()):
        raise UsageError(f"{where} has the option {name!r}, which only undrift.VCR takes. Use it for this test.")
    return " ".join(_in_words(name, where) for name in sorted(set(options) - _KNOWN))


def _in_words(name: str, where: str) -> str:
    near = difflib.get_close_matches(name, _KNOWN, n=1)
    guess = f"Did you mean {near[0]!r}?" if near else f"Valid are: {', '.join(sorted(_KNOWN))}."
    return f"{where} has the option {name!r}, which is not known. {guess}"


def placed(options: Mapping[str, Any], path: str, folder: str | None) -> str:
    """The path of a cassette, as vcrpy makes it from a name: transformed first, then put into its folder.

    ``folder`` is where it belongs unless ``cassette_library_dir`` says another.
    """
    transform: Callable[[str], str] | None = options.get("path_transformer")
    if transform is not None:
        path = os.fspath(transform(path))
    library = os.fspath(options.get("cassette_library_dir") or folder or "")
    return path if path.startswith(library) else os.path.join(library, path)  # noqa: PTH118 - a text, as in vcrpy


def endings(serializer: str) -> Iterable[str]:
    """The endings that a cassette's name may have; one without gets the first."""
    return (f".{serializer}", ".yml") if serializer == "yaml" else (f".{serializer}",)
