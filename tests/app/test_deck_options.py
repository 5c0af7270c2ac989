from __future__ import annotations

import inspect
import os
from typing import Any

import pytest
import vcr

from undrift.app.deck_options import placed, unknown_in_words
from undrift.errors import UsageError


def test_every_parameter_of_vcr_is_known() -> None:
    for name in inspect.signature(vcr.VCR.__init__).parameters.keys() - {"self", "custom_patches"}:
        assert unknown_in_words({name: None}, "The marker") == ""


def test_what_only_vcr_takes_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"^The marker has the option 'custom_patches', which only undrift\.VCR takes"):
        unknown_in_words({"custom_patches": ()}, "The marker")


def test_an_unknown_option_comes_with_what_is_near_or_with_all() -> None:
    assert unknown_in_words({"filter_header": [], "zzz": 1}, "The marker").startswith(
        "The marker has the option 'filter_header', which is not known. Did you mean 'filter_headers'? "
        "The marker has the option 'zzz', which is not known. Valid are: additional_matchers, "
    )


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({}, "folder/pay"),
        ({"cassette_library_dir": "other"}, "other/pay"),
        ({"path_transformer": "{}.tape".format}, "folder/pay.tape"),
        ({"path_transformer": "folder/{}".format}, "folder/pay"),
    ],
)
def test_a_cassette_lies_where_vcrpy_would_put_it(options: dict[str, Any], path: str) -> None:
    assert placed(options, "pay", "folder") == path.replace("/", os.sep)
    assert placed({}, "pay", None) == "pay"
