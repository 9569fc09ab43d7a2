// The live page: the same front end as the notebook's LivePose, with a stand-in for the notebook's models. What the widget would
// send to the kernel goes to the server, one POST for each frame; the answer is passed on as a message of the kernel. Without a
// server, everything happens in the browser.

import { element } from "./dom.js";
import live from "./live_pose.js";

/** @import { Listener, Model } from "./types.js" */

const MIRRORED = { video: { facingMode: "user", width: { ideal: 640 }, height: { ideal: 480 } } };

const TRIES = 5;
const PAUSE = 1000; // ms until a frame without an answer is sent again, unless the server says when
const BUSY = [502, 503, 504]; // its own answer, or a proxy's while the server restarts

/**
 * The parts of a Jupyter model that a widget's front end uses.
 *
 * @implements {Model}
 */
class PageModel {
  /** @param {Record<string, unknown>} values */
  constructor(values) {
    this.values = values;
    /** @type {Map<string, Set<Listener>>} */
    this.listeners = new Map();
    /** @type {Model["widget_manager"]} */
    this.widget_manager = { get_model: () => Promise.reject(new Error("this model refers to no other")) };
  }

  /**
   * @param {string} name
   * @returns {any}
   */
  get(name) {
    return this.values[name];
  }

  /**
   * @param {string} name
   * @param {unknown} value
   */
  set(name, value) {
    if (this.values[name] === value) return;
    this.values[name] = value;
    this.trigger(`change:${name}`);
  }

  save_changes() {} // each frame carries what the server needs

  /**
   * @param {string} event
   * @param {Listener} listener
   */
  on(event, listener) {
    const listeners = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, listeners.add(listener));
  }

  /**
   * @param {string} event
   * @param {Listener} listener
   */
  off(event, listener) {
    this.listeners.get(event)?.delete(listener);
  }

  /**
   * @param {string} event
   * @param {...unknown} details
   */
  trigger(event, ...details) {
    for (const listener of [...(this.listeners.get(event) ?? [])]) listener(...details);
  }

  /**
   * @param {any} _content
   * @param {unknown} [_callbacks]
   * @param {ArrayBuffer[]} [_buffers]
   */
  send(_content, _callbacks, _buffers) {} // the channel does
}

/** 32 hexadecimal digits that nobody can guess: with a session's name, others could disturb it. */
const newSession = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** The connection to the server, which stands in for a kernel. */
class ServerChannel extends PageModel {
  /** @param {PageModel} widget */
  constructor(widget) {
    super({});
    this.widget = widget;
    this.session = newSession();
    this.round = 0; // of counting; a new round starts at 0
  }

  /**
   * @param {any} content
   * @param {unknown} _callbacks
   * @param {ArrayBuffer[]} buffers
   */
  send(content, _callbacks, buffers) {
    if (content.kind === "hello") this.greet(content.client);
    else if (content.kind === "frame") this.ask(content, buffers[0]);
    else if (content.kind === "recount") this.round += 1;
    else if (content.kind === "points") this.onPoints(content);
    else if (content.kind === "status") this.onStatus(content);
  }

  /** A start begins a session; pages that do more hear of every status. */
  onStatus(/** @type {any} */ content) {
    if (content.status === "opening") this.session = newSession();
    this.trigger("status", content);
  }

  /** The points of a model in this browser stay on this page; they are confirmed at once. */
  onPoints(/** @type {any} */ { client, frames }) {
    this.trigger("msg:custom", { kind: "received", client, seq: frames[frames.length - 1].seq });
  }

  /**
   * A server that does not answer is greeted again by the loop, which waits for it.
   *
   * @param {string} client
   */
  async greet(client) {
    if (this.widget.get("_only_browser")) return;
    const answer = await fetch("/api/health").catch(() => null);
    if (answer?.ok) this.trigger("msg:custom", { kind: "welcome", client, start: false });
  }

  /**
   * @param {any} frame
   * @param {ArrayBuffer} jpeg
   */
  async ask({ client, seq, region, size, side, time }, jpeg) {
    const [model, smooth, exercise] = ["model", "smooth", "exercise"].map((name) => this.widget.get(name));
    const { session, round } = this;
    const answer = await this.post({ session, seq, region, size, side, time, model, smooth, exercise, round }, jpeg);
    const content = await answer?.json().catch(() => null); // a proxy, or a server that is shutting down, may not answer in JSON
    if (!answer || session !== this.session) return;
    if (answer.ok && content) this.trigger("msg:custom", { kind: "answer", client, seq, ...content });
    else
      this.trigger("msg:custom", { kind: "error", client, seq, text: content?.error ?? `The server answered ${answer.status}.` });
  }

