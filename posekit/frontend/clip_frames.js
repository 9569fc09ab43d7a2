// Every frame of a clip, once, with its time in the clip, however slow the model or this computer is. A video element gives no such
// thing: it is played a few frames ahead of the model, and what it left out is looked up. frames.js is for cameras.

/** @import { FrameRequest, Frames, Post } from "./types.js" */
/** @typedef {{ image: ImageData, time: number }} Frame A picture and its time in seconds. */

const AHEAD = 3; // frames read before the model asks for them
const SURE = 5; // frames after which their interval is known, and whether their timestamps can be trusted
const JUST = 0.001; // seconds
const PATIENCE = 2000; // ms without a new picture after which none is expected,
const REPAINTS = 60; // provided the page was repainted that often: on a busy computer pictures and repaints are equally late
const SLOWER = 0.8; // by which the playback rate is multiplied after frames were left out
const SLOWEST = 0.25; // the lowest playback rate
const CALM = 0.5; // the playback rate where frames that were left out cannot be looked up

class ClipReader {
  /**
   * @param {HTMLVideoElement} video
   * @param {Post} post
   */
  constructor(video, post) {
    if (!globalThis.VideoFrame) throw new Error("this browser does not tell which frame of a clip it shows; a newer one does");
    this.video = video;
    this.post = post;
    /** @type {FrameRequest} */
    this.request = { region: null, side: 0, free: 0, received: 0, waiting: 0, whole: false, pixels: true };
    const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    this.context = /** @type {OffscreenCanvasRenderingContext2D} */ (context);
    /** @type {Frame[]} Read, and not handed out yet. */
    this.queue = [];
    this.read = -1; // the time of the last frame in the queue
    this.last = -1; // the time of the last frame that was handed out
    this.count = 0; // of those
    this.step = Number.POSITIVE_INFINITY; // the shortest time between two frames, as far as is known
    this.painted = 0; // the time of the last frame that was painted
    /** @type {boolean | undefined} Whether a VideoFrame has its time. In Firefox it is always 0; what is sought has the time asked for. */
    this.told = undefined;
    this.zeros = 0; // painted later than at 0, with a VideoFrame of time 0
    /** @type {number[]} How far apart frames were that came one after the other, in seconds. */
    this.gaps = [];
    this.open = true;
    this.playing = false;
    /** @type {(() => void)[]} */
    this.sleepers = [];
    video.loop = false;
    video.playbackRate = 1;
    video.addEventListener("ended", () => this.changed());
    video.requestVideoFrameCallback((_, { mediaTime }) => this.onFrame(mediaTime));
  }

  /** Hands out all frames, each after the previous one was answered. */
  async run() {
    let sent = 0;
    const answered = () => this.request.free > 0 && !this.request.waiting && this.request.received === sent;
    for await (const { image, time } of this.frames()) {
      await this.until(answered);
      if (!this.open) return;
      if (this.request.whole) await this.sendWhole(image);
      const { buffer } = image.data;
      const captured = performance.timeOrigin + performance.now();
      const whole = /** @type {[number, number]} */ ([image.width, image.height]);
      this.post({ pixels: buffer, region: [0, 0, Math.max(...whole)], size: whole, time, captured }, [buffer]);
      sent += 1;
    }
    await this.until(answered);
    if (this.open) this.post({ ended: true, missing: this.missing() });
  }

  /** @returns {AsyncGenerator<Frame>} */
  async *frames() {
    await this.until(() => this.told !== undefined || this.video.ended); // the clip plays already
    this.told ??= !this.zeros;
    if (!this.told) this.video.playbackRate = CALM;
    yield this.taken(await this.seek(0));
    for (let played = await this.play(); this.open; played = await this.play()) {
      const next = played ?? (await this.end());
      for (const missed of await this.before(next)) yield this.taken(missed);
      if (next.time > this.last) yield this.taken(next);
      if (!played) return;
    }
  }

  /**
   * The frames that were left out before this one: where the interval is longer than usual, there may be some. They are looked up
   * backwards from the last: a seek that still shows the old picture then shows a later time, and is noticed.
   *
   * @param {Frame} next
   */
  async before({ time }) {
    /** @type {Frame[]} */
    const missed = [];
    if (!this.told) return missed;
    let first = time;
    while (this.open && first - this.last > (this.count < SURE ? 0 : 1.5 * this.step)) {
      const frame = await this.seek(first - JUST);
      if (frame.time <= this.last || frame.time >= first) break;
      missed.unshift(frame);
      first = frame.time;
    }
    if (missed.length) this.video.playbackRate = Math.max(SLOWER * this.video.playbackRate, SLOWEST);
    return missed;
  }

  /** @type {(frame: Frame) => Frame} */
  taken(frame) {
    if (this.count) {
      this.gaps.push(frame.time - this.last);
      this.step = Math.min(this.step, frame.time - this.last);
    }
    this.count += 1;
    this.last = frame.time;
    this.read = Math.max(this.read, frame.time);
    return frame;
  }

