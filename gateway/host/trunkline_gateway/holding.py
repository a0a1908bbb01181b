"""Whether this gateway takes the address that its pair shares: a decision from what it sees, and nothing else.

Without the address a gateway has no tunnel to another region, so nobody sees beforehand whether it could carry, and every
move costs all tunnels: IKE is set up again with each peer. What keeps two from fighting, and the address from wandering:
- Who holds it keeps it, whoever comes back. The routes follow it.
- The other takes it when the holder says that it is drained; or has not been heard for WAIT seconds.
- A gateway whose bgpd has not heard the partner since it started may be what is missing itself: it waits FIRST seconds.
- A holder that lives and has lost all its tunnels has UNABLE seconds to get them back, twice as long after each move that
  did not help, and eight times as long while nobody has carried yet: it may be that no peer is there, and then a move helps
  nobody.
- Who has moved the address since it was last heard lives: nothing is taken from it until it is heard again. So two that
  cannot hear each other move it once.
- Nobody takes it who is drained, or whose daemons do not answer.
"""

from typing import NamedTuple

from .takeover import CANNOT, DRAINED, GONE

NOBODY = "nobody"
MOST_DOUBLINGS = 5
# What has never carried may be there before its peers are, as when a fleet comes up.
AT_FIRST = 3


class Seen(NamedTuple):
    """What a gateway of two knows at one moment."""

    place: int
    # bgpd and charon answer, and know what the release says.
    able: bool
    drained: bool
    # CARRIES, DRAINED, CANNOT or GONE of the partner, and for how many seconds it has been so.
    says: str
    seconds: float
    # Whether bgpd has heard it since it started.
    heard: bool
    # Place of who holds the address, or NOBODY; None: that is not known.
    holder: object
    # For how many seconds, as far as this gateway knows.
    held: float
    # Places that routes lead to; None among them: to something that is no gateway.
    routes: frozenset
    # The partner has moved the address since it was last heard.
    lives: bool
    # How often the address has moved since somebody last carried.
    fruitless: int


class Fences(NamedTuple):
    wait: float
    first: float
    unable: float


def decide(seen, fences):
    """("hold" | "take" | "leave", why). The holder takes routes that lead elsewhere."""
    partner = 1 - seen.place
    if seen.holder is None:
        return "leave", "where the address is, is not known"
    if seen.holder == seen.place:
        if seen.routes - {seen.place}:
            return "take", "the address is here, and routes lead elsewhere"
        return "hold", "the address is here, and all routes lead here"
    if not seen.able:
        return "leave", "its daemons do not answer"
    if seen.drained:
        return "leave", "it is drained"
    if seen.holder == NOBODY and seen.place == 0 and seen.says != "carries":
        return "take", "nobody holds the address, and it is the first"
    if seen.says == DRAINED:
        return "take", f"{partner} is drained"
    if seen.says == GONE and seen.lives:
        return "leave", f"{partner} is not heard, and has moved the address meanwhile"
    if seen.says == GONE and seen.seconds >= (fences.wait if seen.heard else fences.first):
        return "take", f"{partner} is not heard"
    if seen.says == CANNOT and min(seen.seconds, seen.held) >= fences.unable * 2 ** min(seen.fruitless, MOST_DOUBLINGS):
        return "take", f"{partner} has lost its tunnels"
    return "leave", f"{partner} {'goes before it' if seen.holder == NOBODY else 'holds the address'} and {seen.says}"


class Memory(NamedTuple):
    """From one look at the address to the next."""

    holder: object = None
    since: float = 0
    gone: bool = False
    lives: bool = False
    fruitless: int = AT_FIRST


def remember(memory, place, says, carried, holder, now):
    """`holder` is fresh and known. `carried`: somebody has carried since the last look."""
    gone = says == GONE
    moved = memory.holder is not None and holder != memory.holder
    partners = holder == 1 - place
    return Memory(
        holder,
        memory.since if holder == memory.holder else now,
        gone,
        gone and (memory.lives or (memory.gone and moved and partners)),
        0 if carried else memory.fruitless + moved,
    )
