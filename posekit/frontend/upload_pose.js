// UploadPose: a photo is chosen, dropped or pasted, goes to the kernel in pieces, and comes back upright, with its people marked.

import {
  download,
  element,
  follow,
  listenTo,
  makeErrorLine,
  makeModelMenu,
  makeSlider,
  readable,
  receivePictures,
  setText,
  setTrait,
} from "./dom.js";
import { makeFigure, makeLegend, summary } from "./figure.js";
import { PIECE, SKELETON } from "./shared.js";

/** @import { Listeners, Model, Person, Selected, Size } from "./types.js" */
/** @typedef {{ people: Person[], size: Size, name: string, model: string } | null} Shown */

const FILES = "image/*,.heic,.heif,.avif,.jp2";

const newKey = () => Math.random().toString(36).slice(2);

/**
 * Sends files to the kernel, piece by piece, each after the previous one has arrived.
 *
 * @param {Model} model
 * @param {Listeners} listeners
 * @param {(file: File, share: number) => void} progress
 * @returns {(file: File) => void}
 */
function makeSender(model, listeners, progress) {
  /** @type {{ key: string, file: File } | null} */
  let current = null;
  listeners.on("msg:custom", async (content) => {
    if (content.kind !== "got" || !current || content.key !== current.key) return;
    const { key, file } = current;
    progress(file, file.size ? content.bytes / file.size : 1);
    if (content.bytes >= file.size) {
      current = null;
      return;
    }
    try {
      const piece = await file.slice(content.bytes, content.bytes + PIECE).arrayBuffer();
      if (current?.key === key) model.send({ kind: "piece", key }, undefined, [piece]);
    } catch (error) {
      current = null;
      progress(file, 1);
      setTrait(model, "error", `${file.name} cannot be read any more (${/** @type {Error} */ (error).message}); choose it again`);
    }
  });
  return (file) => {
    const limit = model.get("_limit");
    if (file.size > limit) {
      const has = `${file.name} has ${Math.ceil(file.size / 2 ** 20)} MB`;
      setTrait(model, "error", `${has}; ${limit / 2 ** 20} MB are allowed. Choose a smaller picture.`);
      return;
    }
    current = { key: newKey(), file };
    progress(file, 0);
    model.send({ kind: "begin", key: current.key, name: file.name, size: file.size });
  };
}

/**
 * Asks the kernel for a file and hands it to the browser as a download.
 *
 * @param {Model} model
 * @param {Listeners} listeners
 * @returns {(what: string) => void}
 */
function makeDownloader(model, listeners) {
  /** @type {Map<string, BlobPart[]>} */
  const waiting = new Map();
  listeners.on("msg:custom", (content, [buffer]) => {
    const pieces = content.kind === "file" && waiting.get(content.key);
    if (!pieces) return;
    pieces.push(buffer);
    if (content.left) return;
    waiting.delete(content.key);
    download(new Blob(pieces, { type: content.type }), content.name);
  });
  return (what) => {
    const key = newKey();
    waiting.set(key, []);
    model.send({ kind: "download", key, what });
  };
}

/** @type {(data: DataTransfer | null) => File | undefined} The first file of a drop or a paste. */
const fileOf = (data) => [...(data?.files ?? [])][0];

/**
 * Where a photo is chosen, dropped or pasted. The whole widget takes drops and pastes.
 *
 * @param {HTMLElement} root
 * @param {(file: File) => void} send
 * @param {(text: string) => void} refuse
 */
function makeZone(root, send, refuse) {
  const accept = (/** @type {File | undefined} */ file) =>
    file ? send(file) : refuse("that is not a file; drop or paste a photo");
  const input = element("input", { type: "file", accept: FILES, class: "pk-sr" });
  input.addEventListener("change", () => {
    if (input.files?.[0]) send(input.files[0]);
    input.value = ""; // so that the same file can be chosen again
  });
  const button = element("label", { class: "pk-button pk-choose" }, "Choose a photo", input);
  const promise = element("small", {}, "It goes to this notebook's kernel, nowhere else, and is not stored.");
  const zone = element(
    "div",
    { class: "pk-zone", tabindex: "-1" },
    button,
    element("span", {}, "or drop it here, or paste it"),
    promise,
  );
  const over = (/** @type {Event} */ event, /** @type {boolean} */ on) => {
    if (event.type !== "dragleave") event.preventDefault();
    zone.classList.toggle("pk-over", on);
  };
  root.addEventListener("dragover", (event) => over(event, true));
  root.addEventListener("dragleave", (event) => over(event, false));
  root.addEventListener("drop", (event) => {
    over(event, false);
    accept(fileOf(event.dataTransfer));
  });
  root.addEventListener("paste", (event) => {
    event.preventDefault();
    accept(fileOf(event.clipboardData));
  });
  return zone;
}

/**
 * The keypoints of a person as a table; `mark(threshold, selected)` dims what is under the threshold and says so.
 *
 * @param {Person} shown
 * @param {number} person
 * @param {(joint: Selected | null) => void} select
 */