  /**
   * The server's answer to one frame. A server that is busy or out of reach is asked again, after a pause, unless the session has
   * ended; if no answer comes in the end, the loop notices that the frame was lost.
   *
   * @param {{ session: string } & Record<string, unknown>} request
   * @param {ArrayBuffer} body
   */
  async post(request, body) {
    const headers = { "Content-Type": "image/jpeg", "X-Request": JSON.stringify(request) };
    let answer;
    for (let i = 0; i < TRIES && request.session === this.session; i++) {
      answer = await fetch("/live/frame", { method: "POST", headers, body }).catch(() => undefined);
      if (answer && !BUSY.includes(answer.status)) break;
      const seconds = Number(answer?.headers.get("Retry-After"));
      await new Promise((done) => setTimeout(done, 1000 * seconds || PAUSE));
    }
    return answer;
  }
}

/** A clip from a file, as a stream of ipywebrtc is in a notebook. */
class ClipSource extends PageModel {
  /** @param {File} file */
  constructor(file) {
    super({ _model_name: "VideoStreamModel" });
    this.media = element("video", { playsinline: true });
    this.media.muted = true;
    this.media.src = URL.createObjectURL(file);
    this.name = file.name;
    this.everyFrame = true; // so that it is counted as Python counts it
  }

  /** @returns {Promise<MediaStream>} */
  async captureStream() {
    const media = /** @type {any} */ (this.media);
    await media.play().catch(() => {
      throw new Error(`this browser cannot play ${this.name}. Try MP4 (H.264) or WebM.`);
    });
    const capture = media.captureStream ?? media.mozCaptureStream;
    if (!capture) throw new Error("this browser cannot stream a clip; Chrome, Edge and Firefox can.");
    return capture.call(media);
  }
}

const place = /** @type {HTMLElement} */ (document.getElementById("live"));
const { models, threshold, exercises, browserModels, onlyBrowser } = JSON.parse(place.dataset.settings ?? "{}");
const model = new PageModel({
  model: models[0],
  threshold,
  mirror: true,
  smooth: true,
  show_angles: false,
  show_crop: false,
  backend: onlyBrowser ? "browser" : "kernel",
  stream: "IPY_MODEL_stream",
  _channel: "IPY_MODEL_channel",
  exercise: "",
  _models: models,
  _exercises: exercises,
  _presets: exercises,
  _where: "the server",
  _files: "browser/",
  _browser_models: browserModels,
  _only_browser: onlyBrowser,
});
const camera = new PageModel({ _model_name: "CameraStreamModel", constraints: MIRRORED });
/** @type {Record<string, PageModel>} */
const others = { stream: camera, channel: new ServerChannel(model) };
/** For pages that do more: the answers, and how to start and stop. */
export const channel = others.channel;
model.widget_manager = { get_model: async (name) => others[name] };

/** Shows a camera or a clip; the returned function ends it. */
function show(/** @type {PageModel} */ stream) {
  others.stream = stream;
  model.set("mirror", stream === camera);
  const { initialize, render } = live();
  const close = initialize({ model });
  const remove = render({ el: place });
  return () => {
    remove();
    close();
    place.replaceChildren();
  };
}

// Over plain http no browser opens a camera.
/** @type {HTMLElement} */ (document.getElementById("insecure")).hidden = window.isSecureContext;
if (window.isSecureContext) {
  let end = show(camera);
  // Starting may change the picture's height, and push it out of a small window. "playing" does not bubble.
  place.addEventListener("playing", () => place.querySelector(".pk-stage")?.scrollIntoView({ block: "nearest" }), true);
  const clip = /** @type {HTMLInputElement | null} */ (document.getElementById("clip"));
  clip?.addEventListener("change", () => {
    const file = clip.files?.[0];
    end();
    end = show(file ? new ClipSource(file) : camera);
    place.scrollIntoView({ block: "nearest" }); // where the button Start is
  });
}
