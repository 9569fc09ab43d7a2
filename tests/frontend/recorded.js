// The live tracker of JavaScript, held against what Python's answered to the same frames: the folder POSEKIT_RECORDED has both.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

/** @type {(name: string) => Promise<any>} */
const load = (name) => import(`${process.env.POSEKIT_FRONTEND}/${name}.js`);
const { LiveTracker } = await load("live_tracker");
const { torsoColor } = await load("pixels");

const folder = process.env.POSEKIT_RECORDED;
const { side, minConfidence, clips } = JSON.parse(readFileSync(`${folder}/recorded.json`, "utf-8"));

/** @type {(a: number[], b: number[]) => number} */
const farthest = (a, b) => Math.max(...a.map((each, i) => Math.abs(each - b[i])));

for (const { name, smooth, size, frames } of clips) {
  test(`${name}, ${smooth ? "smoothed" : "as it is"}: points, ids and regions are Python's`, () => {
    const squares = readFileSync(`${folder}/${name}.rgb`);
    const tracker = new LiveTracker({ side, minConfidence, smooth });
    const length = side * side * 3;
    frames.forEach((/** @type {any} */ { raw, region, time, people, ids, next, color, points }, /** @type {number} */ i) => {
      const rgb = squares.subarray(i * length, (i + 1) * length);
      const answer = tracker.update(new Float32Array(raw), rgb, { region, size, time });
      assert.deepEqual(answer.ids, ids, `frame ${i}`);
      people.forEach((/** @type {number[][]} */ person, /** @type {number} */ n) => {
        person.forEach((point, joint) => {
          assert.ok(farthest(point, answer.people[n][joint]) < 0.5, `frame ${i}, joint ${joint}`);
        });
      });
      if (next) assert.ok(answer.region && farthest(next, answer.region) <= 1, `frame ${i}: ${answer.region}, not ${next}`);
      else assert.equal(answer.region, null, `frame ${i}`);
      assert.ok(farthest(color, torsoColor({ data: rgb, width: side, height: side }, points)) <= 1, `frame ${i}`);
    });
  });
}
