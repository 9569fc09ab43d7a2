// The live loop: frames out, points in, a few in flight. It runs in a notebook, where `model` is the widget's, and on posekit's own
// pages, which pass a stand-in with the same methods. Views show its state.

import { Connection } from "./connection.js";
import { Flight } from "./flight.js";
import { health } from "./health.js";
import { Input } from "./input.js";
import { Recording } from "./recording.js";
import { MAX_RECORDING, RUNNING } from "./shared.js";
import { explain, incomplete, isCamera, openStream } from "./stream.js";

/** @import { AnswerMessage, Cut, FrameRequest, Model, Movement, Point, Region, Size } from "./types.js" */

/** One loop for each widget, however often it is shown. */
export class Loop {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    this.status = "ready";
    this.error = "";
    this.loading = ""; // the model that is being loaded
    this.loaded = 0; // how much of it is there, 0…1
    /** @type {Set<() => void>} Called when something other than the points has changed. */
    this.watchers = new Set();
    /** @type {Set<{ paint(): void }>} Called for each new set of points. */
    this.views = new Set();
    this.wanted = false; // Python asked for a start, and a view has to come first
    this.side = 192;
    /** @type {Size} */
    this.size = [0, 0];
    this.session = 0;
    this.flight = new Flight();
    this.camera = true;
    this.recording = new Recording();
    this.input = new Input({
      onCut: (cut) => this.onCut(cut),
      onUnplugged: () => this.end("failed", "The camera was unplugged, or the stream ended. Press Start to try again."),
    });
    this.reset();
    this.connection = new Connection(model, {
      onMessage: (message) => this.onMessage(message),
      // Once a kernel answers a greeting, what was sent before without an answer is lost: that makes room at once.
      onWhole: () => (this.running || this.status === "waiting") && this.callKernel(performance.now(), true),
      onGone: () => this.status !== "ready" && this.end("gone"),
      onEnd: () => this.end(),
    });
    this.onVisibility = () => {
      if (!this.running) return;
      this.setStatus(document.hidden ? "hidden" : "live");
      this.request();
    };
    this.onLeave = () => this.end();
    document.addEventListener("visibilitychange", this.onVisibility);
    window.addEventListener("pagehide", this.onLeave);
    this.clock = setInterval(() => this.tick(), 500);
    this.connected = this.connect();
    this.connected.catch((error) => this.end("failed", `The widget is incomplete: ${error.message ?? error}. Run its cell again.`));
  }

  async connect() {
    this.camera = isCamera(await this.connection.open());
    this.changed();
    this.connection.place.choose().then(() => this.changed());
  }

  reset() {
    this.flight = new Flight(this.flight.seq);
    /** @type {Point[][]} */
    this.people = [];
    /** @type {(number | null)[]} */
    this.ids = [];
    /** @type {Region | null} */
    this.region = null;
    this.movement = /** @type {Movement} */ ({});
    /** @type {ReturnType<Flight["figures"]>} */
    this.figures = null;
    this.figuresSent = true;
    this.recording.drop();
  }

  get running() {
    return RUNNING.includes(this.status);
  }

  /** Whether there is something to stop. */
  get active() {
    return this.running || this.status === "opening" || this.status === "waiting";
  }

  /** Tells the views, and the kernel if something has changed. */
  setStatus(/** @type {string} */ status, error = this.error) {
    const isNew = status !== this.status || error !== this.error;
    Object.assign(this, { status, error });
    if (isNew) this.connection.send({ kind: "status", status, error });
    this.changed();
  }

  changed() {
    for (const watcher of this.watchers) watcher();
  }

  /** Starts at Python's request: no camera opens for a widget that nobody sees. */
  startWhenShown() {
    this.wanted = !this.views.size;
    if (!this.wanted) this.start();
  }

  /** @param {boolean} [greeted] whether the kernel has just answered */
  async start(greeted = false) {
    if (this.running || this.status === "opening") return;
    const unanswered = this.status === "waiting" ? "waiting" : "gone";
    const session = ++this.session;
    const over = () => session !== this.session;
    this.reset();
    this.setStatus("opening", "");
    try {
      await this.connected;
      const ready = greeted && this.connection.place.here === false;
      const welcome = ready || (await this.connection.greet()); // no camera opens unless the kernel answers
      if (over()) return;
      const { source } = this.connection;
      if (!welcome || !source) {
        this.end(unanswered);
        return;
      }
      const opened = await openStream(source, () => this.connection.fetchClip());
      if (over()) opened.close();
      else this.run(opened);
    } catch (error) {
      if (!over()) this.end("failed", explain(error));
    }
  }

  /** @param {Parameters<Input["open"]>[0]} opened */
  run(opened) {
    this.input.open(opened);
    this.setStatus(document.hidden ? "hidden" : "live");
    this.request();
  }

  /** Ends the loop and releases the camera, even if no frames could be read from it. */
  end(status = "stopped", error = "") {
    this.wanted = false;
    if (status === "stopped" && !this.active) return;
    this.session += 1;
    this.record(false);
    this.input.close();
    this.flight.frames.clear();
    this.people = [];
    this.setStatus(status, error);
  }

  /** The widget is closed. */
  close() {
    clearInterval(this.clock);
    document.removeEventListener("visibilitychange", this.onVisibility);
    window.removeEventListener("pagehide", this.onLeave);
    this.connection.close();
    this.end();
    this.watchers.clear();
  }

  /** Requests the next frames. */
  request(/** @type {Partial<FrameRequest> | undefined} */ more = undefined) {
    const { free, received } = this.flight;
    const { pixels } = this.connection;
    const [room, waiting] = [document.hidden ? 0 : free, this.flight.frames.size];
    this.input.request({ region: this.region, side: this.side, free: room, received, waiting, pixels, ...more });
  }

  /** @param {Cut} cut */
  onCut(cut) {
    if (cut.failed) this.end("failed", `The frames cannot be read: ${cut.failed}`);
    else if (cut.pixels ?? cut.jpeg) this.ask(/** @type {ArrayBuffer} */ (cut.pixels ?? cut.jpeg), cut);
    else if (cut.dropped) this.flight.dropped += cut.dropped;
    else if (cut.ended) this.end("ended", incomplete(cut.missing));
    else if (cut.restarted) {
      this.flight.restart();
      this.request({ whole: this.input.isAsked });
    }
  }

  /**
   * @param {ArrayBuffer} content
   * @param {Cut} cut
   */
  ask(content, { region, size = this.size, side, captured = 0, time }) {
    const seq = ++this.flight.seq;
    if (document.hidden) return;
    const when = captured - performance.timeOrigin;
    this.flight.send(content.byteLength, when, performance.now(), time);
    this.size = size;
    const stats = this.figuresSent ? null : this.figures;
    const clip = time !== undefined;
    this.connection.send({ kind: "frame", seq, region, size, side, time: time ?? when / 1000, clip, stats }, [content]);
    this.figuresSent = true;
  }

  /** @returns {Promise<ArrayBuffer | null>} The next whole frame, as PNG; null if the loop ends first. */
  picture() {
    const picture = this.input.picture();
    this.request({ whole: true });
    return picture;
  }

  /** @param {any} message */
  onMessage(message) {
    /** @type {Record<string, () => void>} */
    const handlers = {
      answer: () => this.onAnswer(message),
      error: () => this.onError(message),
      welcome: () => this.onWelcome(message),
      start: () => this.startWhenShown(),
      stop: () => this.end(),
      snapshot: () => this.sendSnapshot(message.request),
      record: () => this.record(message.on, true),
      loading: () => {
        Object.assign(this, { loading: message.model, loaded: message.share ?? 0 });
        this.changed();
      },
    };
    handlers[message.kind]?.();
  }

  /** @param {{ start: boolean }} message */
  onWelcome({ start }) {
    if (!this.connection.pixels) this.flight.dropLost();
    this.request();
    if (this.status === "waiting") this.start(true);
    else if (start) this.startWhenShown();
  }

  /** @param {number} now */
  callKernel(now, atOnce = this.connection.broken) {
    if (atOnce) this.flight.probed = -Infinity; // however recent the last greeting was
    if (this.connection.broken) this.connection.reconnect(now);
    else if (this.flight.probe(now, true)) this.connection.send({ kind: "hello" });
  }

  /** @param {{ seq: number, text: string }} message */
  onError({ seq, text }) {
    this.flight.take(seq);
    this.request();
    this.error = text;
    this.changed();
  }

  /** @param {AnswerMessage} message */
  onAnswer({ seq, people, ids, region, side, ms, movement = {} }) {
    const now = performance.now();
    const isLate = !this.running && seq > this.flight.newest;
    if (isLate) {
      this.movement = movement; // its frame was under way when the loop ended, and counts, too
      for (const view of this.views) view.paint();
    }
    const frame = this.running && this.flight.take(seq);
    if (frame) {
      this.flight.learn(now - frame.sent, ms, now);
      Object.assign(this, { people, ids, region, side, movement });
    }
    this.request();
    if (!frame) return; // of an earlier start, or overtaken
    this.recording.add({ time: frame.time, people, ids });
    for (const view of this.views) view.paint();
    this.flight.shown(frame.captured, performance.now());
  }

  /** Twice a second: updates the figures, and notices what takes too long. */
  tick() {
    const now = performance.now();
    const brokenFor = this.connection.brokenFor(now);
    if (this.status === "waiting") this.callKernel(now);
    if (!this.running) return;
    const status = health(this.flight, { brokenFor, lastFrame: this.input.lastFrame, now, here: this.connection.pixels });
    if (status === "waiting") {
      this.end(status);
      return;
    }
    if (!this.connection.pixels && this.flight.probe(now)) this.connection.send({ kind: "hello" });
    const figures = this.flight.figures(now);
    if (figures) Object.assign(this, { figures, figuresSent: false });
    this.setStatus(status);
    if (this.recording.seconds > MAX_RECORDING) this.record(false);
  }

  /** For Python's `snapshot()`. */
  async sendSnapshot(/** @type {number} */ request) {
    const picture = this.running && (await this.picture());
    if (picture) this.connection.send({ kind: "snapshot", request }, [picture]);
  }

  /** Begins or ends a recording. `told`: the kernel asked for it. */
  record(/** @type {boolean} */ on, told = false) {
    if (on === this.recording.on) return;
    if (on) this.recording.begin();
    else this.recording.end();
    if (!told) this.connection.send({ kind: "record", on });
    this.changed();
  }
}
