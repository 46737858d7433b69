// How loud a stream is, for a ring that follows the voice.

/** Measures one stream until `close()`. Silent where the browser has not yet let the page make or take sound. */
export class LevelMeter {
  /** @type {AudioContext} */ #context;
  /** @type {AnalyserNode} */ #analyser;
  /** @type {Float32Array<ArrayBuffer>} */ #samples;

  /** @param {MediaStreamTrack} track */
  constructor(track) {
    this.#context = new AudioContext();
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 512;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#context.createMediaStreamSource(new MediaStream([track])).connect(this.#analyser);
  }

  /** The root mean square of the last hundredth of a second, 0 to 1. */
  get level() {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const sum = this.#samples.reduce((total, sample) => total + sample * sample, 0);
    return Math.sqrt(sum / this.#samples.length);
  }

  close() {
    void this.#context.close();
  }
}
