// The counter of JavaScript, held against what Python's said of the same points, which lie in the file POSEKIT_COUNTED.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

/** @type {(name: string) => Promise<any>} */
const load = (name) => import(`${process.env.POSEKIT_FRONTEND}/${name}.js`);
const { RepetitionCounter } = await load("counter");

const EXACT = 1e-9; // both compute in double precision, from the same numbers

for (const [name, { exercise, frames, ...rows }] of Object.entries(
  JSON.parse(readFileSync(process.env.POSEKIT_COUNTED ?? "", "utf-8")),
)) {
  test(`${name}: counts, phases, depths and times are Python's`, () => {
    const counter = new RepetitionCounter(exercise);
    for (const { time, ids, people, said } of frames) {
      const { count, partial, phase, depth } = counter.update(people, ids, time);
      assert.deepEqual([count, partial, phase, depth === null], [said.count, said.partial, said.phase, said.depth === null]);
      assert.ok(Math.abs((depth ?? 0) - (said.depth ?? 0)) < EXACT, `${time} s`);
    }
    for (const kind of ["repetitions", "partial"]) {
      assert.equal(counter[kind].length, rows[kind].length);
      rows[kind].forEach((/** @type {any} */ row, /** @type {number} */ i) => {
        const { depth, person, ...rest } = counter[kind][i];
        assert.deepEqual({ ...rest, id: person, depth: row.depth }, row);
        assert.ok(Math.abs(depth - row.depth) < EXACT);
      });
    }
  });
}
