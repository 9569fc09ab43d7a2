import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeModel, load } from "./fakes.js";

const { Outbox, runsHere } = await load("backend");

/** What a kernel gets, which hears only when it is told to. */
function makeOutbox() {
  /** @type {any[]} */
  const sent = [];
  return { sent, outbox: new Outbox((/** @type {any} */ content) => sent.push(content)) };
}

const numbers = (/** @type {any} */ { frames }) => frames.map((/** @type {any} */ frame) => frame.seq);

test("points go one message after the other, each with all that came meanwhile", () => {
  const { sent, outbox } = makeOutbox();
  for (let seq = 1; seq <= 5; seq++) outbox.add({ seq });
  assert.deepEqual(sent.map(numbers), [[1]]);
  outbox.received(1);
  assert.deepEqual(sent.map(numbers), [[1], [2, 3, 4, 5]]);
  outbox.received(5);
  assert.equal(sent.length, 2);
  outbox.add({ seq: 6 });
  assert.deepEqual(numbers(sent[2]), [6]);
});

test("what the kernel has not said it has is sent again when it is back", () => {
  const { sent, outbox } = makeOutbox();
  for (let seq = 1; seq <= 3; seq++) outbox.add({ seq });
  outbox.flush();
  assert.deepEqual(numbers(sent[1]), [1, 2, 3]);
});

test("a kernel that was deaf for long gets no endless message", () => {
  const { sent, outbox } = makeOutbox();
  for (let seq = 1; seq <= 1200; seq++) outbox.add({ seq });
  outbox.received(1);
  assert.deepEqual(
    sent.slice(1).map(({ frames }) => frames.length),
    [500, 500, 199],
  );
});

test("the model runs where it was chosen, else in the browser only if the kernel is far away", () => {
  const at = (/** @type {string} */ hostname, traits = {}) => {
    Object.assign(globalThis.location, { hostname });
    return runsHere(new FakeModel({ backend: "auto", model: "lightning", _browser_models: ["lightning"], ...traits }));
  };
  assert.deepEqual(
    ["localhost", "127.0.0.1", "[::1]"].map((host) => at(host)),
    [false, false, false],
  );
  assert.equal(at("hub.example.org"), true);
  assert.equal(at("hub.example.org", { model: "crowd" }), false);
  assert.equal(at("hub.example.org", { backend: "kernel" }), false);
  assert.equal(at("localhost", { backend: "browser" }), true);
});
