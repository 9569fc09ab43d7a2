// Just enough of a browser for the unit tests. Import this first: the modules under test come from the folder in POSEKIT_FRONTEND.

/** @type {(name: string) => Promise<any>} */
export const load = (name) => import(`${process.env.POSEKIT_FRONTEND}/${name}.js`);

/** A Jupyter model: traits, events, and what was sent. */
export class FakeModel {
  /** @param {Record<string, any>} traits */
  constructor(traits = {}) {
    this.traits = traits;
    /** @type {[string, Function][]} */
    this.listeners = [];
    /** @type {any[]} */
    this.sent = [];
    this.comm_live = true;
  }
  /** @param {string} name */
  get(name) {
    return this.traits[name];
  }
  /** @param {string} event @param {Function} listener */
  on(event, listener) {
    this.listeners.push([event, listener]);
  }
  /** @param {string} event @param {Function} listener */
  off(event, listener) {
    this.listeners = this.listeners.filter(([name, each]) => name !== event || each !== listener);
  }
  /** @param {string} event @param {...any} details */
  trigger(event, ...details) {
    for (const [name, listener] of [...this.listeners]) if (name === event) listener(...details);
  }
  /** @param {any} content */
  send(content) {
    this.sent.push(content);
    this.onsend?.(content);
  }
  /** @type {((content: any) => void) | undefined} */
  onsend = undefined;
}

export class FakeTrack extends EventTarget {
  readyState = "live";
  stop() {
    this.readyState = "ended";
  }
  clone() {
    return new FakeTrack();
  }
}

export class FakeStream {
  constructor(tracks = [new FakeTrack()]) {
    this.tracks = tracks;
  }
  getTracks() {
    return this.tracks;
  }
  getVideoTracks() {
    return this.tracks;
  }
}

/** A canvas context that remembers what was called, with the styles of that moment. */
export class FakeContext {
  /** @param {any} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    /** @type {any[]} */
    this.calls = [];
    for (const name of ["drawImage", "fillRect", "beginPath", "moveTo", "lineTo", "rect", "arc", "fill", "stroke"]) {
      /** @type {any} */ (this)[name] = (/** @type {any[]} */ ...args) => {
        const { fillStyle, strokeStyle, lineWidth } = /** @type {any} */ (this);
        this.calls.push({ name, args, fillStyle, strokeStyle, lineWidth });
      };
    }
  }
  /** @param {string} name */
  of(name) {
    return this.calls.filter((call) => call.name === name);
  }
}

/** The canvases that were made, and whether the browser has none. */
export const canvases = { broken: false, contexts: /** @type {FakeContext[]} */ ([]) };

class FakeCanvas {
  /** @param {number} width @param {number} height */
  constructor(width, height) {
    Object.assign(this, { width, height });
  }
  getContext() {
    if (canvases.broken) return null;
    canvases.contexts.push(new FakeContext(this));
    return canvases.contexts.at(-1);
  }
  async convertToBlob() {
    return new Blob([new Uint8Array(100)]);
  }
}

/** Videos that were made; `frame(video)` hands out the next frame. */
/** @type {any[]} */
export const videos = [];

/** @param {any} video */
export function frame(video, captureTime = performance.now()) {
  video.callback?.(performance.now(), { captureTime });
}

class FakeVideo {
  videoWidth = 640;
  videoHeight = 480;
  /** @param {Function} callback */
  requestVideoFrameCallback(callback) {
    this.callback = callback;
  }
  paused = true;
  async play() {
    this.paused = false;
  }
  pause() {
    this.paused = true;
  }
  captureStream() {
    return new FakeStream();
  }
}

/** Waits until everything that is due now has been done. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

const page = new EventTarget();
Object.assign(page, {
  hidden: false,
  createElement() {
    videos.push(new FakeVideo());
    return videos.at(-1);
  },
});
const view = Object.assign(new EventTarget(), { isSecureContext: true });
const media = { getUserMedia: async () => new FakeStream() };
const globals = {
  document: page,
  window: view,
  OffscreenCanvas: FakeCanvas,
  MediaStream: FakeStream,
  location: { origin: "http://fake" },
};
for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true });
Object.defineProperty(globalThis, "navigator", { value: { mediaDevices: media }, configurable: true });

/** The fake document, window and camera, to change. */
export const browser = /** @type {{ page: any, view: any, media: any }} */ ({ page, view, media });
