// Where the model runs: in the kernel (or the server), or here in the browser. Here, a frame goes to the model's worker instead of
// the kernel, and the answer comes back as the kernel's would. The kernel only hears the points, when it has time for them.

import { ClipTracker } from "./clip_tracker.js";
import { RepetitionCounter } from "./counter.js";
import { listenTo } from "./dom.js";
import { filesAt } from "./files.js";
import { LiveTracker } from "./live_tracker.js";
import { openModel } from "./model.js";
import { LiveGroup } from "./several.js";

/** @import { Answer, GetFile, Listeners, Model, ModelAbout, Movement, Point, Region, Size } from "./types.js" */
/** @typedef {{ seq: number, region: Region, size: Size, side: number, time: number, clip: boolean, stats: object | null }} Frame `clip`: all of the frame, not a square */
/** @typedef {{ seq: number, time: number, size: Size, stats: object | null } & Answer} Points of one frame */

const MAX_FRAMES = 500; // points of so many frames in one message: servers between browser and kernel refuse long ones

/** The points on their way to the kernel. It may not listen for minutes, so no more are sent before it has the last ones. */
export class Outbox {
  /** @param {(content: object) => void} send */
  constructor(send) {
    this.send = send;
    /** @type {Points[]} Those that the kernel has not confirmed yet. */
    this.frames = [];
    this.waiting = false;
  }

  add(/** @type {Points} */ frame) {
    this.frames.push(frame);
    if (!this.waiting) this.flush();
  }

  /** Sends everything that the kernel has not confirmed; it drops what it gets twice. */
  flush() {
    this.waiting = this.frames.length > 0;
    for (let i = 0; i < this.frames.length; i += MAX_FRAMES) {
      this.send({ kind: "points", frames: this.frames.slice(i, i + MAX_FRAMES) });
    }
  }

  /** The kernel has confirmed everything up to that number. */
  received(/** @type {number} */ seq) {
    this.frames = this.frames.filter((frame) => frame.seq > seq);
    this.waiting = false;
    if (this.frames.length) this.flush();
  }
}

/** The way to a model in this browser. */
export class BrowserBackend {
  /**
   * @param {Model} model the widget's
   * @param {{ about: (name: string) => Promise<ModelAbout>, get: GetFile }} source of models
   * @param {{ answer: (message: any) => void, tell: (content: object) => void }} ways back to the loop, and to the kernel
   */
  constructor(model, source, { answer, tell }) {
    this.model = model;
    this.source = source;
    this.answer = answer;
    this.outbox = new Outbox(tell);
    /** @type {ReturnType<typeof openModel> | null} */
    this.opened = null;
    /** @type {LiveTracker | LiveGroup | null} */
    this.tracker = null;
    /** @type {ClipTracker | null} */
    this.clip = null;
    this.closed = false;
    /** @type {Set<Promise<void>>} Frames that are being answered. */
    this.asked = new Set();
    /** @type {Movement} What the kernel says of the points that it has, where it has time: the posture, and an exercise of one's own. */
    this.movement = {};
    /** @type {RepetitionCounter | null} Counts here, whatever the kernel does. */
    this.counter = null;
    this.chooseExercise();
    /** @type {Listeners} */
    this.listeners = listenTo(model);
    this.listeners.on("change:smooth", () => {
      for (const each of [this.tracker, this.clip]) if (each) each.tracker.smooth = model.get("smooth");
    });
    this.listeners.on("change:exercise", () => {
      this.outbox.flush(); // what came before does not count
      this.chooseExercise();
    });
    this.listeners.on("change:model", () => this.open().catch((error) => answer({ kind: "error", seq: -1, text: error.message })));
  }

  /** Counts the exercise that is chosen, where it is a preset. */
  chooseExercise() {
    const name = this.model.get("exercise");
    this.counter = this.model.get("_presets")?.includes(name) ? new RepetitionCounter(name) : null;
    this.movement = {};
  }

  /** Starts counting at 0 again. */
  recount() {
    this.counter?.reset();
  }

