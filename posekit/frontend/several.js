// Several people, found by MultiPose, which looks at the whole picture each time. Mirrors MoveNet in posekit/estimate/movenet.py, and
// LiveTracker in posekit/track/live.py, for models of several people.

import { toPose } from "./live_tracker.js";
import { nms } from "./oks.js";
import { cut, torsoColor } from "./pixels.js";
import { rint, wholeRegion } from "./region.js";
import { Tracker } from "./tracker.js";

/** @import { BrowserModel } from "./model.js" */
/** @import { Answer, Box, Picture, Point, Pose, Region, Size } from "./types.js" */

const COLUMNS = 56; // of a person: 17 × y, x, score; upper, left, lower, right border; confidence
const MULTIPLE = 32; // MultiPose takes sides that are multiples of this

/** @type {(raw: Float32Array, where: { scale: number[], offset: number[], size: Size }) => Pose[]} Those that have any confidence. */
function toPoses(raw, where) {
  const { scale, offset } = where;
  const rows = Array.from({ length: raw.length / COLUMNS }, (_, i) => raw.subarray(COLUMNS * i, COLUMNS * (i + 1)));
  return rows
    .map((row) => {
      const [y0, x0, y1, x1, confidence] = row.subarray(51);
      const box = [x0, y0, x1, y1].map((share, i) => Math.fround(share * scale[i % 2] + offset[i % 2]));
      return { ...toPose(row, where), box: /** @type {Box} */ (box), confidence };
    })
    .filter(({ confidence }) => confidence > 0);
}

/**
 * Copies a rectangle of RGB.
 *
 * @param {Uint8Array} rgb
 * @param {number} width of the whole
 * @param {number[]} start x, y of the upper left corner
 * @param {Size} size of the rectangle
 */
function copied(rgb, width, [x, y], size) {
  const part = new Uint8Array(3 * size[0] * size[1]);
  for (let row = 0; row < size[1]; row++) {
    const from = 3 * ((y + row) * width + x);
    part.set(rgb.subarray(from, from + 3 * size[0]), 3 * row * size[0]);
  }
  return part;
}

/**
 * One look at a whole picture, with the narrowest black bars that MultiPose's sizes allow.
 *
 * @param {BrowserModel} model
 * @param {Picture} picture
 */
export async function lookAtAll(model, picture) {
  const { side, minConfidence } = model.about;
  const size = /** @type {Size} */ ([picture.width, picture.height]);
  const square = cut(picture, wholeRegion(size), side);
  const upTo = (/** @type {number} */ length) => Math.ceil((side * length) / Math.max(...size) / MULTIPLE) * MULTIPLE;
  const seen = /** @type {Size} */ (size.map(upTo));
  const start = seen.map((length) => (side - length) / 2);
  const { raw, ms } = await model.run(copied(square.rgb, side, start, seen), seen);
  const scale = square.scale.map((each, axis) => (each * seen[axis]) / side);
  const offset = square.offset.map((each, axis) => each + (square.scale[axis] * start[axis]) / side);
  const poses = nms(toPoses(raw, { scale, offset, size }));
  return { poses: poses.filter(({ confidence }) => confidence >= minConfidence), ms };
}

/**
 * The part of a square that shows the picture, in whole pixels, and where it lies in the picture.
 *
 * @param {Uint8Array} square
 * @param {number} side
 * @param {{ region: Region, size: Size }} frame
 */
function shownPart(square, side, { region, size }) {
  const scale = region[2] / side;
  const low = [0, 1].map((axis) => Math.max(0, rint(-region[axis] / scale)));
  const high = [0, 1].map((axis) => Math.min(side, rint((size[axis] - region[axis]) / scale)));
  const [width, height] = [0, 1].map((axis) => Math.max(high[axis] - low[axis], 1));
  const corner = low.map((start, axis) => region[axis] + start * scale);
  return { frame: { data: copied(square, side, low, [width, height]), width, height }, scale, corner };
}

/** Follows several people through a live picture, of which squares arrive. */
export class LiveGroup {
  /** @param {{ side: number, smooth: boolean }} settings */
  constructor({ side, smooth }) {
    this.side = side;
    this.tracker = new Tracker(smooth);
    this.time = -Infinity;
  }

  /**
   * Finds the people in the next frame. Where the time runs backwards, another clip has begun.
   *
   * @param {BrowserModel} model
   * @param {Uint8Array} square
   * @param {{ region: Region, size: Size, time: number }} place where the square was cut; the time in seconds
   * @returns {Promise<{ found: Answer, ms: number }>}
   */
  async answer(model, square, place) {
    const { frame, scale, corner } = shownPart(square, this.side, place);
    const { poses, ms } = await lookAtAll(model, frame);
    if (place.time <= this.time) this.tracker.reset();
    this.time = place.time;
    const colors = poses.map(({ points }) => torsoColor(frame, points));
    const { ids, confidences, ...rest } = this.tracker.follow(poses, colors, place.time, [frame.width, frame.height]);
    const move = (/** @type {number} */ at, /** @type {number} */ axis) => at * scale + corner[axis];
    const people = rest.people.map((points) =>
      points.map(([x, y, score]) => /** @type {Point} */ ([move(x, 0), move(y, 1), score])),
    );
    const boxes = rest.boxes.map((box) => /** @type {Box} */ (box.map((each, i) => move(each, i % 2))));
    return { found: { people, ids, boxes, confidences, region: null, side: this.side }, ms };
  }
}
