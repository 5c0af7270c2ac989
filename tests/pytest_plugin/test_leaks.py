"""No file that a run leaves holds a credential or a secret: cassettes, takes, notes, reports, cache, history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.secrets_corpus import survivors

from undrift import cli
from undrift.app.check import check_notes
from undrift.app.nights import Nights
from undrift.app.project import load_project
from undrift.store.workspace import Workspace

if TYPE_CHECKING:
    import pytest
    from tests.pytest_plugin.conftest import Project

KEY = 'shop_test_p@ss/w"ö&1'
TABLE = """
[tool.undrift.services.shop]
origins = ["https://api.shop.example", "http://127.0.0.1:*"]
credentials = { SHOP_KEY = "shop_test_.+" }
"""
TESTS = """
import base64, gzip, json, httpx, pytest, undrift
from urllib.parse import quote

def everywhere(more):
    key = undrift.credential("SHOP_KEY")
    safe = quote(key, safe="")
    basic = base64.b64encode(f"ann:{key}".encode()).decode()
    packed = gzip.compress(json.dumps({"note": key}).encode())
    with httpx.Client(base_url="{url}", headers={"X-Key": safe, "Authorization": f"Basic {basic}"}) as client:
        client.get(f"/{safe}?note={safe}", cookies={"pref": safe})
        client.post("/one", json={"note": key, "more": more, "password": "hunter-22-" + "x" * 9})
        client.post("/form", data={"note": key})
        client.post("/parts", files={"note": key.encode()})
        client.post("/packed", content=packed, headers={"Content-Encoding": "gzip"})
    return key

@pytest.mark.vcr
def test_passes():
    everywhere(MORE)

@pytest.mark.vcr
def test_fails():
    raise ValueError(f"no shop knows {everywhere(1)}")

@pytest.mark.vcr
def test_gets_no_answer():
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"http://127.0.0.1:1/?note={quote(undrift.credential('SHOP_KEY'))}")
"""


def remember(project: Project) -> None:
    """Remember the run as a check does that runs pytest itself."""
    found = load_project(project.root)
    workspace = Workspace(project.root)
    nights = Nights(workspace, print)
    (run,) = (path.parent.name for path in project.root.glob(".undrift/takes/*/run.jsonl"))
    assert check_notes(found, workspace.notes(run), nights)
    nights.remember(run)


def test_no_file_that_a_run_leaves_holds_a_secret(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHOP_KEY", KEY)
    project.configure(TABLE)
    project.write(TESTS.replace("MORE", "1"))
    project.run("--undrift=record").assert_outcomes(passed=2, failed=1)
    project.write(TESTS.replace("MORE", '"two"'))
    project.run("--undrift=check").assert_outcomes(passed=2, failed=1)
    (take,) = project.root.glob(".undrift/takes/*/cassettes/tests/test_it/test_passes.yaml")
    capsys.readouterr()
    for kind in ("text", "json", "junit", "markdown", "html"):
        assert cli.main(["diff", str(project.cassette("test_passes")), str(take), "--format", kind]) in {0, 1, 3}
        project.write(capsys.readouterr().out, f"reports/{kind}")
    remember(project)
    project.run("--undrift=replay", "-k", "passes or answer")

    secrets = [KEY, "hunter-22-" + "x" * 9]
    files = {path.relative_to(project.root).as_posix(): path for path in project.root.rglob("*") if path.is_file()}
    left = {name for name, path in files.items() if survivors(path.read_bytes(), secrets)}
    assert left == set()
    kinds = {name.split("/")[0] if not name.startswith(".undrift") else name.split("/")[1] for name in files}
    assert {"cassettes", "reports", "takes", "report.json", "cache", "history.sqlite"} <= kinds
    assert "no shop knows" in next(project.root.glob(".undrift/takes/*/run.jsonl")).read_text("utf-8")