function makeTable({ points, confidence }, person, select) {
  const heads = ["keypoint", "x", "y", "score", "drawn"].map((name) => element("th", { scope: "col" }, name));
  const rows = points.map((point, i) => {
    const keypoint = SKELETON.names[i];
    const cells = point ? [point[0].toFixed(1), point[1].toFixed(1), point[2].toFixed(2)] : ["–", "–", "–"];
    const drawn = element("td");
    const numbers = cells.map((cell) => element("td", {}, cell));
    const row = element("tr", {}, element("th", { scope: "row" }, readable(keypoint)), ...numbers, drawn);
    row.addEventListener("pointerenter", () => select({ person, keypoint }));
    row.addEventListener("pointerleave", () => select(null));
    return { row, drawn, keypoint, score: point?.[2] ?? -1 };
  });
  const caption = element("caption", {}, `Person ${person + 1}: confidence ${confidence.toFixed(2)}; x and y in pixels`);
  const body = element("tbody", {}, ...rows.map((each) => each.row));
  const mark = (/** @type {number} */ threshold, /** @type {Selected | null} */ selected) => {
    for (const { row, drawn, keypoint, score } of rows) {
      const under = score < threshold;
      row.classList.toggle("pk-under", under);
      row.classList.toggle("pk-chosen", selected?.person === person && selected.keypoint === keypoint);
      drawn.textContent = under ? `no, under ${threshold.toFixed(2)}` : "yes";
    }
  };
  return { el: element("table", {}, caption, element("thead", {}, element("tr", {}, ...heads)), body), mark };
}

/**
 * The buttons for the downloads.
 *
 * @param {Model} model
 * @param {Listeners} listeners
 */
function makeDownloads(model, listeners) {
  const ask = makeDownloader(model, listeners);
  const kinds = { png: "Picture (PNG)", csv: "Points (CSV)", json: "Points (COCO JSON)" };
  const buttons = Object.entries(kinds).map(([what, text]) =>
    element("button", { type: "button", onclick: () => ask(what) }, text),
  );
  const title = element("span", { class: "pk-status" }, "Download");
  return element("div", { class: "pk-bar", role: "group", "aria-label": "Download" }, title, ...buttons);
}

/**
 * Picture, result, downloads and tables: everything that is shown once a photo has been read.
 *
 * @param {Model} model
 * @param {Listeners} listeners
 */
function makeResult(model, listeners) {
  const select = (/** @type {Selected | null} */ joint) => setTrait(model, "selected", joint);
  const figure = makeFigure({ label: "Keypoints", select });
  const photo = element("img", { alt: "" });
  const stage = element("div", { class: "pk-stage" }, photo);
  const captions = [element("figcaption"), element("figcaption")];
  const figures = [element("figure", {}, stage, captions[0]), element("figure", {}, figure.el, captions[1])];
  const summaryLine = element("span", { class: "pk-status" });
  const tables = element("div", { class: "pk-tables" });
  const details = element("details", { open: true }, element("summary", {}, "Table of the keypoints"), tables);
  const legend = makeLegend();
  const line = element("div", { class: "pk-line" }, summaryLine, legend);
  const pair = element("div", { class: "pk-pair" }, ...figures);
  const el = element("div", { class: "pk-result" }, pair, line, makeDownloads(model, listeners), details);
  /** @type {ReturnType<typeof makeTable>["mark"][]} */
  let marks = [];

  const showView = () => {
    const [threshold, selected] = [model.get("threshold"), model.get("selected")];
    figure.view({ threshold, selected });
    for (const mark of marks) mark(threshold, selected);
    summaryLine.textContent = summary(model.get("_shown")?.people ?? [], threshold);
  };
  const showPeople = (/** @type {Shown} */ shown) => {
    el.hidden = !shown;
    if (!shown) return;
    const [width, height] = shown.size;
    figure.people(shown.people, shown.size);
    stage.style.setProperty("--pk-shape", String(width / height));
    photo.alt = `${shown.name}, as it was read`;
    captions[0].textContent = `${shown.name}, ${width}×${height}`;
    captions[1].textContent = `its pose, found by ${shown.model}`;
    const made = shown.people.map((person, i) => makeTable(person, i, select));
    marks = made.map((each) => each.mark);
    tables.replaceChildren(...made.map((each) => each.el));
    details.hidden = legend.hidden = !made.length;
    showView();
  };
  listeners.on(["change:threshold", "change:selected"], showView);
  follow(model, listeners, "_shown", showPeople);
  const free = receivePictures(model, listeners, (url) => {
    photo.src = url;
    figure.picture(url);
  });
  return { el, free };
}

/** @param {{ model: Model, el: HTMLElement }} host */
function render({ model, el }) {
  const listeners = listenTo(model);
  const root = element("div", { class: "posekit pk-upload" });
  root.dataset.lmSuppressShortcuts = "true"; // keys are for the widget, not for JupyterLab's cells
  const progress = element("progress", { max: 1, hidden: true, "aria-label": "Progress" });
  const status = element("div", { class: "pk-status", role: "status" });
  /** @type {{ file: File, share: number } | null} */
  let sending = null;

  const showStatus = () => {
    const busy = sending || model.get("_busy");
    root.setAttribute("aria-busy", String(Boolean(busy)));
    progress.hidden = !busy;
    if (sending) progress.value = sending.share;
    else progress.removeAttribute("value");
    setText(status, sending ? `Sending ${sending.file.name}…` : model.get("status"));
  };
  const send = makeSender(model, listeners, (file, share) => {
    sending = share < 1 ? { file, share } : null;
    showStatus();
  });
  const refuse = (/** @type {string} */ text) => setTrait(model, "error", text);
  const bar = element("div", { class: "pk-bar" }, makeModelMenu(model, listeners), makeSlider(model, listeners));
  const result = makeResult(model, listeners);
  listeners.on(["change:status", "change:_busy"], showStatus);
  follow(model, listeners, "error", (error) => {
    if (error) sending = null; // the kernel refused it, or it could not be read
    showStatus();
  });
  const zone = makeZone(root, send, refuse);
  root.append(zone, bar, element("div", {}, progress, status), makeErrorLine(model, listeners), result.el);
  el.replaceChildren(root);
  return () => {
    listeners.stop();
    result.free();
  };
}

export default { render };
