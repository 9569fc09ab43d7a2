// Several people in JavaScript, held against what Python's trackers answered to the same frames: the folder POSEKIT_RECORDED has both.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

/** @type {(name: string) => Promise<any>} */
const load = (name) => import(`${process.env.POSEKIT_FRONTEND}/${name}.js`);
const { LiveGroup } = await load("several");
const { ClipTracker } = await load("clip_tracker");

const folder = process.env.POSEKIT_RECORDED;
const { about, clips } = JSON.parse(readFileSync(`${folder}/followed.json`, "utf-8"));

/** @type {(a: number[], b: number[]) => number} */
const farthest = (a, b) => Math.max(...a.map((each, i) => Math.abs(each - b[i])));

for (const { name, live, smooth, size, frames } of clips) {
  test(`${name}: what the model sees, points, boxes and ids are Python's`, async () => {
    const [pictures, seen] = ["rgb", "seen"].map((kind) => readFileSync(`${folder}/${name}.${kind}`));
    const bytes = pictures.length / frames.length;
    const tracker = new (live ? LiveGroup : ClipTracker)({ ...about, smooth });
    let from = 0;
    for (const [i, { raw, sees, region, time, people, ids, boxes, confidences }] of frames.entries()) {
      const model = {
        about,
        async run(/** @type {Uint8Array} */ rgb, /** @type {number[]} */ shape) {
          assert.deepEqual(shape, sees);
          const expected = seen.subarray(from, from + rgb.length);
          from += rgb.length;
          assert.ok(
            rgb.every((each, j) => Math.abs(each - expected[j]) <= 1),
            `frame ${i}: the model sees something else`,
          );
          return { raw: new Float32Array(raw), ms: 1 };
        },
      };
      const picture = pictures.subarray(i * bytes, (i + 1) * bytes);
      const answer = live
        ? (await tracker.answer(model, picture, { region, size, time })).found
        : await tracker.update(model, { data: picture, width: size[0], height: size[1] }, time);
      assert.deepEqual(answer.ids, ids, `frame ${i}`);
      assert.equal(answer.region, null);
      people.forEach((/** @type {number[][]} */ person, /** @type {number} */ n) => {
        person.forEach((point, joint) => {
          assert.ok(farthest(point, answer.people[n][joint]) < 0.5, `frame ${i}, joint ${joint}`);
        });
        assert.ok(farthest(boxes[n], answer.boxes[n]) < 0.5, `frame ${i}`);
      });
      assert.ok(!ids.length || farthest(confidences, answer.confidences) < 1e-6, `frame ${i}`);
    }
    assert.equal(from, seen.length);
  });
}
