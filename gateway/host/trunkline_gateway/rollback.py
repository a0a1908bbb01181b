"""Back to the release that was confirmed before the running one, under the same commit-confirm as any other."""

from . import apply, bundle
from .place import Refused


def rollback(within):
    """{"applied", "from", "deadline"}: `confirm` it over a new connection, or it goes forth again by itself."""
    confirmed = apply.current()
    waiting = apply.pending()
    history = apply.history_of(confirmed)
    if not history:
        raise Refused("no release was confirmed here before the running one")
    target = history[0]
    if waiting is not None and waiting["release"] != target:
        raise Refused(f"release {waiting['release'][:12]} waits for its confirmation: `revert` takes it back")
    bundle.manifest_of(target)
    return {**apply.apply(target, within, back=True), "from": confirmed["release"]}
