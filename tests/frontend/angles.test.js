import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeContext, load } from "./fakes.js";

const { drawAngles, jointAngle } = await load("angles");
const { SKELETON } = await load("shared");

test("angles are those that Python measures", () => {
  /** @type {{ points: number[][], degrees: number | null }[]} from posekit.pose.joint_angle */
  const cases = JSON.parse(process.env.POSEKIT_ANGLES ?? "[]");
  assert.ok(cases.some(({ degrees }) => degrees === null));
  for (const { points, degrees } of cases) {
    const found = jointAngle(points);
    if (degrees === null) assert.ok(Number.isNaN(found), JSON.stringify(points));
    else assert.ok(Math.abs(found - degrees) < 1e-4, JSON.stringify(points));
  }
});

/** A straight left arm and a right one at a right angle; everything else is not seen. */
function written(options = {}) {
  const points = SKELETON.names.map(() => [0, 0, 0.1]);
  const put = (/** @type {string} */ name, /** @type {number} */ x, /** @type {number} */ y) => {
    points[SKELETON.names.indexOf(name)] = [x, y, 0.9];
  };
  put("left_shoulder", 100, 100);
  put("left_elbow", 100, 150);
  put("left_wrist", 100, 200);
  put("right_shoulder", 300, 100);
  put("right_elbow", 300, 150);
  put("right_wrist", 350, 150);
  /** @type {{ text: string, x: number, y: number, mirrored: boolean }[]} */
  const texts = [];
  let at = { x: 0, y: 0, mirrored: false };
  const context = Object.assign(new FakeContext(null), {
    save: () => {},
    restore: () => {},
    strokeText: () => {},
    translate: (/** @type {number} */ x, /** @type {number} */ y) => (at = { x, y, mirrored: false }),
    scale: (/** @type {number} */ x) => (at = { ...at, mirrored: x < 0 }),
    fillText: (/** @type {string} */ text) => texts.push({ text, ...at }),
  });
  drawAngles(context, points, { size: [640, 480], scale: 2, threshold: 0.3, mirror: false, ...options });
  return texts;
}

test("only angles of three points that are seen are written", () => {
  assert.deepEqual(
    written().map(({ text }) => text),
    ["180°", "90°"],
  );
  assert.deepEqual(written({ threshold: 0.95 }), []);
});

test("a number stands on the outer side of the bend, in the canvas's pixels", () => {
  const { x, y } = written()[1];
  assert.ok(x < 600 && y > 300); // the elbow is at (300, 150), its limbs go up and to the right
  assert.ok(Math.hypot(x - 600, y - 300) < 100);
});

test("in a mirror the numbers can still be read", () => {
  assert.ok(written({ mirror: true }).every(({ mirrored }) => mirrored));
});
