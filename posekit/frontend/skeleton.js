// Poses on a canvas, as posekit.draw paints them; LOOK says how.

import { LOOK, SKELETON } from "./shared.js";

/** @import { Point, Size } from "./types.js" */

/**
 * Thickness of a bone for a person with that box [x0, y0, x1, y1] in a picture of that size. Mirrors `line_width` in posekit/drawing/draw.py.
 *
 * @param {number[]} box
 * @param {Size} size
 */
export function boneWidth([x0, y0, x1, y1], size) {
  const most = Math.max(LOOK.least_bone, Math.max(...size) / LOOK.bones_per_image);
  return Math.min(Math.max(Math.max(x1 - x0, y1 - y0) / LOOK.bones_per_person, LOOK.least_bone), most);
}

/**
 * The box [x0, y0, x1, y1] around the points that reach the threshold; around all of them if none does.
 *
 * @param {Point[]} points
 * @param {number} threshold
 */
export function boxOf(points, threshold) {
  const seen = points.filter((point) => point[2] >= threshold);
  const use = seen.length ? seen : points;
  const [xs, ys] = [use.map((point) => point[0]), use.map((point) => point[1])];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/**
 * Draws one person, given as 17 points in pixels of a picture of that size, onto a canvas of the picture's shape.
 *
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context
 * @param {Point[]} points
 * @param {{ size: Size, scale: number, threshold: number }} options `scale`: canvas pixels per picture pixel
 */
export function drawPerson(context, points, { size, scale, threshold }) {
  const seen = points.map(([x, y, score]) => score >= threshold && Number.isFinite(x) && Number.isFinite(y));
  const width = boneWidth(boxOf(points, threshold), size) * scale;
  drawBones(context, points, seen, width, scale);
  const radius = width / 2 + LOOK.joint * scale;
  context.strokeStyle = LOOK.rim_color;
  context.lineWidth = Math.max(1, LOOK.rim * scale);
  points.forEach(([x, y], i) => {
    if (!seen[i]) return;
    const look = LOOK.sides[SKELETON.sides[i]];
    context.beginPath();
    if (look.joint === "square") context.rect(x * scale - radius, y * scale - radius, 2 * radius, 2 * radius);
    else context.arc(x * scale, y * scale, radius, 0, 2 * Math.PI);
    context.fillStyle = look.color;
    context.fill();
    context.stroke();
  });
}

/**
 * All rims under all colours, so that crossing limbs stay apart.
 *
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context
 * @param {Point[]} points
 * @param {boolean[]} seen
 * @param {number} width
 * @param {number} scale
 */
function drawBones(context, points, seen, width, scale) {
  const bones = SKELETON.edges
    .map(([a, b], i) => ({ a: points[a], b: points[b], side: SKELETON.edgeSides[i], seen: seen[a] && seen[b] }))
    .filter((bone) => bone.seen);
  const stroke = (/** @type {typeof bones} */ some, /** @type {string} */ color, /** @type {number} */ thickness) => {
    context.strokeStyle = color;
    context.lineWidth = thickness;
    context.beginPath();
    for (const { a, b } of some) {
      context.moveTo(a[0] * scale, a[1] * scale);
      context.lineTo(b[0] * scale, b[1] * scale);
    }
    context.stroke();
  };
  context.lineCap = "round";
  stroke(bones, LOOK.rim_color, width + 2 * LOOK.rim * scale);
  for (const [side, look] of Object.entries(LOOK.sides)) {
    const some = bones.filter((bone) => bone.side === side);
    stroke(some, look.color, width);
    if (look.split) stroke(some, LOOK.rim_color, Math.max(1, width / LOOK.splits_per_bone));
  }
}
