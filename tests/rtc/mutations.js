/** The safeguards of the negotiator, taken away one at a time. The exploration is worth what it finds here. */

/** @typedef {{ from: string, to: string }} Edit */

/** @type {Record<string, { edit?: Edit, polite?: [boolean, boolean], caughtBy: string }>} */
export const MUTATIONS = {
  "both sides are polite": { polite: [true, true], caughtBy: "both offer at once" },
  "both sides are impolite": { polite: [false, false], caughtBy: "both offer at once" },
  "an offer in the making is no collision": {
    edit: { from: "const collision = this.#makingOffer || !stable;", to: "const collision = !stable;" },
    caughtBy: "both offer at once",
  },
  "an offer right behind an answer is a collision": {
    edit: { from: ' === "stable" || this.#settingRemoteAnswer;', to: ' === "stable";' },
    caughtBy: "both offer at once",
  },
  "the impolite side gives way too": {
    edit: { from: "if (collision && !this.#polite) return;", to: "" },
    caughtBy: "both offer at once",
  },
  "the polite side gives no way": {
    edit: { from: "if (collision && !this.#polite) return;", to: "if (collision) return;" },
    caughtBy: "both offer at once",
  },
  "a lost offer is not said again": {
    edit: { from: '=== "have-local-offer") this.#sendDescription();', to: '=== "never") this.#sendDescription();' },
    caughtBy: "the polite side's offer, and the link breaks",
  },
  "an answer to any offer is taken": {
    edit: { from: "return number === null || number === this.#offers;", to: "return true;" },
    caughtBy: "two offers of one side, and the link breaks",
  },
  "an answer is taken twice": {
    edit: { from: "if (this.#settingRemoteAnswer || this.#takingOffer) return false;", to: "if (this.#takingOffer) return false;" },
    caughtBy: "the polite side's offer, and the link breaks",
  },
  "an answer is taken while our offer gives way": {
    edit: { from: "if (this.#settingRemoteAnswer || this.#takingOffer) return false;", to: "if (this.#settingRemoteAnswer) return false;" },
    caughtBy: "both offer and the link breaks",
  },
  "an offer is taken twice": {
    edit: { from: "if (number !== null && number === this.#taken) {", to: "if (false) {" },
    caughtBy: "both offer and the link breaks",
  },
  "an offer that was ignored does not follow the answer": {
    edit: { from: "this.#send(this.#answer);\n    this.resume();", to: "this.#send(this.#answer);" },
    caughtBy: "both offer and the link breaks",
  },
};

/**
 * @param {string} source Of negotiator.js, which imports nothing.
 * @param {Edit} edit
 * @returns {Promise<any>} the class with that edit
 */
export async function mutated(source, { from, to }) {
  if (source.split(from).length !== 2) throw new Error(`negotiator.js does not contain exactly once: ${from}`);
  const url = `data:text/javascript,${encodeURIComponent(source.replace(from, () => to))}`;
  return (await import(url)).Negotiator;
}
