from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from undrift.credentials import (
    Answer,
    Answered,
    EnvFile,
    Environment,
    Found,
    Needed,
    find,
    look_up,
    problem_of,
    stand_ins,
)
from undrift.credentials.asking import UnavailableError
from undrift.errors import CredentialError, CredentialMissingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from undrift.credentials import Provider

NEEDED = [Needed("SHOP_KEY", ("sk_test_[a-z0-9]+",), ("sk_live_",)), Needed("SHOP_USER", ("[a-z]+",))]
NAMES = ("SHOP_KEY", "SHOP_USER")
KEY = "sk_test_fromtheenvironment"


@dataclass
class Manager:
    """A remote provider that keeps count of what it is asked."""

    values: Mapping[str, str]
    name: str = "the manager"
    is_remote: bool = True
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def ask(self, names: Sequence[str]) -> Answer:
        self.asked.append(tuple(names))
        return Answer({name: self.values[name] for name in names if name in self.values})


@dataclass
class Nobody:
    name: str = "the far one"
    is_remote: bool = True

    def ask(self, names: Sequence[str]) -> Answer:
        raise UnavailableError(f"it knows nothing of {names[0]}")


def local(tmp_path: Path, **variables: str) -> tuple[Provider, ...]:
    return (Environment(variables), EnvFile(tmp_path))


def test_the_environment_comes_before_the_file_and_that_before_all_others(tmp_path: Path) -> None:
    (tmp_path / ".env.test").write_text("SHOP_KEY=sk_test_fromthefile\nSHOP_USER=annabella\n")
    manager = Manager({"SHOP_KEY": "sk_test_far", "SHOP_USER": "faraway"})
    looked = look_up(NAMES, (*local(tmp_path, SHOP_KEY=KEY), manager))
    assert looked.found == {"SHOP_KEY": Found(KEY, "the environment"), "SHOP_USER": Found("annabella", ".env.test")}
    assert looked.looked_in == ("the environment", ".env.test")
    assert manager.asked == [], "a manager is asked for what is missing only"


def test_a_manager_is_asked_once_for_all_that_is_missing(tmp_path: Path) -> None:
    first, second = Manager({"SHOP_USER": "annabella"}), Manager({"SHOP_KEY": KEY}, "the other")
    found = find(NEEDED, (*local(tmp_path), first, second))
    assert (found.get("SHOP_KEY"), found.get("SHOP_USER")) == (KEY, "annabella")
    assert (first.asked, second.asked) == ([("SHOP_KEY", "SHOP_USER")], [("SHOP_KEY",)])


def test_whoever_needs_nothing_looks_nowhere(tmp_path: Path) -> None:
    (tmp_path / ".env.test").write_text("half")
    manager = Manager({})
    assert find([], (*local(tmp_path), manager)).secrets() == stand_ins([]).secrets()
    assert manager.asked == []


def test_one_that_cannot_be_asked_is_named_with_its_reason(tmp_path: Path) -> None:
    found = find(NEEDED, (*local(tmp_path, SHOP_KEY=KEY, SHOP_USER=""), Nobody()))
    with pytest.raises(CredentialMissingError) as caught:
        found.get("SHOP_USER")
    assert caught.value.name == "SHOP_USER"
    assert str(caught.value) == (
        "The credential SHOP_USER is missing. It was looked for in the environment (empty there), .env.test, "
        "the far one (not asked: it knows nothing of SHOP_USER). "
        "Set it in one of these, or replay, which needs no credential."
    )


def test_what_was_answered_is_answered_again_in_another_process(tmp_path: Path) -> None:
    looked = look_up(NAMES, (*local(tmp_path), Nobody(), Manager({"SHOP_KEY": KEY})))
    handed = tuple(Answered(name, answer) for name, answer in looked.answers)
    again = look_up(NAMES, (*local(tmp_path), *handed))
    assert (again.found, again.looked_in) == (looked.found, looked.looked_in)


