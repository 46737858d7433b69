/** The page's small sounds, made with Web Audio. Silent where the browser does not allow sound yet. */

/** @type {AudioContext | undefined} */
let audio;

/** Two soft notes: something has come. */
export function playMessage() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") {
    void audio.resume();
    return;
  }
  note(audio, 659.25, 0);
  note(audio, 880, 0.09);
}

/** @param {AudioContext} context @param {number} frequency hertz @param {number} delay seconds */
function note(context, frequency, delay) {
  const start = context.currentTime + delay;
  const oscillator = new OscillatorNode(context, { type: "sine", frequency });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(0.12, start + 0.012);
  gain.gain.exponentialRampToValueAtTime(0.0005, start + 0.32);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(start);
  oscillator.stop(start + 0.34);
}
