"""What fails a test whose requests are not those recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.pytest_plugin.conftest import Project

SEND = """
import httpx, pytest

@pytest.mark.vcr({marker})
def test_one():
    assert httpx.post("{url}/pay", json={json}).status_code == 200
"""


def send(json: object, marker: str = "") -> str:
    return SEND.replace("{json}", repr(json)).replace("{marker}", marker)


def test_a_changed_body_is_client_drift(project: Project) -> None:
    project.write(send({"amount": 100, "to": "ann"}))
    project.run("--undrift=record")
    project.write(send({"amount": 250, "to": "ann"}))
    result = project.run()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([
        "*ERROR at teardown of test_one*",
        "The code under test no longer sends what was recorded in cassettes/tests/test_it/test_one.yaml:",
        "  POST /pay (interaction 0): /amount was 100, now 250.",
        "If that is meant, record the test again:",
        "  undrift record tests/test_it.py::test_one",
    ])  # fmt: skip
    assert "/to" not in result.stdout.str()


def test_client_drift_may_be_only_warned_of_or_ignored(project: Project) -> None:
    project.write(send({"amount": 100}))
    project.run("--undrift=record")
    project.write(send({"amount": 250}, marker='client_drift="warn"'))
    result = project.run()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([
        "The code under test no longer sends what was recorded:",
        "  POST /pay (interaction 0): /amount was 100, now 250. (tests/test_it.py::test_one)",
    ])  # fmt: skip
    project.configure('[tool.undrift]\nclient_drift = "ignore"')
    project.write(send({"amount": 250}))
    result = project.run()
    result.assert_outcomes(passed=1)
    assert "no longer sends" not in result.stdout.str()


def test_a_request_no_longer_made_is_client_drift(project: Project) -> None:
    project.write(
        'import httpx, pytest\n@pytest.mark.vcr\ndef test_one():\n'
        '    httpx.get("{url}/one")\n    httpx.get("{url}/two")\n'
    )  # fmt: skip
    project.run("--undrift=record")
    project.write('import httpx, pytest\n@pytest.mark.vcr\ndef test_one():\n    httpx.get("{url}/one")\n')
    result = project.run()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["  GET /two (interaction 1) was recorded, and is no longer sent."])


def test_a_failing_test_is_not_blamed_for_more(project: Project) -> None:
    project.write(send({"amount": 100}))
    project.run("--undrift=record")
    project.write(send({"amount": 250}) + "    assert 0\n")
    project.run().assert_outcomes(failed=1)


def test_cassettes_of_others_only_warn(project: Project) -> None:
    project.write(send({"amount": 100}))
    project.run("--undrift=record")
    text = project.cassette().read_text("utf-8")
    foreign = "version: 1\n" + text[text.index("interactions:") :]
    project.cassette().write_text(foreign.split("\n  undrift:")[0] + "\n", "utf-8")
    project.write(send({"amount": 250}))
    project.run().assert_outcomes(passed=1)


def test_a_shared_cassette_is_not_judged_for_what_is_unused(project: Project) -> None:
    project.write(
        'import httpx, pytest\n@pytest.mark.default_cassette("shared")\n@pytest.mark.vcr\ndef test_one():\n'
        '    httpx.get("{url}/one")\n    httpx.get("{url}/two")\n'
    )  # fmt: skip
    project.run("--undrift=record")
    project.write(
        'import httpx, pytest\npytestmark = [pytest.mark.vcr, pytest.mark.default_cassette("shared.yaml")]\n'
        'def test_one():\n    httpx.get("{url}/one")\n'
        'def test_two():\n    httpx.get("{url}/two")\n'
    )  # fmt: skip
    project.run().assert_outcomes(passed=2)


SWALLOWING = """
import httpx, pytest, undrift
from helper import fetch

@pytest.mark.vcr
def test_one():
    assert fetch("{url}/one") == {expected}
