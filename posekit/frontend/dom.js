// Small things that all widgets need: elements, a model's events, one slider.

/** @import { Listener, Listeners, Model } from "./types.js" */

const SVG_TAGS = new Set(["svg", "g", "line", "circle", "rect", "text"]);

/**
 * An element. Attributes that are false, null or undefined are left out; those that begin with "on" are listeners.
 *
 * @template {keyof HTMLElementTagNameMap | "svg" | "g" | "line" | "circle" | "rect" | "text"} T
 * @param {T} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string | null)} children
 * @returns {T extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[T] : T extends keyof SVGElementTagNameMap ? SVGElementTagNameMap[T] : never}
 */
export function element(tag, attributes = {}, ...children) {
  const node = SVG_TAGS.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child != null));
  return /** @type {any} */ (node);
}

/**
 * @param {number} n
 * @param {string} one
 * @param {string} many
 */
export const plural = (n, one, many) => `${n} ${n === 1 ? one : many}`;

/** @type {(name: string) => string} A keypoint's name for people. */
export const readable = (name) => name.replace("_", " ");

/**
 * Listens to a widget's model.
 *
 * @param {Model} model
 * @returns {Listeners}
 */
export function listenTo(model) {
  /** @type {(() => void)[]} */
  const ends = [];
  return {
    on(events, listener) {
      for (const event of [events].flat()) {
        model.on(event, listener);
        ends.push(() => model.off(event, listener));
      }
    },
    stop() {
      for (const end of ends) end();
    },
  };
}

/**
 * @param {Model} model
 * @param {string} name
 * @param {unknown} value
 */
export function setTrait(model, name, value) {
  model.set(name, value);
  model.save_changes();
}

/**
 * Calls `show` with a trait's value, now and at each change.
 *
 * @param {Model} model
 * @param {Listeners} listeners
 * @param {string} name
 * @param {Listener} show
 */
export function follow(model, listeners, name, show) {
  listeners.on(`change:${name}`, () => show(model.get(name)));
  show(model.get(name));
}

/**
 * Changes a text only where it is new, since a screen reader reads a live region again at each change.
 *
 * @param {Element} where
 * @param {string} text
 */
export function setText(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

/**
 * The slider for the trait `threshold`, with its value beside it.
 *
 * @param {Model} model
 * @param {Listeners} listeners
 */
export function makeSlider(model, listeners) {
  const slider = element("input", { type: "range", min: 0, max: 1, step: 0.01 });
  const shown = element("span", { class: "pk-value", "aria-hidden": "true" });
  slider.addEventListener("input", () => setTrait(model, "threshold", slider.valueAsNumber));
  follow(model, listeners, "threshold", (threshold) => {
    slider.value = threshold;
    shown.textContent = threshold.toFixed(2);
  });
  return element("span", { class: "pk-slider" }, element("label", {}, "Threshold ", slider), shown);
}

/**
 * The menu for the trait `model`.
 *
 * @param {Model} model
 * @param {Listeners} listeners
 */
export function makeModelMenu(model, listeners) {
  const options = model.get("_models").map((/** @type {string} */ name) => element("option", { value: name }, name));
  const menu = element("select", { onchange: () => setTrait(model, "model", menu.value) }, ...options);
  follow(model, listeners, "model", (name) => (menu.value = name));
  return element("label", {}, "Model ", menu);
}

/**
 * The line for what went wrong, from the trait `error`.
 *
 * @param {Model} model
 * @param {Listeners} listeners
 */
export function makeErrorLine(model, listeners) {
  const line = element("div", { class: "pk-error", role: "alert" });
  follow(model, listeners, "error", (error) => setText(line, error));
  return line;
}

/**
 * Offers content as a download.
 *
 * @param {Blob} content
 * @param {string} name
 */
export function download(content, name) {
  const url = URL.createObjectURL(content);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/**
 * Calls `show` with the address of each picture that the kernel sends, as {kind: "picture", type} with the file in a buffer; asks
 * for the first. The function that is returned releases the last.
 *
 * @param {Model} model
 * @param {Listeners} listeners
 * @param {(url: string) => void} show
 */
export function receivePictures(model, listeners, show) {
  let url = "";
  const free = () => URL.revokeObjectURL(url);
  listeners.on("msg:custom", (content, [buffer]) => {
    if (content.kind !== "picture") return;
    free();
    url = URL.createObjectURL(new Blob([buffer], { type: content.type }));
    show(url);
  });
  model.send({ kind: "ready" }); // a picture sent before anybody listens is lost, in Colab for instance
  return free;
}
