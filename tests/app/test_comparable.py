"""What is compared holds no secret, whoever wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest

from undrift import cli
from undrift.app.comparable import comparable
from undrift.config import parse
from undrift.model import Cassette, Headers, Interaction, Request, Response

TOKENS = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0Mm1lYXN1cmUifQ.c2lnbmF0dXJlMQ", "ghp_Zz81kQ0mWq73LdTy5RbVnX2cJf96aHs4Eg1u"
SERVICE = '[tool.undrift.services.own]\norigins = ["https://api.example.com"]\nredact = { fields = ["own"] }\n'


def test_what_names_of_everybody_and_of_a_service_tell_is_replaced_and_nothing_else() -> None:
    config = parse({"services": {"own": {"origins": ["https://a.test"], "redact": {"headers": ["X-Own"]}}}})
    fields = [("X-Own", TOKENS[0]), ("X-Other", "plain")]
    stored = Cassette(
        (Interaction(Request("GET", f"https://a.test/?api_key={TOKENS[1]}"), Response(200, "", Headers.of(fields))),)
    )

    (interaction,) = comparable(config, stored).interactions

    assert interaction.request.url == "https://a.test/?api_key=%3Csecret%3Aapi_key%3A1%3E"
    assert TOKENS[0] not in (interaction.response.headers.get("X-Own") or TOKENS[0])
    assert interaction.response.headers.get("X-Other") == "plain"
    assert comparable(config, Cassette((interaction,))).interactions == (interaction,)


def put(path: Path, name: str, token: str) -> str:
    """A cassette as another tool writes it, with a token in each place."""
    answer = f'{{"password": "{token}", "inside": "is {token}", "own": "{token}", "is": "{name}"}}'
    path.parent.mkdir()
    path.write_text(
        "version: 1\ninteractions:\n"
        f"- request: {{method: GET, uri: 'https://ann:{token}@api.example.com/x?api_key={token}', body: null, "
        "headers: {}}\n"
        f"  response: {{status: {{code: 200, message: OK}}, headers: {{}}, body: {{string: '{answer}'}}}}\n",
        "utf-8",
    )
    return str(path)


@pytest.mark.parametrize("report_format", ["text", "json", "junit", "markdown", "html"])
@pytest.mark.parametrize("is_folder", [False, True])
def test_no_report_of_a_diff_shows_a_secret_that_another_tool_has_stored(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    report_format: str,
    is_folder: bool,  # noqa: FBT001 - as pytest hands it over
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text(SERVICE, "utf-8")
    sides = [put(Path(name, "a.yaml"), name, token) for name, token in zip(("stored", "fresh"), TOKENS, strict=True)]
    takes = [] if is_folder else ["--stored-take", sides[0], "--fresh-take", sides[1]]
    arguments = ["stored", "fresh"] if is_folder else sides

    cli.main(["diff", "--format", report_format, "--output", "report", *arguments, *takes])

    shown = capsys.readouterr()
    for text in (Path("report").read_text("utf-8"), shown.out, shown.err):
        assert not any(token in text for token in TOKENS)
    assert "stored" in Path("report").read_text("utf-8")
