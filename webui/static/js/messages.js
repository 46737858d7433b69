/**
 * The messages on the socket between this page and its daemon, and what they carry. Types only.
 *
 * Generated from lanchatd/protocol/ui.py by `python -m lanchatd.protocol.describe`: change it there.
 *
 * In what a tab sends, fields with a default may be left out; what the daemon sends is always complete.
 */

export {};

/**
 * peer id: 52 characters, base32
 *
 * @typedef {string} PeerId
 */

/**
 * made by the tab that writes the message; a UUID, say
 *
 * @typedef {string} MessageId
 */

/**
 * made by the daemon of the caller
 *
 * @typedef {string} CallId
 */

/**
 * What a person says of themself: here, away, or not to be disturbed.
 *
 * @typedef {"available" | "away" | "dnd"} Status
 */

/**
 * How a call ended.
 *
 * `ended`: somebody hung up. `declined`: the one who was called said no. `cancelled`: the caller gave up.
 * `no_answer`: 45 seconds passed. `busy`: the one who was called is in another call. `peer_gone`: the other
 * machine or page went away and did not return. `not_allowed`: the two are not contacts.
 *
 * @typedef {"ended" | "declined" | "cancelled" | "no_answer" | "busy" | "peer_gone" | "not_allowed"} CallOutcome
 */

/**
 * How the comparison of codes ended.
 *
 * `matched`: the code is the same. `mismatch`: it is not, so somebody sits between the two. `cancelled`: the one who
 * asked gave up, or somebody closed it. `declined`: the one who was asked said no. `timeout`: nobody answered.
 * `busy`: another comparison goes on. `broken`: what was revealed is not what was promised, or the code scanned was
 * not the one shown. `peer_gone`: the link was lost.
 *
 * @typedef {"matched" | "mismatch" | "cancelled" | "declined" | "timeout" | "busy" | "broken" | "peer_gone"} ComparisonOutcome
 */

/**
 * How a person is present: `online`, `away`, `dnd` (do not disturb) and `busy` (in a call) need a live link.
 *
 * `unreachable`: announced on the network, but no link could be made; `reason` says why. `incompatible`: no common
 * protocol version.
 *
 * @typedef {"online" | "away" | "dnd" | "busy" | "offline" | "unreachable" | "incompatible"} Presence
 */

/**
 * `outgoing`: our chat request waits for an answer. `incoming`: theirs waits for ours.
 *
 * @typedef {"none" | "outgoing" | "incoming" | "contact" | "blocked"} Relation
 */

/**
 * `waiting`: no link, kept here. `sent`: on its way. `delivered`: the other daemon has it. `seen`: read.
 *
 * @typedef {"waiting" | "sent" | "delivered" | "seen"} Delivery
 */

/**
 * @typedef {"bad_message" | "unknown_event" | "bad_field" | "too_large" | "unknown_person" | "wrong_state" | "not_contact" | "blocked" | "offline" | "busy" | "unknown_call" | "not_your_call" | "text_too_long" | "id_taken" | "queue_full" | "held" | "wrong_code" | "unknown_comparison" | "not_saved"} Code
 */

/**
 * @typedef {TextEntry | CallEntry} Entry
 */

/**
 * What somebody sends right now. The page shows a muted microphone and a camera that is off from this.
 *
 * @typedef {object} MediaState
 * @property {boolean} microphone
 * @property {boolean} camera
 * @property {boolean} screen
 */

/**
 * An ICE candidate in the form of W3C `RTCIceCandidateInit`; an empty `candidate` ends the gathering.
 *
 * @typedef {object} IceCandidate
 * @property {string} candidate
 * @property {string | null} sdpMid
 * @property {number | null} sdpMLineIndex
 * @property {string | null} usernameFragment
 */

/**
 * The person at this machine.
 *
 * @typedef {object} Me
 * @property {PeerId} id peer id: 52 characters, base32
 * @property {string} name 1 to 64 characters
 * @property {string} machine host name of the machine, at most 64 characters
 * @property {Status} status
 * @property {string | null} clone
 */

/**
 * Somebody else. `reason` is a sentence when the presence is `unreachable` or `incompatible`.
 *
 * `verified`: our person has compared codes with them. `held`: they have the name of a verified person and another
 * key; nothing of theirs is announced and nothing can be said to them until `keep_name` or `block_user` decides.
 *
 * @typedef {object} Person
 * @property {PeerId} id peer id: 52 characters, base32
 * @property {string} name 1 to 64 characters
 * @property {string} machine host name of the machine, at most 64 characters
 * @property {Presence} presence
 * @property {Relation} relation
 * @property {string | null} reason
 * @property {number | null} last_seen milliseconds
 * @property {boolean} verified
 * @property {boolean} held
 * @property {Notice[]} notices
 */

