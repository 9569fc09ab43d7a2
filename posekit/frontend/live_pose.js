// LivePose as it is seen: the picture with the skeletons over it, and its controls. loop.js does the work.

const TEXTS = {
  ready: "",
  opening: "Opening the camera: allow it where the browser asks.",
  live: "Live",
  silent: "The stream gives no pictures. Is the lens covered, or the clip at its end?",
  busy: "Busy: the answers take long. The points come back by themselves.",
  hidden: "Paused while this tab is hidden.",
  stopped: "Stopped.",
  failed: "",
  gone: "No answer: what finds the pose was stopped, restarted, or is busy. Wait and press Start; if that fails, run the cell or load the page again.",
};

const SOON = 1000; // ms in which a view that JupyterLab moves comes back

function download(content, name) {
  const url = URL.createObjectURL(content);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A button whose press calls `onclick`. */
const button = (text, onclick, more) => make("button", { type: "button", onclick, ...more }, text);

/** Only what is new, since a screen reader says it again. */
function write(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

/** One view of a loop. */
class View {
  constructor(loop, el) {
    this.loop = loop;
    this.model = loop.model;
    this.listener = listenTo(this.model);
    this.canvas = make("canvas", { class: "pk-points", role: "img" });
    this.context = this.canvas.getContext("2d");
    this.video = Object.assign(make("video", { "aria-hidden": "true" }), { muted: true, playsInline: true });
    this.first = button("Start", () => loop.start(), { class: "pk-first" });
    this.story = make("div");
    this.notice = make("div", { class: "pk-notice" }, this.story, this.first);
    this.stage = make("div", { class: "pk-stage" }, this.video, this.canvas, this.notice);
    this.state = make("span", { role: "status" });
    this.figures = make("span", { class: "pk-figures" });
    this.alarm = make("div", { class: "pk-error", role: "alert" });
    this.el = make("div", { class: "posekit pk-live" }, this.stage, this.makeButtons());
    this.el.append(make("div", { class: "pk-status" }, this.state, this.figures), this.alarm, this.makeSettings());
    el.append(this.el);
    this.update = this.update.bind(this);
    loop.views.add(this);
    loop.watchers.add(this.update);
    this.listener.on(["change:threshold", "change:mirror", "change:show_crop"], () => {
      this.paint();
      this.update();
    });
    this.update();
  }

  remove() {
    const { loop } = this;
    this.listener.stop();
    loop.views.delete(this);
    loop.watchers.delete(this.update);
    this.video.srcObject = null;
    // Nobody sees it any more, so the camera has no business being on.
    setTimeout(() => loop.views.size || loop.end(), SOON);
  }

  makeButtons() {
    const { loop } = this;
    this.halt = button("Stop", () => loop.end());
    this.snap = button("Snapshot", () => this.save(), { title: "Save the picture with its skeleton" });
    this.rec = button("Record", () => loop.record(!loop.rows), { title: "Record the points, not the picture" });
    this.table = button("Save recording (CSV)", () => download(new Blob([loop.recorded], { type: "text/csv" }), "recording.csv"));
    return make("div", { class: "pk-bar" }, this.halt, this.snap, this.rec, this.table);
  }

  makeSettings() {
    const checks = [this.check("mirror", "Mirror"), this.check("smooth", "Smooth"), this.check("show_crop", "Show where it looks")];
    return make("div", { class: "pk-bar" }, this.choice(), makeSlider(this.model, this.listener), ...checks);
  }

  choice() {
    const names = this.model.get("_models").map((name) => make("option", { value: name }, name));
    const select = make("select", { onchange: () => keep(this.model, "model", select.value) }, ...names);
    this.follow("model", (name) => (select.value = name));
    return make("label", {}, "Model ", select);
  }

  check(name, text) {
    const input = make("input", { type: "checkbox", onchange: () => keep(this.model, name, input.checked) });
    this.follow(name, (on) => (input.checked = on));
    return make("label", {}, input, text);
  }

  follow(name, show) {
    this.listener.on(`change:${name}`, () => show(this.model.get(name)));
    show(this.model.get(name));
  }

  /** Brings everything but the skeletons up to date. */
  update() {
    const { loop } = this;
    this.play(loop.opened?.stream ?? null);
    const busy = loop.running || loop.status === "opening";
    this.el.classList.toggle("pk-mirror", this.model.get("mirror"));
    this.halt.disabled = !busy;
    this.snap.disabled = this.rec.disabled = !loop.running;
    write(this.rec, loop.rows ? `Stop recording (${Math.round(loop.recordedSeconds)} s)` : "Record");
    this.el.classList.toggle("pk-recording", Boolean(loop.rows));
    this.table.hidden = !loop.recorded;
    write(this.state, this.text());
    write(this.alarm, loop.error);
    const figures = loop.running && loop.figures;
    write(this.figures, figures ? `${figures.fps} frames a second, ${Math.round(figures.latency_ms)} ms` : "");
    this.tell();
    this.cover(!busy);
    this.canvas.setAttribute("aria-label", busy ? "Live picture with the skeletons of the people in it" : "The picture appears here");
  }

  play(stream) {
    if (this.video.srcObject === stream) return;
    this.video.srcObject = stream;
    if (stream) this.video.play().catch(() => {}); // it was stopped before it began
    else this.paint();
  }

  text() {
    const { loop } = this;
    if (loop.loading) return `Loading the model ${loop.loading} …`;
    const nobody = loop.status === "live" && loop.figures && !loop.people.length;
    return nobody ? "Live: nobody in the picture" : TEXTS[loop.status];
  }

  /** Before the camera opens: what happens to its picture. */
  tell() {
    const what = this.loop.camera ? "Start opens this computer's camera." : "Start plays the clip.";
    const where = `${this.model.get("_where")} at ${location.host}`;
    write(this.story, `${what} Small squares of its picture go from this browser to ${where}, and 17 points come back. Nothing is stored.`);
  }

  /** Puts the Start button over the picture, or takes it away; the keyboard stays at the button that matters. */
  cover(covered) {
    if (this.notice.hidden !== covered) return;
    const focused = [this.first, this.halt].includes(this.el.getRootNode().activeElement);
    this.notice.hidden = !covered;
    if (focused) (covered ? this.first : this.halt).focus({ preventScroll: true });
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
    if (loop.running) this.draw(context, width, height, scale);
  }

  draw(context, width, height, scale) {
    const threshold = this.model.get("threshold");
    for (const points of this.loop.people) drawPerson(context, points, { width, height, scale, threshold });
    if (!this.model.get("show_crop")) return;
    const whole = Math.max(width, height);
    const [x, y, side] = this.loop.region ?? [(width - whole) / 2, (height - whole) / 2, whole];
    context.lineWidth = 2 * scale;
    for (const [color, dash] of [["rgb(20 20 20)", []], ["white", [6 * scale, 6 * scale]]]) { // to be seen on any ground
      context.strokeStyle = color;
      context.setLineDash(dash);
      context.strokeRect(x * scale, y * scale, side * scale, side * scale);
    }
    context.setLineDash([]);
  }

  /** Saves what is seen, as a PNG. */
  async save() {
    const picture = await this.loop.picture();
    if (!picture) return;
    const frame = await createImageBitmap(new Blob([picture]));
    const { width, height } = frame;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    if (this.model.get("mirror")) context.setTransform(-1, 0, 0, 1, width, 0);
    context.drawImage(frame, 0, 0);
    this.draw(context, width, height, 1);
    download(await context.canvas.convertToBlob({ type: "image/png" }), "pose.png");
  }
}

export default () => {
  let loop;
  return {
    initialize({ model }) {
      loop = new Loop(model);
      return () => loop.close();
    },
    render({ el }) {
      const view = new View(loop, el);
      return () => view.remove();
    },
  };
};
