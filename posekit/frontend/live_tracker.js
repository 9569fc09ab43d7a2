// One person in a live picture of which only squares arrive. Mirrors LiveTracker in posekit/track/live.py, for single-pose models.

import { agreement, mean } from "./oks.js";
import { torsoColor } from "./pixels.js";
import { MIN_LOCATED_SCORE, nextRegion, overlaps, refineRegion, sameRegion, wholeRegion } from "./region.js";
import { TOLERANCE_GROWTH, TRACK_LIFETIME, Tracker } from "./tracker.js";

/** @import { BrowserModel } from "./model.js" */
/** @import { Answer, Box, Point, Pose, Region, Size } from "./types.js" */

export const MIN_CROP_SCORE = 0.35;
export const NEW_PERSON_FACTOR = 1.2;

/**
 * What a single-pose model found, in pixels of the picture.
 *
 * @param {Float32Array} raw 17 × y, x, score, in shares of the square
 * @param {{ scale: number[], offset: number[], size: Size }} the square's sides and corner, in pixels of the picture
 * @returns {Pose}
 */
export function toPose(raw, { scale, offset, size }) {
  if (raw.length < 51 || !raw.every(Number.isFinite)) throw new Error("the model answered with values that are not finite numbers");
  const at = (/** @type {number} */ i, /** @type {number} */ axis) =>
    Math.fround(raw[3 * i + 1 - axis] * scale[axis] + offset[axis]);
  /** @type {Point[]} */
  const points = Array.from({ length: 17 }, (_, i) => [at(i, 0), at(i, 1), raw[3 * i + 2]]);
  return { points, box: boxOfLocated(points), confidence: mean(points.map((point) => point[2])), size };
}

/** @type {(points: Point[]) => Box} Around the keypoints that were located, or around all if none was. */
function boxOfLocated(points) {
  const located = points.filter((point) => point[2] > MIN_LOCATED_SCORE);
  const use = located.length ? located : points;
  const [xs, ys] = [0, 1].map((axis) => use.map((point) => point[axis]));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

export class LiveTracker {
  /** @param {{ side: number, minConfidence: number, smooth: boolean }} settings `minConfidence`: of two looks that agree */
  constructor({ side, minConfidence, smooth }) {
    this.side = side;
    this.minConfidence = minConfidence;
    this.tracker = new Tracker(smooth);
    /** @type {Pose | null} */
    this.before = null;
    this.fromCrop = this.confirmed = false;
    this.time = -Infinity;
    /** @type {Region | null} Where to cut the next square; null for the whole picture. */
    this.region = null;
  }

  /** Drops all tracks and asks for the whole picture; ids restart at 1. */
  reset() {
    this.tracker.reset();
    this.before = this.region = null;
    this.fromCrop = this.confirmed = false;
    this.time = -Infinity;
  }

  /**
   * Finds the person in the next frame.
   *
   * @param {BrowserModel} model
   * @param {Uint8Array<ArrayBuffer>} square
   * @param {{ region: Region, size: Size, time: number }} frame where the square was cut; the time in seconds
   * @returns {Promise<{ found: Answer, ms: number }>}
   */
  async answer(model, square, frame) {
    const { raw, rgb, ms } = await model.run(square);
    return { found: this.update(raw, rgb, frame), ms };
  }

  /**
   * @param {Float32Array} raw what the model said
   * @param {Uint8Array} rgb the square that it saw
   * @param {{ region: Region, size: Size, time: number }} frame
   * @returns {Answer}
   */
  update(raw, rgb, { region, size, time }) {
    if (time <= this.time || this.before?.size.some((length, i) => length !== size[i])) this.reset();
    const seen = toPose(raw, { scale: [region[2], region[2]], offset: region, size });
    const { look, confirmed } = this.judged(seen, !sameRegion(region, wholeRegion(size)), time);
    this.region = this.regionAfter(look);
    this.time = time;
    const inSquare = toPose(raw, { scale: [this.side, this.side], offset: [0, 0], size });
    const colors = confirmed ? [torsoColor({ data: rgb, width: this.side, height: this.side }, inSquare.points)] : [];
    return { ...this.tracker.follow(confirmed ? [look] : [], colors, time, size), region: this.region, side: this.side };
  }

  /**
   * Whether the previous look agrees.
   *
   * @param {Pose} seen
   * @param {boolean} fromCrop
   * @param {number} time
   */
  judged(seen, fromCrop, time) {
    let [look, confirmed] = [seen, false];
    const pause = time - this.time;
    if (this.before && pause <= TRACK_LIFETIME) {
      look = agreement(this.before, seen, 1 + TOLERANCE_GROWTH * pause); // the longer the pause, the farther a person may have moved
      // Two looks at the same pixels always agree: a new person must be seen in the whole and in a crop.
      const otherView = this.confirmed || fromCrop !== this.fromCrop;
      const limit = this.minConfidence * (this.confirmed ? 1 : NEW_PERSON_FACTOR);
      confirmed = otherView && look.confidence >= limit;
    }
    Object.assign(this, { before: look, fromCrop, confirmed });
    return { look, confirmed };
  }

  /** @type {(look: Pose) => Region | null} */
  regionAfter(look) {
    /** @type {Region | null} */
    let region = null;
    if (!this.confirmed) region = this.fromCrop ? null : refineRegion(look);
    else if (!this.fromCrop || mean(look.points.map((point) => point[2])) >= MIN_CROP_SCORE) region = nextRegion(look);
    return region && overlaps(region, look.size) && !sameRegion(region, wholeRegion(look.size)) ? region : null;
  }
}