/**
 * Something about a name or a key that the person should know.
 *
 * `renamed`: a contact has another name than when we last agreed to it; `name` is the old one. `same_name`: a
 * stranger has the name of a contact, or ours; `looks_like`: it is spelt in another way and looks the same; in both
 * `name` is theirs and `person` their key. `clone`: the key is in use on two machines at once; `name` is the
 * address of the second one. `mismatch`: the code was not the same when it was last compared. `settled`: our
 * person has agreed to go on with them under this name; it still is that of somebody verified, whom they must not
 * look like.
 *
 * @typedef {object} Notice
 * @property {"mismatch" | "renamed" | "same_name" | "looks_like" | "clone"} kind
 * @property {string} name
 * @property {PeerId | null} person peer id: 52 characters, base32
 * @property {boolean} settled
 */

/**
 * The words with one person, oldest first. `unread` counts their messages that no tab has shown yet.
 *
 * @typedef {object} Conversation
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {Entry[]} entries
 * @property {number} unread
 */

/**
 * A message of a conversation. `at` is this machine's clock, milliseconds since 1970.
 *
 * @typedef {object} TextEntry
 * @property {"text"} kind
 * @property {MessageId} id made by the tab that writes the message; a UUID, say
 * @property {boolean} mine
 * @property {string} text at most 16,384 bytes of UTF-8
 * @property {number} at milliseconds
 * @property {Delivery} status
 */

/**
 * A call that is over, as a line of the conversation. `mine`: we called. `duration` in milliseconds.
 *
 * @typedef {object} CallEntry
 * @property {"call"} kind
 * @property {CallId} id made by the daemon of the caller
 * @property {boolean} mine
 * @property {boolean} video
 * @property {CallOutcome} outcome
 * @property {number} at milliseconds
 * @property {number} duration milliseconds
 */

/**
 * A call as every tab of one person sees it.
 *
 * `owner` is the tab that has the microphone (`snapshot.tab` says who one is), or null while that page is being
 * loaded anew: any tab may then `rejoin_call`. `polite` is our role in perfect negotiation; the impolite side makes
 * the first offer of each `generation`. `linked`: whether signals can travel now. `peer_present`: whether a page
 * of the other side holds the call.
 *
 * @typedef {object} Call
 * @property {CallId} id made by the daemon of the caller
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {"outgoing" | "incoming"} direction
 * @property {"ringing" | "active"} state
 * @property {number} started_at milliseconds
 * @property {boolean} polite
 * @property {Media} offered
 * @property {number | null} owner
 * @property {Media | null} accepted
 * @property {number | null} accepted_at milliseconds
 * @property {number} generation counts the media sessions of one call, from 1
 * @property {boolean} linked
 * @property {boolean} peer_present
 * @property {MediaState | null} peer_media
 */

/**
 * What somebody sends, or wants to send, in a call.
 *
 * @typedef {object} Media
 * @property {boolean} audio
 * @property {boolean} video
 */

/**
 * Two people compare a code, to be sure that nobody sits between them.
 *
 * `asked`: we wait for the other side. `asking`: they wait for our answer. `comparing`: the `signs`
 * are on both screens, or, if there are none, theirs says that it has scanned our code: ask them. `mine` and
 * `theirs`: who has said that it is the same.
 *
 * @typedef {object} Comparison
 * @property {string} id made by the daemon that begins the comparison
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {"asked" | "asking" | "comparing"} state
 * @property {Sign[]} signs
 * @property {boolean} mine
 * @property {boolean} theirs
 */

/**
 * One of the seven signs of a code.
 *
 * @typedef {object} Sign
 * @property {string} picture
 * @property {string} word
 */

/**
 * What the person has set for all pages. `hide_text`: the desktop shows who wrote, and not what.
 *
 * @typedef {object} Preferences
 * @property {boolean} notifications
 * @property {boolean} hide_text
 */

/**
 * Asks for everybody who is known. Answer: `online_users_list`.
 *
 * @typedef {object} GetOnlineUsers
 * @property {"get_online_users"} event
 * @property {string} [ref] the answer repeats it
 */

