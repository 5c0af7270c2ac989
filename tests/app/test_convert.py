"""`undrift convert`: other tools' cassettes made undrift's own, in place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from undrift import cli, store
from undrift.scrub import Secrets, scrub

SAMPLES = Path(__file__).parents[1] / "store" / "samples"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.undrift]\n", "utf-8")
    shutil.copytree(SAMPLES, tmp_path / "cassettes")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_sample_keeps_its_order_and_its_bytes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.stem: store.read(path) for path in SAMPLES.iterdir()}
    assert cli.main(["convert"]) == 0
    after = {path.stem: store.read(path) for path in (project / "cassettes").iterdir()}
    assert after.keys() == before.keys()
    for name, cassette in after.items():
        assert cassette.is_ours
        # Only what is secret by its header's name is another now.
        assert cassette.interactions == scrub(before[name], Secrets()).cassette.interactions, name
    assert {path.suffix for path in (project / "cassettes").iterdir()} == {".yaml"}
    lines = capsys.readouterr().out.splitlines()
    folder = project / "cassettes"
    assert (
        f"Converted {folder}/vcrpy-4.4-to-9.4.json, now {folder}/vcrpy-4.4-to-9.4.yaml: 3 interactions; 2 secrets"
        in (line.removesuffix(" replaced.") for line in lines)
    )
    assert cli.main(["convert"]) == 0
    assert all(line.endswith(": it is undrift's own already.") for line in capsys.readouterr().out.splitlines())


def test_what_cannot_be_read_is_refused_and_stays(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = project / "broken.yaml"
    broken.write_text("interactions:\n- !!python/object/apply:os.system [true]\n", "utf-8")
    good = project / "good.yaml"
    good.write_text(
        "interactions:\n- request: {method: GET, uri: 'http://a.example/', body: '', headers: {}}\n"
        "  response: {status: {code: 200, message: OK}, headers: {}, body: {string: as it was}}\n",
        "utf-8",
    )
    before = broken.read_bytes()
    assert cli.main(["convert", "broken.yaml", "good.yaml"]) == 2
    refused, converted = capsys.readouterr().out.splitlines()
    assert refused.startswith("Refused broken.yaml: line 2: The tag !!python/object/apply:os.system is not among")
    assert converted == "Converted good.yaml: 1 interaction."
    assert broken.read_bytes() == before


def test_nothing_is_written_over_another_cassette(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = project / "cassettes"
    shutil.copy(folder / "vcrpy-1.0.yaml", folder / "betamax-0.9.yaml")
    assert cli.main(["convert", "cassettes/betamax-0.9.json"]) == 2
    assert capsys.readouterr().out == (
        "Refused cassettes/betamax-0.9.json: betamax-0.9.yaml is there already; delete one of the two.\n"
    )
    assert (folder / "betamax-0.9.json").is_file()


def test_secrets_of_the_project_are_replaced(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.undrift.services.shop]\norigins = ["https://api.example.com"]\n'
        'credentials = { SHOP_KEY = "[a-z]+[+][a-z]+" }\n',
        "utf-8",
    )
    monkeypatch.setenv("SHOP_KEY", "two+words")
    assert cli.main(["convert", "cassettes/vcrpy-1.0.yaml"]) == 0
    assert capsys.readouterr().out.endswith("5 interactions; 3 secrets replaced.\n")
    assert b"%3CSHOP_KEY%3E" in store.read(project / "cassettes" / "vcrpy-1.0.yaml").interactions[2].request.body


def test_a_folder_that_is_not_there_and_one_without_cassettes(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["convert", "nowhere"]) == 2
    assert capsys.readouterr().err == "undrift: nowhere does not exist. Give cassettes, or folders of them.\n"
    (project / "empty" / ".hidden").mkdir(parents=True)
    shutil.copy(SAMPLES / "vcrpy-1.0.yaml", project / "empty" / ".hidden")
    assert cli.main(["convert", "empty"]) == 0
    assert capsys.readouterr().out == "There is no cassette in there. Give cassettes, or folders of them.\n"
