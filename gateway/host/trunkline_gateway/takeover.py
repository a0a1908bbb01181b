"""Whether this gateway takes the network's routes: a decision from what it sees, and nothing else.

Gateways stand in an order, from 0. What keeps two from fighting:
- Who cannot carry, or is drained, never takes.
- While an earlier gateway carries, or may, a later one does not take.
- Earlier than this one: it takes when that one says itself that it cannot carry, or has not been heard for WAIT seconds.
- From a later one that carries it takes the routes back, once it is whole: all its sessions are there.
- Who has moved routes since it was last heard lives: nothing is taken from it until it is heard again. So two that cannot
  hear each other, and both carry, leave the routes where they are.
"""

from typing import NamedTuple

# What a partner says of itself, over the pair's tunnel.
CARRIES, DRAINED, CANNOT, GONE = "carries", "is drained", "cannot carry", "is not heard"


class Seen(NamedTuple):
    """What a gateway knows at one moment."""

    place: int
    # It has routes to other regions over sessions of its own.
    carries: bool
    # It has every session that its release names.
    whole: bool
    drained: bool
    # By place: CARRIES, DRAINED, CANNOT or GONE, and for how many seconds it has been so.
    partners: dict
    # Places that routes lead to; None among them: to something that is no gateway. Empty: the tables are not known.
    holders: frozenset


class Memory(NamedTuple):
    """From one look at the tables to the next."""

    gone: frozenset = frozenset()
    holders: frozenset = frozenset()
    lives: frozenset = frozenset()


def remember(memory, seen):
    """`seen.holders` are fresh."""
    gone = frozenset(place for place, (says, _) in seen.partners.items() if says == GONE)
    moved = frozenset(
        place for place in gone & memory.gone if place in seen.holders and memory.holders and place not in memory.holders
    )
    return Memory(gone, seen.holders, (memory.lives & gone) | moved)


def decide(seen, lives, wait):
    """("hold" | "take" | "leave", why)."""
    if not seen.carries:
        return "leave", "it has no way to other regions"
    if seen.drained:
        return "leave", "it is drained"
    if not seen.holders:
        return "leave", "the route tables are not known"
    others = seen.holders - {seen.place}
    if not others:
        return "hold", "all routes lead here"
    for place in sorted(earlier(seen)):
        if not may_pass(seen, place, lives, wait):
            return "leave", f"{place} goes before it and {seen.partners[place][0]}"
    for place in sorted(others - {None}):
        if place not in seen.partners or may_pass(seen, place, lives, wait):
            continue
        if place < seen.place or seen.partners[place][0] != CARRIES:
            return "leave", f"{place} holds routes and {seen.partners[place][0]}"
        if not seen.whole:
            return "leave", f"{place} carries until this gateway is whole"
    return "take", "it is the first that carries"


def earlier(seen):
    return [place for place in seen.partners if place < seen.place]


def may_pass(seen, place, lives, wait):
    """Whether a gateway is known not to carry."""
    says, seconds = seen.partners[place]
    return says in (CANNOT, DRAINED) or (says == GONE and seconds >= wait and place not in lives)
