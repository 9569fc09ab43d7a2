import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeContext, load } from "./fakes.js";

const { boneWidth, boxOf, drawPerson } = await load("skeleton");
const { LOOK, SKELETON } = await load("shared");

/** A person whose keypoints lie on a diagonal, all sure. */
const person = SKELETON.names.map((/** @type {string} */ _, /** @type {number} */ i) => [100 + 10 * i, 50 + 10 * i, 0.9]);

function drawn(points = person, options = {}) {
  const context = new FakeContext(null);
  drawPerson(context, points, { size: [640, 480], scale: 1, threshold: 0.3, ...options });
  return context;
}

test("bones are as wide as in Python", () => {
  /** @type {{ box: number[], size: number[], width: number }[]} from posekit.drawing.line_width, which rounds down */
  const cases = JSON.parse(process.env.POSEKIT_WIDTHS ?? "[]");
  assert.ok(cases.length);
  for (const { box, size, width } of cases) assert.equal(Math.floor(boneWidth(box, size)), width, JSON.stringify(box));
});

test("a box is around the points that reach the threshold, or around all", () => {
  assert.deepEqual(
    boxOf(
      [
        [1, 2, 0.9],
        [5, 9, 0.9],
        [50, 90, 0.1],
      ],
      0.3,
    ),
    [1, 2, 5, 9],
  );
  assert.deepEqual(
    boxOf(
      [
        [1, 2, 0.1],
        [5, 9, 0.2],
      ],
      0.3,
    ),
    [1, 2, 5, 9],
  );
});

test("every joint has the mark and colour of its side", () => {
  const context = drawn();
  const sides = SKELETON.sides.filter((/** @type {string} */ side) => side === "right");
  assert.equal(context.of("rect").length, sides.length);
  assert.equal(context.of("arc").length, 17 - sides.length);
  assert.deepEqual(
    context.of("fill").map((call) => call.fillStyle),
    SKELETON.sides.map((/** @type {"left" | "right" | "centre"} */ side) => LOOK.sides[side].color),
  );
});

test("all rims are under all colours, and bones of the right side are split", () => {
  const lines = drawn().of("stroke").slice(0, 5);
  assert.equal(lines[0].strokeStyle, LOOK.rim_color);
  const [rim, left, right, split] = lines.map((line) => line.lineWidth);
  assert.equal(rim, left + 2 * LOOK.rim);
  assert.equal(right, left);
  assert.equal(split, Math.max(1, right / LOOK.splits_per_bone));
  assert.deepEqual(
    lines.slice(1).map((line) => line.strokeStyle),
    [LOOK.sides.left.color, LOOK.sides.right.color, LOOK.rim_color, LOOK.sides.centre.color],
  );
});

test("points under the threshold, missing ones and bones to them are left out", () => {
  const all = drawn().of("moveTo").length;
  const wrist = SKELETON.names.indexOf("left_wrist");
  for (const point of [
    [NaN, 5, 0.9],
    [100, 100, 0.2],
  ]) {
    const context = drawn(person.with(wrist, point));
    assert.equal(context.of("fill").length, 16);
    assert.equal(context.of("moveTo").length, all - 2); // its bone is drawn twice: rim and colour
  }
});

test("a canvas of twice the size is drawn on at twice the size", () => {
  const [once, twice] = [drawn(), drawn(person, { scale: 2 })];
  assert.deepEqual(
    twice.of("moveTo")[0].args,
    once.of("moveTo")[0].args.map((/** @type {number} */ x) => 2 * x),
  );
  assert.equal(twice.of("stroke")[0].lineWidth, 2 * once.of("stroke")[0].lineWidth);
});