  /** How many frames were left out, by the times of the others. */
  missing() {
    return this.told ? 0 : this.gaps.reduce((sum, gap) => sum + Math.round(gap / this.step) - 1, 0);
  }

  /** @returns {Promise<Frame | undefined>} The next frame that is played; undefined at the end. */
  async play() {
    this.playing = true;
    this.flow();
    await this.until(() => this.queue.length > 0 || this.video.ended);
    const frame = this.queue.shift();
    this.flow();
    return frame;
  }

  /** Plays while frames are wanted. */
  flow() {
    if (this.told === undefined) return; // plays on until that is known
    const wanted = this.open && this.playing && this.request.free > 0 && this.queue.length < AHEAD && !this.video.ended;
    if (!wanted) this.video.pause();
    else this.video.play().catch(() => {}); // it was paused before it began
  }

  /** @param {number} mediaTime of the frame; in some browsers another one is shown by now */
  onFrame(mediaTime) {
    if (!this.open) return;
    this.video.requestVideoFrameCallback((_, { mediaTime: next }) => this.onFrame(next));
    this.painted = mediaTime;
    if (this.told === undefined && mediaTime > JUST) {
      if (shownTime(this.video) > 0) this.told = true;
      else if (++this.zeros >= SURE) this.told = false;
      this.changed();
    }
    if (!this.playing) return;
    const frame = this.grab();
    if (frame.time > this.read) {
      this.read = frame.time;
      this.queue.push(frame);
    }
    this.flow();
    this.changed();
  }

  /**
   * What is shown at a time that is earlier than that of what is shown now. A clip that played until now may play on for some frames
   * after its first seek, on a busy computer: it is sought again until that is over, or the same picture comes twice.
   *
   * @param {number} time
   * @returns {Promise<Frame>}
   */
  async seek(time) {
    const { video } = this;
    this.playing = false;
    video.pause();
    for (let shown = Number.POSITIVE_INFINITY, before = 0; shown > time && shown !== before; ) {
      before = shown;
      const found = new Promise((resolve) => video.addEventListener("seeked", resolve, { once: true }));
      video.currentTime = time;
      await found;
      while (this.shown() > time && (await repainted(video)));
      shown = this.shown();
    }
    return this.grab();
  }

  /** @returns {Promise<Frame>} The last frame. */
  async end() {
    this.playing = false;
    const { video } = this;
    while (this.shown() < video.currentTime - 1.25 * this.step && (await repainted(video)));
    return this.grab();
  }

  /** @returns {number} When in the clip the frame comes that is shown now, in seconds. */
  shown() {
    return this.told ? shownTime(this.video) : this.painted;
  }

  /** @returns {Frame} What is shown now. */
  grab() {
    const { video, context } = this;
    const { videoWidth: width, videoHeight: height } = video;
    if (context.canvas.width !== width || context.canvas.height !== height) Object.assign(context.canvas, { width, height });
    for (let time = this.shown(); ; time = this.shown()) {
      context.drawImage(video, 0, 0, width, height);
      if (this.shown() === time) return { image: context.getImageData(0, 0, width, height), time };
    }
  }

  async sendWhole(/** @type {ImageData} */ image) {
    this.request.whole = false;
    const canvas = new OffscreenCanvas(image.width, image.height);
    canvas.getContext("2d")?.putImageData(image, 0, 0);
    const picture = await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer();
    this.post({ picture }, [picture]);
  }

  /** Waits until something is so, or the reader is closed. */
  async until(/** @type {() => boolean} */ condition) {
    while (this.open && !condition()) await new Promise((resolve) => this.sleepers.push(() => resolve(null)));
  }

  changed() {
    for (const wake of this.sleepers.splice(0)) wake();
  }
}

/** @type {(video: HTMLVideoElement) => number} The same by the frame itself. */
function shownTime(video) {
  const frame = new VideoFrame(video);
  const seconds = frame.timestamp / 1e6;
  frame.close();
  return seconds;
}

/** @type {(video: HTMLVideoElement) => Promise<boolean>} Whether another picture comes. */
async function repainted(video) {
  let came = false;
  video.requestVideoFrameCallback(() => {
    came = true;
  });
  const start = performance.now();
  for (let i = 0; !came && (i < REPAINTS || performance.now() - start < PATIENCE); i++) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  return came;
}

/**
 * The frames of a clip: `request` says when one is wanted, `post` gets it whole, as RGBA, or {ended}, or {failed} with the reason.
 *
 * @param {HTMLVideoElement} video
 * @param {Post} post
 * @returns {Frames}
 */
export function clipFrames(video, post) {
  const reader = new ClipReader(video, post);
  reader.run().catch((error) => reader.open && post({ failed: String(error.message ?? error) }));
  return {
    request(request) {
      Object.assign(reader.request, request);
      reader.flow();
      reader.changed();
    },
    async close() {
      reader.open = false;
      video.pause();
      reader.changed();
    },
  };
}
