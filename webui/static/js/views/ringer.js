/**
 * What a call sounds like before it is one: the ringtone, and the quiet tone while the other side rings.
 *
 * A page that nobody has touched may make no sound; then the first touch or key lets it. With several tabs open the
 * one that gets the lock rings, and the others only show it.
 */

/** @typedef {"ring" | "wait"} Tune */

/** Notes as frequency in hertz, start in seconds. @type {Record<Tune, { notes: [number, number][], every: number, loud: number }>} */
const TUNES = {
  ring: { notes: [[587.33, 0], [739.99, 0.16], [880, 0.32], [1174.66, 0.48], [880, 0.9], [1174.66, 1.06]], every: 3000, loud: 0.16 },
  wait: { notes: [[440, 0], [554.37, 0.12]], every: 3200, loud: 0.045 },
};

export class Ringer {
  /** @type {AudioContext | undefined} */ #context;
  /** @type {Tune | null} */ #tune = null;
  #stopping = new AbortController();

  /** @param {Tune | null} tune What to play until told otherwise; null is silence. */
  play(tune) {
    if (tune === this.#tune) return;
    this.#tune = tune;
    this.#stopping.abort();
    this.#stopping = new AbortController();
    if (tune) void this.#begin(tune, this.#stopping.signal);
  }

  /** Be quiet until something else is to be played. */
  silence() {
    this.#stopping.abort();
  }

  /** @param {Tune} tune @param {AbortSignal} signal */
  async #begin(tune, signal) {
    const context = (this.#context ??= new AudioContext());
    const wake = () => void context.resume();
    addEventListener("pointerdown", wake, { signal, capture: true });
    addEventListener("keydown", wake, { signal, capture: true });
    if (context.state !== "running") {
      wake();
      await new Promise((resolve) => context.addEventListener("statechange", resolve, { once: true, signal }));
    }
    const options = { signal };
    // Rejected when the ringing ends before it was this tab's turn: nothing is left to do then.
    await navigator.locks?.request("lanchat-ringer", options, () => this.#repeat(context, tune, signal)).catch(() => {});
  }

  /** @param {AudioContext} context @param {Tune} tune @param {AbortSignal} signal @returns {Promise<void>} */
  #repeat(context, tune, signal) {
    const master = new GainNode(context, { gain: 1 });
    master.connect(context.destination);
    const play = () => TUNES[tune].notes.forEach(([frequency, delay]) => note(context, master, frequency, delay, TUNES[tune].loud));
    play();
    const timer = setInterval(play, TUNES[tune].every);
    return new Promise((resolve) =>
      signal.addEventListener("abort", () => {
        clearInterval(timer);
        master.gain.linearRampToValueAtTime(0, context.currentTime + 0.06);
        resolve();
      }),
    );
  }
}

/**
 * A soft bell: a sine with a fainter octave, struck and fading.
 * @param {AudioContext} context
 * @param {AudioNode} output
 * @param {number} frequency
 * @param {number} delay
 * @param {number} loud
 */
function note(context, output, frequency, delay, loud) {
  const start = context.currentTime + delay;
  for (const [factor, share] of /** @type {const} */ ([[1, 1], [2, 0.25]])) {
    const oscillator = new OscillatorNode(context, { type: "sine", frequency: frequency * factor });
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(loud * share, start + 0.015);
    gain.gain.exponentialRampToValueAtTime(0.0004, start + 0.7);
    oscillator.connect(gain).connect(output);
    oscillator.start(start);
    oscillator.stop(start + 0.75);
  }
}