"""


def test_a_refusal_that_the_code_swallowed_fails_the_test(project: Project) -> None:
    project.pytester.syspathinsert()
    project.write("def fetch(url, tries=2):\n    import httpx\n    try:\n        return httpx.get(url)\n"
                  "    except Exception:\n        return fetch(url, 1) if tries > 1 else None\n",
                  "helper.py")  # fmt: skip
    project.write(SWALLOWING.replace("{expected}", "None"))
    result = project.run()
    result.assert_outcomes(passed=1, errors=1)
    # Where CI is set, the summary says all of it a second time.
    told = result.stdout.str().partition("short test summary info")[0]
    assert told.count("cannot be replayed") == 1, "it is said once, however often it was tried"
    result.stdout.fnmatch_lines([
        "The test passed, but a request of it was refused, and the refusal was caught:",
        "GET */one cannot be replayed: there is no cassette at *",
    ])  # fmt: skip


def test_a_refusal_that_an_sdk_wrapped_fails_the_test(project: Project) -> None:
    project.write(
        "import pytest, stripe\n@pytest.mark.vcr\ndef test_one():\n"
        '    client = stripe.StripeClient("sk_test_x", base_addresses={"api": "{url}"},\n'
        "        http_client=stripe.HTTPXClient(allow_sync_methods=True), max_network_retries=0)\n"
        "    with pytest.raises(stripe.APIConnectionError):\n        client.v1.balance.retrieve()\n"
    )
    result = project.run("-W", "ignore::DeprecationWarning")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["GET */v1/balance cannot be replayed: there is no cassette at *"])


def test_an_sdk_error_that_fails_the_test_comes_with_our_words(project: Project) -> None:
    project.write(
        "import pytest, stripe\n@pytest.mark.vcr\ndef test_one():\n"
        '    stripe.StripeClient("sk_test_x", base_addresses={"api": "{url}"},\n'
        "        http_client=stripe.HTTPXClient(allow_sync_methods=True), max_network_retries=0,\n"
        "    ).v1.balance.retrieve()\n"
    )
    result = project.run("-W", "ignore::DeprecationWarning", "--tb=short")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*undrift refused a request*", "GET */v1/balance cannot be replayed*"])


@pytest.mark.parametrize("error", ["undrift.PlaybackError", "undrift.NoCassetteError", "Refused"])
def test_a_refusal_that_the_test_caught_as_ours_is_fine(project: Project, error: str) -> None:
    project.write(
        "import httpx, pytest, undrift\n"
        "from vcr.errors import CannotOverwriteExistingCassetteException as Refused\n"
        f'@pytest.mark.vcr\ndef test_one():\n    with pytest.raises({error}):\n        httpx.get("{{url}}/one")\n'
    )
    project.run().assert_outcomes(passed=1)


def test_the_network_is_refused_in_replay(project: Project) -> None:
    project.write(
        "import pytest, socket\n@pytest.mark.vcr\ndef test_one():\n"
        "    socket.create_connection(('192.0.2.1', 80), timeout=1)\n"
        "def test_two():\n    assert socket.getaddrinfo('127.0.0.1', 80)\n"
    )
    result = project.run()
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        ["E*NetworkRefusedError: The connection to 192.0.2.1 was refused: this test is replayed*"]
    )


def test_made_up_values_come_back_in_replay(project: Project) -> None:
    project.write(
        "import httpx, pytest, uuid\n@pytest.mark.vcr\ndef test_one(recorded):\n"
        '    email = recorded("email", lambda: f"{uuid.uuid4()}@example.com")\n'
        '    assert email in httpx.post("{url}/users", json={"email": email}).json()["sent"]\n'
    )
    project.run("--undrift=record").assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)
    result = project.run("--undrift=check")
    result.stdout.fnmatch_lines(["Clean: no drift in 1 cassette*"])


def test_a_refusal_that_an_sdk_wrapped_in_a_fixture_keeps_its_words(project: Project) -> None:
    project.write(
        "import httpx, pytest\n@pytest.fixture\ndef thing():\n    try:\n        httpx.get('{url}/thing')\n"
        "    except Exception as error:\n        raise ValueError('network error') from None\n"
        "@pytest.mark.vcr\ndef test_one(thing):\n    pass\n"
    )
    result = project.run("--tb=short")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*undrift refused a request*", "GET */thing cannot be replayed*"])


def test_a_refusal_that_is_shown_is_shown_once(project: Project) -> None:
    output = project.run().stdout.str()
    assert "undrift refused a request" not in output


def test_client_drift_of_a_fixture_is_an_error_of_its_teardown(project: Project) -> None:
    source = (
        "import httpx, pytest\n"
        '@pytest.fixture(scope="module")\ndef account():\n    yield httpx.post("{url}/account", json={"plan": PLAN})\n'
        "@pytest.mark.vcr\ndef test_one(account):\n    assert account.status_code == 200\n"
    )
    project.write(source.replace("PLAN", '"free"'))
    project.run("--undrift=record").assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)
    project.write(source.replace("PLAN", '"paid"'))
    result = project.run()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["  POST /account (interaction 0): /plan was 'free', now 'paid'."])


def test_a_fixture_that_sends_no_more_is_seen_by_a_check(project: Project) -> None:
    source = (
        'import httpx, pytest\n@pytest.fixture(scope="module")\ndef account():\n    SEND\n'
        '@pytest.mark.vcr\ndef test_one(account):\n    httpx.get("{url}/one")\n'
    )
    project.write(source.replace("SEND", 'httpx.post("{url}/account")'))
    project.run("--undrift=record").assert_outcomes(passed=1)
    project.write(source.replace("SEND", "pass"))
    project.run("--undrift=check").stdout.fnmatch_lines(["Client drift: *", "*request missing*"])
