/**
 * The synthesiser: every tone of the console, made by Web Audio, and measured as it is made.
 *
 * The siren sweeps between 600 and 1,200 Hz, twice a second; the second tone, when nobody claims,
 * four times a second with a fifth above. Nothing is believed to sound: the context must run, its
 * time must move, and a looking glass behind the last gain must see the wave.
 * @module
 */

const LOUD = 0.5;
const SOFT = 0.12;
const SWEEP = { base: 900, depth: 300 };
const FIFTH = 1.5;
const TONES = { high: 960, low: 770 };
/** Below this no wave is seen. */
const SEEN = 0.01;
/** The context's time must move at least at this share of real time. */
const PACE = 0.3;
const LOOK_MS = 200;
const RAMP_S = 0.01;

/** @typedef {"off" | "siren" | "second"} Siren */

/** One AudioContext and what hangs in it. */
export class Synth {
  /** @param {() => void} changed it began to run, or was stopped */
  constructor(changed) {
    this.context = new AudioContext({ latencyHint: "interactive" });
    this.failed = false;
    this.context.addEventListener("error", () => (this.failed = true));
    this.context.addEventListener("statechange", changed);
    this.glass = this.context.createAnalyser();
    this.glass.fftSize = 4096;
    this.glass.connect(this.context.destination);
    this.samples = new Float32Array(this.glass.fftSize);
    /** @type {Siren} */
    this.siren = "off";
    /** @type {{gain: GainNode, sources: OscillatorNode[]} | null} */
    this.looped = null;
    this.looked = { wall: performance.now(), time: 0 };
    this.moves = false;
    this.toneUntil = 0;
  }

  /** Lets it run; only a person's touch may do that where the browser says so. */
  async resume() {
    await this.context.resume();
    // Two looks, so that it is seen to move.
    this.looked = { wall: performance.now(), time: this.context.currentTime };
    await new Promise((done) => setTimeout(done, LOOK_MS + LOOK_MS / 4));
    return this.runs();
  }

  /** Whether it runs, by its own state and by its time that moves. */
  runs() {
    const wall = performance.now();
    const passed = wall - this.looked.wall;
    if (passed >= LOOK_MS) {
      const moved = (this.context.currentTime - this.looked.time) * 1000;
      this.moves = moved >= passed * PACE;
      this.looked = { wall, time: this.context.currentTime };
    }
    return this.context.state === "running" && this.moves && !this.failed;
  }

  /** The highest of the wave that leaves it now, 0 to 1. */
  peak() {
    this.glass.getFloatTimeDomainData(this.samples);
    return this.samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  }

  /** Whether something is heard of it. */
  sounds() {
    return this.context.state === "running" && this.peak() > SEEN;
  }

  /** @param {Siren} wanted looped until it is told otherwise */
  loop(wanted) {
    if (wanted === this.siren) return;
    this.siren = wanted;
    this.end();
    if (wanted === "off") return;
    const gain = this.gain(LOUD);
    const rate = wanted === "second" ? 4 : 2;
    const sweep = this.oscillator("triangle", rate);
    const sources = [sweep];
    for (const ratio of wanted === "second" ? [1, FIFTH] : [1]) {
      const depth = this.context.createGain();
      depth.gain.value = SWEEP.depth * ratio;
      const voice = this.oscillator("sawtooth", SWEEP.base * ratio);
      sweep.connect(depth).connect(voice.frequency);
      voice.connect(gain);
      sources.push(voice);
    }
    this.looped = { gain, sources };
  }

  /** The two-tone of a P1: once, high and low, twice. */
  twoTone() {
    const { high, low } = TONES;
    this.play([high, low, high, low], 0.22, LOUD, "square");
  }

  /** The chime of a test: soft, once. */
  chime() {
    this.play([1320, 1056], 0.18, SOFT, "sine");
  }

  /** The tone of the shift's start, as loud as the siren. */
  test() {
    this.play([600, 900, 1200, 900], 0.3, LOUD, "sawtooth");
  }

  /** The tone of a gateway that is not heard: low, slow. */
  fault() {
    this.play([330, 262], 0.4, LOUD, "square");
  }

  /** @param {number[]} pitches Hz @param {number} each s @param {number} level @param {OscillatorType} shape */
  play(pitches, each, level, shape) {
    const gain = this.gain(level);
    const begins = this.context.currentTime + 0.02;
    const ends = begins + pitches.length * each;
    const voice = this.oscillator(shape, pitches[0]);
    pitches.forEach((pitch, place) => voice.frequency.setValueAtTime(pitch, begins + place * each));
    gain.gain.setTargetAtTime(0, ends - 5 * RAMP_S, RAMP_S);
    voice.connect(gain);
    voice.stop(ends);
    voice.addEventListener("ended", () => gain.disconnect());
    this.toneUntil = performance.now() + (ends - this.context.currentTime) * 1000;
  }

  /** Whether a single tone is still under way. */
  get isPlaying() {
    return performance.now() < this.toneUntil;
  }

  end() {
    const was = this.looped;
    this.looped = null;
    if (!was) return;
    const now = this.context.currentTime;
    was.gain.gain.setTargetAtTime(0, now, RAMP_S);
    for (const source of was.sources) source.stop(now + 6 * RAMP_S);
    was.sources[0].addEventListener("ended", () => was.gain.disconnect());
  }

  close() {
    this.end();
    return this.context.close();
  }

  /** @param {number} level */
  gain(level) {
    const made = this.context.createGain();
    made.gain.value = level;
    made.connect(this.glass);
    return made;
  }

  /** @param {OscillatorType} shape @param {number} pitch Hz */
  oscillator(shape, pitch) {
    const made = this.context.createOscillator();
    made.type = shape;
    made.frequency.value = pitch;
    made.start();
    return made;
  }
}
