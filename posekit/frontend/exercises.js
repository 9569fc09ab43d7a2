// The exercises' signals and postures. Mirrors posekit/motion/exercises.py, which explains their numbers.

import { COUNTING } from "./shared.js";

/** @import { Body } from "./body.js" */
/** @typedef {(body: Body, side: string) => number} Signal */

/** @type {(a: number, b: number) => number} Python's min, which keeps the first where the second one is NaN. */
const lesser = (a, b) => (Number.isNaN(b) ? a : Math.min(a, b));

/** @type {(a: number, b: number) => number} */
const greater = (a, b) => (Number.isNaN(b) ? a : Math.max(a, b));

/** @type {(body: Body) => boolean} */
const isUpright = (body) => !(body.height("shoulder", "hip", "trunk") < 0.4);

/** @type {(body: Body) => boolean} */
const isInPlank = (body) =>
  body.height("shoulder", "hip", "trunk") < 0.7 &&
  body.height("hip", "ankle", "leg") < 0.7 &&
  body.height("shoulder", "wrist", "arm") > 0.1;

/** @type {(body: Body) => boolean} */
const isOnTheFloor = (body) => !(body.height("hip", "ankle", "leg") > 0.45) && body.height("hip", "knee", "thigh") < 0.35;

/** @type {(body: Body, joint: string) => number} How much higher the left joint of a pair is, in leg lengths. */
const step = (body, joint) => (body.point(joint, "right")[1] - body.point(joint, "left")[1]) / body.bones.leg;

/** @type {Signal} Height of the hips above the lower foot, in leg lengths. */
function hips(body) {
  const feet = ["left", "right"].map((side) => body.point("ankle", side)[1]).filter((y) => !Number.isNaN(y));
  return feet.length ? (Math.max(...feet) - body.point("hip")[1]) / body.bones.leg : Number.NaN;
}

/** @type {Signal} Height of the hips while the legs are apart. */
function splitHips(body, side) {
  const split = greater(Math.abs(step(body, "knee")) / 0.1, body.apart("ankle", "leg") / 0.5);
  const height = hips(body, side);
  return split > 1 || Number.isNaN(height) ? height : greater(height, 0.9);
}

/** @type {Signal} The hands' way up, or the feet's way apart where that is less. */
function jack(body) {
  const hands = (body.height("wrist", "shoulder", "arm") + 0.8) / 1.5;
  const breadth = lesser(1, body.apart("shoulder", "trunk") / 0.7);
  return breadth < 0.4 ? hands : lesser(hands, (body.apart("ankle", "leg") / breadth - 0.25) / 0.5);
}

/** @type {Signal} Height of the hand above the elbow, of an upper arm that hangs. */
function curl(body, side) {
  if (!(body.height("elbow", "shoulder", "upper_arm", side) < -0.5)) return Number.NaN;
  const hand = body.height("wrist", "elbow", "forearm", side);
  return body.angle("elbow", side) > 120 ? hand : greater(hand, 0);
}

/** @type {Signal} Height of hand or elbow above the shoulder, whichever is lower. */
const armRaise = (body, side) =>
  lesser(body.height("wrist", "shoulder", "arm", side), body.height("elbow", "shoulder", "upper_arm", side));

/** @type {Record<string, { signal: Signal, posture: (body: Body) => boolean, lead?: (body: Body) => string }>} */
const FORMS = {
  squat: { signal: hips, posture: isUpright },
  push_up: { signal: (body) => body.height("shoulder", "wrist", "arm"), posture: isInPlank },
  sit_up: { signal: (body) => body.height("shoulder", "hip", "trunk"), posture: isOnTheFloor },
  lunge: { signal: splitHips, posture: isUpright, lead: (body) => (step(body, "knee") > 0 ? "left" : "right") },
  jumping_jack: { signal: jack, posture: isUpright },
  curl: { signal: curl, posture: isUpright },
  arm_raise: { signal: armRaise, posture: isUpright },
};

/** @type {(name: string) => boolean} Whether that exercise can be counted here. */
export const isExercise = (name) => Object.hasOwn(FORMS, name);

/** @param {string} name */
export function findExercise(name) {
  const numbers = COUNTING.EXERCISES[name];
  const { rest, full } = numbers;
  const { signal, posture, lead = (/** @type {Body} */ _body) => "" } = FORMS[name];
  const depth = (/** @type {Body} */ body, /** @type {string} */ side) => (signal(body, side) - rest) / (full - rest);
  return { name, ...numbers, posture, lead, depth };
}

/** @typedef {ReturnType<typeof findExercise>} Exercise */
