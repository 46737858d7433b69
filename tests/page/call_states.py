"""Every state of a call as data. The call is real on our side; the other person is a painting that moves."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from lanchatd.protocol import ui
from lanchatd.protocol.model import CallOutcome, Media, MediaState

from .company import ADA, LENA, ME, NOW, snapshot
from .states import Press, Script, State, Step, Tell

PAINT: Final = Path(__file__).with_name("paint.js").read_text(encoding="utf-8")
OUR_TAB: Final = 1

OUTGOING: Final = ui.Call(
    id="call-to-ada",
    person=ADA.id,
    direction="outgoing",
    state="ringing",
    started_at=NOW - 4_000,
    polite=False,
    offered=Media(video=True),
    owner=OUR_TAB,
)
INCOMING: Final = msgspec.structs.replace(OUTGOING, id="call-from-ada", direction="incoming", owner=None)
INCOMING_AUDIO: Final = msgspec.structs.replace(INCOMING, offered=Media())
ACTIVE: Final = msgspec.structs.replace(
    OUTGOING,
    state="active",
    accepted=Media(video=True),
    accepted_at=NOW - 754_000,
    peer_media=MediaState(camera=True),
)
AUDIO: Final = msgspec.structs.replace(
    ACTIVE, offered=Media(), accepted=Media(), peer_media=MediaState(microphone=True)
)


def painted(live: str) -> Script:
    """What the media session would show: ``live`` are fields of an object in JavaScript, made with paint.js."""
    return Script(f"async () => {{ {PAINT}; await publish({{ {live} }}); }}")


def calling(call: ui.Call, *steps: Step) -> list[Step]:
    """We have called, and this has come of it."""
    press = Press("button", "Video call" if call.offered.video else "Audio call")
    accepted = [Tell(ui.CallAccepted(call=call))] if call.state == "active" else []
    ringing = msgspec.structs.replace(call, state="ringing", accepted_at=None, peer_media=None)
    return [press, Tell(ui.CallStarted(call=ringing)), *accepted, *steps]


CONNECTED: Final = "session: 'connected', quality: quality()"
PICTURES: Final = f"{CONNECTED}, own: {{ camera: await me() }}, remote: {{ camera: await ada() }}"


def state(name: str, steps: list[Step]) -> State:
    return State(name, snapshot(), ADA.id, tuple(steps))


def over(outcome: CallOutcome, call: ui.Call, duration: int = 0) -> list[Step]:
    """A call that ends with this outcome."""
    before = calling(call) if call.direction == "outgoing" else [Tell(ui.IncomingCall(call=call))]
    return [*before, Tell(ui.CallEnded(call=call.id, person=call.person, outcome=outcome, duration=duration))]


def problem(role: str, kind: str) -> str:
    return f"problems: [(await import(rtc('problems.js'))).problem('{role}', '{kind}')]"


CALL_STATES: Final[list[State]] = [
    state("call-incoming-video", [Tell(ui.IncomingCall(call=INCOMING))]),
    state("call-incoming-audio", [Tell(ui.IncomingCall(call=INCOMING_AUDIO))]),
    State(
        "call-quiet",
        snapshot(me=msgspec.structs.replace(ME, status="dnd")),
        ADA.id,
        (Tell(ui.IncomingCall(call=INCOMING)),),
    ),
    state("call-outgoing", calling(OUTGOING, painted("session: 'opening', own: { camera: await me() }"))),
    State(
        "call-undisturbed",
        snapshot(),
        LENA.id,
        tuple(
            calling(
                msgspec.structs.replace(OUTGOING, person=LENA.id),
                painted("session: 'opening', own: { camera: await me() }"),
            )
        ),
    ),
    state("call-video", calling(ACTIVE, painted(PICTURES))),
    state(
        "call-screen",
        calling(
            msgspec.structs.replace(ACTIVE, peer_media=MediaState(camera=True, screen=True)),
            painted(
                f"{CONNECTED}, own: {{ camera: await me() }}, remote: {{ camera: await ada(), screen: await desk() }}"
            ),
        ),
    ),
    state(
        "call-audio",
        calling(
            AUDIO, painted(f"{CONNECTED}, sending: {{ microphone: true, camera: false, screen: false }}, loud: true")
        ),
    ),
    state(
        "call-muted",
        calling(
            msgspec.structs.replace(AUDIO, peer_media=MediaState(microphone=False)),
            painted(f"{CONNECTED}, sending: {{ microphone: false, camera: false, screen: true }}"),
        ),
    ),
    state("call-small", calling(ACTIVE, painted(PICTURES), Press("button", "Show the chat"))),
    state("call-devices", calling(ACTIVE, painted(f"{PICTURES}, devices: devices()"), Press("button", "Devices"))),
    state("call-figures", calling(ACTIVE, painted(PICTURES), Press("button", "Connection: Good. Show the figures."))),
    state(
        "call-reconnecting",
        calling(
            msgspec.structs.replace(ACTIVE, linked=False),
            painted(PICTURES.replace("'connected'", "'reconnecting'")),
        ),
    ),
    state(
        "call-camera-refused",
        calling(
            ACTIVE,
            painted(
                f"{CONNECTED}, remote: {{ camera: await ada() }}, {problem('camera', 'refused')}, "
                "sending: { microphone: true, camera: false, screen: false }"
            ),
        ),
    ),
    state("call-refused", calling(ACTIVE, painted("session: 'refused', own: { camera: await me() }"))),
    state("call-stuck", calling(ACTIVE, painted("session: 'connecting', stuck: true, own: { camera: await me() }"))),
    state("call-peer-reloads", calling(msgspec.structs.replace(AUDIO, peer_present=False), painted(CONNECTED))),
    state("call-rejoin", [Tell(ui.CallChanged(call=msgspec.structs.replace(ACTIVE, owner=None)))]),
    state("call-elsewhere", [Tell(ui.CallChanged(call=msgspec.structs.replace(ACTIVE, owner=OUR_TAB + 99)))]),
    state(
        "call-over-ended",
        [
            Tell(ui.CallChanged(call=msgspec.structs.replace(ACTIVE, owner=OUR_TAB + 99))),
            Tell(ui.CallEnded(call=ACTIVE.id, person=ADA.id, outcome="ended", duration=754_000)),
        ],
    ),
    state("call-over-unconnected", over("ended", ACTIVE, 23_000)),
    state("call-over-declined", over("declined", OUTGOING)),
    state("call-over-no-answer", over("no_answer", OUTGOING)),
    state("call-over-busy", over("busy", OUTGOING)),
    state("call-over-missed", over("cancelled", INCOMING)),
    state("call-over-gone", over("peer_gone", ACTIVE)),
]
