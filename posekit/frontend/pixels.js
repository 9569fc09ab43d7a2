// The pixels that a model sees, and the colour of a torso in them. Mirrors Region.cut in posekit/image.py, and torso_color in
// posekit/track/tracker.py.

import { rint } from "./region.js";
import { SKELETON } from "./shared.js";

/** @import { Lab, Picture, Point, Region } from "./types.js" */

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
 * The colour of a person's torso, to tell people apart: the median of 25 pixels, in CIE Lab with lightness scaled down.
 *
 * @param {Picture} picture
 * @param {Point[]} points in pixels of it
 * @returns {Lab}
 */
export function torsoColor({ data, width, height }, points) {
  const [ls, rs, lh, rh] = TORSO.map((i) => points[i]);
  const between = (/** @type {Point} */ a, /** @type {Point} */ b, /** @type {number} */ share) =>
    [0, 1].map((axis) => a[axis] + share * (b[axis] - a[axis]));
  const limits = [width - 1, height - 1];
  const channels = data.length / (width * height);
  const colors = GRID.flatMap((down) =>
    GRID.map((across) => {
      const [left, right] = [between(ls, lh, down), between(rs, rh, down)];
      const at = [0, 1].map((axis) => left[axis] + across * (right[axis] - left[axis]));
      const [x, y] = at.map((each, axis) => Math.trunc(Math.min(Math.max(each, 0), limits[axis])));
      const start = channels * (y * width + x);
      return toLab([...data.subarray(start, start + 3)]);
    }),
  );
  const middle = (/** @type {number} */ i) => colors.map((color) => color[i]).sort((a, b) => a - b)[12];
  return [LIGHTNESS * middle(0), middle(1), middle(2)];
}

/**
 * Where a region and the picture overlap along one axis: in the picture's pixels, and in the square's.
 *
 * @param {number} start
 * @param {number} side
 * @param {number} length of the picture
 * @param {number} size of the square
 */
function overlap(start, side, length, size) {
  const [from, to] = [Math.max(start, 0), Math.min(start + side, length)];
  const first = Math.min(rint(((from - start) * size) / side), size - 1);
  const last = Math.max(rint(((to - start) * size) / side), first + 1);
  return { from, to, first, last };
}

/**
 * For each pixel of a line of `to`, the pixels of a line of `from` and their weights: averages over the area where it shrinks,
 * between the two nearest where it grows. As OpenCV's INTER_AREA and INTER_LINEAR.
 *
 * @param {number} from
 * @param {number} to
 * @returns {[number, number][][]}
 */
function weights(from, to) {
  const scale = from / to;
  return Array.from({ length: to }, (_, i) => {
    if (scale < 1) {
      const at = Math.min(Math.max((i + 0.5) * scale - 0.5, 0), from - 1);
      const low = Math.floor(at);
      return [[low, 1 - (at - low)], ...(at > low ? [/** @type {[number, number]} */ ([low + 1, at - low])] : [])];
    }
    const [start, end] = [i * scale, Math.min((i + 1) * scale, from)];
    /** @type {[number, number][]} */
    const shares = [];
    for (let j = Math.floor(start + 1e-9); j < end - 1e-9; j++) shares.push([j, Math.min(j + 1, end) - Math.max(j, start)]);
    const sum = shares.reduce((total, [, share]) => total + share, 0);
    return shares.map(([j, share]) => [j, share / sum]);
  });
}

/**
 * Cuts a region out of a picture and shrinks it to a square of RGB, in which what lies outside the picture is black. Not with a
 * canvas: browsers shrink large photos so differently that the model's points would differ too much.
 *
 * @param {Picture} picture
 * @param {Region} region
 * @param {number} size of the square
 */
export function cut({ data, width, height }, [x, y, side], size) {
  const [across, down] = [overlap(x, side, width, size), overlap(y, side, height, size)];
  const [columns, rows] = [across, down].map(({ from, to, first, last }) => weights(to - from, last - first));
  const channels = data.length / (width * height);
  const line = new Float64Array(3 * columns.length);
  const sums = new Float64Array(3 * columns.length);
  const rgb = new Uint8Array(3 * size * size);
  let shrunk = -1; // the row of the picture that `line` holds
  const shrink = (/** @type {number} */ row) => {
    if (row === shrunk) return;
    shrunk = row;
    line.fill(0);
    const start = channels * ((down.from + row) * width + across.from);
    columns.forEach((shares, i) => {
      for (const [j, share] of shares) for (let c = 0; c < 3; c++) line[3 * i + c] += share * data[start + channels * j + c];
    });
  };
  rows.forEach((shares, i) => {
    sums.fill(0);
    for (const [j, share] of shares) {
      shrink(j);
      for (let k = 0; k < sums.length; k++) sums[k] += share * line[k];
    }
    const start = 3 * ((down.first + i) * size + across.first);
    for (let k = 0; k < sums.length; k++) rgb[start + k] = rint(sums[k]);
  });
  const scale = [across, down].map(({ from, to, first, last }) => (to - from) / (last - first));
  const offset = [across, down].map(({ from, first }, axis) => from - scale[axis] * first);
  return { rgb, scale: scale.map((each) => each * size), offset };
}
