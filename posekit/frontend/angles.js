// The angles of the joints beside them, as posekit/drawing/angles.py writes them.

import { LOOK, SKELETON } from "./shared.js";
import { boneWidth, boxOf } from "./skeleton.js";

/** @import { Point, Size } from "./types.js" */

/**
 * The angle at the middle one of three points in degrees, 0…180; NaN where an outer point coincides with it.
 *
 * @param {Point[]} points
 */
export function jointAngle([[ax, ay], [x, y], [bx, by]]) {
  const [ux, uy, vx, vy] = [ax - x, ay - y, bx - x, by - y];
  if (!(ux || uy) || !(vx || vy)) return Number.NaN;
  return (Math.atan2(Math.abs(ux * vy - uy * vx), ux * vx + uy * vy) * 180) / Math.PI;
}

/**
 * Where the middle of a number goes: away from both limbs, or beside a straight one; [0, 0] is the joint, the length is 1.
 *
 * @param {Point[]} points
 */
function outwards([[ax, ay], [x, y], [bx, by]]) {
  const [a, b] = [Math.hypot(ax - x, ay - y), Math.hypot(bx - x, by - y)];
  const [ux, uy] = [(ax - x) / a, (ay - y) / a];
  let [dx, dy] = [-ux - (bx - x) / b, -uy - (by - y) / b];
  if (Math.hypot(dx, dy) < 0.2) [dx, dy] = [-uy, ux];
  const length = Math.hypot(dx, dy);
  return [dx / length, dy / length];
}

/**
 * Writes the angles of one person whose points reach the threshold.
 *
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context
 * @param {Point[]} points
 * @param {{ size: Size, scale: number, threshold: number, mirror: boolean }} options `mirror`: the canvas is shown as in a mirror
 */
export function drawAngles(context, points, { size, scale, threshold, mirror }) {
  const height = Math.max(12, Math.max(...size) / 45);
  const away = 1.4 * height + boneWidth(boxOf(points, threshold), size);
  context.font = `600 ${height * scale}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = (height * scale) / 4;
  context.strokeStyle = LOOK.rim_color;
  context.fillStyle = "white";
  for (const parts of SKELETON.angles) {
    const three = parts.map((part) => points[part]);
    const degrees = jointAngle(three);
    if (!Number.isFinite(degrees) || three.some(([, , score]) => score < threshold)) continue;
    const [dx, dy] = outwards(three);
    write(context, `${Math.round(degrees)}°`, (three[1][0] + dx * away) * scale, (three[1][1] + dy * away) * scale, mirror);
  }
}

/**
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {boolean} mirror
 */
function write(context, text, x, y, mirror) {
  context.save();
  context.translate(x, y);
  if (mirror) context.scale(-1, 1); // else the numbers could not be read
  context.strokeText(text, 0, 0);
  context.fillText(text, 0, 0);
  context.restore();
}
