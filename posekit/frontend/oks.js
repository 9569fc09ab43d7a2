// How well two poses agree. Mirrors posekit/pose/oks.py, and agreement in posekit/estimate/refine.py.

import { SKELETON } from "./shared.js";

/** @import { Box, Point, Pose } from "./types.js" */

export const MAX_SIMILARITY = 0.7; // of two people, as mean OKS

/** @type {(numbers: number[]) => number} */
export const mean = (numbers) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

/**
 * The terms of COCO's object keypoint similarity at each keypoint, 0…1.
 *
 * @param {Point[]} a
 * @param {Point[]} b
 * @param {Box} box of the person, whose area stands for that of the person
 * @param {number} tolerance 2 tolerates twice the distance
 */
export function oks(a, b, box, tolerance = 1) {
  const area = Math.max((box[2] - box[0]) * (box[3] - box[1]), 1);
  return SKELETON.sigmas.map((sigma, i) => {
    const distance2 = (a[i][0] - b[i][0]) ** 2 + (a[i][1] - b[i][1]) ** 2;
    return Math.exp(-distance2 / (2 * area * (2 * tolerance * sigma) ** 2));
  });
}

/** @type {(poses: Pose[]) => Pose[]} Without duplicates: of two people who are too similar only the more confident one stays. */
export function nms(poses) {
  /** @type {Pose[]} */
  const kept = [];
  for (const pose of [...poses].sort((a, b) => b.confidence - a.confidence)) {
    if (kept.every(({ points, box }) => mean(oks(pose.points, points, box)) < MAX_SIMILARITY)) kept.push(pose);
  }
  return kept;
}

/**
 * The second look with a new confidence: the mean of its scores, each weighted by how well the two looks agree there. One look
 * may have swapped left and right.
 *
 * @param {Pose} first
 * @param {Pose} second
 * @param {number} tolerance
 * @returns {Pose}
 */
export function agreement(first, second, tolerance = 1) {
  const { points, box } = second;
  const orders = [first.points, SKELETON.flip.map((i) => first.points[i])];
  const agreed = orders.map((order) => mean(oks(order, points, box, tolerance).map((alike, i) => alike * points[i][2])));
  return { ...second, confidence: Math.max(...agreed) };
}
