"""Markers, fixtures and options, as suites written for pytest-recording use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.pytest_plugin.conftest import Project


def test_without_a_table_the_conventions_are_those_of_pytest_recording(project: Project) -> None:
    project.configure("[project]\nname = 'x'")
    project.run("--record-mode=once").assert_outcomes(passed=1)
    assert (project.root / "tests/cassettes/test_it/test_one.yaml").is_file()
    project.run().assert_outcomes(passed=1)
    assert len(project.server.hits) == 1


def test_classes_and_parameters_name_their_cassettes(project: Project) -> None:
    project.write(
        "import httpx, pytest\n@pytest.mark.vcr\nclass TestPay:\n"
        '    @pytest.mark.parametrize("text", ["a/b", "..", "x" * 300])\n'
        '    def test_it(self, text):\n        httpx.get("{url}/one")\n'
    )
    project.run("--undrift=record").assert_outcomes(passed=3)
    names = sorted(path.name for path in (project.root / "cassettes/tests/test_it").iterdir())
    assert len(names) == 3
    assert all(name.startswith("TestPay.test_it[") and len(name) < 210 for name in names)
    project.run().assert_outcomes(passed=3)
    assert len(project.server.hits) == 3


def test_overridden_fixtures_win(project: Project) -> None:
    project.write(
        "import httpx, pytest\n"
        '@pytest.fixture(scope="module")\ndef vcr_cassette_dir():\n    return "tapes"\n'
        '@pytest.fixture\ndef default_cassette_name():\n    return "mine"\n'
        '@pytest.fixture\ndef vcr_config():\n    return {"filter_headers": ["user-agent"]}\n'
        '@pytest.mark.vcr\ndef test_one(vcr):\n    httpx.get("{url}/one")\n    assert len(vcr) == 1\n'
    )
    project.run("--undrift=record").assert_outcomes(passed=1)
    text = (project.root / "tapes/mine.yaml").read_text("utf-8")
    assert "user-agent" not in text.lower()


def test_hooks_of_vcrpy_shape_what_is_stored_and_what_is_matched(project: Project) -> None:
    project.write(
        "import httpx, pytest, itertools\nnumbers = itertools.count()\n"
        "def shape(request):\n    request.uri = request.uri.split('?')[0]\n    return request\n"
        "def blot(response):\n    response['body']['string'] = b'{\"blotted\": true}'\n    return response\n"
        "@pytest.mark.vcr(before_record_request=shape, before_record_response=blot)\n"
        'def test_one():\n    httpx.get("{url}/one?t=" + str(next(numbers)))\n'
    )
    project.run("--undrift=record").assert_outcomes(passed=1)
    text = project.cassette().read_text("utf-8")
    assert "?t=" not in text
    assert "blotted" in text
    project.run().assert_outcomes(passed=1)


def test_ignored_hosts_are_neither_recorded_nor_played(project: Project) -> None:
    project.write(
        'import httpx, pytest\n@pytest.mark.vcr(ignore_localhost=True)\ndef test_one():\n    httpx.get("{url}/one")\n'
    )
    project.run("--undrift=record").assert_outcomes(passed=1)
    assert not project.cassette().exists()
    project.run().assert_outcomes(passed=1)
    assert len(project.server.hits) == 2


def test_an_explicit_match_on_means_what_it_means_in_vcrpy(project: Project) -> None:
    source = (
        'import httpx, pytest\n@pytest.mark.vcr(match_on=["method", "path"])\n'
        'def test_one():\n    httpx.get("{url}/one?x=NUMBER")\n'
    )
    project.write(source.replace("NUMBER", "1"))
    project.run("--undrift=record").assert_outcomes(passed=1)
    project.write(source.replace("NUMBER", "2"))
    project.run().assert_outcomes(passed=1)


def test_extra_cassettes_are_played_too(project: Project) -> None:
    project.run("--undrift=record")
    project.cassette().rename(project.cassette("other"))
    project.write('import httpx, pytest\n@pytest.mark.vcr("other.yaml")\ndef test_one():\n    httpx.get("{url}/one")\n')
    project.run().assert_outcomes(passed=1)


def test_repeats_are_played_where_they_are_allowed(project: Project) -> None:
    project.run("--undrift=record")
    twice = 'def test_one():\n    httpx.get("{url}/one")\n    httpx.get("{url}/one")\n'
    project.write(f"import httpx, pytest\n@pytest.mark.vcr\n{twice}")
    project.run().stdout.fnmatch_lines(["E*AnswersUsedUpError: GET */one was recorded once*"])
    project.write(f"import httpx, pytest\n@pytest.mark.vcr(allow_playback_repeats=True)\n{twice}")
    project.run().assert_outcomes(passed=1)


def test_tests_can_be_named_by_the_configuration(project: Project) -> None:
    project.configure('[tool.undrift]\ntests = ["tests/*"]')
    project.write('import httpx\ndef test_one():\n    httpx.get("{url}/one")\n')
    project.run("--undrift=record").assert_outcomes(passed=1)
    assert project.cassette().is_file()


def test_disabled_recording_leaves_the_network_open(project: Project) -> None:
    project.write(
        'import httpx, pytest\n@pytest.mark.vcr\ndef test_one(vcr, disable_recording):\n'
        '    assert vcr is None and disable_recording\n    httpx.get("{url}/one")\n'
    )  # fmt: skip
    project.run("--disable-recording").assert_outcomes(passed=1)


@pytest.mark.parametrize(("marker", "options"), [("@pytest.mark.block_network", ()), ("", ("--block-network",))])
def test_the_network_can_be_blocked(project: Project, marker: str, options: tuple[str, ...]) -> None:
    project.write(
        f"import pytest, socket\n{marker}\ndef test_one():\n"
        "    with pytest.raises(RuntimeError, match=r\"^Network is disabled for host '127.0.0.1'$\"):\n"
        "        socket.create_connection(('127.0.0.1', 9))\n"
    )
    project.run(*options).assert_outcomes(passed=1)
    project.run(*options, "--allowed-hosts=10.0,127.0").assert_outcomes(failed=1)


def test_blocking_leaves_recording_alone(project: Project) -> None:
    project.run("--undrift=record", "--block-network").assert_outcomes(passed=1)
    project.run("--block-network").assert_outcomes(passed=1)


def test_wrong_arguments_of_block_network_are_named(project: Project) -> None:
    project.write("import pytest\n@pytest.mark.block_network(hosts=['x'])\ndef test_one():\n    pass\n")
    project.run().stdout.fnmatch_lines(["*Invalid arguments to `block_network`.*"])


def test_the_default_cassette_marker_needs_a_name(project: Project) -> None:
    project.write("import pytest\n@pytest.mark.vcr\n@pytest.mark.default_cassette()\ndef test_one():\n    pass\n")
    project.run().stdout.fnmatch_lines(["*You should pass the cassette name as an argument*"])


SERVICE = """
[tool.undrift.services.shop]
origins = ["https://api.shop.example", "http://127.0.0.1:*"]
credentials = { SHOP_TEST_KEY = "test_[a-z]{8,}" }
"""
NEEDS_KEY = """
import httpx, pytest

