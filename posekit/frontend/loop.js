// The live loop: frames out, points in, two under way. It runs in a notebook, where `model` is the widget's, and in posekit's own
// page, which gives it a stand-in with the same methods. Views show what it knows.

const AT_ONCE = 2; // frames under way; with one the camera would wait for the kernel, with more the points would come late
const BUSY_AFTER = 1500; // ms without an answer
const SILENT_AFTER = 5000; // ms without a frame
const LOST_AFTER = 5000; // ms; then the kernel is asked whether a frame's answer will come, as after a broken connection
const WELCOME_WITHIN = 4000; // ms for the kernel to answer before a camera opens
const MAX_RECORDING = 600; // seconds
const RUNNING = ["live", "busy", "silent", "hidden"];

/** The middle of some numbers, or another quantile of them. */
const quantile = (numbers, q = 0.5) => [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(q * numbers.length))];

/** One loop for each widget, however often it is shown. */
class Loop {
  constructor(model) {
    this.model = model;
    this.client = Math.random().toString(36).slice(2); // a notebook may be open in several tabs
    this.status = "ready";
    this.error = "";
    this.loading = ""; // the model that the kernel loads
    this.watchers = new Set(); // called when something other than the points is new
    this.views = new Set(); // their paint() is called with each new points
    this.side = 192;
    this.size = [0, 0];
    this.session = this.seq = 0;
    this.camera = true;
    this.greeted = [];
    this.recorded = "";
    this.forget();
    this.listeners = [listenTo(model)];
    this.listeners[0].on("msg:custom", (message) => this.onMessage(message));
    this.onVisibility = () => {
      if (!this.running) return;
      this.say(document.hidden ? "hidden" : "live");
      this.wish();
    };
    this.onLeave = () => this.end();
    document.addEventListener("visibilitychange", this.onVisibility);
    window.addEventListener("pagehide", this.onLeave);
    this.clock = setInterval(() => this.tick(), 500);
    this.connected = this.connect();
    this.connected.catch((error) => this.end("failed", `The widget is not whole: ${error.message ?? error}. Run its cell again.`));
  }

  async connect() {
    this.channel = await this.other("_channel");
    const listener = listenTo(this.channel);
    listener.on("msg:custom", (message) => this.onMessage(message));
    // The kernel restarted, died or was shut down; or it is back.
    listener.on("comm_live_update", () => this.channel.comm_live === false && this.status !== "ready" && this.end("gone"));
    this.listeners.push(listener);
    this.send({ kind: "hello" });
    this.source = await this.other("stream");
    const ends = listenTo(this.source);
    ends.on("destroy", () => this.end());
    this.listeners.push(ends);
    this.camera = isCamera(this.source);
    this.changed();
  }

  /** Another widget's model, which one of our traits refers to. */
  other(trait) {
    return this.model.widget_manager.get_model(this.model.get(trait).replace("IPY_MODEL_", ""));
  }

  forget() {
    this.flying = new Map(); // sequence number → when it was sent and captured
    this.people = [];
    this.ids = [];
    this.region = null;
    this.answered = [];
    this.pictures = [];
    this.bytes = [];
    this.dropped = 0;
    this.before = this.seq; // numbers go on, so that a late answer is not taken for one of now
    this.asked = 0;
    this.figures = this.news = null;
    this.rows = null;
  }

  get running() {
    return RUNNING.includes(this.status);
  }

  /** Tells the views, and the kernel where something is new. */
  say(status, error = this.error) {
    const news = status !== this.status || error !== this.error;
    Object.assign(this, { status, error });
    if (news) this.send({ kind: "status", status, error });
    this.changed();
  }

  changed() {
    for (const watcher of this.watchers) watcher();
  }

  send(content, buffers = []) {
    try {
      this.channel.send({ client: this.client, ...content }, undefined, buffers);
    } catch {
      // the kernel is gone; comm_live_update says so
    }
  }

  /** Resolves to true when the kernel answers, to false when it takes too long. */
  greet() {
    this.send({ kind: "hello" });
    return new Promise((resolve) => {
      this.greeted.push(() => resolve(true));
      setTimeout(resolve, WELCOME_WITHIN, false);
    });
  }

  async start() {
    if (this.running || this.status === "opening") return;
    const session = ++this.session;
    const over = () => session !== this.session;
    this.forget();
    this.say("opening", "");
    try {
      await this.connected;
      const welcome = await this.greet(); // no camera is opened for a kernel that is not there
      if (over()) return;
      if (!welcome) return this.end("gone");
      const opened = await openStream(this.source);
      if (over()) return opened.close();
      this.run(opened, over);
    } catch (error) {
      if (!over()) this.end("failed", explain(error));
    }
  }

  run(opened, over) {
    this.opened = opened;
    const ended = () => over() || this.end("failed", "The camera was unplugged, or the stream ended. Press Start to try again.");
    for (const track of opened.stream.getVideoTracks()) track.addEventListener("ended", ended);
    this.frames = openFrames(opened.stream, (cut) => over() || this.onCut(cut));
    this.lastFrame = performance.now();
    this.say(document.hidden ? "hidden" : "live");
    this.wish();
  }

  /** Ends the loop and lets the camera go. */
  end(status = "stopped", error = "") {
    if (status === "stopped" && !this.running && this.status !== "opening") return;
    this.session += 1;
    this.record(false);
    const { frames, opened } = this;
    frames?.close().then(opened.close);
    this.frames = this.opened = null;
    this.flying.clear();
    this.people = [];
    for (const taken of this.pictures.splice(0)) taken(null);
    this.say(status, error);
  }

