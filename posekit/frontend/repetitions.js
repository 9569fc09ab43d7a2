// What a live picture shows besides the points: a count that can be read from afar, how far the next repetition is, the posture.

import { element, follow, plural, setText, setTrait } from "./dom.js";

/** @import { Listeners, Model, Movement } from "./types.js" */

/** @type {(name: string) => string} An exercise's name for people. */
const spoken = (name) => name.replaceAll("_", " ");

/** @param {Movement} movement */
function wayText({ exercise = "", way, missing = [], depth }) {
  if (missing.length) return `${missing.join(", ")} out of sight`;
  return way || (depth == null ? "" : spoken(exercise));
}

/** The part of a view that shows the movement. */
export class Repetitions {
  /**
   * @param {Model} model
   * @param {Listeners} listeners
   * @param {() => void} reset lets Python begin at 0 again
   */
  constructor(model, listeners, reset) {
    this.count = element("div", { class: "pk-count" });
    this.way = element("div", { class: "pk-way" });
    this.fill = element("div", {});
    this.posture = element("div", { class: "pk-posture" });
    const depth = element("div", { class: "pk-depth" }, this.fill);
    this.counter = element("div", { class: "pk-counter" }, this.count, this.way);
    // Not for screen readers: it changes 30 times a second. `spoken` has what is worth hearing.
    this.overlay = element("div", { class: "pk-movement", "aria-hidden": "true" }, this.posture, this.counter, depth);
    this.spoken = element("span", { class: "pk-sr", "aria-live": "polite" });
    this.partial = element("span", { class: "pk-status" });
    const button = element(
      "button",
      { type: "button", onclick: () => this.reset(reset), title: "Count from 0 again" },
      "Reset the count",
    );
    this.bar = element("div", { class: "pk-bar" }, this.makeMenu(model, listeners), button, this.partial);
    this.bar.hidden = !model.get("_exercises")?.length;
    follow(model, listeners, "exercise", (exercise) => {
      button.hidden = !exercise;
      this.show();
    });
  }

  /**
   * @param {Model} model
   * @param {Listeners} listeners
   */
  makeMenu(model, listeners) {
    const names = ["", ...(model.get("_exercises") ?? [])];
    const options = names.map((name) => element("option", { value: name }, name ? spoken(name) : "nothing"));
    const menu = element("select", { onchange: () => setTrait(model, "exercise", menu.value) }, ...options);
    follow(model, listeners, "exercise", (name) => (menu.value = name ?? ""));
    return element("label", {}, "Count ", menu);
  }

  /** @param {() => void} reset */
  reset(reset) {
    reset();
    this.show();
  }

  /** @param {Movement} [movement] of the newest frame */
  show(movement = {}) {
    const { exercise = "", count = 0, partial = 0, depth, posture = "" } = movement;
    this.counter.hidden = this.fill.hidden = !exercise;
    this.overlay.classList.toggle("pk-counting", Boolean(exercise));
    setText(this.count, String(count));
    setText(this.way, exercise && wayText(movement));
    this.fill.style.transform = `scaleY(${Math.min(Math.max(depth ?? 0, 0), 1)})`;
    setText(this.posture, posture);
    setText(this.partial, partial ? `${partial} not deep enough` : "");
    setText(this.spoken, [exercise && count ? plural(count, "repetition", "repetitions") : "", posture].filter(Boolean).join(", "));
  }
}