@pytest.mark.parametrize(("needed", "known"), [(NEEDED, "SHOP_KEY, SHOP_USER"), ([], "none")])
def test_one_that_nobody_configured_is_another_error(tmp_path: Path, needed: list[Needed], known: str) -> None:
    with pytest.raises(CredentialError) as caught:
        find(needed, local(tmp_path, SHOPKEY=KEY)).get("SHOPKEY")
    assert not isinstance(caught.value, CredentialMissingError)
    assert str(caught.value) == (
        f"No service in [tool.undrift.services] names the credential SHOPKEY. Known are: {known}."
    )


@pytest.mark.parametrize("source", ["the environment", ".env.test"])
@pytest.mark.parametrize("value", ["pk_test_0123456789", "sk_test_", "sk_test_abc\n", " sk_test_abc"])
def test_a_value_of_another_form_is_refused_by_name_and_never_shown(tmp_path: Path, source: str, value: str) -> None:
    (tmp_path / ".env.test").write_text(f"SHOP_KEY='{value}'\n")
    variables = {"SHOP_KEY": value} if source == "the environment" else {}
    with pytest.raises(CredentialError) as caught:
        find(NEEDED, local(tmp_path, **variables))
    assert str(caught.value) == (
        f"The credential SHOP_KEY, found in {source}, does not match its pattern sk_test_[a-z0-9]+. "
        "It may be a live key. No request was sent; set a key of the sandbox instead."
    )


SHOP = "The credential SHOP_KEY, found in a file,"
JUDGED = {
    "sk_live_0123456789": f"{SHOP} is a live key: it matches sk_live_, which is forbidden. No request was sent;",
    "rk_test_0123456789": f"{SHOP} does not match its pattern .{{0,7}} nor [s-z].+. It may be a live key.",
    "test": f"{SHOP} is shorter than 8 characters, and would be found by chance where no secret is.",
    "UNDEFINED": f"{SHOP} is a common word, and would be found in texts where no secret is.",
    "subscription": f"{SHOP} is a common word, and would be found in texts where no secret is.",
    "xxxxxxxxxxxx": f"{SHOP} is a common word, and would be found in texts where no secret is.",
    "sk_test_0123456789": "",
}


@pytest.mark.parametrize("value", JUDGED)
def test_which_values_may_be_used(value: str) -> None:
    needed = Needed("SHOP_KEY", (".{0,7}", "[s-z].+"), ("sk_live_",))
    if value == "UNDEFINED":
        needed = Needed("SHOP_KEY", ("[A-Z]+",))
    problem = problem_of(needed, Found(value, "a file"))
    assert problem.startswith(JUDGED[value])
    assert bool(problem) is bool(JUDGED[value])
    assert not problem or value not in problem.replace(SHOP, "").replace("UNDEFINED", value)


def test_a_live_key_where_one_may_be_used() -> None:
    needed = Needed("SHOP_KEY", ("sk_test_[a-z]+",), ("^sk_live_[a-z]+$",), may_be_live=True)
    assert problem_of(needed, Found("sk_live_abcdefgh", "a file")) == ""
    assert problem_of(needed, Found("sk_test_abcdefgh", "a file")) == ""
    assert "does not match" in problem_of(needed, Found("pk_live_abcdefgh", "a file"))


def test_stand_ins_for_replay() -> None:
    made = stand_ins(NEEDED)
    for needed in NEEDED:
        assert re.fullmatch(needed.patterns[0], made.get(needed.name))


def test_two_keys_of_one_kind_have_two_stand_ins() -> None:
    made = stand_ins([Needed("SHOP_KEY", ("sk_test_[a-z]{10,}",)), Needed("SHOP_OTHER", ("sk_test_[a-z]{10,}",))])
    assert made.get("SHOP_KEY") != made.get("SHOP_OTHER")


def test_no_value_shows_in_a_repr(tmp_path: Path) -> None:
    looked = look_up(NAMES, (*local(tmp_path, SHOP_KEY=KEY), Manager({"SHOP_USER": "annabella"})))
    found = find(NEEDED, local(tmp_path, SHOP_KEY=KEY))
    assert repr(found) == "<Credentials: 1 of 2 found>"
    for thing in (looked, found, found.secrets(), looked.found, local(tmp_path, SHOP_KEY=KEY), looked.answers):
        assert KEY not in repr(thing)
        assert "annabella" not in repr(thing)
    assert len(found.secrets()) == 1
