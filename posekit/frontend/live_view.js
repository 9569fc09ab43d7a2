// The view of a live picture: skeletons over it, and its controls. loop.js does the work.

import { drawAngles } from "./angles.js";
import { download, element, follow, listenTo, makeModelMenu, makeSlider, setText, setTrait } from "./dom.js";
import { Repetitions } from "./repetitions.js";
import { LOOK } from "./shared.js";
import { drawPerson } from "./skeleton.js";

/** @import { Loop } from "./loop.js" */
/** @import { Model, Size } from "./types.js" */

/** @type {Record<string, string>} */
const TEXTS = {
  ready: "",
  opening: "Opening the camera: allow it if the browser asks.",
  live: "Live",
  silent: "No pictures are coming. Is the lens covered, or has the clip ended?",
  busy: "Busy: answers are slow. The points will come back on their own.",
  hidden: "Paused while this tab is hidden.",
  waiting: "No answer. The camera is off, and comes back on when the connection does.",
  stopped: "Stopped.",
  ended: "The clip has ended.",
  failed: "",
  gone: "No answer: the pose estimator was stopped or restarted, or is busy. Wait and press Start; if that fails, run the cell or load the page again.",
};

const REMOUNT_WITHIN = 1000; // ms in which a view that JupyterLab moves comes back

/**
 * A button whose press calls `onclick`.
 *
 * @param {string} text
 * @param {() => void} onclick
 * @param {object} [more]
 */
export const makeButton = (text, onclick, more) => element("button", { type: "button", onclick, ...more }, text);

/** One view of a loop. */
export class View {
  /**
   * @param {Loop} loop
   * @param {HTMLElement} el
   */
  constructor(loop, el) {
    this.loop = loop;
    this.model = loop.model;
    this.listeners = listenTo(this.model);
    this.canvas = element("canvas", { class: "pk-points", role: "img" });
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.video = Object.assign(element("video", { "aria-hidden": "true" }), { muted: true, playsInline: true });
    this.startButton = makeButton("Start", () => loop.start(), { class: "pk-first" });
    this.stopButton = makeButton("Stop", () => loop.end());
    this.snapshotButton = makeButton("Snapshot", () => this.save(), { title: "Save the picture with its skeleton" });
    this.recordButton = makeButton("Record", () => loop.record(!loop.recording.on), {
      title: "Record the points, not the picture",
    });
    this.csvButton = makeButton("Save recording (CSV)", () =>
      download(new Blob([loop.recording.csv], { type: "text/csv" }), "recording.csv"),
    );
    this.privacy = element("div");
    this.notice = element("div", { class: "pk-notice" }, this.privacy, this.startButton);
    this.repetitions = new Repetitions(this.model, this.listeners, () => loop.connection.send({ kind: "recount" }));
    const { overlay, spoken, bar } = this.repetitions;
    this.placeMenu = this.makePlaceMenu();
    this.modelMenu = makeModelMenu(this.model, this.listeners);
    this.stage = element("div", { class: "pk-stage" }, this.video, this.canvas, overlay, this.notice, spoken);
    this.state = element("span", { role: "status" });
    this.figures = element("span", { class: "pk-figures" });
    this.errorLine = element("div", { class: "pk-error", role: "alert" });
    const buttons = element("div", { class: "pk-bar" }, this.stopButton, this.snapshotButton, this.recordButton, this.csvButton);
    this.progress = element("progress", { max: 1, "aria-label": "Loading" });
    const status = element("div", { class: "pk-status" }, this.state, this.progress, this.figures);
    this.el = element("div", { class: "posekit pk-live" }, this.stage, buttons, bar, status, this.errorLine, this.makeSettings());
    el.append(this.el);
    this.update = this.update.bind(this);
    loop.views.add(this);
    loop.watchers.add(this.update);
    this.listeners.on("change:backend", this.update);
    this.listeners.on(["change:threshold", "change:mirror", "change:show_angles", "change:show_crop"], () => {
      this.paint();
      this.update();
    });
    this.update();
    if (loop.wanted) loop.startWhenShown();
  }

