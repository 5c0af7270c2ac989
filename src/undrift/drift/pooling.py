"""What several cassettes show of the places of one endpoint, put together."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from undrift.drift.shape import Facts, Shapes
from undrift.drift.traffic import prepare

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from undrift.drift.comparison import Draft
    from undrift.drift.shape import Group, Place
    from undrift.model import Cassette

Known = dict["Place", "Facts"]


def pool(*known: Mapping[Place, Facts]) -> Known:
    """What is known from several sides of each place."""
    pooled: Known = {}
    for facts in known:
        for place, more in facts.items():
            pooled[place] = Facts(pooled[place].seen | more.seen) if place in pooled else more
    return pooled


def pool_drafts(drafts: Iterable[Draft], more: Iterable[tuple[Known, Known]]) -> tuple[Known, Known]:
    """What is known of each side from drafts, and from the ``answers`` of further cassettes."""
    drafts, more = tuple(drafts), tuple(more)
    before = pool(*(draft.before for draft in drafts), *(known for known, _ in more))
    return before, pool(*(draft.after for draft in drafts), *(known for _, known in more))


def questions(drafts: Iterable[Draft]) -> tuple[frozenset[Place], frozenset[Place]]:
    """The places of the stored and of the fresh side on which the judgement of any draft hangs."""
    before: set[Place] = set()
    after: set[Place] = set()
    for draft in drafts:
        before.update(shaped.before for shaped in draft.shaped)
        after.update(shaped.after for shaped in draft.shaped)
    return frozenset(before), frozenset(after)


def open_groups(draft: Draft) -> frozenset[Group]:
    """The endpoints of which earlier nights could say something that a draft leaves open."""
    return frozenset((*(one.after.group for one in draft.shaped), *(one.place.group for one in draft.valued)))


def unanswered(draft: Draft, before: Iterable[Place], after: Iterable[Place]) -> bool:
    """Whether the two cassettes of a draft may show more of some places than the draft says."""
    return any(place.group in draft.groups and place not in draft.before for place in before) or any(
        place.group in draft.groups and place not in draft.after for place in after
    )


def answers(stored: Cassette, fresh: Cassette, before: Iterable[Place], after: Iterable[Place]) -> tuple[Known, Known]:
    """What two cassettes show of places of the stored and of the fresh side."""
    old, new = (Shapes(side) for side in prepare(stored, fresh))
    return _facts(old, before), _facts(new, after)


def _facts(shapes: Shapes, places: Iterable[Place]) -> Known:
    wanted: dict[Group, list[Place]] = defaultdict(list)
    for place in places:
        wanted[place.group].append(place)
    return {place: shapes.learn(place) for group in shapes.groups for place in wanted[group]}
