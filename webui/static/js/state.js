/**
 * What the page knows, and how it begins. Only types and the first value live here; reducer.js writes it.
 *
 * @import {Call, CallEntry, Comparison, Me, Person, Snapshot, TextEntry} from "./messages.js"
 */

/**
 * What the daemon has not confirmed yet carries `pending`; what it refused carries the sentence `problem`. What the page
 * showed before the daemon started anew is `kept` where it stands; `unread` there is what the new daemon does not count.
 *
 * @typedef {(TextEntry | CallEntry) & {pending?: boolean, problem?: string, kept?: "read" | "unread"}} Entry
 *
 * @typedef {{at: number, kind: "verified" | "distrusted"}} Note
 *
 * @typedef {object} Conversation
 * @property {Entry[]} entries oldest first
 * @property {number} unread their messages that no tab has shown
 * @property {boolean} typing the other person writes
 * @property {string} draft what stands in the composer
 * @property {Note[]} notes what this page has seen happen between the two; the daemon keeps none of it
 * @property {string | null} unreadFrom the first message that was unread when the conversation was opened
 *
 * @typedef {object} Preferences kept by the browser, never by the daemon
 * @property {"system" | "light" | "dark"} theme
 * @property {boolean} sounds
 * @property {string} microphone a device id, empty for the browser's choice
 * @property {string} camera
 * @property {string} speaker
 *
 * @typedef {import("./messages.js").Preferences} Shared kept by the daemon
 *
 * @typedef {{id: number, text: string}} Notice a sentence that goes away by itself
 * @typedef {{mine: boolean, reason: "declined" | "expired" | "cancelled"}} RequestAnswer how a request ended without a yes; `mine`: we had asked
 *
 * @typedef {object} Verify
 * @property {string} person
 * @property {"about" | "choose" | "show" | "scan"} way
 * @property {{path: string, size: number} | null} code what the other side is to scan
 * @property {string} problem why it does not go on, in a sentence; empty if it does
 * @property {"matched" | "mismatch" | "cancelled" | "declined" | "timeout" | "busy" | "broken" | "peer_gone" | "wrong_code" | null} over
 * @property {boolean} mine our person ended it so
 * @property {boolean} scanned it was by a code that we have scanned
 *
 * @typedef {object} Network what the network screen knows
 * @property {import("./network.js").Daemon | null} daemon the last answer, null before the first one
 * @property {number} at when it came; 0 before the first one
 * @property {number} missed how many have not come since
 * @property {import("./network.js").Examination | null} examination
 * @property {number} looked when that came; 0 before the first one
 * @property {boolean} looking
 * @property {boolean} failed the daemon could not look
 *
 * @typedef {object} Ui
 * @property {string | null} selected whose conversation is open
 * @property {"people" | "network"} screen what takes the place of a conversation while none is open
 * @property {Network} network changed by `ui/network`
 * @property {string} filter
 * @property {Notice[]} notices
 * @property {Map<string, RequestAnswer>} answers how the last request ended, per person
 * @property {boolean} everConnected
 * @property {boolean} attentive the page is visible and has the focus
 * @property {Record<string, any>} call what the call views keep to themselves; changed by `ui/call`
 * @property {Verify | null} verify the open dialog in which one verifies a person; changed by `ui/verify`
 *
 * @typedef {object} State
 * @property {boolean} connected
 * @property {number} tab this page's number in the daemon; 0 before the first snapshot over the socket
 * @property {string} version
 * @property {string} servedVersion the version that this page came from
 * @property {Me} me
 * @property {Map<string, Person>} people
 * @property {Map<string, Conversation>} conversations
 * @property {Call | null} call
 * @property {Comparison | null} comparison
 * @property {string | null} run of the daemon whose snapshot is shown; null before the first one
 * @property {RTCIceServer[]} iceServers
 * @property {boolean} desktop the daemon shows notifications on the desktop, so the page shows none
 * @property {Preferences} preferences
 * @property {Shared} shared what the person has set for all pages
 * @property {Ui} ui
 *
 * @typedef {{event: string, [field: string]: any}} Action a daemon's event, or the page's own, `ui/…`
 * @typedef {import("./store.js").Store<State, Action>} AppStore
 */

/** @type {Preferences} */
export const DEFAULTS = {
  theme: "system",
  sounds: true,
  microphone: "",
  camera: "",
  speaker: "",
};

/** @type {Readonly<Conversation>} */
export const EMPTY = Object.freeze({ entries: [], unread: 0, typing: false, draft: "", notes: [], unreadFrom: null });

/**
 * The state before anything has happened.
 *
 * @param {Snapshot} snapshot the one in the page
 * @param {Preferences} preferences
 * @returns {State}
 */
export function firstState(snapshot, preferences) {
  return {
    connected: false,
    tab: 0,
    version: snapshot.version,
    servedVersion: snapshot.version,
    me: snapshot.me,
    people: new Map(),
    conversations: new Map(),
    call: null,
    comparison: null,
    run: null,
    iceServers: [],
    desktop: snapshot.desktop,
    preferences,
    shared: snapshot.preferences,
    ui: {
      selected: null,
      screen: "people",
      network: { daemon: null, at: 0, missed: 0, examination: null, looked: 0, looking: false, failed: false },
      filter: "",
      notices: [],
      answers: new Map(),
      everConnected: false,
      attentive: false,
      call: {},
      verify: null,
    },
  };
}
