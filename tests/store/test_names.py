"""File names for cassettes."""

from __future__ import annotations

import hashlib
import json
import re
import string
import subprocess
import sys
from importlib.util import find_spec
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from undrift.store import cassette_name, recording_name, shortened

HASHED = re.compile(r"(.*-)?[0-9a-f]{12}", re.DOTALL)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("test_pay", "test_pay"),
        ("TestCheckout.test_pay", "TestCheckout.test_pay"),
        ("test_pay[card-visa]", "test_pay[card-visa]"),
        ("test_pay[a/b]", "test_pay[a-b]"),
        ("test[<>?%*:|\"'/\\]", "test[-----------]"),
        ("test_größe[日本]", "test_größe[日本]"),
        ("test a", "test a"),
        ("..test", None),
        ("../../etc/passwd", None),
        ("..", None),
        (".hidden", None),
        ("", None),
        ("test ", None),
        ("test.", None),
        ("test\x00null", None),
        ("test\nline", None),
        ("test\u202eright", None),
        ("CON", None),
        ("com1.test", None),
        ("con .x", None),
        ("lpt9", None),
        ("NUL.", None),
        ("test\ud800", None),
        ("x" * 201, None),
        ("é" * 101, None),
    ],
)
def test_a_name_is_kept_or_ends_in_a_hash(name: str, stem: str | None) -> None:
    found = cassette_name(name)

    if stem is None:
        assert HASHED.fullmatch(found)
    else:
        assert found == stem


@pytest.mark.skipif(find_spec("pytest_recording") is None, reason="pytest-recording is not installed")
def test_replacements_are_those_of_pytest_recording() -> None:
    names = [f"test_x[a{sign}b{sign}]" for sign in "<>?%*:|\"'/\\ ~$()"]
    # In a process of its own: the plugin changes the one that imports it.
    code = (
        "import json, sys\n"
        "from pytest_recording.plugin import get_default_cassette_name\n"
        "print(json.dumps([get_default_cassette_name(None, name) for name in json.load(sys.stdin)]))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(names), capture_output=True, text=True, check=True
    )

    assert [cassette_name(name) for name in names] == json.loads(done.stdout)


NAMES = st.text(max_size=260) | st.text("./\\ -:abc\x00CON1é", max_size=12)


@given(NAMES)
def test_no_name_leaves_the_folder_on_any_system(name: str) -> None:
    file = cassette_name(name) + ".yaml"

    assert 1 <= len(cassette_name(name).encode()) <= 200
    assert PurePosixPath("folder", file).name == file
    assert PureWindowsPath("folder", file).name == file
    assert not file.startswith(".")
    assert not any(ord(letter) < 32 for letter in file)
    assert not cassette_name(name).endswith((" ", "."))


@given(NAMES)
def test_a_name_stays_the_same(name: str) -> None:
    assert cassette_name(name) == cassette_name(name)


@given(NAMES, NAMES)
def test_two_odd_names_never_meet(first: str, second: str) -> None:
    def recordings(name: str) -> str:
        return re.sub(r"[<>?%*:|\"'/\\]", "-", name)

    if recordings(first) != recordings(second):
        assert cassette_name(first) != cassette_name(second)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("test_pay[a/b]", "test_pay[a-b]"),
        ("test.", "test."),
        ("test ", "test "),
        ("...", "..."),
        (".hidden", ".hidden"),
    ],
)
def test_names_as_pytest_recording_gives_them(name: str, stem: str) -> None:
    assert recording_name(name) == stem


@pytest.mark.parametrize("name", ["test\x00null", "test\nline", "test\ud800"])
def test_a_name_that_can_be_no_file_s_is_hashed(name: str) -> None:
    assert HASHED.fullmatch(recording_name(name))


def test_a_long_name_is_cut_as_pytest_recording_cuts_it() -> None:
    name = f"test_with_parametrize[{string.ascii_letters + string.digits}]".replace("]", string.ascii_letters * 5 + "]")
    cut = shortened(name, ".yaml")
    assert cut == f"{name[:215]}...{hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()}"
    assert len(f"{cut}.yaml") == 255


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=400), st.sampled_from([".yaml", ".json"]))
def test_a_shortened_name_fits_and_one_that_fits_stays(name: str, ending: str) -> None:
    cut = shortened(name, ending)
    assert len(f"{cut}{ending}".encode()) <= 255
    assert (cut == name) == (len(f"{name}{ending}".encode()) <= 255)
