import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./fakes.js";

const { LiveTracker, toPose } = await load("live_tracker");
const { rint, regionAround, smartCrop, wholeRegion } = await load("region");
const { OneEuro } = await load("one_euro");
const { toLab } = await load("pixels");

const SETTINGS = { side: 192, minConfidence: 0.13, smooth: true };
const SIZE = [640, 480];
const RGB = new Uint8Array(3 * 192 * 192);

/** A model's answer: a body of this height in shares of the square, with its middle there. */
function body(height = 0.5, x = 0.5, score = 0.8) {
  const rows = [0, 0, 0, 0, 0, 0.2, 0.2, 0.4, 0.4, 0.5, 0.5, 0.5, 0.5, 0.75, 0.75, 1, 1];
  return new Float32Array(rows.flatMap((y, i) => [0.5 + (y - 0.5) * height, x + (i % 2 ? 0.1 : -0.1) * height, score]));
}

/** @param {any} tracker @param {number} time @param {any} raw @param {number[] | null} region */
const look = (tracker, time, raw = body(), region = tracker.region) =>
  tracker.update(raw, RGB, { region: region ?? wholeRegion(SIZE), size: SIZE, time });

test("halves are rounded as in Python", () => {
  assert.deepEqual(
    [0.5, 1.5, 2.5, -0.5, -1.5, 2.4, -2.6].map(rint).map((each) => each + 0),
    [0, 2, 2, 0, -2, 2, -3],
  );
});

test("a person is one only when two looks agree, from the whole and from a crop", () => {
  const tracker = new LiveTracker(SETTINGS);
  assert.deepEqual(look(tracker, 0).ids, []);
  const region = tracker.region;
  assert.ok(region);
  const scale = 640 / region[2]; // the same body, as the crop shows it
  const closer = body(0.5 * scale, (320 - region[0]) / region[2]);
  for (let i = 0; i < 17; i++) closer[3 * i] = (-80 + body()[3 * i] * 640 - region[1]) / region[2];
  assert.deepEqual(look(tracker, 0.03, closer).ids, [1]);
});

test("two looks at the whole picture are none", () => {
  const tracker = new LiveTracker(SETTINGS);
  for (const time of [0, 0.03, 0.06]) assert.deepEqual(look(tracker, time, body(), wholeRegion(SIZE)).ids, []);
});

test("a model that answers with NaN is refused", () => {
  const raw = body();
  raw[7] = Number.NaN;
  assert.throws(() => look(new LiveTracker(SETTINGS), 0, raw), /not finite numbers/);
  assert.throws(() => toPose(body().subarray(3), { scale: [1, 1], offset: [0, 0], size: SIZE }), /not finite numbers/);
});

test("where the clock runs backwards another clip began", () => {
  const tracker = new LiveTracker(SETTINGS);
  look(tracker, 5);
  assert.ok(tracker.region);
  assert.deepEqual(look(tracker, 1, body(), wholeRegion(SIZE)).ids, []);
});

test("a crop needs a shoulder and a hip, and stays in the picture's reach", () => {
  const { points } = toPose(body(), { scale: [640, 640], offset: [0, -80], size: SIZE });
  const [x, y, side] = smartCrop(points, SIZE);
  assert.ok(side <= 640 && x + side > 0 && y + side > 0);
  const without = points.map((/** @type {number[]} */ point, /** @type {number} */ i) =>
    i === 11 || i === 12 ? [point[0], point[1], 0] : point,
  );
  assert.equal(smartCrop(without, SIZE), null);
  assert.equal(regionAround([[5, 5, 1]], SIZE)[2], 16);
});

test("a filter that is asked about the same moment twice starts afresh", () => {
  const filter = new OneEuro();
  filter.next([[0, 0]], 1);
  assert.notDeepEqual(filter.next([[1, 1]], 1.03), [[1, 1]]);
  assert.deepEqual(filter.next([[2, 2]], 1.03), [[2, 2]]);
});

test("colours are those of OpenCV", () => {
  assert.deepEqual(toLab([255, 255, 255]), [255, 128, 128]);
  assert.deepEqual(toLab([0, 0, 0]), [0, 128, 128]);
  assert.deepEqual(toLab([255, 0, 0]), [136, 208, 195]);
});
