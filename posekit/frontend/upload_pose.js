// UploadPose: a photo is chosen, dropped or pasted, goes to the kernel in pieces, and comes back upright, with its people.

const PIECE = 768 * 1024;
const FILES = "image/*,.heic,.heif,.avif,.jp2";

const newKey = () => Math.random().toString(36).slice(2);

/** Sends a file to the kernel, piece after piece, each when the one before has arrived. `tell` gets the share that is there. */
function sendFile(model, listener, tell) {
  let current = null;
  listener.on("msg:custom", async (content) => {
    if (content.kind !== "got" || content.key !== current?.key) return;
    const { key, file } = current;
    tell(file, file.size ? content.bytes / file.size : 1);
    if (content.bytes >= file.size) return (current = null);
    try {
      const piece = await file.slice(content.bytes, content.bytes + PIECE).arrayBuffer();
      if (current?.key === key) model.send({ kind: "piece", key }, undefined, [piece]);
    } catch (error) {
      current = null;
      tell(file, 1);
      keep(model, "error", `${file.name} cannot be read any more (${error.message}); choose it again`);
    }
  });
  return (file) => {
    const limit = model.get("_limit");
    if (file.size > limit) {
      const has = `${file.name} has ${Math.round(file.size / 2 ** 20)} MB`;
      keep(model, "error", `${has}, and at most ${limit / 2 ** 20} MB are taken; shrink it`);
      return;
    }
    current = { key: newKey(), file };
    tell(file, 0);
    model.send({ kind: "begin", key: current.key, name: file.name, size: file.size });
  };
}

