"""Which recorded secret a sent one is."""

from __future__ import annotations

from undrift.model import Headers, Request
from undrift.scrub import Following, Secrets, bare, numbers

KEY = "sk_test_51HxyZ0abcDEF"


def login(password: str) -> Request:
    return Request("POST", "https://api.test/login", Headers(), f'{{"password": "{password}"}}'.encode())


def recorded(number: int, label: str = "password") -> Request:
    return login(f"<secret:{label}:{number}>")


def test_what_is_new_has_a_number_that_no_recording_has() -> None:
    following = Following(Secrets.named({"KEY": KEY}))

    assert following.request(login("hunter-22")) == recorded(1, "sent.password")
    assert following.request(login("hunter-33")) == recorded(2, "sent.password")
    assert following.request(login("hunter-22")) == recorded(1, "sent.password")
    assert following.request(login(KEY)) == login("<KEY>")
    assert following.by_value(login("hunter-22")) == login("hunter-22")
    assert following.by_value(login(KEY)) == login("<KEY>")


def test_a_secret_is_the_recorded_one_from_the_first_time_on() -> None:
    following = Following(Secrets())
    sent = following.request(login("hunter-22"))

    assert following.binds(recorded(1), sent)

    assert following.request(login("hunter-22")) == recorded(1)
    later = Request("GET", "https://api.test/?q=hunter-22", Headers.of([("X-Note", "is hunter-22")]))
    assert following.request(later).url == "https://api.test/?q=%3Csecret%3Apassword%3A1%3E"
    assert following.request(later).headers.get("X-Note") == "is <secret:password:1>"


def test_two_secrets_stay_two() -> None:
    following = Following(Secrets())
    first, second = (following.request(login(password)) for password in ("hunter-22", "hunter-33"))

    assert following.binds(recorded(1), first)
    assert not following.binds(recorded(1), second)
    assert not following.binds(recorded(2), following.request(login("hunter-22")))
    assert following.binds(recorded(2), second)
    assert following.request(login("hunter-33")) == recorded(2)


def test_what_was_sent_as_recorded_is_nothing_else() -> None:
    following = Following(Secrets())

    assert not following.binds(recorded(1), following.request(login("hunter-22")), {"<secret:password:1>"})
    assert following.binds(recorded(1), recorded(1), {"<secret:password:1>"})


def test_a_placeholder_of_another_cassette_is_a_secret_too() -> None:
    following = Following(Secrets())

    assert following.binds(recorded(4), recorded(1, "access_token"))
    assert following.request(recorded(1, "access_token")) == recorded(4)


def test_what_is_made_anew_each_time_is_not_told_apart() -> None:
    following = Following(Secrets())

    for number in (1, 2, 2):
        sent = following.request(Request("GET", f"https://api.test/?sig=0f0f0f0f{number}"))
        assert following.binds(Request("GET", "https://api.test/?sig=%3Csecret%3Asig%3A1%3E"), sent)


def test_a_secret_that_nothing_told_is_known_by_its_place() -> None:
    following = Following(Secrets())
    text = ("/tokens/%3Csecret%3Atoken%3A1%3E/<secret:pin:3>", "/tokens/tok-abc-123/pin-777-x")

    assert following.takes([text])

    sent = following.request(Request("GET", "https://api.test/a/tok-abc-123?p=pin-777-x"))
    assert sent.url == "https://api.test/a/%3Csecret%3Atoken%3A1%3E?p=%3Csecret%3Apin%3A3%3E"
    assert not following.takes([("<secret:token:1>", "another-1")])


def test_words_and_other_texts_are_taken_for_no_secret() -> None:
    following = Following(Secrets())

    assert not following.takes([])
    assert not following.takes([("", "")])
    assert not following.takes([("/tokens/<secret:token:1>", "/tokens/list")])
    assert not following.takes([("/tokens/<secret:token:1>", "/other/tok-abc-123")])
    assert not following.takes([("<secret:token:1>", "<secret:sent.token:1>")])


def test_all_secrets_may_be_made_alike() -> None:
    request = Request(
        "GET",
        "https://api.test/?p=%3Csecret%3Apin%3A3%3E",
        Headers.of([("X-Api-Key", "<secret:x-api-key:1>")]),
        b'"<secret:pin:1>" "<KEY>"',
    )

    assert numbers(request) == ["<secret:pin:3>", "<secret:pin:1>"]
    assert bare(request) == Request(
        "GET", "https://api.test/?p=<secret>", Headers.of([("X-Api-Key", "<secret>")]), b'"<secret>" "<KEY>"'
    )
