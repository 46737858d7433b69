"""The whole state of one daemon, built from its parts."""

from __future__ import annotations

from collections.abc import Callable

from lanchatd.protocol.model import PeerId

from .calls import Calls
from .chat import Conversations
from .comparisons import Comparisons
from .contacts import Contacts
from .effects import Effect, Moment
from .limits import Limits
from .line import Line
from .media_session import MediaSession
from .roster import Roster


class Core:
    """Everything that is known and decided; ``me`` is our own key."""

    def __init__(self, me: PeerId) -> None:
        self.limits = Limits()
        self.roster = Roster(me)
        self.contacts = Contacts(self.roster, self.limits)
        self.conversations = Conversations(self.roster)
        line = Line()
        self.calls = Calls(me, self.roster, line, self.limits)
        self.comparisons = Comparisons(me, self.roster, self.limits)
        self.media = MediaSession(line)

    def consenting(self, person: PeerId, decide: Callable[[], list[Effect]], now: Moment) -> list[Effect]:
        """Change a stance; where that makes or ends a contact, what was on its way waits again, or goes out."""
        before = self._contact(person)
        effects = decide()
        if self._contact(person) == before:
            return effects
        effects += self.calls.refused(person, now) if before else []
        return [*effects, *self.conversations.hold(person), *self.conversations.flush(person, now)]

    def _contact(self, person: PeerId) -> bool:
        known = self.roster.find(person)
        return known is not None and known.contact

    def tick(self, now: Moment) -> list[Effect]:
        """Let end what has lasted too long; to be called about once a second."""
        effects = [
            *self.calls.tick(now),
            *self.comparisons.tick(now),
            *self.contacts.tick(now),
            *self.roster.tick(now),
        ]
        self.conversations.tidy()
        self.limits.keep({known.id for known in self.roster})
        return effects
