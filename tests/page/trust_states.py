"""Every state of verifying somebody, and of the notices about names and keys, as data."""

from __future__ import annotations

from typing import Final

import msgspec

from lanchatd.protocol import ui

from .call_states import ACTIVE, INCOMING, PICTURES, calling, painted
from .company import ADA, JUN, ME, PEOPLE, PRIYA, SAM, SAM_TOO, peer, snapshot
from .comparing import SIGNS, comparison
from .states import Pass, Press, Script, State, Step, Tell

replace = msgspec.structs.replace

VERIFIED: Final = replace(ADA, verified=True)
PRETENDER: Final = ui.Person(
    id=peer("another Ada"), name="Ada Okafor", machine="laptop-7", presence="online", relation="incoming", held=True,
    notices=[ui.Notice("same_name", ADA.name, ADA.id)],
)  # fmt: skip
SETTLED_PRETENDER: Final = replace(
    PRETENDER, held=False, notices=[ui.Notice("same_name", ADA.name, ADA.id, settled=True)]
)
"""The same after our person has agreed to treat them as somebody else."""
RENAMED: Final = replace(JUN, name="Jun W.", notices=[ui.Notice("renamed", JUN.name)])
LOOKS_LIKE: Final = replace(PRIYA, name="Tomаs Rivera", notices=[ui.Notice("looks_like", "Tomás Rivera", PEOPLE[1].id)])
LIKE_ME: Final = replace(SAM, name="Mara Lindqvist", notices=[ui.Notice("same_name", ME.name, ME.id)])
TOOK_HER_NAME: Final = replace(JUN, name=ADA.name, notices=[
    ui.Notice("renamed", JUN.name), ui.Notice("same_name", ADA.name, ADA.id)
])  # fmt: skip
"""A contact who has taken the name of a verified person."""
NAMESAKE: Final = replace(JUN, name=ADA.name, notices=[ui.Notice("same_name", ADA.name, ADA.id, settled=True)])
"""The same after our person has agreed to it."""
FOREIGN: Final = replace(JUN, name="Аdа Оkаfоr", notices=[ui.Notice("looks_like", ADA.name, ADA.id, settled=True)])
"""A contact whose name is that of a verified person in other letters, after our person has agreed to it."""
CLONED: Final = replace(ADA, notices=[ui.Notice("clone", "192.168.1.77")])
ODD: Final = [PRETENDER, VERIFIED, RENAMED, LOOKS_LIKE, LIKE_ME, SAM_TOO, *PEOPLE[1:2], *PEOPLE[3:4], *PEOPLE[7:]]


def after_all(*changed: ui.Person) -> ui.Snapshot:
    """Everybody, some of them changed."""
    known = {person.id: person for person in [*PEOPLE, *changed]}
    return snapshot(list(known.values()))


def state(name: str, *steps: Step, ada: ui.Person = ADA) -> State:
    way = "about" if ada.verified else "choose"
    opened = (
        f"() => window.lanchat.store.dispatch({{event: 'ui/verify', verify: {{person: '{ada.id}', way: '{way}'}}}})"
    )
    return State(f"verify-{name}", after_all(ada), ADA.id, (Script(opened), *steps))


def compared(**more: object) -> Tell:
    return Tell(ui.ComparisonChanged(comparison=comparison(ADA, "comparing", **more)))


def over(outcome: str, *, mine: bool = False) -> Tell:
    ended = ui.ComparisonEnded(comparison="comparison-1", person=ADA.id, outcome=outcome, mine=mine)  # type: ignore[arg-type]
    return Tell(ended)


_TO_PEOPLE: Final = Script("() => document.querySelector('#settings-people').scrollIntoView()")
_SEEING: Final = Script("""() => new Promise((resolve) => {
  const video = document.querySelector(".verify-camera video");
  const look = () => (video.videoWidth ? resolve() : requestAnimationFrame(look));
  look();
})""")
_THERE: Final = Script("""() => new Promise((resolve) => {
  const look = () => (window.lanchat.store.state.comparison ? resolve() : requestAnimationFrame(look));
  look();
})""")
_ASK: Final = (Press("button", "Compare pictures"), _THERE)
_INVITED: Final = Tell(ui.ComparisonChanged(comparison=comparison(ADA, "asking")))


def _pretender_calls() -> Tell:
    return Tell(ui.IncomingCall(call=replace(INCOMING, person=JUN.id)))


