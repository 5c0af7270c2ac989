from __future__ import annotations

import asyncio
import contextvars
import threading

import pytest

from undrift.engine import Deck, DeckOptions, deck_in_use
from undrift.engine.routing import current_deck
from undrift.errors import StrayRequestError


def deck(path: str = "cassettes/one.yaml") -> Deck:
    return Deck(None, DeckOptions(), path=path)


def in_a_thread() -> list[Deck | None]:
    seen: list[Deck | None] = []
    thread = threading.Thread(target=lambda: seen.append(current_deck()), daemon=True)
    thread.start()
    thread.join()
    return seen


def test_no_deck_is_open() -> None:
    assert current_deck() is None


def test_the_innermost_deck_is_the_current_one() -> None:
    opened = []
    with deck_in_use(deck()) as outer, deck_in_use(deck()) as inner:
        assert current_deck() is inner
        assert in_a_thread() == [inner]
        opened += [outer.is_open, inner.is_open]
    opened += [outer.is_open, inner.is_open]
    assert opened == [True, True, False, False]
    assert current_deck() is None


def test_tasks_belong_to_the_deck_they_were_started_under() -> None:
    async def both() -> list[Deck | None]:
        async def late() -> Deck | None:
            await asyncio.sleep(0)
            return current_deck()

        with deck_in_use(deck()) as first:
            one = asyncio.create_task(late())
            with deck_in_use(deck()) as second:
                other = asyncio.create_task(late())
                found = list(await asyncio.gather(one, other))
        assert found == [first, second]
        return found

    assert len(asyncio.run(both())) == 2


def test_a_request_after_its_test_is_over_is_refused() -> None:
    async def forgotten() -> None:
        async def later() -> None:
            await asyncio.sleep(0)
            current_deck()

        with deck_in_use(deck("cassettes/over.yaml")):
            task = asyncio.create_task(later())
        await task

    with pytest.raises(StrayRequestError) as caught:
        asyncio.run(forgotten())
    assert str(caught.value) == (
        "A request was made after the test that it belongs to was over (cassette cassettes/over.yaml). "
        "Wait for tasks and threads before the test ends."
    )


def test_a_deck_may_be_left_from_another_context_than_entered() -> None:
    opened = deck_in_use(deck())
    contextvars.copy_context().run(opened.__enter__)
    opened.__exit__(None, None, None)
    assert current_deck() is None
