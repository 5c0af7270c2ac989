"""No secret survives in a file: made-up ones of every kind, in every form, in every place.

The usual run tries a secret of each kind in some forms and places, all of these being among them;
``--secrets=200`` takes so many secrets, each in all forms in all places.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from tests.secrets_corpus import FORMS, KINDS, PLACES, made_up, messages, survivors

from undrift import store
from undrift.errors import LeakError
from undrift.model import Cassette
from undrift.scrub import Secrets, scrub
from undrift.store.writing import dumps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from undrift.scrub import Scrubbed

COMBINATIONS = tuple(itertools.product(FORMS, PLACES))
# So many of them apart, and each secret starting a little later, all forms and all places have their turn.
USUAL_STEP = 53


def corpus(config: pytest.Config) -> Iterator[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """The name and value of each secret, and the forms and places to try with it."""
    number = config.getoption("--secrets")
    for index, (name, value) in enumerate(made_up(number or len(KINDS)).items()):
        yield name, value, COMBINATIONS if number else COMBINATIONS[3 * index :: USUAL_STEP]


def known(config: pytest.Config) -> Secrets:
    return Secrets.named({name: value for name, value, _ in corpus(config)})


def test_none_survives_in_any_form_and_place(
    tmp_path: Path, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets = known(pytestconfig)
    left: list[str] = []
    seen: set[str] = set()
    count = 0
    for name, value, combinations in corpus(pytestconfig):
        recorded = Cassette(tuple(messages(FORMS[form](value), place) for form, place in combinations))
        clean = scrub(recorded, secrets)
        path = tmp_path / f"{name}.yaml"
        store.write(path, clean, secrets)
        # Each message by itself: in a long file there are too many texts to decode each in every order.
        left += [f"{name}: {at}" for at, one in enumerate(parts(path.read_bytes())) if survivors(one, [value])]
        assert scrub(clean.cassette, secrets).cassette == clean.cassette, name
        count += 2 * len(combinations)
        seen.update(*combinations)
    if pytestconfig.getoption("--secrets"):
        with capsys.disabled():
            print(f"\n{len(secrets)} secrets in {count} messages: {len(left)} survive")  # noqa: T201 - asked for
    assert left == []
    assert seen == {*FORMS, *PLACES}


def test_the_reader_and_the_last_look_see_every_one_of_them(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    unseen: list[tuple[str, str, str]] = []
    for name, value, combinations in corpus(pytestconfig):
        for form, place in combinations[:: 1 if pytestconfig.getoption("--secrets") else 4]:
            unscrubbed = scrub(Cassette((messages(FORMS[form](value), place),)), Secrets())
            # What is a token of its own is replaced though nobody named it.
            is_left = bool(survivors(dumps(unscrubbed).encode(), [value]))
            if is_left == bool(unscrubbed.replaced) or is_left != refused(tmp_path / "c.yaml", unscrubbed, name, value):
                unseen.append((name, form, place))
    assert unseen == []


def parts(content: bytes) -> Iterator[bytes]:
    """A file's head, and each of its interactions as YAML of its own."""
    head, *interactions = content.split(b"\n- request:")
    yield head
    for one in interactions:
        yield b"- request:" + one


def refused(path: Path, unscrubbed: Scrubbed, name: str, value: str) -> bool:
    """Whether the last look refuses a cassette, by this name."""
    path.unlink(missing_ok=True)
    try:
        store.write(path, unscrubbed, Secrets.named({name: value}))
    except LeakError as error:
        message = str(error)
    else:
        return False
    return name in message and value not in message and not path.exists()