def _pretender_asks() -> Tell:
    return Tell(ui.ComparisonChanged(comparison=comparison(JUN, "asking")))


TRUST_STATES: Final[list[State]] = [
    state("start"),
    state("offline", ada=replace(ADA, presence="offline")),
    state("show", Press("button", "Show my code")),
    state("scan", Press("button", "Scan their code")),
    state("scan-nothing", Press("button", "Scan their code"), _SEEING, Pass(10_500)),
    state("waiting", *_ASK),
    state("signs", *_ASK, compared(signs=SIGNS)),
    state("said", *_ASK, compared(signs=SIGNS, mine=True)),
    state("question", Press("button", "Show my code"), compared(theirs=True)),
    state("matched", *_ASK, compared(signs=SIGNS), over("matched")),
    state("mismatch", *_ASK, compared(signs=SIGNS), over("mismatch")),
    state("broken", *_ASK, over("broken")),
    state("declined", *_ASK, over("declined")),
    state("gone", *_ASK, over("peer_gone")),
    state("about", ada=VERIFIED),
    state("remove", Press("button", "Remove verification"), ada=VERIFIED),
    state("invited-open", _INVITED),
    State("verify-invited", snapshot(), JUN.id, (_INVITED,)),
    State("verify-invited-list", snapshot(), None, (_INVITED,)),
    State("verify-goes-on", snapshot(), JUN.id, (compared(signs=SIGNS),)),
    State("verify-in-call", snapshot(), ADA.id, (*calling(ACTIVE, painted(PICTURES)), _INVITED)),
    State("trust-verified", after_all(VERIFIED), ADA.id),
    State("trust-just-verified", snapshot(), ADA.id, (Tell(ui.PersonChanged(person=VERIFIED)),)),
    State("trust-people", snapshot(ODD), VERIFIED.id),
    State("trust-list", snapshot(ODD)),
    State("trust-held", snapshot(ODD), PRETENDER.id),
    State("trust-renamed", after_all(RENAMED), RENAMED.id),
    State("trust-looks-like", after_all(LOOKS_LIKE), LOOKS_LIKE.id),
    State("trust-like-me", after_all(LIKE_ME), LIKE_ME.id),
    State("trust-clone", after_all(CLONED), ADA.id),
    State("trust-own-clone", snapshot(me=replace(ME, clone="192.168.1.77")), ADA.id),
    State("trust-settings", after_all(VERIFIED), steps=(Press("button", "Settings"), _TO_PEOPLE)),
    State("trust-incoming-call", after_all(VERIFIED), ADA.id, (Tell(ui.IncomingCall(call=INCOMING)),)),
    State("trust-incoming-pretender", after_all(VERIFIED, TOOK_HER_NAME), None, (_pretender_calls(),)),
    State("trust-incoming-namesake", after_all(VERIFIED, NAMESAKE), None, (_pretender_calls(),)),
    State("trust-incoming-foreign", after_all(VERIFIED, FOREIGN), None, (_pretender_calls(),)),
    State(
        "trust-quiet-pretender",
        replace(after_all(VERIFIED, TOOK_HER_NAME), me=replace(ME, status="dnd")),
        ADA.id,
        (_pretender_calls(),),
    ),
    State("trust-invited-pretender", after_all(VERIFIED, TOOK_HER_NAME), ADA.id, (_pretender_asks(),)),
    State("trust-verify-pretender", after_all(VERIFIED, TOOK_HER_NAME), JUN.id, (Press("button", "Verify"),)),
    State("trust-pretender", after_all(VERIFIED, TOOK_HER_NAME), JUN.id),
    State("trust-namesake", after_all(VERIFIED, NAMESAKE), JUN.id),
    State("trust-foreign", after_all(VERIFIED, FOREIGN), JUN.id),
    State("trust-namesake-asks", after_all(VERIFIED, SETTLED_PRETENDER), PRETENDER.id),
    State(
        "trust-call-pretender",
        after_all(VERIFIED, TOOK_HER_NAME),
        JUN.id,
        tuple(calling(replace(ACTIVE, person=JUN.id), painted("session: 'connected', quality: quality()"))),
    ),
    State("trust-call", after_all(VERIFIED), ADA.id, tuple(calling(ACTIVE, painted(PICTURES)))),
    State(
        "trust-call-figures",
        after_all(VERIFIED),
        ADA.id,
        tuple(calling(ACTIVE, painted(PICTURES), Press("button", "Connection: Good. Show the figures."))),
    ),
]
