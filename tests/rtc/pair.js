/** Two people in one page, each with real devices (the browser's fakes), a real RTCPeerConnection and a link between. */

import { CallSession } from "/static/js/rtc/call_session.js";
import { LocalMedia } from "/static/js/rtc/media.js";
import { readFigures } from "/static/js/rtc/stats.js";

const PATIENCE = 12_000;

class Person {
  ending = new AbortController();
  sent = [];
  troubles = [];
  /** While false, what is sent is lost. */
  linked = true;
  other = null;

  constructor(polite) {
    const { signal } = this.ending;
    this.connections = [];
    this.media = new LocalMedia({ signal });
    const made = this.connections;
    class Recorded extends RTCPeerConnection {
      constructor(configuration) {
        super(configuration);
        made.push(this);
      }
    }
    this.session = new CallSession({
      polite,
      media: this.media,
      signal,
      RTCPeerConnection: Recorded,
      send: (message) => this.#send(message),
    });
    this.session.addEventListener("trouble", ({ detail }) => this.troubles.push(String(detail)));
  }

  get connection() {
    return this.connections.at(-1);
  }

  /** As it goes through the daemons: as text, in order, later. */
  #send(message) {
    this.sent.push(message);
    if (!this.linked) return;
    const text = JSON.stringify(message);
    setTimeout(() => this.linked && this.other.session.receive(JSON.parse(text)));
  }

  async figures() {
    const { report, roles } = await this.session.stats();
    return readFigures(report, roles);
  }

  /** The flow in this role that comes from the other side. */
  async inbound(role) {
    return (await this.figures()).inbound.find((flow) => flow.role === role);
  }
}

export async function makePair(wanted = { audio: true, video: true }) {
  const [polite, impolite] = [new Person(true), new Person(false)];
  [polite.other, impolite.other] = [impolite, polite];
  const both = [polite, impolite];
  await Promise.all(both.map(({ media }) => media.open(wanted)));
  return {
    polite,
    impolite,
    both,
    begin: (generation) => both.forEach(({ session }) => session.begin(generation)),
    /** Breaks or mends the link; what is under way is lost. */
    link: (up) => both.forEach((person) => ((person.linked = up), up || person.session.setLinked(false))),
    /** Tells both that the link is up. */
    tellLinked: () => both.forEach(({ session }) => session.setLinked(true)),
    end: () => both.forEach(({ ending }) => ending.abort()),
  };
}

/** Waits until `check` gives something true, and gives that. */
export async function until(what, check) {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (performance.now() > end) throw new Error(`It never came to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

export const connected = (pair) =>
  until("both are connected", () => pair.both.every(({ session }) => session.state === "connected"));

/** Waits until so many more pictures of this role have been decoded, or packets have come for the microphone. */
export async function flows(person, role, more = 5) {
  const count = async () => {
    const flow = await person.inbound(role);
    return flow ? (role === "microphone" ? flow.packets : flow.frames) : 0;
  };
  const before = await count();
  return until(`${role} flows`, async () => (await count()) >= before + more);
}

export function check(condition, words) {
  if (!condition) throw new Error(words);
}
