import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./fakes.js";

const { Outbox } = await load("backend");

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