/**
 * Asks a person for a conversation. If they have asked us, or accepted us before, both are contacts at once.
 *
 * @typedef {object} SendChatRequest
 * @property {"send_chat_request"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {string} [ref] the answer repeats it
 */

/**
 * Says yes to the request of this person.
 *
 * @typedef {object} AcceptChatRequest
 * @property {"accept_chat_request"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {string} [ref] the answer repeats it
 */

/**
 * Says no to the request of this person.
 *
 * @typedef {object} RejectChatRequest
 * @property {"reject_chat_request"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {string} [ref] the answer repeats it
 */

/**
 * Takes back our own request.
 *
 * @typedef {object} CancelChatRequest
 * @property {"cancel_chat_request"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {string} [ref] the answer repeats it
 */

/**
 * Writes to a contact, linked or not. Sending the same id with the same text again changes nothing.
 *
 * @typedef {object} SendPrivateMessage
 * @property {"send_private_message"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {MessageId} id made by the tab that writes the message; a UUID, say
 * @property {string} text at most 16,384 bytes of UTF-8, else ``text_too_long``
 * @property {string} [ref] the answer repeats it
 */

/**
 * Their message with this id, and all before it, have been shown on a screen that is looked at.
 *
 * @typedef {object} MarkSeen
 * @property {"mark_seen"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {MessageId} id made by the tab that writes the message; a UUID, say
 * @property {string} [ref] the answer repeats it
 */

/**
 * Both ways. From a tab: we write to this person (say it every 4 s), or stopped. To a tab: the person does.
 *
 * @typedef {object} Typing
 * @property {"typing"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {boolean} active
 * @property {string} [ref] the answer repeats it
 */

/**
 * Both ways. From a program that is no page: a page is about to open, and is to call this contact.
 *
 * Within 20 seconds it is told to the page that opens, or, if none does, to the one last looked at: that sends
 * `start_call`. No address of the page says so, because any web site could lead there.
 *
 * @typedef {object} PlaceCall
 * @property {"place_call"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {boolean} [video]
 * @property {string} [ref] the answer repeats it
 */

/**
 * Calls a contact who is linked. This tab becomes the owner. All tabs get `call_started`.
 *
 * @typedef {object} StartCall
 * @property {"start_call"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {boolean} [audio]
 * @property {boolean} [video]
 * @property {string} [ref] the answer repeats it
 */

/**
 * Takes an incoming call in this tab, perhaps with less than was offered. All tabs get `call_accepted`.
 *
 * @typedef {object} AcceptCall
 * @property {"accept_call"} event
 * @property {CallId} call made by the daemon of the caller
 * @property {boolean} [audio]
 * @property {boolean} [video]
 * @property {string} [ref] the answer repeats it
 */

/**
 * Declines an incoming call, from any tab. All tabs get `call_rejected`.
 *
 * @typedef {object} RejectCall
 * @property {"reject_call"} event
 * @property {CallId} call made by the daemon of the caller
 * @property {string} [ref] the answer repeats it
 */

/**
 * Hangs up, or cancels while it rings, from any tab. All tabs get `call_ended`.
 *
 * @typedef {object} EndCall
 * @property {"end_call"} event
 * @property {CallId} call made by the daemon of the caller
 * @property {string} [ref] the answer repeats it
 */

/**
 * Takes an accepted call that a reload has left without owner. Begins a new media session; see `call_changed`.
 *
 * @typedef {object} RejoinCall
 * @property {"rejoin_call"} event
 * @property {CallId} call made by the daemon of the caller
 * @property {string} [ref] the answer repeats it
 */

/**
 * The owner tells what it sends at the moment.
 *
 * @typedef {object} SetCallMedia
 * @property {"set_call_media"} event
 * @property {CallId} call made by the daemon of the caller
 * @property {Partial<MediaState>} media
 * @property {string} [ref] the answer repeats it
 */

/**
 * Both ways, owner to owner: an SDP offer. One of an older `generation` is dropped.
 *
 * @typedef {object} WebrtcOffer
 * @property {"webrtc_offer"} event
 * @property {CallId} call made by the daemon of the caller
 * @property {number} generation counts the media sessions of one call, from 1
 * @property {string} sdp session description, RFC 8866
 * @property {string} [ref] the answer repeats it
 */

