// The frames of a live loop that are in flight: sent, but not answered yet. And how fast the answers come.

const MIN_IN_FLIGHT = 2; // with one frame the camera would wait for the kernel
const MAX_IN_FLIGHT = 8; // 30 frames a second over a round trip of 230 ms
const MIN_GAP = 30; // ms between two answers; shorter gaps only mean that answers arrived in bunches
const REPEAT_AFTER = 500; // ms between two greetings while the loop waits for the kernel: a server that has just connected may lose one
const LOST_AFTER = 2000; // ms; then the kernel is asked whether an answer can still come: a broken connection may have lost it

/**
 * The median of some numbers, or another quantile of them.
 *
 * @param {number[]} numbers
 */
export const quantile = (numbers, q = 0.5) =>
  [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(q * numbers.length))];

/** Counts frames by sequence number. All times are in ms of this page's clock. */
export class Flight {
  /** @param {number} seq the last number of the previous flight, so that a late answer is not taken for a current one */
  constructor(seq = 0) {
    this.seq = this.before = seq;
    /** @type {Map<number, { sent: number, captured: number, time: number }>} */
    this.frames = new Map();
    this.newest = seq; // the last frame that was answered
    this.travel = Infinity; // ms; the shortest round trip of a frame and its answer, without the kernel's work
    /** @type {number[]} ms between two answers, the last thirty. */
    this.gaps = [];
    this.arrived = 0; // when the last answer came
    this.probed = 0; // when the kernel was last asked whether answers can still come
    this.dropped = 0;
    /** @type {[number, number][]} When frames were answered, and how long after their capture. */
    this.answered = [];
    /** @type {number[]} Sizes of the last frames that were sent. */
    this.bytes = [];
  }

  /** How many frames may follow. */
  get free() {
    return this.allowed - this.frames.size;
  }

  /**
   * How many frames may be in flight: one being worked on, and as many as are under way while answers come as closely as the camera, the
   * kernel and the connection allow. Where frames queue up for a slow kernel or connection, the gaps are its time for one
   * frame, and the shortest round trip stays the same: more frames in flight do not lead to still more.
   */
  get allowed() {
    const travelling = this.gaps.length ? Math.ceil(this.travel / Math.max(quantile(this.gaps, 0.25), MIN_GAP)) : 0;
    return Math.min(Math.max(1 + travelling, MIN_IN_FLIGHT), MAX_IN_FLIGHT);
  }

  /** How many frames came from the camera. */
  get received() {
    return this.seq - this.before;
  }

  /** Frames now come from another source, which counts from zero. */
  restart() {
    this.before = this.seq;
  }

  /**
   * @param {number} bytes
   * @param {number} captured
   * @param {number} now
   * @param {number} [time] of the frame in seconds, where it is a clip's
   */
  send(bytes, captured, now, time = captured / 1000) {
    this.frames.set(this.seq, { sent: now, captured, time });
    this.bytes.push(bytes);
    if (this.bytes.length > 90) this.bytes.shift();
  }

  /**
   * The frame that was answered; undefined if it belongs to an earlier start, was given up, or was overtaken by a newer one.
   *
   * @param {number} seq
   */
  take(seq) {
    const frame = this.frames.get(seq);
    this.frames.delete(seq);
    if (seq < this.newest) return undefined;
    this.newest = seq;
    return frame;
  }

  /**
   * Learns how far away the kernel is.
   *
   * @param {number} trip ms from sending a frame to its answer
   * @param {number} work ms of these that the kernel worked on it
   * @param {number} now
   */
  learn(trip, work, now) {
    this.travel = Math.min(this.travel, Math.max(trip - work, 0));
    if (this.arrived) this.gaps = [...this.gaps.slice(-29), now - this.arrived];
    this.arrived = now;
  }

  /**
   * @param {number} captured
   * @param {number} now
   */
  shown(captured, now) {
    this.answered.push([now, now - captured]);
  }

  /**
   * Since when the oldest frame waits for its answer; `now` where none does.
   *
   * @param {number} now
   */
  oldest(now) {
    return Math.min(now, ...[...this.frames.values()].map(({ sent }) => sent));
  }

  /**
   * How long the kernel has been silent while a frame waits for its answer.
   *
   * @param {number} now
   */
  silence(now) {
    return now - Math.max(this.oldest(now), this.arrived);
  }

  /**
   * Whether it is time to ask the kernel if answers will come.
   *
   * @param {number} now
   * @param {boolean} waiting also where no frame waits for an answer
   */
  probe(now, waiting = false) {
    const since = waiting ? this.probed : Math.max(this.oldest(now), this.probed);
    if (now - since <= (waiting ? REPEAT_AFTER : LOST_AFTER)) return false;
    this.probed = now;
    return true;
  }

  /** Answers keep their order: once the probe is answered, whatever was sent before it and has no answer is lost. */
  dropLost() {
    for (const [seq, { sent }] of this.frames) if (sent < this.probed) this.frames.delete(seq);
    this.probed = 0;
  }

  /**
   * The figures of the last three seconds; null where nothing was answered in them.
   *
   * @param {number} now
   */
  figures(now) {
    this.answered = this.answered.filter(([when]) => now - when < 3000);
    const lags = this.answered.map(([, lag]) => lag);
    if (!lags.length) return null;
    return {
      fps: this.answered.filter(([when]) => now - when < 1000).length,
      latency_ms: quantile(lags),
      p95_ms: quantile(lags, 0.95),
      bytes: Math.round(this.bytes.reduce((a, b) => a + b, 0) / this.bytes.length),
      dropped: this.dropped,
    };
  }
}
