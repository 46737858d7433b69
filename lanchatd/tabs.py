"""The open tabs of the person, and the desktop that stands in for them while nobody looks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from lanchatd.desktop.handover import Handover
from lanchatd.desktop.notifications import DesktopEvents, Notifications
from lanchatd.protocol import ui
from lanchatd.protocol.model import PeerId, TabId
from lanchatd.store.people import People
from lanchatd.switchboard import Switchboard
from lanchatd.web.hub import Hub, HubEvents


class Tabs:
    """What the person sees, between the switchboard and the tabs.

    Args:
        switchboard: carries out what they ask for.
        people: remember what they choose.
        preferences: as set at the start.
        unsaved: why something could not be saved, in a sentence.
    """

    def __init__(
        self,
        switchboard: Callable[[], Switchboard],
        people: People,
        preferences: ui.Preferences,
        unsaved: Callable[[], str | None],
    ) -> None:
        self._switchboard: Final = switchboard
        self._people: Final = people
        self._unsaved: Final = unsaved
        self.hub: Final = Hub(HubEvents(self._opened, self._request, self._closed))
        events = DesktopEvents(self._request, self.hub.tell, self._desktop_changed, self._person)
        self.notifications: Final = Notifications(events, preferences)
        self._calling: Final = Handover(self.hub.tell, lambda: self.notifications.pages, lambda: None)

    def tell_all(self, event: ui.Event) -> None:
        """Tell every tab, and the desktop."""
        self.hub.tell_all(event)
        self.notifications.hear(event)

    def not_saved(self, sentence: str) -> None:
        """What was changed could not be written to the disk."""
        self.hub.tell_all(ui.Error(code="not_saved", message=sentence))

    def _opened(self, tab: TabId) -> ui.Snapshot:
        if sentence := self._unsaved():
            # Who opens the page later is to know it as well, right after the snapshot.
            unsaved = ui.Error(code="not_saved", message=sentence)
            asyncio.get_running_loop().call_soon(self.hub.tell, tab, unsaved)
        return self._switchboard().snapshot(tab)

    def _request(self, tab: TabId, request: ui.TabRequest) -> None:
        self._switchboard().request(tab, request)
        match request:
            case ui.SetProfile(name=str(name)):
                self._people.name = name
            case ui.SetPreferences():
                self._people.preferences = self._switchboard().preferences
            case ui.SetFocus():
                new = tab not in self.notifications.pages
                self.notifications.look(tab, request)
                if new:
                    self._calling.opened(tab)
            case ui.PlaceCall():
                self._calling.begin(ui.PlaceCall(person=request.person, video=request.video))
            case _:
                pass

    def _closed(self, tab: TabId) -> None:
        self._switchboard().tab_closed(tab)
        self.notifications.tab_closed(tab)

    def _desktop_changed(self, available: bool) -> None:
        self._switchboard().desktop_changed(available)

    def _person(self, person: PeerId) -> ui.Person | None:
        known = self._switchboard().core.roster.find(person)
        return known.view() if known else None