  /** The widget is closed. */
  close() {
    clearInterval(this.clock);
    document.removeEventListener("visibilitychange", this.onVisibility);
    window.removeEventListener("pagehide", this.onLeave);
    for (const listener of this.listeners) listener.stop();
    this.end();
    this.watchers.clear();
  }

  /** What is wanted next. */
  wish(more) {
    const free = document.hidden ? 0 : AT_ONCE - this.flying.size;
    this.frames?.wish({ region: this.region, side: this.side, free, received: this.seq - this.before, ...more });
  }

  onCut({ jpeg, picture, dropped, restarted, failed, ...cut }) {
    this.lastFrame = performance.now();
    if (failed) this.end("failed", `The frames cannot be read: ${failed}`);
    else if (jpeg) this.ask(jpeg, cut);
    else if (dropped) this.dropped += dropped;
    else if (picture) for (const taken of this.pictures.splice(0)) taken(picture);
    else if (restarted) {
      this.before = this.seq;
      this.wish({ whole: this.pictures.length > 0 });
    }
  }

  ask(jpeg, { region, size, side, captured }) {
    const seq = ++this.seq;
    if (document.hidden) return;
    captured -= performance.timeOrigin;
    this.flying.set(seq, { sent: performance.now(), captured });
    this.size = size;
    this.bytes.push(jpeg.byteLength);
    if (this.bytes.length > 90) this.bytes.shift();
    this.send({ kind: "frame", seq, region, size, side, time: captured / 1000, stats: this.news }, [jpeg]);
    this.news = null;
  }

  /** The next frame, whole, as PNG; null where there is none any more. */
  picture() {
    const taken = new Promise((resolve) => this.pictures.push(resolve));
    this.wish({ whole: true });
    return taken;
  }

  onMessage(message) {
    if (message.client && message.client !== this.client) return; // for another tab
    const handlers = {
      answer: () => this.onAnswer(message),
      error: () => this.onError(message),
      welcome: () => this.onWelcome(message),
      start: () => this.start(),
      stop: () => this.end(),
      snapshot: () => this.sendSnapshot(message.request),
      record: () => this.record(message.on, true),
      loading: () => {
        this.loading = message.model;
        this.changed();
      },
    };
    handlers[message.kind]?.();
  }

  onWelcome({ start }) {
    for (const greeted of this.greeted.splice(0)) greeted();
    // Answers keep their order: what was sent before the question and is not here yet was lost.
    for (const [seq, { sent }] of this.flying) if (sent < this.asked) this.flying.delete(seq);
    this.asked = 0;
    this.wish();
    if (start) this.start();
  }

  onError({ seq, text }) {
    this.flying.delete(seq);
    this.wish();
    this.error = text;
    this.changed();
  }

  onAnswer({ seq, people, ids, region, side }) {
    if (!this.flying.has(seq) || !this.running) return; // of an earlier start, or too late
    const { captured } = this.flying.get(seq);
    this.flying.delete(seq);
    Object.assign(this, { people, ids, region, side });
    this.wish();
    if (this.rows) this.rows.push({ time: captured / 1000, people, ids });
    for (const view of this.views) view.paint();
    const now = performance.now();
    this.answered.push([now, now - captured]);
  }

  /** Twice a second: the figures, and what takes too long. */
  tick() {
    if (!this.running) return;
    const now = performance.now();
    const oldest = Math.min(now, ...[...this.flying.values()].map(({ sent }) => sent));
    if (now - Math.max(oldest, this.asked) > LOST_AFTER) {
      this.asked = now;
      this.send({ kind: "hello" });
    }
    this.count(now);
    if (document.hidden) this.say("hidden");
    else if (now - this.lastFrame > SILENT_AFTER) this.say("silent");
    else this.say(now - oldest > BUSY_AFTER ? "busy" : "live");
    if (this.rows && this.recordedSeconds > MAX_RECORDING) this.record(false);
  }

  count(now) {
    this.answered = this.answered.filter(([when]) => now - when < 3000);
    const lags = this.answered.map(([, lag]) => lag);
    if (!lags.length) return;
    this.figures = this.news = {
      fps: this.answered.filter(([when]) => now - when < 1000).length,
      latency_ms: quantile(lags),
      p95_ms: quantile(lags, 0.95),
      bytes: Math.round(this.bytes.reduce((a, b) => a + b, 0) / this.bytes.length),
      dropped: this.dropped,
    };
  }

  /** For Python's `snapshot()`. */
  async sendSnapshot(request) {
    const picture = this.running && (await this.picture());
    if (picture) this.send({ kind: "snapshot", request }, [picture]);
  }

  get recordedSeconds() {
    return this.rows?.length ? this.rows.at(-1).time - this.rows[0].time : 0;
  }

  /** Begins or ends a recording; at its end `recorded` is its table as CSV. `told`: the kernel knows, since it said so. */
  record(on, told = false) {
    if (on === Boolean(this.rows)) return;
    if (this.rows?.length) this.recorded = toCsv(this.rows);
    this.rows = on ? [] : null;
    if (!told) this.send({ kind: "record", on });
    this.changed();
  }
}

/** Rows {time, people, ids} as the table of posekit/tables.py. */
function toCsv(rows) {
  const lines = ["frame,time,id,person,keypoint,x,y,score"];
  rows.forEach(({ time, people, ids }, frame) =>
    people.forEach((points, person) =>
      points.forEach(([x, y, score], i) =>
        lines.push([frame, (time - rows[0].time).toFixed(3), ids[person] ?? "", person, SKELETON.names[i], x, y, score].join(",")),
      ),
    ),
  );
  return lines.join("\n") + "\n";
}
