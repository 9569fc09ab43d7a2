import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./fakes.js";

const { findPeople } = await load("look");
const { described, toTable } = await load("photo_here");

/** A model that gives one answer after the other. */
const makeModel = (/** @type {Float32Array[]} */ ...answers) => ({
  about: { people: 1, side: 192, minConfidence: 0.13 },
  run: async () => ({ raw: answers.shift() }),
});

const PICTURE = { data: new Uint8ClampedArray(4 * 64 * 48), width: 64, height: 48 };
const NOBODY = new Float32Array(51).map((_, i) => (i % 3 === 2 ? 0.05 : ((i * 37) % 51) / 51));
const ONE = new Float32Array(51).map((_, i) => (i % 3 === 2 ? 0.9 : 0.3 + 0.4 * (((i * 7) % 17) / 17)));

test("where two looks disagree there is nobody", async () => {
  assert.deepEqual(await findPeople(makeModel(NOBODY, ONE), PICTURE), []);
  assert.deepEqual(described([], { name: "lightning", size: [64, 48], ms: 12.34 }), {
    model: "lightning",
    size: { width: 64, height: 48 },
    time_ms: 12.3,
    people: [],
  });
});

test("a person is described as the server's API does, and as a table", async () => {
  const points = Array.from({ length: 17 }, (_, i) => [i + 0.123456, 2 * i, 0.98764]);
  const pose = { points, box: [0, 0, 16.123, 32], confidence: 0.87654, size: [64, 48] };
  const about = described([pose], { name: "lightning", size: [64, 48], ms: 12 });
  assert.equal(about.people[0].confidence, 0.8765);
  assert.deepEqual(about.people[0].keypoints.left_eye, {
    x: 1.12,
    y: 2,
    x_normalised: 0.01755,
    y_normalised: 0.04167,
    score: 0.9876,
  });
  const [head, first] = toTable(about).split("\n");
  assert.equal(head, "person,keypoint,x,y,score");
  assert.equal(first, "0,nose,0.12,0,0.9876");
});
