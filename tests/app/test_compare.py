"""`undrift diff`: cassettes and folders of them, without tests and without network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from undrift import cli, store
from undrift.model import Cassette, Headers, Interaction, Request, Response
from undrift.scrub import Secrets, scrub

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = {"id": "cus_4f9a8b7c6d5e4f", "number": 7, "name": "plain"}
JSON = Headers.of([("Content-Type", "application/json")])
NONE = Secrets.named({})


def cassette(*answers: Any, status: int = 200, headers: Headers = JSON) -> Cassette:
    return Cassette(
        tuple(
            Interaction(
                Request("GET", f"https://api.example.com/{number}"),
                Response(status, "OK", headers, json.dumps(answer).encode()),
            )
            for number, answer in enumerate(answers)
        )
    )


def put(path: Path, content: Cassette) -> str:
    store.write(path, scrub(content, NONE), NONE)
    return str(path)


@pytest.fixture
def diff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, dict[str, Any], str]:
        code = cli.main(["diff", "--format", "json", *arguments])
        written = capsys.readouterr()
        return code, json.loads(written.out) if written.out else {}, written.err

    return run


ANSWERS = {
    "clean": cassette(PLAIN),
    "info": cassette({**PLAIN, "name": "other"}),
    "additive": cassette({**PLAIN, "more": 1}),
    "risky": cassette(PLAIN, headers=Headers.of([*JSON, ("Deprecation", "true")])),
    "breaking": cassette({"id": PLAIN["id"], "name": "plain"}),
    "could-not-check": cassette({}, status=503),
}
LEVELS = ("additive", "risky", "breaking")


@pytest.mark.parametrize("what", ANSWERS)
@pytest.mark.parametrize("fail_on", [*LEVELS, "never", None])
def test_the_threshold_decides_between_0_and_1(diff: Any, tmp_path: Path, what: str, fail_on: str | None) -> None:
    stored, fresh = put(tmp_path / "stored.yaml", ANSWERS["clean"]), put(tmp_path / "fresh.yaml", ANSWERS[what])
    options = () if fail_on is None else ("--fail-on", fail_on)
    code, report, errors = diff(stored, fresh, *options)
    level = fail_on or "breaking"
    if what == "could-not-check":
        expected = 3
    else:
        expected = int(what in LEVELS and level != "never" and LEVELS.index(what) >= LEVELS.index(level))
    assert (code, report["exit_code"], errors) == (expected, expected, "")
    assert report["verdict"] == ("clean" if what == "info" else what)
    assert report["run"]["command"] == "diff"


def test_findings_name_the_cassette_as_it_was_given(diff: Any, tmp_path: Path) -> None:
    put(tmp_path / "stored.yaml", ANSWERS["clean"])
    put(tmp_path / "fresh.yaml", ANSWERS["breaking"])
    _, report, _ = diff("stored.yaml", "fresh.yaml")
    (finding,) = report["findings"]
    assert (finding["endpoint"], finding["path"], finding["confirmed"]) == ("/{id}", "/number", None)
    assert finding["occurrences"] == [
        {"cassette": "stored.yaml", "interaction": 0, "fresh_interaction": 0, "pointer": "/number"}
    ]
    assert report["cassettes"] == [{"path": "stored.yaml", "test": None, "outcome": "compared", "verdict": "breaking"}]
    assert report["checked"] == {"cassettes": 1, "interactions": 1}


def test_further_takes_are_evidence_of_noise(diff: Any, tmp_path: Path) -> None:
    values = ("north", "south", "east", "west")
    paths = [put(tmp_path / f"{value}.yaml", cassette({"side": value})) for value in values]
    (finding,) = diff(paths[0], paths[1])[1]["findings"]
    assert (finding["kind"], finding["severity"]) == ("value-changed", "info")
    _, report, _ = diff(paths[0], paths[1], "--stored-take", paths[2], "--fresh-take", paths[3])
    assert (report["findings"], report["counts"]["noise"]) == ([], 1)


def test_folders_are_compared_by_the_names_in_them(diff: Any, tmp_path: Path) -> None:
    for name, answer in (("a.yaml", "clean"), ("deep/b.yml", "clean"), ("gone.yaml", "clean")):
        put(tmp_path / "old" / name, ANSWERS[answer])
    for name, answer in (("a.yaml", "clean"), ("deep/b.yml", "additive"), ("new.yaml", "clean")):
        put(tmp_path / "new" / name, ANSWERS[answer])
    (tmp_path / "old" / "notes.txt").write_text("no cassette", "utf-8")
    code, report, _ = diff("old", "new")
    assert (code, report["verdict"], report["checked"]["cassettes"]) == (3, "could-not-check", 2)
    assert [finding["occurrences"][0]["cassette"] for finding in report["findings"]] == ["deep/b.yml"]
    assert [(one["cassette"], one["reason"], one["detail"]) for one in report["could_not_check"]] == [
        ("gone.yaml", "not-compared", "There is no such cassette in new."),
        ("new.yaml", "not-compared", "There is no such cassette in old."),
    ]
    assert {one["path"]: one["verdict"] for one in report["cassettes"]} == {
        "a.yaml": "clean",
        "deep/b.yml": "additive",
        "gone.yaml": "could-not-check",
        "new.yaml": "could-not-check",
    }


def test_a_broken_cassette_in_a_folder_spoils_only_itself(diff: Any, tmp_path: Path) -> None:
    for side in ("old", "new"):
        put(tmp_path / side / "a.yaml", ANSWERS["clean"])
        put(tmp_path / side / "b.yaml", ANSWERS["clean"])
    (tmp_path / "new" / "b.yaml").write_text("- 1\n", "utf-8")
    code, report, _ = diff("old", "new")
    assert (code, report["checked"]["cassettes"]) == (3, 1)
    (one,) = report["could_not_check"]
    assert (one["cassette"], one["reason"]) == ("b.yaml", "not-compared")
    assert "line 1: A cassette must be a mapping, not a list." in one["detail"]


def test_nothing_to_compare_is_nothing_checked(diff: Any, tmp_path: Path) -> None:
    for side in ("old", "new"):
        (tmp_path / side).mkdir()
    code, report, _ = diff("old", "new")
    assert (code, report["verdict"], report["checked"]) == (3, "could-not-check", {"cassettes": 0, "interactions": 0})


@pytest.fixture
def files(tmp_path: Path) -> None:
    put(tmp_path / "a.yaml", ANSWERS["clean"])
    put(tmp_path / "folder" / "a.yaml", ANSWERS["clean"])
    (tmp_path / "list.yaml").write_text("- 1\n", "utf-8")


WRONG = {
    ("a.yaml", "none.yaml"): "none.yaml does not exist. Give two cassettes, or two folders of them.",
    ("none", "folder"): "none does not exist. Give two cassettes, or two folders of them.",
    ("a.yaml", "folder"): "folder is a folder and a.yaml is a file. Give two cassettes, or two folders of them.",
    ("folder", "a.yaml"): "folder is a folder and a.yaml is a file. Give two cassettes, or two folders of them.",
    ("folder", "folder", "--stored-take", "a.yaml"): "--stored-take and --fresh-take go with two files,",
    ("a.yaml", "a.yaml", "--fresh-take", "none.yaml"): "none.yaml: There is no such cassette.",
    ("list.yaml", "a.yaml"): "list.yaml: line 1: A cassette must be a mapping, not a list.",
    ("a.yaml", "list.yaml"): "list.yaml: line 1: A cassette must be a mapping, not a list.",
}


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("arguments", WRONG)
def test_what_cannot_be_compared_is_wrong_usage(diff: Any, arguments: tuple[str, ...]) -> None:
    code, report, errors = diff(*arguments)
    assert (code, report) == (2, {})
    assert errors.startswith(f"undrift: {WRONG[arguments]}")
    assert "Traceback" not in errors


def test_rules_of_the_project_count_here_too(diff: Any, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.undrift]\n[[tool.undrift.ignore]]\npath = "/number"\nreason = "known"\nexpires = 2999-01-01\n', "utf-8"
    )
    stored, fresh = put(tmp_path / "stored.yaml", ANSWERS["clean"]), put(tmp_path / "fresh.yaml", ANSWERS["breaking"])
    code, report, _ = diff(stored, fresh)
    assert (code, report["verdict"], report["findings"]) == (0, "clean", [])
    assert len(report["rules"]["used"]) == 1


def test_what_a_ready_made_service_makes_anew_is_noise(diff: Any, tmp_path: Path) -> None:
    def with_header(value: str) -> Cassette:
        return cassette(PLAIN, headers=Headers.of([*JSON, ("X-Edge-Backend", value)]))

    both = put(tmp_path / "old.yaml", with_header("blue house")), put(tmp_path / "new.yaml", with_header("green tree"))
    assert diff(*both)[1]["counts"]["info"] == 1
    table = '[tool.undrift.services.chat]\npreset = "slack"\norigins = ["https://api.example.com"]\n'
    (tmp_path / "pyproject.toml").write_text(table, "utf-8")
    report = diff(*both)[1]
    assert (report["counts"]["info"], report["counts"]["noise"]) == (0, 1)


def foreign(path: Path, url: str, *answers: str) -> str:
    """A cassette as vcrpy writes it: client drift in it is only a warning."""
    interactions = "".join(
        f"- request: {{method: GET, uri: '{url}', body: null, headers: {{}}}}\n"
        f"  response: {{status: {{code: 200, message: OK}}, headers: {{}}, body: {{string: '{answer}'}}}}\n"
        for answer in answers
    )
    path.write_text(f"version: 1\ninteractions:{' []' if not answers else ''}\n{interactions}", "utf-8")
    return str(path)


def test_cassettes_that_have_nothing_in_common_are_not_clean(tmp_path: Path, diff: Any) -> None:
    shop = foreign(tmp_path / "shop.yaml", "https://shop.example/v1/orders", "{}")
    bank = foreign(tmp_path / "bank.yaml", "https://bank.example/v1/accounts", "{}")
    empty = foreign(tmp_path / "empty.yaml", "")
    for pair in ((shop, bank), (shop, empty), (empty, shop), (empty, empty)):
        code, report, _ = diff(*pair)
        assert (code, report["verdict"], report["checked"]["interactions"]) == (3, "could-not-check", 0)
        assert [each["reason"] for each in report["could_not_check"]] == ["not-compared"]


@pytest.mark.parametrize(
    ("stored", "fresh", "kinds"),
    [
        ('{"a": "x"}', "<html>Sorry</html>", ["body-kind-changed"]),
        ('{"a": 1}', '{"a": 1', ["body-kind-changed"]),
        ('{"a": NaN}', '{"a": NaN}', []),
        ('{"a": NaN}', '{"a": 1.5}', ["value-changed"]),
        ('{"a": 1e400}', '{"a": 1.5}', ["value-changed"]),
        (f'{{"a": {"1" * 40}}}', f'{{"a": {"1" * 39}2}}', ["value-changed"]),
        (f'{{"a": {"1" * 40}}}', f'{{"a": {"1" * 40}}}', []),
        (f'{{"a": {"1" * 5000}}}', f'{{"a": {"2" * 5000}}}', ["text-changed"]),
        ("[" * 100_000, "[" * 100_001, ["text-changed"]),
    ],
)
def test_a_body_may_be_whatever_it_likes(tmp_path: Path, diff: Any, stored: str, fresh: str, kinds: list[str]) -> None:
    url = "https://shop.example/v1/orders"
    code, report, err = diff(foreign(tmp_path / "a.yaml", url, stored), foreign(tmp_path / "b.yaml", url, fresh))
    assert [finding["kind"] for finding in report["findings"]] == kinds
    assert (code in {0, 1}, err) == (True, "")


def test_a_body_that_is_no_utf8_is_bytes(tmp_path: Path, diff: Any) -> None:
    bodies = (b'{"a": "x"}', b'{"a": "\xff"}')
    takes = [Cassette((Interaction(Request("GET", "https://a.example/"), Response(200, "", JSON, b)),)) for b in bodies]
    paths = [put(tmp_path / f"{number}.yaml", take) for number, take in enumerate(takes)]
    code, report, _ = diff(*paths)
    assert (code, [finding["kind"] for finding in report["findings"]]) == (1, ["body-kind-changed"])


def test_rules_that_match_nothing_or_have_expired_are_reported_and_have_no_effect(tmp_path: Path, diff: Any) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[[tool.undrift.ignore]]\npath = "/nothing"\nreason = "r"\nexpires = 2999-01-01\n'
        '[[tool.undrift.ignore]]\npath = "/number"\nreason = "r"\nexpires = 2020-01-01\n',
        "utf-8",
    )
    code, report, _ = diff(put(tmp_path / "a.yaml", ANSWERS["clean"]), put(tmp_path / "b.yaml", ANSWERS["breaking"]))
    assert (code, [finding["path"] for finding in report["findings"]]) == (1, ["/number"])
    assert report["rules"] == {"used": [], "unused": ["path=/nothing (r)"], "expired": ["path=/number (r)"]}


def test_a_rule_whose_path_is_no_pointer_is_one_sentence(tmp_path: Path, diff: Any) -> None:
    rule = '[[tool.undrift.ignore]]\npath = "$.number"\nreason = "r"\nexpires = 2999-01-01\n'
    (tmp_path / "pyproject.toml").write_text(rule, "utf-8")
    code, report, err = diff(put(tmp_path / "a.yaml", ANSWERS["clean"]), put(tmp_path / "b.yaml", ANSWERS["clean"]))
    assert (code, report) == (2, {})
    assert "has the path '$.number', which is no JSON Pointer: it must start with a slash" in err
