// Where a widget's model runs by default: in a near kernel, or in this browser if the kernel is far away. The distance is measured
// once, when the widget appears, and told before the camera opens; the choice does not change later.

import { lacking } from "./model.js";

/** @import { Model } from "./types.js" */

/** ms to a kernel and back. One on this computer takes a few, and a tunnel or a proxy to another one often more than this. */
export const NEAR = 100;

const TRIPS = 5; // on a busy computer it takes several until one is quick

/** Whether the page comes from this computer; what lies behind that address may be far away. */
const isLocal = () => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(location.hostname);

export class Place {
  /**
   * @param {Model} model the widget's
   * @param {() => Promise<boolean>} greet the kernel; false where it does not answer in time
   */
  constructor(model, greet) {
    this.model = model;
    this.greet = greet;
    this.trip = Number.NaN; // ms, the shortest that was measured
    this.problem = ""; // why the model could not be opened here, if that was tried
    /** @type {Promise<boolean> | null} */
    this.measuring = null;
  }

  /** Whether it is up to us: nobody chose, and both are possible. */
  get open() {
    return this.model.get("backend") === "auto" && this.model.get("_browser_models").includes(this.model.get("model"));
  }

  /** Whether the model runs in this browser; undefined where that is not known yet. */
  get here() {
    const backend = this.model.get("backend") ?? "kernel";
    if (!this.open) return backend === "browser";
    if (this.obstacle) return false;
    if (!isLocal()) return true;
    return Number.isNaN(this.trip) ? undefined : this.trip > NEAR;
  }

  /** What keeps the model from running here. */
  get obstacle() {
    return this.problem || lacking();
  }

  /** Why it is so, as a sentence; empty where somebody chose, or nothing was in question. */
  get reason() {
    if (!this.open) return "";
    if (this.obstacle) return this.isFar ? `${this.obstacle} So the model runs in ${this.model.get("_where")}.` : "";
    return this.here && this.trip > NEAR ? `The kernel is far away: it answers after ${Math.round(this.trip)} ms.` : "";
  }

  get isFar() {
    return !isLocal() || this.trip > NEAR;
  }

  /** @returns {Promise<boolean | undefined>} Whether the model runs here; undefined where the kernel does not answer. */
  async choose() {
    if (this.here === undefined) {
      this.measuring ??= this.measure().finally(() => {
        this.measuring = null;
      });
      await this.measuring;
    }
    return this.here;
  }

  /** Until one answer was quick, or there were enough; false where there was none. */
  async measure() {
    let trip = Number.POSITIVE_INFINITY;
    for (let i = 0; i < TRIPS && trip > NEAR; i++) {
      const start = performance.now();
      if (!(await this.greet())) return false;
      trip = Math.min(trip, performance.now() - start);
    }
    this.trip = trip;
    return true;
  }
}