/**
 * Both ways, owner to owner: an SDP answer. One of an older `generation` is dropped.
 *
 * @typedef {object} WebrtcAnswer
 * @property {"webrtc_answer"} event
 * @property {CallId} call made by the daemon of the caller
 * @property {number} generation counts the media sessions of one call, from 1
 * @property {string} sdp session description, RFC 8866
 * @property {string} [ref] the answer repeats it
 */

/**
 * Both ways, owner to owner: a trickled ICE candidate. One of an older `generation` is dropped.
 *
 * @typedef {object} WebrtcIceCandidate
 * @property {"webrtc_ice_candidate"} event
 * @property {CallId} call made by the daemon of the caller
 * @property {number} generation counts the media sessions of one call, from 1
 * @property {Partial<IceCandidate>} candidate
 * @property {string} [ref] the answer repeats it
 */

/**
 * Changes our own name or status, or both. The name is remembered.
 *
 * @typedef {object} SetProfile
 * @property {"set_profile"} event
 * @property {string | null} [name] 1 to 64 characters
 * @property {Status | null} [status]
 * @property {string} [ref] the answer repeats it
 */

/**
 * Changes what is not null. It is remembered, and all tabs get `preferences_changed`.
 *
 * @typedef {object} SetPreferences
 * @property {"set_preferences"} event
 * @property {boolean | null} [notifications]
 * @property {boolean | null} [hide_text]
 * @property {string} [ref] the answer repeats it
 */

/**
 * This tab is visible and has the focus, or not any more; `person`: whose conversation it shows.
 *
 * As long as any tab has the focus, nothing is announced on the desktop.
 *
 * @typedef {object} SetFocus
 * @property {"set_focus"} event
 * @property {boolean} focused
 * @property {PeerId | null} [person] peer id: 52 characters, base32
 * @property {string} [ref] the answer repeats it
 */

/**
 * Ends everything from this person, without telling them.
 *
 * @typedef {object} BlockUser
 * @property {"block_user"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {string} [ref] the answer repeats it
 */

/**
 * Takes the block away; the two are strangers then.
 *
 * @typedef {object} UnblockUser
 * @property {"unblock_user"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {string} [ref] the answer repeats it
 */

/**
 * Drops the person from the contacts, with the conversation.
 *
 * @typedef {object} ForgetUser
 * @property {"forget_user"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {string} [ref] the answer repeats it
 */

/**
 * Our person has read the `Notice` about the name of this person, and goes on with who has this key.
 *
 * @typedef {object} KeepName
 * @property {"keep_name"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {string} [ref] the answer repeats it
 */

/**
 * Asks a contact who is linked to compare a code. All tabs get `comparison_changed`.
 *
 * @typedef {object} StartComparison
 * @property {"start_comparison"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {string} [ref] the answer repeats it
 */

/**
 * Agrees to compare a code.
 *
 * @typedef {object} AcceptComparison
 * @property {"accept_comparison"} event
 * @property {string} comparison made by the daemon that begins the comparison
 * @property {string} [ref] the answer repeats it
 */

/**
 * The code on the other screen is the same (`match`), and the person is verified from now on; or it is not.
 *
 * @typedef {object} AnswerComparison
 * @property {"answer_comparison"} event
 * @property {string} comparison made by the daemon that begins the comparison
 * @property {boolean} match
 * @property {string} [ref] the answer repeats it
 */

/**
 * Ends a comparison, or says no to one. Whoever was verified in it stays so.
 *
 * @typedef {object} CancelComparison
 * @property {"cancel_comparison"} event
 * @property {string} comparison made by the daemon that begins the comparison
 * @property {string} [ref] the answer repeats it
 */

/**
 * Asks for a code for the screen, for this contact to scan within ten minutes. Answer: `shown_code`.
 *
 * @typedef {object} ShowCode
 * @property {"show_code"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {string} [ref] the answer repeats it
 */

/**
 * This text was scanned from the screen of this contact, who is verified if it is right; else `wrong_code`.
 *
 * @typedef {object} ScanCode
 * @property {"scan_code"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {string} code
 * @property {string} [ref] the answer repeats it
 */

/**
 * Takes the mark "verified" away.
 *
 * @typedef {object} Distrust
 * @property {"distrust"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {string} [ref] the answer repeats it
 */

