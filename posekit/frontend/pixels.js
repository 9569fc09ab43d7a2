// Pixels that a model sees, and the colour of a torso in them. As Region.cut in posekit/image.py, and torso_color in
// posekit/track/tracker.py.

import { SKELETON } from "./shared.js";

/** @import { Lab, Point } from "./types.js" */

const TORSO = ["left_shoulder", "right_shoulder", "left_hip", "right_hip"].map((name) => SKELETON.names.indexOf(name));
const GRID = [0.15, 0.325, 0.5, 0.675, 0.85]; // of the way from the shoulders to the hips, and from left to right
const LIGHTNESS = 0.3; // light changes more than colour does
const WHITE = [0.950456, 1, 1.088754]; // of D65, as OpenCV has it
const XYZ = [
  [0.412453, 0.35758, 0.180423],
  [0.212671, 0.71516, 0.072169],
  [0.019334, 0.119193, 0.950227],
];

/** @type {(byte: number) => number} sRGB's value as light, 0…1. */
const toLight = (byte) => (byte <= 0.04045 * 255 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4);

/** @type {(share: number) => number} CIE's curve. */
const curve = (share) => (share > 0.008856 ? Math.cbrt(share) : 7.787 * share + 16 / 116);

/** @type {(rgb: number[]) => Lab} CIE Lab in bytes, as OpenCV has it. */
export function toLab(rgb) {
  const light = rgb.map(toLight);
  const [x, y, z] = XYZ.map((row, i) => curve(row.reduce((sum, each, j) => sum + each * light[j], 0) / WHITE[i]));
  return [Math.round(((116 * y - 16) * 255) / 100), Math.round(500 * (x - y)) + 128, Math.round(200 * (y - z)) + 128];
}

/**
 * The colour of a person's torso, to compare with that of others: the median of 25 pixels, as CIE Lab with less lightness.
 *
 * @param {Uint8Array} rgb
 * @param {number} side of the square, in pixels
 * @param {Point[]} points in pixels of it
 * @returns {Lab}
 */
export function torsoColor(rgb, side, points) {
  const [ls, rs, lh, rh] = TORSO.map((i) => points[i]);
  const between = (/** @type {Point} */ a, /** @type {Point} */ b, /** @type {number} */ share) =>
    [0, 1].map((axis) => a[axis] + share * (b[axis] - a[axis]));
  const inside = (/** @type {number} */ number) => Math.trunc(Math.min(Math.max(number, 0), side - 1));
  const colors = GRID.flatMap((down) =>
    GRID.map((across) => {
      const [left, right] = [between(ls, lh, down), between(rs, rh, down)];
      const [x, y] = [0, 1].map((axis) => inside(left[axis] + across * (right[axis] - left[axis])));
      return toLab([...rgb.subarray(3 * (y * side + x), 3 * (y * side + x) + 3)]);
    }),
  );
  const middle = (/** @type {number} */ i) => colors.map((color) => color[i]).sort((a, b) => a - b)[12];
  return [LIGHTNESS * middle(0), middle(1), middle(2)];
}
