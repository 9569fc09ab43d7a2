// Examples of postures on their way from the browser to the kernel: none is lost, none arrives twice.

import { plural } from "./dom.js";
import { Loop } from "./loop.js";

/** @import { Model, Point, Size } from "./types.js" */
/** @typedef {{ kind: "collect", seq: number, label: string, points: Point[], size: Size } | { kind: "undo", seq: number }} Step */

/** @type {(label: string, n: number) => string} */
export const tally = (label, n) => `${label}: ${plural(n, "example", "examples")}`;

/** The loop, and what was collected: what the kernel has, and what is still on its way. */
export class RecorderLoop extends Loop {
  /** @param {Model} model */
  constructor(model) {
    super(model);
    this.steps = 0;
    /** @type {Step[]} Those that the kernel has not confirmed yet. */
    this.pending = [];
    this.connection.listen(model, "change:_collected", () => this.onCollected());
    this.connection.listen(model, "change:classes", () => this.changed());
  }

  /** The label of each example, in order. */
  get labels() {
    const labels = [...this.model.get("_collected").labels];
    for (const step of this.pending) {
      if (step.kind === "collect") labels.push(step.label);
      else labels.pop();
    }
    return labels;
  }

  /** How many examples of a class there are. */
  count(/** @type {string} */ label) {
    return this.labels.filter((each) => each === label).length;
  }

  /**
   * Collects the pose seen now. The points travel with the message, so a busy kernel gets the same ones, only later.
   *
   * @param {string} label
   * @returns {string} why nothing was collected; empty if it was
   */
  collect(label) {
    if (!this.running) return "Press Start first.";
    if (!this.people.length) return "Nobody is in the picture, so nothing was collected.";
    this.take({ kind: "collect", seq: ++this.steps, label, points: this.people[0], size: this.size });
    return "";
  }

  /** @returns {string} what was done, in words */
  undo() {
    const label = this.labels.at(-1);
    if (label === undefined) return "There is nothing to undo.";
    this.take({ kind: "undo", seq: ++this.steps });
    return tally(label, this.count(label));
  }

  /** @param {Step} step */
  take(step) {
    this.pending.push(step);
    this.connection.send(step);
    this.changed();
  }

  onCollected() {
    const received = this.model.get("_collected").received[this.connection.client] ?? 0;
    this.pending = this.pending.filter((step) => step.seq > received);
    this.changed();
  }

  /** @param {any} message */
  onMessage(message) {
    // A broken connection may have lost some; the kernel drops what it gets twice.
    if (message.kind === "welcome") for (const step of this.pending) this.connection.send(step);
    super.onMessage(message);
  }
}
