// One person at one moment, measured in lengths of their own bones. Mirrors posekit/motion/body.py.

import { jointAngle } from "./angles.js";
import { COUNTING, SKELETON } from "./shared.js";

/** @import { Point } from "./types.js" */
/** @typedef {Record<string, number>} Bones by name, in pixels */
/** @typedef {[number, number]} Place */

const LIMBS = [
  ["shoulder", "elbow"],
  ["elbow", "wrist"],
  ["hip", "knee"],
  ["knee", "ankle"],
];

/** @type {(joint: string, side: string) => number} */
const indexOf = (joint, side) => SKELETON.names.indexOf(`${side}_${joint}`);

/** @type {(a: number[], b: number[]) => number} */
const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

/** @type {(a: number[], b: number[]) => Place} */
const midway = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];

export class Body {
  /**
   * @param {Point[]} points NaN where one is missing
   * @param {Bones} bones
   */
  constructor(points, bones) {
    this.points = points;
    this.bones = bones;
  }

  /** @type {(joint: string, side?: string) => Place} Of `"both"`: midway, or the side that is seen. */
  point(joint, side = "both") {
    if (side !== "both") return midway(this.points[indexOf(joint, side)], this.points[indexOf(joint, side)]);
    const [left, right] = [this.points[indexOf(joint, "left")], this.points[indexOf(joint, "right")]];
    return midway(Number.isNaN(left[0]) ? right : left, Number.isNaN(right[0]) ? left : right);
  }

  /** @type {(joint: string, above: string, per: string, side?: string) => number} How far above another joint it is, in lengths of a bone. */
  height(joint, above, per, side = "both") {
    return (this.point(above, side)[1] - this.point(joint, side)[1]) / this.bones[per];
  }

  /** @type {(joint: string, per: string) => number} The horizontal distance between a joint's two sides. */
  apart(joint, per) {
    return Math.abs(this.points[indexOf(joint, "left")][0] - this.points[indexOf(joint, "right")][0]) / this.bones[per];
  }

  /** @type {(joint: string, side: string) => number} In degrees. */
  angle(joint, side) {
    const parts = SKELETON.angles.find((each) => each[1] === indexOf(joint, side)) ?? [];
    return jointAngle(parts.map((part) => this.points[part]));
  }
}

/** Learns the length of a person's bones from frame to frame. */
export class BoneMeter {
  constructor() {
    /** @type {{ time: number, lengths: number[] }[]} */
    this.seen = [];
    /** @type {Bones} */
    this.bones = {};
  }

  /**
   * @param {Point[]} points NaN where one is missing
   * @param {number} time in seconds, later than the last one
   */
  measure(points, time) {
    const last = this.seen.at(-1);
    if (!last || time - last.time >= COUNTING.INTERVAL) {
      this.seen.push({ time, lengths: boneLengths(points) });
      this.seen = this.seen.filter((each) => time - each.time <= COUNTING.MEMORY);
      this.bones = typicalBones(this.seen.map(({ lengths }) => lengths));
    }
    return new Body(points, this.bones);
  }
}

/** @type {(points: Point[]) => number[]} Each bone in pixels; of a pair the longer one, 0 where it is missing. */
function boneLengths(points) {
  const at = (/** @type {string} */ joint, /** @type {string} */ side) => points[indexOf(joint, side)];
  const middle = (/** @type {string} */ joint) => midway(at(joint, "left"), at(joint, "right"));
  const trunk = distance(middle("shoulder"), middle("hip"));
  const shoulders = distance(at("shoulder", "left"), at("shoulder", "right"));
  const limbs = LIMBS.map(([a, b]) => Math.max(...["left", "right"].map((side) => distance(at(a, side), at(b, side)) || 0)));
  return [trunk || 0, shoulders || 0, ...limbs];
}

/** @type {(seen: number[][]) => Bones} The lengths of the last seconds → the length of each. */
function typicalBones(seen) {
  const shares = Object.entries(COUNTING.SHARES);
  const lengths = shares.map((_, bone) => {
    const ranks = seen.map((each) => each[bone]).sort((a, b) => b - a);
    const count = ranks.filter((each) => each > 0).length;
    return ranks[Math.trunc((1 - COUNTING.QUANTILE) * count)];
  });
  const height = Math.max(...shares.map(([, share], bone) => lengths[bone] / share));
  const sized = shares.map(([name, share], bone) => [name, Math.max(lengths[bone], COUNTING.MIN_SHARE * height * share, 1e-6)]);
  const bones = Object.fromEntries(sized);
  return { ...bones, arm: bones.upper_arm + bones.forearm, leg: bones.thigh + bones.shin };
}
