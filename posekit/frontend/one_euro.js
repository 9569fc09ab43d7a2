// The One-Euro filter, which removes jitter with little lag. Mirrors posekit/track/one_euro.py.

export const MIN_CUTOFF = 0.5; // hertz, of a point at rest
export const BETA = 100; // how much the cutoff rises with speed: hertz for one picture length a second
export const SPEED_CUTOFF = 1; // hertz, of the speed itself

/** @typedef {[number, number][]} Points as shares of the picture's longer side */

/** @type {(cutoff: number, dt: number) => number} The weight of a new value, `dt` seconds after the last one. */
const weight = (cutoff, dt) => 1 / (1 + 1 / (2 * Math.PI * cutoff * dt));

export class OneEuro {
  constructor() {
    this.time = -Infinity;
    /** @type {Points} */
    this.value = [];
    /** @type {Points} */
    this.speed = [];
  }

  /**
   * Smooths one set of points.
   *
   * @param {Points} value
   * @param {number} time seconds; where it is not later than the last one, the filter starts afresh
   * @returns {Points}
   */
  next(value, time) {
    const dt = time - this.time;
    const fresh = !this.value.length || dt <= 0;
    this.time = time;
    if (fresh) this.speed = value.map(() => [0, 0]);
    this.value = fresh ? value : value.map((point, i) => this.smoothed(i, point, dt));
    return this.value;
  }

  /**
   * @param {number} i
   * @param {[number, number]} point
   * @param {number} dt
   * @returns {[number, number]}
   */
  smoothed(i, point, dt) {
    const [before, speed] = [this.value[i], this.speed[i]];
    for (const axis of [0, 1]) speed[axis] += weight(SPEED_CUTOFF, dt) * ((point[axis] - before[axis]) / dt - speed[axis]);
    // One speed for both axes, so that the smoothing does not depend on the direction.
    const share = weight(MIN_CUTOFF + BETA * Math.hypot(...speed), dt);
    return [before[0] + share * (point[0] - before[0]), before[1] + share * (point[1] - before[1])];
  }
}