  /** Opens the chosen model; until it is there, frames go to the previous one, if any. */
  async open() {
    const name = this.model.get("model");
    const say = (share = 0) => this.answer({ kind: "loading", model: name, share });
    say();
    try {
      const about = await this.source.about(name);
      const next = openModel(about, this.source.get, say);
      await next.model.catch((error) => {
        next.release();
        throw error;
      });
      if (this.closed || name !== this.model.get("model")) {
        next.release();
        return;
      }
      const { opened: before } = this;
      Promise.all(this.asked).finally(() => before?.release()); // it still answers what it was asked
      this.opened = next;
      const settings = { ...about, smooth: this.model.get("smooth") };
      this.tracker = about.people > 1 ? new LiveGroup(settings) : new LiveTracker(settings);
      this.clip = new ClipTracker(settings);
    } catch (error) {
      throw Object.assign(/** @type {Error} */ (error), { name: "ModelError" });
    } finally {
      this.answer({ kind: "loading", model: "" });
    }
  }

  /**
   * @param {Frame} frame
   * @param {ArrayBuffer} pixels
   */
  ask(frame, pixels) {
    const asked = this.find(frame, pixels).finally(() => this.asked.delete(asked));
    this.asked.add(asked);
  }

  /** @type {(frame: Frame, pixels: ArrayBuffer) => Promise<void>} */
  async find(frame, pixels) {
    const { seq, clip, size, time, stats } = frame;
    try {
      const answered = await (clip ? this.inClip(frame, pixels) : this.inSquare(frame, pixels));
      if (!answered || this.closed) return;
      const { found, ms } = answered;
      const people = found.people.map((points) => points.map((point) => rounded(point)));
      const counted = clip ? found.people : people; // as Python counts a clip, and as it counts the points that it gets
      const movement = { ...this.movement, ...this.counter?.update(counted, found.ids, time) };
      this.answer({ kind: "answer", seq, ms, ...found, people, movement });
      this.outbox.add({ seq, time, size, stats, ...found, people });
    } catch (error) {
      if (!this.closed) this.answer({ kind: "error", seq, text: /** @type {Error} */ (error).message });
    }
  }

  /** @type {(frame: Frame, pixels: ArrayBuffer) => Promise<{ found: Answer, ms: number } | undefined>} In a square of a live picture. */
  async inSquare({ region, size, side, time }, pixels) {
    const { tracker, opened } = this;
    if (!tracker || !opened) return undefined;
    /** @type {Answer} */
    const nobody = { people: [], ids: [], boxes: [], confidences: [], region: null, side: tracker.side };
    if (side !== tracker.side) return { found: nobody, ms: 0 };
    return tracker.answer(await opened.model, new Uint8Array(pixels), { region, size, time });
  }

  /** @type {(frame: Frame, pixels: ArrayBuffer) => Promise<{ found: Answer, ms: number } | undefined>} In the whole frame of a clip. */
  async inClip({ size, time }, pixels) {
    const { clip, opened } = this;
    if (!clip || !opened) return undefined;
    const start = performance.now();
    const picture = new ImageData(new Uint8ClampedArray(pixels), ...size);
    return { found: await clip.update(await opened.model, picture, time), ms: performance.now() - start };
  }

  /** The kernel has confirmed the points up to a number. */
  onReceived(/** @type {{ seq: number, movement?: Movement }} */ { seq, movement = {} }) {
    this.movement = movement;
    this.outbox.received(seq);
  }

  close() {
    this.closed = true;
    this.listeners.stop();
    this.opened?.release();
    this.outbox.flush();
  }
}

/** @type {(point: Point) => Point} As the kernel rounds them. */
const rounded = ([x, y, score]) => [round(x), round(y), round(score)];

/** @type {(number: number) => number} */
const round = (number) => Math.round(100 * number) / 100;

/**
 * Models and files that lie below an address of this page.
 *
 * @param {string} base
 */
export function sourceAt(base) {
  return {
    /** @returns {Promise<ModelAbout>} */
    async about(/** @type {string} */ name) {
      const response = await fetch(`${base}${name}.json`).catch(() => null);
      const content = await response?.json().catch(() => null);
      if (!response?.ok || !content) throw new Error(content?.error ?? `The model ${name} cannot be loaded from ${location.host}.`);
      return content;
    },
    get: filesAt(base),
  };
}
