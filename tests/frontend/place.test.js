import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { FakeModel, load, settled } from "./fakes.js";

const { NEAR, Place } = await load("place");

Object.assign(globalThis, { isSecureContext: true, Worker: class {}, DecompressionStream: class {} });

/** A place whose kernel answers after so many ms, one greeting after the other; null for a greeting that is not answered. */
function makePlace(/** @type {(number | null)[]} */ trips, traits = {}, hostname = "localhost") {
  Object.assign(globalThis.location, { hostname });
  const clock = { now: 0, asked: 0 };
  mock.method(performance, "now", () => clock.now);
  const greet = async () => {
    const trip = trips[Math.min(clock.asked++, trips.length - 1)];
    clock.now += trip ?? 4000;
    return trip !== null;
  };
  const defaults = { backend: "auto", model: "lightning", _browser_models: ["lightning"], _where: "the notebook's kernel" };
  return { place: new Place(new FakeModel({ ...defaults, ...traits }), greet), clock };
}

test("the model runs where it was chosen, without a measurement", async () => {
  for (const [backend, here] of /** @type {const} */ ([
    ["kernel", false],
    ["browser", true],
  ])) {
    const { place, clock } = makePlace([5000], { backend });
    assert.equal(await place.choose(), here);
    assert.equal(clock.asked, 0);
    assert.equal(place.reason, "");
  }
});

test("a page from elsewhere has its models in the browser, if that can run them", async () => {
  assert.equal(await makePlace([1], {}, "hub.example.org").place.choose(), true);
  assert.equal(await makePlace([1], { model: "crowd" }, "hub.example.org").place.choose(), false);
});

test("a kernel of this computer has the model where it answers quickly once", async () => {
  for (const hostname of ["localhost", "127.0.0.1", "[::1]"]) {
    const { place, clock } = makePlace([900, 3 * NEAR, 5], {}, hostname);
    assert.equal(place.here, undefined);
    assert.equal(await place.choose(), false);
    assert.equal(clock.asked, 3);
    assert.equal(place.reason, "");
  }
});

test("behind a long way the browser has it, and the widget says why; that stays so", async () => {
  const { place, clock } = makePlace([260, 240, 210, 250, 220, 1]);
  assert.equal(await place.choose(), true);
  assert.equal(place.reason, "The kernel is far away: it answers after 210 ms.");
  assert.equal(await place.choose(), true);
  assert.equal(clock.asked, 5);
});

test("a kernel that does not answer is measured at the next start", async () => {
  const { place } = makePlace([null, 5]);
  assert.equal(await place.choose(), undefined);
  assert.equal(await place.choose(), false);
});

test("two that ask at once share one measurement", async () => {
  const { place, clock } = makePlace([200]);
  assert.deepEqual(await Promise.all([place.choose(), place.choose()]), [true, true]);
  assert.equal(clock.asked, 5);
  await settled();
});

test("a browser that cannot run the model says what it lacks, and the kernel has it", async () => {
  const { place } = makePlace([1], {}, "hub.example.org");
  place.problem = "The file arrived damaged.";
  assert.equal(await place.choose(), false);
  assert.equal(place.reason, "The file arrived damaged. So the model runs in the notebook's kernel.");
  place.problem = "";
  const { Worker } = globalThis;
  Object.assign(globalThis, { Worker: undefined });
  assert.equal(await place.choose(), false);
  assert.match(place.reason, /has no web workers.* So the model runs in the notebook's kernel\./);
  Object.assign(globalThis, { Worker });
});