/** Asks the kernel for a file and hands it to the browser as a download. */
function downloads(model, listener) {
  const waiting = new Map();
  listener.on("msg:custom", (content, [buffer]) => {
    const pieces = content.kind === "file" && waiting.get(content.key);
    if (!pieces) return;
    pieces.push(buffer);
    if (content.left) return;
    waiting.delete(content.key);
    const url = URL.createObjectURL(new Blob(pieces, { type: content.type }));
    make("a", { href: url, download: content.name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  });
  return (what) => {
    const key = newKey();
    waiting.set(key, []);
    model.send({ kind: "download", key, what });
  };
}

/** The first file of a drop or a paste. */
const fileOf = (data) => [...(data?.files ?? [])][0];

/** Where a photo is chosen, dropped or pasted. The whole widget takes drops and pastes. */
function makeZone(root, send, refuse) {
  const take = (file) => (file ? send(file) : refuse("that was no file; drop or paste a photo"));
  const input = make("input", { type: "file", accept: FILES, class: "pk-sr" });
  input.addEventListener("change", () => {
    if (input.files[0]) send(input.files[0]);
    input.value = ""; // so that the same file can be chosen again
  });
  const button = make("label", { class: "pk-button pk-choose" }, "Choose a photo", input);
  const promise = make("small", {}, "It goes to this notebook's kernel, nowhere else, and is not stored.");
  const zone = make("div", { class: "pk-zone", tabindex: "-1" }, button, make("span", {}, "or drop it here, or paste it"), promise);
  const over = (on) => (event) => {
    if (event.type !== "dragleave") event.preventDefault();
    zone.classList.toggle("pk-over", on);
  };
  root.addEventListener("dragover", over(true));
  root.addEventListener("dragleave", over(false));
  root.addEventListener("drop", (event) => {
    over(false)(event);
    take(fileOf(event.dataTransfer));
  });
  root.addEventListener("paste", (event) => {
    event.preventDefault();
    take(fileOf(event.clipboardData));
  });
  return zone;
}

/** The keypoints of a person as a table; `mark(threshold, selected)` dims what is under the threshold and says so. */
function makeTable({ points, confidence }, person, select) {
  const heads = ["keypoint", "x", "y", "score", "drawn"].map((name) => make("th", { scope: "col" }, name));
  const rows = points.map((point, i) => {
    const keypoint = SKELETON.names[i];
    const cells = [...(point ?? []).slice(0, 2).map((each) => each.toFixed(1)), point?.[2].toFixed(2)];
    const drawn = make("td");
    const numbers = [0, 1, 2].map((k) => make("td", {}, cells[k] ?? "–"));
    const row = make("tr", {}, make("th", { scope: "row" }, human(keypoint)), ...numbers, drawn);
    row.addEventListener("pointerenter", () => select({ person, keypoint }));
    row.addEventListener("pointerleave", () => select(null));
    return { row, drawn, keypoint, score: point?.[2] ?? -1 };
  });
  const caption = make("caption", {}, `Person ${person + 1}: confidence ${confidence.toFixed(2)}; x and y in pixels`);
  const body = make("tbody", {}, ...rows.map((each) => each.row));
  const mark = (threshold, selected) => {
    for (const { row, drawn, keypoint, score } of rows) {
      const under = score < threshold;
      row.classList.toggle("pk-under", under);
      row.classList.toggle("pk-chosen", selected?.person === person && selected.keypoint === keypoint);
      drawn.textContent = under ? `no, under ${threshold.toFixed(2)}` : "yes";
    }
  };
  return { el: make("table", {}, caption, make("thead", {}, make("tr", {}, ...heads)), body), mark };
}

/** Picture, result, downloads and tables: all that there is once a photo was read. */
function makeResult(model, listener) {
  const select = (joint) => keep(model, "selected", joint);
  const figure = makeFigure({ label: "Keypoints", select });
  const photo = make("img", { alt: "" });
  const stage = make("div", { class: "pk-stage" }, photo);
  const captions = [make("figcaption"), make("figcaption")];
  const pair = make("div", { class: "pk-pair" }, make("figure", {}, stage, captions[0]), make("figure", {}, figure.el, captions[1]));
  const summaryLine = make("span", { class: "pk-status" });
  const fetch = downloads(model, listener);
  const kinds = { png: "Picture (PNG)", csv: "Points (CSV)", json: "Points (COCO JSON)" };
  const buttons = Object.entries(kinds).map(([what, text]) => make("button", { type: "button", onclick: () => fetch(what) }, text));
  const group = make("div", { class: "pk-bar", role: "group", "aria-label": "Download" }, make("span", { class: "pk-status" }, "Download"), ...buttons);
  const tables = make("div", { class: "pk-tables" });
  const details = make("details", { open: true }, make("summary", {}, "Table of the keypoints"), tables);
  const legend = makeLegend();
  const line = make("div", { class: "pk-line" }, summaryLine, legend);
  const el = make("div", { class: "pk-result" }, pair, line, group, details);
  let marks = [];

  const view = () => {
    const [threshold, selected] = [model.get("threshold"), model.get("selected")];
    figure.view({ threshold, selected });
    for (const mark of marks) mark(threshold, selected);
    summaryLine.textContent = summary(model.get("_shown")?.people ?? [], threshold);
  };
  const people = () => {
    const shown = model.get("_shown");
    el.hidden = !shown;
    if (!shown) return;
    const [width, height] = shown.size;
    figure.people(shown.people, shown.size);
    stage.style.setProperty("--pk-shape", width / height);
    photo.alt = `${shown.name}, as it was read`;
    captions[0].textContent = `${shown.name}, ${width}×${height}`;
    captions[1].textContent = `its pose, found by ${shown.model}`;
    const made = shown.people.map((person, i) => makeTable(person, i, select));
    marks = made.map((each) => each.mark);
    tables.replaceChildren(...made.map((each) => each.el));
    details.hidden = legend.hidden = !made.length;
    view();
  };
  listener.on("change:_shown", people);
  listener.on("change:threshold", view);
  listener.on("change:selected", view);
  people();
  const free = receivePictures(model, listener, (url) => {
    photo.src = url;
    figure.picture(url);
  });
  return { el, free };
}

function render({ model, el }) {
  const listener = listenTo(model);
  const root = make("div", { class: "posekit pk-upload" });
  root.dataset.lmSuppressShortcuts = "true"; // keys are for the widget, not for JupyterLab's cells
  const progress = make("progress", { max: 1, hidden: true, "aria-label": "Progress" });
  const status = make("div", { class: "pk-status", role: "status" });
  let sending = null;

  const tell = () => {
    const busy = sending || model.get("_busy");
    root.setAttribute("aria-busy", String(Boolean(busy)));
    progress.hidden = !busy;
    if (sending) progress.value = sending.share;
    else progress.removeAttribute("value");
    const text = sending ? `Sending ${sending.file.name}…` : model.get("status");
    if (status.textContent !== text) status.textContent = text;
  };
  const send = sendFile(model, listener, (file, share) => {
    sending = share < 1 ? { file, share } : null;
    tell();
  });
  const refuse = (text) => keep(model, "error", text);
  const names = model.get("_models").map((name) => make("option", { value: name }, name));
  const choice = make("select", { onchange: () => keep(model, "model", choice.value) }, ...names);
  const showModel = () => (choice.value = model.get("model"));
  const bar = make("div", { class: "pk-bar" }, make("label", {}, "Model ", choice), makeSlider(model, listener));
  const result = makeResult(model, listener);
  const stop = () => {
    if (model.get("error")) sending = null; // the kernel refused it, or it could not be read
    tell();
  };
  listener.on(["change:status", "change:_busy"], tell);
  listener.on("change:error", stop);
  listener.on("change:model", showModel);
  showModel();
  tell();
  root.append(makeZone(root, send, refuse), bar, make("div", {}, progress, status), makeAlarm(model, listener), result.el);
  el.replaceChildren(root);
  return () => {
    listener.stop();
    result.free();
  };
}

export default { render };
