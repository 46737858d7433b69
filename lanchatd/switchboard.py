"""Where everything meets: what a tab, a link or the clock says goes into the core, and its effects are performed here.

All of it is synchronous, so no two events are ever half done at the same time.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, assert_never

from msgspec import UNSET
from msgspec.structs import replace

from lanchatd.core import arrivals
from lanchatd.core.effects import Effect, Fresh, Moment, NoteCall, SavePeople, TellPeer, TellTab, TellTabs
from lanchatd.core.known import Problem, short_key
from lanchatd.core.names import clean
from lanchatd.core.requests import carry_out
from lanchatd.core.state import Core
from lanchatd.identity import qr
from lanchatd.protocol import peer, ui
from lanchatd.protocol.codec import BadRequest
from lanchatd.protocol.model import MessageId, PeerId, Status, TabId

NO_TAB: Final = TabId(0)
_IDS: Final = 256  # in one `Delivered`


@dataclass(frozen=True, slots=True)
class Outlets:
    """What the switchboard does to the world.

    ``save``: what is kept on disk has changed. ``soon``: calls this as soon as all that is there was taken in.
    """

    tell_tab: Callable[[TabId, ui.Event], None]
    tell_tabs: Callable[[ui.Event], None]
    tell_peer: Callable[[PeerId, peer.Message], bool]
    save: Callable[[], None]
    soon: Callable[[Callable[[], None]], object] = lambda act: act()


class Switchboard:
    """One daemon, from the tabs to the links.

    Args:
        me: our own person, with the name and the status to begin with.
        outlets: performs the effects.
        clock: tells now.
        version: of the program, for the page.
        run: of this start of the daemon, for the page.
        proof: by which a page knows us again.
        preferences: as set at the start.
        ice_servers: for the page, in the form of W3C ``RTCIceServer``.
    """

    def __init__(
        self,
        me: ui.Me,
        outlets: Outlets,
        clock: Callable[[], Moment],
        *,
        version: str = "",
        run: str = "-",
        proof: str = "",
        preferences: ui.Preferences | None = None,
        ice_servers: Iterable[dict[str, str | list[str]]] = (),
    ) -> None:
        self.me = replace(me, name=clean(me.name) or short_key(me.id), machine=clean(me.machine))
        self.core: Final = Core(me.id)
        self.core.roster.call_me(self.me.name)
        self._outlets: Final = outlets
        self._clock: Final = clock
        self._version: Final = version
        self._run: Final = run
        self._proof: Final = proof
        self._ice_servers: Final = list(ice_servers)
        self._addresses: dict[PeerId, str] = {}
        self._names: dict[PeerId, str] = {}
        self._taken: dict[PeerId, list[MessageId]] = {}  # and not yet acknowledged
        self._in_call = False
        self._desktop = False
        self.preferences = preferences or ui.Preferences()

    @property
    def in_call(self) -> bool:
        """Whether our person is in a call, as far as the others have been told."""
        return self._in_call

    # -------------------------------------------------------------------------------------------------------- the tabs

    def snapshot(self, tab: TabId = NO_TAB) -> ui.Snapshot:
        """Everything that a page shows, as of now."""
        call = self.core.calls.current
        return ui.Snapshot(
            tab=tab,
            run=self._run,
            proof=self._proof,
            version=self._version,
            me=self.me,
            people=self.core.roster.views(),
            conversations=self.core.conversations.views(),
            call=call.view() if call else None,
            comparison=self.core.comparisons.current,
            ice_servers=self._ice_servers,
            preferences=self.preferences,
            desktop=self._desktop,
        )

    def request(self, tab: TabId, request: ui.TabRequest) -> None:
        """Carry out what a tab asks for, and answer it.

        Raises:
            BadRequest: it can't be done; nothing was changed.
        """
        match request:
            case ui.GetOnlineUsers():
                people = self.core.roster.views()
                self._outlets.tell_tab(tab, ui.OnlineUsersList(people=people, ref=request.ref))
                return
            case ui.ShowCode():
                self._show_code(tab, request)
                return
            case ui.SetProfile():
                self._set_profile(request)
            case ui.SetPreferences():
                self._set_preferences(request)
            case ui.PlaceCall():
                self.core.calls.check(request.person)
            case ui.SetFocus():
                pass  # of the tab, and nobody else's
            case _:
                self._perform(carry_out(self.core, tab, request, _fresh, self._clock()))
        if request.ref is not UNSET:
            self._outlets.tell_tab(tab, ui.Ok(ref=request.ref))

    def tab_closed(self, tab: TabId) -> None:
        """A page is gone, perhaps only to be loaded anew."""
        self._perform(self.core.calls.tab_closed(tab, self._clock()))

    def desktop_changed(self, available: bool) -> None:
        """Notifications can be shown on the desktop from now on, or no longer."""
        self._desktop = available
        self._outlets.tell_tabs(ui.DesktopChanged(desktop=available))

    # ------------------------------------------------------------------------------------------------------- the links

    def linked(self, person: PeerId, hello: peer.Hello, address: str) -> None:
        """An authenticated link is up; ``address`` is where the other machine is."""
        self._addresses[person] = address
        self._names.pop(person, None)
        self._perform(arrivals.linked(self.core, person, hello, self._clock()))
        # What has changed since the greeting began they could not hear yet.
        self._outlets.tell_peer(person, self._profile())
        self._outlets.save()

    def unlinked(self, person: PeerId, clean: bool, reason: str) -> None:
        """The link is gone; ``clean`` when the other daemon said goodbye."""
        self._addresses.pop(person, None)
        self._perform(arrivals.unlinked(self.core, person, self._clock(), clean=clean))
        self._outlets.save()

    def received(self, person: PeerId, message: peer.PeerMessage) -> None:
        """A message came over the link of a person."""
        address = self._addresses.get(person, "")
        self._perform(arrivals.take_in(self.core, person, message, address, self._clock()))

    def sighted(self, person: PeerId, name: str | None) -> None:
        """Somebody is announced on the network; they are shown once there is a link, or a reason why there is none."""
        if name:
            self._names[person] = name

    def unreachable(self, person: PeerId, problem: Problem, sentence: str) -> None:
        """Somebody is announced on the network, and no link can be made."""
        name = self._names.get(person)
        self._perform(self.core.roster.troubled(person, name, (problem, sentence), self._clock()))

    def lost(self, person: PeerId) -> None:
        """Somebody is no longer announced."""
        self._names.pop(person, None)
        self._perform(self.core.roster.troubled(person, None, None, self._clock()))

    def cloned(self, person: PeerId, address: str) -> None:
        """A key, ours perhaps, is in use on a second machine at this address."""
        if person != self.me.id:
            self._perform(self.core.roster.cloned(person, address))
        elif self.me.clone != address:
            self.me = replace(self.me, clone=address)
            self._outlets.tell_tabs(ui.ProfileChanged(me=self.me))

    # ----------------------------------------------------------------------------------------------- clock and network

    def tick(self) -> None:
        """Let end what has lasted too long; to be called about once a second."""
        self._perform(self.core.tick(self._clock()))

    def network_changed(self) -> None:
        """The addresses of this machine have changed, or it woke up."""
        self._outlets.tell_tabs(ui.NetworkChanged())

    def stop(self) -> None:
        """The daemon ends: nobody is left waiting in a call, and who is here was seen last now."""
        now = self._clock()
        self._perform(self.core.calls.stop(now))
        self.core.roster.stamp(now)

    # ---------------------------------------------------------------------------------------------------------- inside

    def _set_profile(self, request: ui.SetProfile) -> None:
        name: str = clean(request.name) if request.name is not None else self.me.name
        if not name:
            raise BadRequest("bad_field", "A name needs at least one character that can be seen.")
        status: Status = request.status if request.status is not None else self.me.status
        self.me = replace(self.me, name=name, status=status)
        known_as = self.core.roster.call_me(name)
        self._perform([TellTabs(ui.ProfileChanged(me=self.me)), *known_as, SavePeople()])
        self._tell_profile()

    def _set_preferences(self, request: ui.SetPreferences) -> None:
        chosen = {"notifications": request.notifications, "hide_text": request.hide_text}
        changes = {name: value for name, value in chosen.items() if value is not None}
        self.preferences = replace(self.preferences, **changes)
        self._perform([TellTabs(ui.PreferencesChanged(preferences=self.preferences)), SavePeople()])

    def _show_code(self, tab: TabId, request: ui.ShowCode) -> None:
        text = self.core.comparisons.show(request.person, _fresh().nonce, self._clock())
        drawing = qr.draw(text)
        shown = ui.ShownCode(text=text, path=drawing.path, size=drawing.size, ref=request.ref)
        self._outlets.tell_tab(tab, shown)

    def _profile(self) -> peer.Profile:
        return peer.Profile(name=self.me.name, status=self.me.status, in_call=self._in_call)

    def _tell_profile(self) -> None:
        for person in self._addresses:
            self._outlets.tell_peer(person, self._profile())

    def _perform(self, effects: list[Effect]) -> None:
        for effect in effects:
            self._do(effect)
        if self._in_call != self.core.calls.active:
            self._in_call = self.core.calls.active
            self._tell_profile()

    def _do(self, effect: Effect) -> None:
        match effect:
            case TellTabs():
                self._outlets.tell_tabs(effect.event)
            case TellTab():
                self._outlets.tell_tab(effect.tab, effect.event)
            case TellPeer(to=person, message=peer.Delivered(ids=ids)):
                self._acknowledge_soon(person, ids)
            case TellPeer():
                self._outlets.tell_peer(effect.to, effect.message)
            case NoteCall():
                for told in self.core.conversations.note_call(effect.person, effect.entry):
                    self._do(told)
            case SavePeople():
                self._outlets.save()
            case _:
                assert_never(effect)

    def _acknowledge_soon(self, person: PeerId, taken: list[MessageId]) -> None:
        """Messages that come together are acknowledged together."""
        begins = not self._taken
        ids = self._taken.setdefault(person, [])
        ids += taken
        if len(ids) >= _IDS:
            self._acknowledge()
        elif begins:
            self._outlets.soon(self._acknowledge)

    def _acknowledge(self) -> None:
        taken, self._taken = self._taken, {}
        for person, ids in taken.items():
            self._outlets.tell_peer(person, peer.Delivered(ids=ids))


def _fresh() -> Fresh:
    return Fresh(secrets.token_urlsafe(24), secrets.token_urlsafe(24))
