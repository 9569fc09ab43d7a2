// Where a model looks: squares of the picture. Mirrors Region in posekit/image.py, posekit/track/crop.py, and refine_region in
// posekit/estimate/refine.py, whose comments say where the constants are from.

import { SKELETON } from "./shared.js";

/** @import { Point, Pose, Region, Size } from "./types.js" */

export const MIN_RELIABLE_SCORE = 0.2;
export const TORSO_MARGIN = 1.9;
export const BODY_MARGIN = 1.2;
export const PARTIAL_BODY_MARGIN = 1.5;
export const MIN_CROP_SIDE = 16;
export const MIN_LOCATED_SCORE = 0.1;
export const MIN_LOCATED_POINTS = 3;

/** @type {(...names: string[]) => number[]} */
const indices = (...names) => names.map((name) => SKELETON.names.indexOf(name));
const SHOULDERS = indices("left_shoulder", "right_shoulder");
const HIPS = indices("left_hip", "right_hip");

/** @type {(number: number) => number} Rounds halves to the even number, as Python does: both must cut the same square. */
export function rint(number) {
  const low = Math.floor(number);
  if (number - low === 0.5) return low + (low % 2 ? 1 : 0);
  return Math.round(number);
}

/** @type {(size: Size) => Region} The smallest square around a picture. */
export function wholeRegion([width, height]) {
  const side = Math.max(width, height);
  return [Math.floor((width - side) / 2), Math.floor((height - side) / 2), side];
}

/** @type {(a: Region, b: Region) => boolean} */
export const sameRegion = (a, b) => a.every((number, i) => number === b[i]);

/** @type {(region: Region, size: Size) => boolean} Whether any of the region lies in the picture. */
export const overlaps = ([x, y, side], [width, height]) => -side < x && x < width && -side < y && y < height;

/**
 * A square around points, `margin` times as large as they need.
 *
 * @param {Point[]} points
 * @param {Size} size
 * @returns {Region}
 */
export function regionAround(points, size, margin = 1.3) {
  const axes = [0, 1].map((axis) => points.map((point) => point[axis]));
  const low = axes.map((axis) => Math.min(...axis));
  const high = axes.map((axis) => Math.max(...axis));
  const reach = Math.max(high[0] - low[0], high[1] - low[1]);
  const side = Math.trunc(Math.min(Math.max(Math.fround(margin * reach), MIN_CROP_SIDE), Math.max(...size)));
  return [rint((low[0] + high[0] - side) / 2), rint((low[1] + high[1] - side) / 2), side];
}

/**
 * MoveNet's own crop for the next frame; null where no shoulder or no hip is reliable.
 *
 * @param {Point[]} points
 * @param {Size} size
 * @returns {Region | null}
 */
export function smartCrop(points, size) {
  const isReliable = (/** @type {number} */ i) => points[i][2] > MIN_RELIABLE_SCORE;
  if (!SHOULDERS.some(isReliable) || !HIPS.some(isReliable)) return null;
  const [x, y] = [0, 1].map((axis) => (points[HIPS[0]][axis] + points[HIPS[1]][axis]) / 2);
  const reach = (/** @type {Point[]} */ some) => Math.max(...some.map((at) => Math.max(Math.abs(at[0] - x), Math.abs(at[1] - y))));
  const torso = reach([...SHOULDERS, ...HIPS].map((i) => points[i]));
  const body = reach(points.filter((_, i) => isReliable(i)));
  const border = Math.max(x, size[0] - x, y, size[1] - y);
  const half = Math.min(Math.max(TORSO_MARGIN * torso, BODY_MARGIN * body), border);
  if (half > Math.max(...size) / 2) return wholeRegion(size);
  return [rint(x - half), rint(y - half), Math.max(MIN_CROP_SIDE, rint(2 * half))];
}

/**
 * Where to look next for one person: the smart crop; without it a square around the reliable keypoints; else the whole picture.
 *
 * @param {Pose} pose
 */
export function nextRegion({ points, size }) {
  const reliable = points.filter((point) => point[2] > MIN_RELIABLE_SCORE);
  const region = smartCrop(points, size) ?? (reliable.length ? regionAround(reliable, size, PARTIAL_BODY_MARGIN) : null);
  return region && overlaps(region, size) ? region : wholeRegion(size);
}

/**
 * The crop for a second look: a square around the keypoints that were located.
 *
 * @param {Pose} pose
 */
export function refineRegion({ points, size }) {
  const located = points.filter((point) => point[2] > MIN_LOCATED_SCORE);
  if (located.length >= MIN_LOCATED_POINTS) return regionAround(located, size);
  const fourth = points.map((point) => point[2]).sort((a, b) => b - a)[3];
  return regionAround(
    points.filter((point) => point[2] >= fourth),
    size,
  );
}