/**
 * Everything, first thing on every new socket; also in the page as it is served, there with `tab` 0.
 *
 * `ice_servers` in the form of W3C `RTCIceServer`; empty by default, so that nothing leaves the network. `run`
 * is new at every start of the daemon: after a new one, what the page still shows is no longer known here, and the
 * page sends again what is not `delivered`. `desktop`: see `desktop_changed`. `proof` stays the same as long as
 * the identity does, and nobody else knows it: a page that gets another one over its socket than it was served with
 * speaks to another program, and says nothing to it.
 *
 * @typedef {object} Snapshot
 * @property {"snapshot"} event
 * @property {number} tab
 * @property {string} version
 * @property {Me} me
 * @property {Person[]} people
 * @property {Conversation[]} conversations
 * @property {Call | null} call
 * @property {Comparison | null} comparison
 * @property {string} run
 * @property {string} proof
 * @property {RTCIceServer[]} ice_servers
 * @property {Preferences} preferences
 * @property {boolean} desktop
 * @property {string} [ref] the answer repeats it
 */

/**
 * Everybody who is known, also those who are offline; answers `get_online_users`.
 *
 * @typedef {object} OnlineUsersList
 * @property {"online_users_list"} event
 * @property {Person[]} people
 * @property {string} [ref] the answer repeats it
 */

/**
 * A person is new, or something about them has changed.
 *
 * @typedef {object} PersonChanged
 * @property {"person_changed"} event
 * @property {Person} person
 * @property {string} [ref] the answer repeats it
 */

/**
 * A stranger has left, or a person was forgotten.
 *
 * @typedef {object} PersonRemoved
 * @property {"person_removed"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {string} [ref] the answer repeats it
 */

/**
 * Our own name or status has changed.
 *
 * @typedef {object} ProfileChanged
 * @property {"profile_changed"} event
 * @property {Me} me
 * @property {string} [ref] the answer repeats it
 */

/**
 * The person has set something, in whichever tab.
 *
 * @typedef {object} PreferencesChanged
 * @property {"preferences_changed"} event
 * @property {Preferences} preferences
 * @property {string} [ref] the answer repeats it
 */

/**
 * Whether the daemon can show notifications on the desktop now. As long as it can, a page shows none itself.
 *
 * @typedef {object} DesktopChanged
 * @property {"desktop_changed"} event
 * @property {boolean} desktop
 * @property {string} [ref] the answer repeats it
 */

/**
 * A person asks for a conversation. `person_changed` has told the relation before.
 *
 * @typedef {object} IncomingChatRequest
 * @property {"incoming_chat_request"} event
 * @property {Person} person
 * @property {string} [ref] the answer repeats it
 */

/**
 * A request was accepted, theirs or ours: the two are contacts.
 *
 * @typedef {object} ChatRequestAccepted
 * @property {"chat_request_accepted"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {string} [ref] the answer repeats it
 */

/**
 * A request is over without a yes. `mine`: it was our request.
 *
 * @typedef {object} ChatRequestRejected
 * @property {"chat_request_rejected"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {boolean} mine
 * @property {"declined" | "cancelled" | "expired"} reason
 * @property {string} [ref] the answer repeats it
 */

/**
 * A new line of a conversation: theirs, our own (from whichever tab), or a call that is over.
 *
 * @typedef {object} ReceivePrivateMessage
 * @property {"receive_private_message"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {Entry} entry
 * @property {string} [ref] the answer repeats it
 */

/**
 * Our messages with these ids have come this far.
 *
 * @typedef {object} MessageStatus
 * @property {"message_status"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {MessageId[]} ids
 * @property {Delivery} status
 * @property {string} [ref] the answer repeats it
 */

/**
 * A tab has shown this conversation: so many messages are unread now.
 *
 * @typedef {object} ConversationSeen
 * @property {"conversation_seen"} event
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {number} unread
 * @property {string} [ref] the answer repeats it
 */

/**
 * Ring. Ends with `call_accepted`, `call_rejected` or `call_ended`.
 *
 * @typedef {object} IncomingCall
 * @property {"incoming_call"} event
 * @property {Call} call
 * @property {string} [ref] the answer repeats it
 */

/**
 * Our own call rings at the other side.
 *
 * @typedef {object} CallStarted
 * @property {"call_started"} event
 * @property {Call} call
 * @property {string} [ref] the answer repeats it
 */

/**
 * The call is on, whoever accepted it. The owner sets up the media; other tabs stop ringing.
 *
 * When both sides called each other at once, it comes to a tab whose own call was ringing, perhaps with a new call
 * id.
 *
 * @typedef {object} CallAccepted
 * @property {"call_accepted"} event
 * @property {Call} call
 * @property {string} [ref] the answer repeats it
 */

