"""Which links are taken, once both sides have said hello: not our own key, not another protocol, no second machine."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from lanchatd.core.names import clean
from lanchatd.protocol.model import PeerId
from lanchatd.protocol.peer import OLDEST_PROTOCOL, PROTOCOL, Bye, Hello

from .clones import Clones, Verdict
from .link import CLOSING, Link

_log: Final = logging.getLogger(__name__)


class Acceptance:
    """Judges links, and says goodbye on those that are not taken.

    Args:
        own: our peer id.
        incarnation: ours.
        incompatible: told of a peer that speaks no version that we speak, with a sentence.
        cloned: told of a key in use on two machines, with the address of the second one; once, not at every attempt.
    """

    def __init__(
        self,
        own: PeerId,
        incarnation: Callable[[], str],
        incompatible: Callable[[PeerId, str], None],
        cloned: Callable[[PeerId, str], None],
    ) -> None:
        self._own = own
        self._incarnation = incarnation
        self._incompatible = incompatible
        self._cloned = cloned
        self._clones = Clones()

    def takes(self, link: Link, hello: Hello, standing: str | None, now: float) -> bool:
        """Whether the link is taken; if not, it ends by itself.

        Args:
            standing: the incarnation that is linked with this peer now, None without a link.
            now: seconds, of a clock that never goes back.
        """
        if link.peer == self._own:
            if hello.incarnation != self._incarnation():
                self._refuse_clone(link, now)
            link.close()
            return False
        if hello.oldest > PROTOCOL or hello.protocol < OLDEST_PROTOCOL:
            older = "this" if hello.oldest > PROTOCOL else "their"
            self._incompatible(
                link.peer, f"{clean(hello.name)} uses another version of LanChat; update {older} machine."
            )
            link.say_bye(Bye(reason="incompatible"), CLOSING)
            link.close()
            return False
        verdict = self._clones.judge(link.peer, hello.incarnation, standing, now)
        if verdict is Verdict.CLONE:
            self._refuse_clone(link, now)
        if verdict is not Verdict.WELCOME:
            link.close()
        return verdict is Verdict.WELCOME

    def _refuse_clone(self, link: Link, now: float) -> None:
        if self._clones.is_news(link.peer, now):
            if link.peer == self._own:
                _log.warning(
                    "The machine at %s uses the same identity as this one; a key is for one machine only: "
                    "stop LanChat on one of them, delete its identity.key and start it again",
                    link.address,
                )
            else:
                _log.warning("%s uses one identity on two machines, one of them at %s", link.peer[:8], link.address)
            self._cloned(link.peer, link.address)
        link.say_bye(Bye(reason="clone"), CLOSING)