@pytest.mark.vcr
def test_one(credentials):
    key = credentials["SHOP_TEST_KEY"]
    answer = httpx.get("{url}/one?key=" + key, headers={"Authorization": "Bearer " + key})
    assert answer.status_code == 200

@pytest.mark.vcr
def test_two():
    httpx.get("{url}/two")
"""


def test_a_missing_credential_skips_the_test_by_name(project: Project) -> None:
    project.configure(SERVICE)
    project.write(NEEDS_KEY)
    result = project.run("--undrift=record")
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(
        ["1 test skipped: The credential SHOP_TEST_KEY is missing. It was looked for in the environment, .env.test*"]
    )


@pytest.mark.parametrize("place", ["environment", "file"])
def test_a_credential_is_used_live_and_never_stored(
    project: Project, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.configure(SERVICE)
    project.write(NEEDS_KEY)
    if place == "environment":
        monkeypatch.setenv("SHOP_TEST_KEY", "test_abcdefgh")
    else:
        (project.root / ".env.test").write_text("SHOP_TEST_KEY=test_abcdefgh\n", "utf-8")
    project.run("--undrift=record").assert_outcomes(passed=2)
    assert "/one?key=test_abcdefgh" in [path for _, path, _ in project.server.hits]
    written = [path for path in project.root.rglob("*") if path.is_file() and path.name != ".env.test"]
    assert not [path for path in written if b"test_abcdefgh" in path.read_bytes()]
    assert "<SHOP_TEST_KEY>" in project.cassette().read_text("utf-8")
    monkeypatch.delenv("SHOP_TEST_KEY", raising=False)
    (project.root / ".env.test").unlink(missing_ok=True)
    project.run().assert_outcomes(passed=2)
    assert len(project.server.hits) == 2


def test_what_a_test_made_of_its_credential_is_made_of_that_of_the_replay(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.configure(SERVICE)
    project.write(
        NEEDS_KEY.replace("credentials):", "credentials, recorded):").replace(
            "    assert answer.status",
            "    assert recorded('made', lambda: {'of': [key]}) == {'of': [key]}\n    assert answer.status",
        )
    )
    monkeypatch.setenv("SHOP_TEST_KEY", "test_abcdefgh")
    project.run("--undrift=record").assert_outcomes(passed=2)
    assert "test_abcdefgh" not in project.cassette().read_text("utf-8")
    # Where other tests of the run may record, it is given the real one.
    project.run("--undrift=missing").assert_outcomes(passed=2)
    monkeypatch.delenv("SHOP_TEST_KEY")
    project.run().assert_outcomes(passed=2)


def test_a_credential_of_another_kind_stops_the_run_before_any_request(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.configure(SERVICE)
    project.write(NEEDS_KEY)
    monkeypatch.setenv("SHOP_TEST_KEY", "live_abcdefgh")
    result = project.run("--undrift=record")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: The credential SHOP_TEST_KEY, found in the environment, does not match*"])
    assert "live_abcdefgh" not in result.stderr.str() + result.stdout.str()
    assert project.server.hits == []


def test_an_unknown_credential_is_an_error(project: Project) -> None:
    project.configure(SERVICE)
    project.write('import pytest\n@pytest.mark.vcr\ndef test_one(credentials):\n    credentials["SHOP_KEY"]\n')
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*names the credential SHOP_KEY. Known are: SHOP_TEST_KEY."])


def test_matchers_that_a_suite_registers_are_known_by_name(project: Project) -> None:
    project.write(
        "def pytest_recording_configure(config, vcr):\n"
        "    vcr.register_matcher('anything', lambda sent, recorded: True)\n",
        "conftest.py",
    )
    source = (
        'import httpx, pytest\n@pytest.mark.vcr(match_on=["anything"])\n'
        'def test_one():\n    httpx.get("{url}/PATH")\n'
    )  # fmt: skip
    project.write(source.replace("PATH", "one"))
    project.run("--undrift=record").assert_outcomes(passed=1)
    project.write(source.replace("PATH", "other"))
    project.run().assert_outcomes(passed=1)


def test_a_policy_that_is_none_is_named(project: Project) -> None:
    project.write('import pytest\n@pytest.mark.vcr(client_drift="fial")\ndef test_one():\n    pass\n')
    result = project.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["client_drift of tests/test_it.py::test_one is 'fial'*Did you mean 'fail'?*"])


def test_a_live_run_stops_at_a_wrong_credential_too(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.configure(SERVICE)
    project.write(NEEDS_KEY)
    monkeypatch.setenv("SHOP_TEST_KEY", "live_abcdefgh")
    assert project.run("--undrift=live").ret == pytest.ExitCode.USAGE_ERROR
    assert project.server.hits == []