/**
 * The person has accepted this incoming call on the desktop: the tab that gets this sends `accept_call`.
 *
 * @typedef {object} TakeCall
 * @property {"take_call"} event
 * @property {CallId} call made by the daemon of the caller
 * @property {boolean} video
 * @property {string} [ref] the answer repeats it
 */

/**
 * Owner, generation, link, presence or the other side's media have changed.
 *
 * @typedef {object} CallChanged
 * @property {"call_changed"} event
 * @property {Call} call
 * @property {string} [ref] the answer repeats it
 */

/**
 * The call was not taken: `declined`, `busy` or `not_allowed`.
 *
 * @typedef {object} CallRejected
 * @property {"call_rejected"} event
 * @property {CallId} call made by the daemon of the caller
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {CallOutcome} outcome
 * @property {string} [ref] the answer repeats it
 */

/**
 * The call is over. `duration` in milliseconds since it was accepted, 0 if it never was.
 *
 * @typedef {object} CallEnded
 * @property {"call_ended"} event
 * @property {CallId} call made by the daemon of the caller
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {CallOutcome} outcome
 * @property {number} duration milliseconds
 * @property {string} [ref] the answer repeats it
 */

/**
 * A comparison has begun, here or there, or come further.
 *
 * @typedef {object} ComparisonChanged
 * @property {"comparison_changed"} event
 * @property {Comparison} comparison
 * @property {string} [ref] the answer repeats it
 */

/**
 * A comparison is over. `mine`: it was our person who ended it so.
 *
 * @typedef {object} ComparisonEnded
 * @property {"comparison_ended"} event
 * @property {string} comparison made by the daemon that begins the comparison
 * @property {PeerId} person peer id: 52 characters, base32
 * @property {ComparisonOutcome} outcome
 * @property {boolean} mine
 * @property {string} [ref] the answer repeats it
 */

/**
 * Answers `show_code`. `path`: the dark modules of the QR code as an SVG path, in a square of `size` units.
 *
 * @typedef {object} ShownCode
 * @property {"shown_code"} event
 * @property {string} text
 * @property {string} path
 * @property {number} size
 * @property {string} [ref] the answer repeats it
 */

/**
 * The addresses of this machine have changed, or it woke up: a call in this tab restarts ICE.
 *
 * @typedef {object} NetworkChanged
 * @property {"network_changed"} event
 * @property {string} [ref] the answer repeats it
 */

/**
 * Answers a request that was carried out. A request without `ref` gets no `ok`.
 *
 * @typedef {object} Ok
 * @property {"ok"} event
 * @property {string} [ref] the answer repeats it
 */

/**
 * A request was refused and nothing was changed. `code` is stable, `message` is a sentence for people.
 *
 * `not_saved` comes unasked: what was changed lives in memory and could not be written to the disk.
 *
 * @typedef {object} Error
 * @property {"error"} event
 * @property {Code} code
 * @property {string} message
 * @property {string} [ref] the answer repeats it
 */

/**
 * What a tab sends.
 *
 * @typedef {GetOnlineUsers | SendChatRequest | AcceptChatRequest | RejectChatRequest | CancelChatRequest | SendPrivateMessage | MarkSeen | Typing | PlaceCall | StartCall | AcceptCall | RejectCall | EndCall | RejoinCall | SetCallMedia | WebrtcOffer | WebrtcAnswer | WebrtcIceCandidate | SetProfile | SetPreferences | SetFocus | BlockUser | UnblockUser | ForgetUser | KeepName | StartComparison | AcceptComparison | AnswerComparison | CancelComparison | ShowCode | ScanCode | Distrust} TabRequest
 */

/**
 * What the daemon sends.
 *
 * @typedef {Snapshot | OnlineUsersList | PersonChanged | PersonRemoved | ProfileChanged | PreferencesChanged | DesktopChanged | IncomingChatRequest | ChatRequestAccepted | ChatRequestRejected | ReceivePrivateMessage | MessageStatus | ConversationSeen | Typing | IncomingCall | CallStarted | CallAccepted | TakeCall | PlaceCall | CallChanged | CallRejected | CallEnded | ComparisonChanged | ComparisonEnded | ShownCode | NetworkChanged | WebrtcOffer | WebrtcAnswer | WebrtcIceCandidate | Ok | Error} TabEvent
 */
