// What the live loop looks at, once it is open: the frames of a camera's stream or of a clip, and whole pictures on request.

import { clipFrames } from "./clip_frames.js";
import { openFrames } from "./frames.js";

/** @import { openStream } from "./stream.js" */
/** @import { Cut, FrameRequest, Frames } from "./types.js" */
/** @typedef {Awaited<ReturnType<typeof openStream>>} Opened */
/** @typedef {{ onCut(cut: Cut): void, onUnplugged(): void }} Events */

export class Input {
  /** @param {Events} events called while it is open: with each cut except whole pictures, and when a camera was unplugged */
  constructor(events) {
    this.events = events;
    /** @type {Opened | null} */
    this.opened = null;
    /** @type {Frames | null} */
    this.frames = null;
    /** @type {((picture: ArrayBuffer | null) => void)[]} */
    this.pictures = [];
    this.lastFrame = 0;
  }

  /** For the view. */
  get stream() {
    return this.opened?.stream ?? null;
  }

  /** Whether a whole picture was requested. */
  get isAsked() {
    return this.pictures.length > 0;
  }

  /**
   * Begins to read frames. `close` releases what was opened, also where this throws.
   *
   * @param {Opened} opened
   */
  open(opened) {
    this.opened = opened;
    const over = () => this.opened !== opened;
    const onEnded = () => over() || this.events.onUnplugged();
    if (!opened.clip) for (const track of opened.stream.getVideoTracks()) track.addEventListener("ended", onEnded);
    const onCut = (/** @type {Cut} */ cut) => over() || this.take(cut);
    this.frames = opened.clip ? clipFrames(opened.clip, onCut) : openFrames(opened.stream, onCut);
    this.lastFrame = performance.now();
  }

  /** @param {Partial<FrameRequest>} request which frames are wanted next */
  request(request) {
    this.frames?.request(request);
  }

  /** @param {Cut} cut */
  take(cut) {
    this.lastFrame = performance.now();
    if (cut.picture) for (const resolve of this.pictures.splice(0)) resolve(cut.picture);
    else this.events.onCut(cut);
  }

  /** @returns {Promise<ArrayBuffer | null>} the next whole picture, as PNG; null if none comes any more */
  picture() {
    return new Promise((resolve) => this.pictures.push(resolve));
  }

  close() {
    const { frames, opened } = this;
    Promise.resolve(frames?.close()).finally(() => opened?.close());
    this.frames = this.opened = null;
    for (const resolve of this.pictures.splice(0)) resolve(null);
  }
}
