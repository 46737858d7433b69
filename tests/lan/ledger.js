// What a page has shown so far, and whether each message of theirs came once and in its turn. Messages whose text is
// `#1`, `#2`, … are held against the order in which they were written; others only against being shown twice.

const NUMBERED = /^#(\d+)$/u;

export class Ledger {
  /** @type {Map<string, Talk>} by person */
  #talks = new Map();

  /** Take in one change of the page's state. */
  note(conversations, previous, action) {
    if (conversations === previous) return;
    for (const [person, conversation] of conversations) {
      const before = previous.get(person);
      if (conversation.entries === before?.entries) continue;
      if (action.event === "snapshot") this.#of(person).all(conversation.entries);
      else if (action.person === person) this.#of(person).one(conversation.entries, before?.entries ?? [], action);
    }
  }

  counts(person) {
    const { shown, mine, waiting } = this.#of(person);
    return { shown: shown.size, written: mine.size, waiting: waiting.size };
  }

  /** Everything, after a last look at all lines as they stand there now. */
  report(conversations) {
    for (const [person, { entries }] of conversations) this.#of(person).all(entries);
    return Object.fromEntries([...this.#talks].map(([person, talk]) => [person, talk.report()]));
  }

  #of(person) {
    if (!this.#talks.has(person)) this.#talks.set(person, new Talk());
    return this.#talks.get(person);
  }
}

class Talk {
  /** @type {Set<string>} ids of theirs that were shown at any time */
  shown = new Set();
  /** @type {Map<string, string>} the last status of each of ours, by id */
  mine = new Map();
  /** @type {Set<string>} ids of ours that are not delivered yet */
  waiting = new Set();
  #last = 0;
  #merged = 0;
  /** @type {string[]} */
  #faults = [];

  /** The lines after an event about one of them, or about the status of some. */
  one(entries, before, action) {
    const { event, entry, ids, status, id, problem } = action;
    if (event === "message_status") for (const each of ids) if (this.mine.has(each)) this.#mine(each, status);
    if (event === "ui/refused") this.#fault(`${id} was refused: ${problem}`);
    if (entry?.kind !== "text") return;
    if (entry.mine) this.#mine(entry.id, entry.status);
    else if (!this.shown.has(entry.id)) this.#theirs(entry);
    else {
      this.#merged += 1;
      if (!before.some((each) => each.id === entry.id)) this.#fault(`${entry.text} was gone and came again`);
      if (entries.filter((each) => each.id === entry.id).length > 1) this.#fault(`${entry.text} stands there twice`);
    }
  }

  /** All lines, after any of them may have changed. */
  all(entries) {
    const lines = entries.filter(({ kind }) => kind === "text");
    for (const line of lines) {
      if (line.mine) this.#mine(line.id, line.status);
      else if (!this.shown.has(line.id)) this.#theirs(line);
    }
    this.#letGo(new Set(lines.map(({ id }) => id)));
    for (const mine of [true, false]) this.#inTurn(lines.filter((line) => line.mine === mine));
  }

  report() {
    const statuses = {};
    for (const status of this.mine.values()) statuses[status] = (statuses[status] ?? 0) + 1;
    const { shown, mine } = this;
    return { shown: shown.size, last: this.#last, merged: this.#merged, written: mine.size, statuses, faults: this.#faults };
  }

  #mine(id, status) {
    this.mine.set(id, status);
    if (status === "delivered" || status === "seen") this.waiting.delete(id);
    else this.waiting.add(id);
  }

  /** Lines older than a daemon remembers are gone when a page comes back to it: nobody tells any more what became of them. */
  #letGo(present) {
    for (const id of this.waiting) {
      if (present.has(id)) continue;
      this.mine.set(id, "gone");
      this.waiting.delete(id);
    }
  }

  #theirs({ id, text }) {
    this.shown.add(id);
    const number = numberOf(text);
    if (number === null) return;
    if (number !== this.#last + 1) this.#fault(`#${number} came after #${this.#last}`);
    this.#last = number;
  }

  #inTurn(lines) {
    if (new Set(lines.map(({ id }) => id)).size < lines.length) this.#fault("a line stands there twice");
    const numbers = lines.map(({ text }) => numberOf(text)).filter((number) => number !== null);
    const wrong = numbers.findIndex((number, index) => index > 0 && number <= numbers[index - 1]);
    if (wrong >= 0) this.#fault(`#${numbers[wrong]} stands below #${numbers[wrong - 1]}`);
  }

  #fault(sentence) {
    this.#faults.push(sentence);
  }
}

function numberOf(text) {
  const found = NUMBERED.exec(text);
  return found ? Number(found[1]) : null;
}
