/** What two people do during a call, with real connections. A story throws when it does not end well. */

import { check, connected, flows, makePair, until } from "./pair.js";

const agreed = (pair) =>
  until("both have agreed", () => pair.both.every(({ connection }) => connection.signalingState === "stable"));
const offersOf = (person) => person.sent.filter(({ description }) => description?.type === "offer").length;
const iceUser = (person) => /a=ice-ufrag:(\S+)/.exec(person.connection.localDescription.sdp)[1];

async function talking(wanted) {
  const pair = await makePair(wanted);
  pair.begin(1);
  await connected(pair);
  return pair;
}

export const STORIES = {
  async "pictures and voices arrive on both sides"() {
    const pair = await talking();
    await Promise.all(pair.both.flatMap((person) => [flows(person, "camera", 10), flows(person, "microphone", 20)]));
    for (const person of pair.both) {
      const { pair: path, inbound } = await person.figures();
      check(path.local.address && path.remote.port > 0, "the path is known");
      check(inbound.find(({ role }) => role === "camera").codec, "the codec is known");
      check(person.connection.getTransceivers().length === 3, "there are three transceivers");
    }
    check(offersOf(pair.impolite) === 1 && offersOf(pair.polite) === 0, "the impolite side offers, once");
    return pair;
  },

  async "the senders are set up for a LAN"() {
    const pair = await talking();
    for (const { connection } of pair.both) {
      const [voice, camera] = connection.getSenders();
      await until("the bit rates are set", () => camera.getParameters().encodings[0].maxBitrate === 8_000_000);
      check(voice.getParameters().encodings[0].priority === "high", "the voice goes first");
      check(camera.track.contentHint === "motion" && voice.track.contentHint === "speech", "the hints are set");
    }
    return pair;
  },

  async "the first pictures are small, so that none is dropped, and the whole ones follow"() {
    const scale = ({ connection }) => connection.getSenders()[1].getParameters().encodings[0].scaleResolutionDownBy;
    const pair = await makePair();
    pair.begin(1);
    const first = pair.both.map(
      (person) =>
        new Promise((resolve) =>
          person.connection.addEventListener("connectionstatechange", ({ target }) => {
            if (target.connectionState === "connected") resolve(scale(person));
          }),
        ),
    );
    for (const times of await Promise.all(first)) check(times === 3, `the first pictures are ${times} times smaller`);
    await until("the whole pictures follow", () => pair.both.every((person) => scale(person) === 1));
    return pair;
  },

  async "camera, microphone and screen go on and off without negotiation"() {
    const pair = await talking({ audio: true, video: false });
    const { polite, impolite } = pair;
    const offers = offersOf(polite) + offersOf(impolite);
    await impolite.media.turn("camera", true);
    await polite.media.turn("screen", true);
    await Promise.all([flows(polite, "camera"), flows(impolite, "screen")]);
    const light = impolite.media.tracks.camera;
    await impolite.media.turn("camera", false);
    check(light.readyState === "ended", "the light of the camera is out");
    await impolite.media.turn("microphone", false);
    check(!impolite.media.sending.microphone, "the microphone is muted");
    await impolite.media.turn("camera", true);
    await flows(polite, "camera");
    await polite.media.turn("screen", false);
    check(offersOf(polite) + offersOf(impolite) === offers, "nothing was negotiated");
    return pair;
  },

  async "sharing that is stopped in the browser's own bar is over"() {
    const pair = await talking({ audio: true, video: false });
    await pair.polite.media.turn("screen", true);
    pair.polite.media.tracks.screen.dispatchEvent(new Event("ended"));
    await until("the screen is let go", () => !pair.polite.media.sending.screen);
    return pair;
  },

  async "both offer at once, again and again"() {
    const pair = await talking();
    for (let round = 0; round < 5; round += 1) {
      pair.both.forEach(({ session }) => session.restartIce());
      await agreed(pair);
    }
    await connected(pair);
    await Promise.all(pair.both.map((person) => flows(person, "camera")));
    return pair;
  },

  async "a restart of ICE gives new credentials and the pictures go on"() {
    const pair = await talking();
    const before = pair.both.map(iceUser);
    pair.polite.session.restartIce();
    await until("new credentials on both sides", () => pair.both.every((person, index) => iceUser(person) !== before[index]));
    await agreed(pair);
    await connected(pair);
    await Promise.all(pair.both.map((person) => flows(person, "camera")));
    return pair;
  },

  async "the first offer is lost with the link, and said again"() {
    const pair = await makePair();
    pair.link(false);
    pair.begin(1);
    await until("an offer is lost", () => offersOf(pair.impolite) === 1);
    pair.link(true);
    pair.tellLinked();
    await connected(pair);
    await Promise.all(pair.both.map((person) => flows(person, "camera")));
    return pair;
  },

  async "the answer is lost with the link, and a change on top of it"() {
    const pair = await makePair();
    pair.polite.linked = false;
    pair.begin(1);
    await until("an answer is lost", () => pair.polite.sent.some(({ description }) => description?.type === "answer"));
    pair.link(false);
    pair.polite.session.restartIce();
    pair.link(true);
    pair.tellLinked();
    await connected(pair);
    await agreed(pair);
    await Promise.all(pair.both.map((person) => flows(person, "camera")));
    return pair;
  },

  async "a new generation replaces the connection, whoever begins it first"() {
    const pair = await talking();
    const { polite, impolite } = pair;
    const old = impolite.connection;
    impolite.session.begin(2);
    await until("the offer of the new generation waits", () => impolite.sent.some(({ generation }) => generation === 2));
    polite.session.begin(2);
    await connected(pair);
    check(old.connectionState === "closed", "the old connection is closed");
    polite.session.receive({ generation: 1, description: { type: "offer", sdp: "from the past" } });
    await Promise.all(pair.both.map((person) => flows(person, "camera")));
    return pair;
  },

  async "a session that the browser refuses is told as such, until the next one is agreed on"() {
    const pair = await makePair();
    const { polite, impolite } = pair;
    polite.session.begin(1);
    polite.session.receive({ generation: 1, description: { type: "offer", sdp: "nonsense" } });
    await until("it is refused", () => polite.session.state === "refused");
    check(polite.troubles.splice(0).length === 1, "the trouble is told once");
    impolite.session.begin(1);
    await connected(pair);
    return pair;
  },

  async "the end stops everything"() {
    const pair = await talking();
    const tracks = pair.both.flatMap(({ media }) => [media.tracks.camera, media.tracks.microphone]);
    pair.end();
    check(tracks.every(({ readyState }) => readyState === "ended"), "every track is stopped");
    check(pair.both.every(({ connection }) => connection.connectionState === "closed"), "every connection is closed");
    check(pair.both.every(({ session }) => session.state === "closed"), "the sessions know");
    return pair;
  },
};

/** Tells a story; what went wrong behind it counts too. */
export async function tell(name) {
  const pair = await STORIES[name]();
  const troubles = pair.both.flatMap((person) => person.troubles);
  pair.end();
  return troubles;
}
