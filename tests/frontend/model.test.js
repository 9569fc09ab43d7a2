import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { afterEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import { load } from "./fakes.js";

const { openModel } = await load("model");
const { loadFile, filesAt } = await load("files");

/** @type {any} */
const globals = globalThis;
globals.isSecureContext = true;

const CONTENTS = { script: "script", wasm: "wasm", model: "model", check: "\x01\x02\x03".repeat(4) };
const ANSWER = Array.from({ length: 51 }, (_, i) => i / 51);
const SHAPES = ["uint8 1 192 192 3", "float32 1 1 17 3"];

/** @type {(content: string) => any} */
const file = (content, name = "model.tflite") => ({
  name,
  bytes: gzipSync(content).length,
  sha256: createHash("sha256").update(content).digest("hex"),
});
const packed = new Map(Object.values(CONTENTS).map((content) => [file(content).sha256, gzipSync(content)]));
const files = Object.fromEntries(Object.entries(CONTENTS).map(([use, content]) => [use, file(content)]));
const about = {
  ...{ name: "lightning", people: 1, side: 192, sizeAt: [], minConfidence: 0.13 },
  ...{ checkSize: [192, 192], answer: ANSWER, files },
};
const several = { ...about, name: "multipose", people: 6, sizeAt: [100, 200], checkSize: [256, 192] };

/** @type {(buffer: Buffer) => ArrayBuffer} */
const bytes = (buffer) => new Uint8Array(buffer).buffer;
/** @type {any} */
const get = async (/** @type {any} */ { sha256 }, /** @type {any} */ onBytes) => {
  const content = bytes(/** @type {Buffer} */ (packed.get(sha256)));
  onBytes(content.byteLength);
  return content;
};

/** Workers that were made; what they say can be changed. */
const workers = { made: 0, ended: 0, shapes: SHAPES, raw: new Float32Array(ANSWER), fails: "", asked: /** @type {any[]} */ ([]) };

globals.Worker = class {
  constructor() {
    workers.made += 1;
  }
  /** @type {any} */
  onmessage;
  postMessage(/** @type {any} */ message) {
    const { number, rgb } = message;
    workers.asked.push(message);
    const answer = rgb ? { number, raw: workers.raw, rgb, ms: 5 } : { shapes: workers.shapes };
    queueMicrotask(() => this.onmessage({ data: workers.fails ? { number, failed: workers.fails } : answer }));
  }
  terminate() {
    workers.ended += 1;
  }
};

afterEach(() => {
  Object.assign(workers, { made: 0, ended: 0, shapes: SHAPES, raw: new Float32Array(ANSWER), fails: "", asked: [] });
});

test("all widgets of a page share one worker, which ends with the last of them", async () => {
  const [a, b] = [openModel(about, get), openModel(about, get)];
  assert.equal(await a.model, await b.model);
  assert.equal(workers.made, 1);
  a.release();
  assert.equal(workers.ended, 0);
  b.release();
  await a.model;
  assert.equal(workers.ended, 1);
  const next = openModel(about, get);
  await next.model;
  assert.equal(workers.made, 2);
  next.release();
});

test("progress goes up to the whole", async () => {
  /** @type {number[]} */
  const shares = [];
  const opened = openModel(about, get, (/** @type {number} */ share) => shares.push(share));
  await opened.model;
  assert.deepEqual([...shares].sort(), shares);
  assert.equal(shares.at(-1), 1);
  opened.release();
});

test("a backend that lies is not used", async () => {
  workers.raw = new Float32Array(ANSWER.map((each, i) => each + (i === 30 ? 0.3 : 0)));
  await assert.rejects(openModel(about, get).model, /computes wrong points with lightning.+are off by 30 %/);
  assert.equal(workers.ended, 1);
});

test("a backend that answers with something else, or with NaN, is not used", async () => {
  workers.raw = new Float32Array(12);
  await assert.rejects(openModel(about, get).model, /computes wrong points/);
  workers.raw = new Float32Array(51).fill(Number.NaN);
  await assert.rejects(openModel(about, get).model, /computes wrong points/);
});

test("a model that is no MoveNet is refused", async () => {
  workers.shapes = ["float32 1 224 224 3", "float32 1 1000"];
  await assert.rejects(openModel(about, get).model, /is not a MoveNet for one person: .+1 1000/);
});

test("a model for several people is opened for the size of the stored picture, and then takes any", async () => {
  workers.shapes = ["uint8 1 192 256 3", "float32 1 6 56"];
  workers.raw = new Float32Array([...ANSWER, ...Array(6 * 56 - 51).fill(0.7)]); // only what is sure is compared
  const opened = openModel(several, get);
  const model = await opened.model;
  await model.run(new Uint8Array(3 * 160 * 256), [160, 256]);
  const [{ sizeAt, size }, proof, run] = workers.asked;
  assert.deepEqual(
    [sizeAt, size, proof.size, run.size],
    [
      [100, 200],
      [256, 192],
      [256, 192],
      [160, 256],
    ],
  );
  opened.release();
  workers.raw = new Float32Array(6 * 56);
  await assert.rejects(openModel(several, get).model, /computes wrong points with multipose/);
});

/** In place of LiteRT.js: says what is opened and closed, and answers as ANSWER says. */
const LITERT = `
  self.ModuleFactory = async () => ({});
  const log = (text) => self.log.push(text);
  class Tensor { constructor(rgb, shape) { this.shape = shape; } delete() {} async data() { return Float32Array.from(self.answer); } }
  const open = (bytes) => {
    const at = new DataView(bytes.buffer);
    const size = at.getInt32(4, true) + "×" + at.getInt32(0, true);
    log("open " + size);
    return {
      getInputDetails: () => [{ dtype: "uint8", shape: [1, at.getInt32(0, true), at.getInt32(4, true), 3] }],
      getOutputDetails: () => [{ dtype: "float32", shape: [1, 6, 56] }],
      run: async ({ shape }) => shape[2] + "×" + shape[1] === size ? [new Tensor()] : [],
      delete: () => log("close " + size),
    };
  };
  const makeLiteRt = () => ({ Environment: class {}, Tensor, loadLiteRt: async () => {}, loadAndCompile: async (bytes) => open(bytes) });`;

test("a model for several people stays open for the last three sizes that were asked for in turn", async (t) => {
  /** @type {string[]} */
  const log = [];
  /** @type {any} */
  let script;
  t.mock.method(URL, "createObjectURL", (/** @type {Blob} */ blob) => {
    script = blob;
    return "blob:fake";
  });
  const StandIn = globals.Worker;
  t.after(() => {
    globals.Worker = StandIn;
  });
  globals.Worker = class {
    /** @type {any} */
    onmessage;
    constructor() {
      /** @type {any} */
      this.inside = { log, answer: ANSWER, postMessage: (/** @type {any} */ data) => this.onmessage({ data }) };
      this.ready = script.text().then((/** @type {string} */ text) => new Function("self", text)(this.inside));
    }
    async postMessage(/** @type {any} */ data) {
      await this.ready;
      this.inside.onmessage({ data });
    }
    terminate() {}
  };
  const contents = { ...CONTENTS, script: LITERT, model: "12345678" };
  for (const content of Object.values(contents)) packed.set(file(content).sha256, gzipSync(content));
  const described = Object.fromEntries(Object.entries(contents).map(([use, content]) => [use, file(content)]));
  const opened = openModel({ ...several, sizeAt: [0], files: described }, get);
  const model = await opened.model;
  const sizes = "256×192 160×256 256×192 160×256 96×256 256×192 64×256 256×192 160×256";
  for (const [width, height] of sizes.split(" ").map((size) => size.split("×").map(Number))) {
    const { raw } = await model.run(new Uint8Array(3 * width * height), [width, height]);
    assert.equal(raw.length, ANSWER.length);
  }
  opened.release();
  assert.deepEqual(log, [
    ...["open 256×192", "open 160×256", "open 96×256"],
    ...["close 160×256", "open 64×256", "close 96×256", "open 160×256"],
  ]);
});

test("a model for one person is not taken for one for several", async () => {
  await assert.rejects(openModel(several, get).model, /multipose is not a MoveNet for up to 6 people: .+192 192 3/);
});

test("what the worker cannot do is said, and another try may succeed", async () => {
  workers.fails = "out of memory";
  await assert.rejects(openModel(about, get).model, /out of memory/);
  workers.fails = "";
  const opened = openModel(about, get);
  await opened.model;
  opened.release();
});

for (const [name, words] of /** @type {const} */ ([
  ["Worker", /has no web workers/],
  ["WebAssembly", /has no WebAssembly/],
  ["isSecureContext", /only on https pages/],
  ["DecompressionStream", /cannot unpack/],
])) {
  test(`a browser without ${name} is told what it lacks`, async () => {
    const kept = globals[name];
    globals[name] = undefined;
    await assert.rejects(openModel(about, get).model, words);
    globals[name] = kept;
  });
}

test("a browser whose WebAssembly has no SIMD is told so", async (t) => {
  t.mock.method(WebAssembly, "validate", () => false);
  await assert.rejects(openModel(about, get).model, /has no SIMD/);
});

/** A Cache storage with what a browser's does. */
function fakeCaches() {
  const entries = new Map();
  globals.caches = {
    open: async () => ({
      match: async (/** @type {string} */ key) => entries.get(key)?.clone(),
      put: async (/** @type {string} */ key, /** @type {Response} */ response) => entries.set(key, response),
    }),
  };
  return entries;
}

const text = (/** @type {ArrayBuffer} */ content) => Buffer.from(content).toString();

test("a file comes once, and then from the browser's cache", async () => {
  const entries = fakeCaches();
  let asked = 0;
  const counting = (/** @type {any} */ ...request) => {
    asked += 1;
    return get(...request);
  };
  for (let i = 0; i < 2; i++) assert.equal(text(await loadFile(files.model, counting, () => {})), "model");
  assert.equal(asked, 1);
  entries.set([...entries.keys()][0], new Response("damaged"));
  assert.equal(text(await loadFile(files.model, counting, () => {})), "model");
  assert.equal(asked, 2);
  globals.caches = undefined;
});

test("a damaged file is refused, and not kept", async () => {
  const entries = fakeCaches();
  const damaged = async () => bytes(gzipSync("another"));
  await assert.rejects(
    loadFile(files.model, damaged, () => {}),
    /model.tflite arrived damaged/,
  );
  assert.equal(entries.size, 0);
  globals.caches = undefined;
});

test("where the browser gives no storage, files are loaded each time", async (t) => {
  const before = Object.getOwnPropertyDescriptor(globalThis, "caches");
  t.after(() => (before ? Object.defineProperty(globalThis, "caches", before) : Reflect.deleteProperty(globalThis, "caches")));
  const refuse = () => {
    throw new DOMException("Cache storage is disabled", "SecurityError");
  };
  for (const found of [refuse, () => ({ open: refuse }), () => ({ open: async () => refuse() })]) {
    Object.defineProperty(globalThis, "caches", { get: found, configurable: true });
    const content = await loadFile(file("model"), get, () => {});
    assert.equal(new TextDecoder().decode(content), "model");
  }
});

test("a file that a host has unpacked itself is as good", async () => {
  assert.equal(
    text(
      await loadFile(
        files.model,
        async () => bytes(Buffer.from("model")),
        () => {},
      ),
    ),
    "model",
  );
});

test("a host that does not have a file, or does not answer, is named", async (t) => {
  globals.location.host = "fake";
  t.mock.method(globalThis, "fetch", async () => new Response("", { status: 404 }));
  await assert.rejects(
    filesAt("browser/")(files.model, () => {}),
    /cannot be loaded from fake. The answer was 404/,
  );
  t.mock.method(globalThis, "fetch", async () => {
    throw new TypeError("offline");
  });
  await assert.rejects(
    filesAt("browser/")(files.model, () => {}),
    /There was no answer/,
  );
});