  remove() {
    const { loop } = this;
    this.listeners.stop();
    loop.views.delete(this);
    loop.watchers.delete(this.update);
    this.video.srcObject = null;
    // Without a view nobody sees the picture, so the camera must not stay on.
    setTimeout(() => loop.views.size || loop.end(), REMOUNT_WITHIN);
  }

  makeSettings() {
    const { model, listeners } = this;
    const checks = [
      this.makeCheck("mirror", "Mirror"),
      this.makeCheck("smooth", "Smooth"),
      this.makeCheck("show_angles", "Angles"),
      this.makeCheck("show_crop", "Show the crop"),
    ];
    return element("div", { class: "pk-bar" }, this.placeMenu, this.modelMenu, makeSlider(model, listeners), ...checks);
  }

  /** The choice where the model runs; it takes effect at the next start, so it is disabled while the loop runs. */
  makePlaceMenu() {
    const places = { kernel: this.model.get("_where"), browser: "this browser" };
    const options = Object.entries(places).map(([value, text]) => element("option", { value }, text));
    const menu = element("select", { onchange: () => setTrait(this.model, "backend", menu.value) }, ...options);
    const label = element("label", {}, "Runs in ", menu);
    label.hidden = !this.model.get("_browser_models")?.length || this.model.get("_only_browser") === true;
    return label;
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  makeCheck(name, text) {
    const input = element("input", { type: "checkbox", onchange: () => setTrait(this.model, name, input.checked) });
    follow(this.model, this.listeners, name, (on) => (input.checked = on));
    return element("label", {}, input, text);
  }

  /** Brings everything but the skeletons up to date. */
  update() {
    const { loop } = this;
    this.play(loop.input.stream);
    const busy = loop.active;
    this.el.classList.toggle("pk-mirror", this.model.get("mirror"));
    this.stopButton.disabled = !busy;
    this.snapshotButton.disabled = this.recordButton.disabled = !loop.running;
    setText(this.recordButton, loop.recording.on ? `Stop recording (${Math.round(loop.recording.seconds)} s)` : "Record");
    this.el.classList.toggle("pk-recording", loop.recording.on);
    this.csvButton.hidden = !loop.recording.csv;
    setText(this.state, this.stateText());
    setText(this.errorLine, loop.error);
    const figures = loop.running && loop.figures;
    setText(this.figures, figures ? `${figures.fps} frames a second, ${Math.round(figures.latency_ms)} ms` : "");
    setText(this.privacy, this.privacyText());
    this.progress.hidden = !loop.loading || !loop.loaded || loop.loaded >= 1;
    this.progress.value = loop.loaded;
    const placeMenu = /** @type {HTMLSelectElement} */ (this.placeMenu.querySelector("select"));
    placeMenu.value = loop.connection.place.here ? "browser" : "kernel";
    placeMenu.disabled = busy;
    for (const option of /** @type {NodeListOf<HTMLOptionElement>} */ (this.modelMenu.querySelectorAll("option"))) {
      option.disabled = placeMenu.value === "browser" && !this.model.get("_browser_models").includes(option.value);
    }
    this.showNotice(!busy);
    this.canvas.setAttribute(
      "aria-label",
      busy ? "Live picture with the skeletons of the people in it" : "The picture appears here",
    );
  }

  /** @param {MediaStream | null} stream */
  play(stream) {
    if (this.video.srcObject === stream) return;
    this.video.srcObject = stream;
    if (stream)
      this.video.play().catch(() => {}); // it was stopped before it began
    else this.paint();
  }

  stateText() {
    const { loop } = this;
    if (loop.loading) return `Loading the model ${loop.loading} …`;
    const nobody = loop.status === "live" && loop.figures && !loop.people.length;
    return nobody ? "Live: nobody in the picture" : TEXTS[loop.status];
  }

  /** What happens to the picture, told before the camera opens. */
  privacyText() {
    const what = this.loop.camera ? "Start opens this computer's camera." : "Start plays the clip.";
    const { here, reason } = this.loop.connection.place;
    const kernel = `${this.model.get("_where")} at ${location.host}`;
    const squares = `Small squares of its picture go from this browser to ${kernel}, and 17 points come back.`;
    const inside = "The model runs in this browser: no picture leaves this computer.";
    const perhaps = here === undefined ? `Or, if that answers slowly: ${inside}` : "";
    return [what, reason, here ? inside : squares, perhaps, this.keptText()].filter(Boolean).join(" ");
  }

  /** What is kept of it. */
  keptText() {
    return "Nothing is stored.";
  }

  /**
   * Puts the Start button over the picture, or takes it away; the keyboard focus moves on to the button that matters.
   *
   * @param {boolean} shown
   */
  showNotice(shown) {
    if (this.notice.hidden !== shown) return;
    const root = /** @type {Document | ShadowRoot} */ (this.el.getRootNode());
    const focused = root.activeElement === this.startButton || root.activeElement === this.stopButton;
    this.notice.hidden = !shown;
    if (focused) (shown ? this.startButton : this.stopButton).focus({ preventScroll: true });
  }

  /** The skeletons, as soon as they arrive. */
  paint() {
    const { loop, context, canvas } = this;
    const [width, height] = loop.size;
    const scale = window.devicePixelRatio > 1 ? 2 : 1;
    if (canvas.width !== width * scale || canvas.height !== height * scale) {
      canvas.width = width * scale;
      canvas.height = height * scale;
      if (width) this.stage.style.aspectRatio = `${width} / ${height}`;
    } else context.clearRect(0, 0, canvas.width, canvas.height);
    if (loop.running) this.draw(context, loop.size, scale);
    this.repetitions.show(loop.movement);
  }

  /**
   * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context
   * @param {Size} size
   * @param {number} scale
   */
  draw(context, size, scale) {
    const threshold = this.model.get("threshold");
    for (const points of this.loop.people) drawPerson(context, points, { size, scale, threshold });
    const mirror = this.model.get("mirror");
    if (this.model.get("show_angles"))
      for (const points of this.loop.people) drawAngles(context, points, { size, scale, threshold, mirror });
    if (this.model.get("show_crop")) this.drawCrop(context, size, scale);
  }

  /**
   * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context
   * @param {Size} size
   * @param {number} scale
   */
  drawCrop(context, [width, height], scale) {
    const whole = Math.max(width, height);
    const [x, y, side] = this.loop.region ?? [(width - whole) / 2, (height - whole) / 2, whole];
    const square = () => context.strokeRect(x * scale, y * scale, side * scale, side * scale);
    context.lineWidth = 2 * scale;
    context.strokeStyle = LOOK.rim_color; // white dashes on a dark line are visible on any background
    square();
    context.strokeStyle = "white";
    context.setLineDash([6 * scale, 6 * scale]);
    square();
    context.setLineDash([]);
  }

  /** Saves what is seen, as a PNG. */
  async save() {
    const picture = await this.loop.picture();
    if (!picture) return;
    const frame = await createImageBitmap(new Blob([picture]));
    const { width, height } = frame;
    const canvas = new OffscreenCanvas(width, height);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
    if (this.model.get("mirror")) context.setTransform(-1, 0, 0, 1, width, 0);
    context.drawImage(frame, 0, 0);
    this.draw(context, [width, height], 1);
    download(await canvas.convertToBlob({ type: "image/png" }), "pose.png");
  }
}

/**
 * A widget's front end: one loop, and a view of it wherever it is shown.
 *
 * @template {Loop} L
 * @param {new (model: Model) => L} LoopClass
 * @param {new (loop: L, el: HTMLElement) => View} ViewClass
 */
export const widgetOf = (LoopClass, ViewClass) => () => {
  /** @type {L} */
  let loop;
  return {
    initialize(/** @type {{ model: Model }} */ { model }) {
      loop = new LoopClass(model);
      return () => loop.close();
    },
    render(/** @type {{ el: HTMLElement }} */ { el }) {
      const view = new ViewClass(loop, el);
      return () => view.remove();
    },
  };
};
