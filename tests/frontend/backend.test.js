import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { FakeModel, load } from "./fakes.js";

const { BrowserBackend, Outbox } = await load("backend");

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

/** Models of both kinds, in workers that answer to squares only when they are told to. */
function makeModels() {
  /** @type {any} */
  const globals = globalThis;
  globals.isSecureContext = true;
  /** @type {(() => void)[]} */
  const held = [];
  const numbers = { lightning: 51, multipose: 6 * 56 };
  const shapes = {
    lightning: ["uint8 1 192 192 3", "float32 1 1 17 3"],
    multipose: ["uint8 1 192 256 3", "float32 1 6 56"],
  };
  globals.Worker = class {
    /** @type {any} */
    onmessage;
    ended = false;
    name = /** @type {"lightning" | "multipose"} */ ("lightning");
    postMessage(/** @type {any} */ { number, rgb, size, sizeAt }) {
      if (sizeAt) this.name = sizeAt.length ? "multipose" : "lightning";
      const raw = new Float32Array(numbers[this.name]);
      const say = () => this.ended || this.onmessage({ data: rgb ? { number, raw, rgb, ms: 1 } : { shapes: shapes[this.name] } });
      if (rgb?.length > 3 && size) held.push(say);
      else queueMicrotask(say);
    }
    terminate() {
      this.ended = true;
    }
  };
  const content = (/** @type {string} */ name) => Buffer.from(name.slice(0, 3));
  const file = (/** @type {string} */ name) => ({
    name,
    bytes: 3,
    sha256: createHash("sha256").update(content(name)).digest("hex"),
  });
  const about = async (/** @type {"lightning" | "multipose"} */ name) => ({
    name,
    ...(name === "lightning"
      ? { people: 1, side: 192, sizeAt: [], checkSize: [192, 192], minConfidence: 0.13 }
      : { people: 6, side: 256, sizeAt: [100], checkSize: [256, 192], minConfidence: 0.2 }),
    answer: [0],
    files: { script: file("script"), wasm: file("wasm"), model: file(name), check: file("check") },
  });
  const get = async (/** @type {any} */ { name }) => new Uint8Array(gzipSync(content(name))).buffer;
  return { held, source: { about, get } };
}

test("a model that is replaced still answers what it was asked", async () => {
  const { held, source } = makeModels();
  const model = new FakeModel({ model: "lightning", smooth: true, exercise: "", _presets: [] });
  /** @type {any[]} */
  const answers = [];
  const ways = { answer: (/** @type {any} */ message) => answers.push(message), tell() {} };
  const backend = new BrowserBackend(/** @type {any} */ (model), source, ways);
  await backend.open();
  const frame = { seq: 1, region: [0, -80, 640], size: [640, 480], side: 192, time: 1, clip: false, stats: null };
  backend.ask(frame, new ArrayBuffer(3 * 192 * 192));
  await new Promise(setImmediate);
  model.traits.model = "multipose";
  await backend.open();
  backend.ask({ ...frame, seq: 2, side: 256, time: 2 }, new ArrayBuffer(3 * 256 * 256));
  await new Promise(setImmediate);
  for (const say of held.splice(0)) say();
  await Promise.all(backend.asked);
  assert.deepEqual(
    answers.filter(({ kind }) => kind !== "loading").map(({ kind, seq, text }) => [kind, seq, text]),
    [
      ["answer", 1, undefined],
      ["answer", 2, undefined],
    ],
  );
  backend.close();
});
