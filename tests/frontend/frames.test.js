import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { browser, canvases, FakeStream, frame, load, settled, videos } from "./fakes.js";

const { makeCutter, openFrames } = await load("frames");
const RealWorker = globalThis.Worker;

/** @type {any[]} */
const workers = [];
class FakeWorker {
  constructor() {
    this.messages = /** @type {any[]} */ ([]);
    this.terminated = false;
    workers.push(this);
  }
  postMessage(/** @type {any} */ message) {
    this.messages.push(message);
  }
  terminate() {
    this.terminated = true;
  }
}

/** A browser that hands out frames of a track in the page, as Chromium does. */
function withWorkers(/** @type {any[]} */ given = []) {
  globalThis.Worker = /** @type {any} */ (FakeWorker);
  browser.view.MediaStreamTrackProcessor = class {
    readable = {
      getReader: () => ({ read: async () => ({ value: given.shift(), done: !given.length }), cancel: async () => {} }),
    };
  };
}

afterEach(() => {
  globalThis.Worker = RealWorker;
  delete browser.view.MediaStreamTrackProcessor;
  canvases.broken = false;
});

/** A cutter with what it posted, and the context it draws with. */
function cutterOf(request = {}) {
  /** @type {any[]} */
  const posted = [];
  const cutter = makeCutter((/** @type {any} */ cut) => posted.push(cut));
  Object.assign(cutter.request, { free: 2, ...request });
  return { cutter, posted, context: /** @type {any} */ (canvases.contexts.at(-1)) };
}

test("without a region, the square around the whole frame is cut", async () => {
  const { cutter, posted, context } = cutterOf();
  cutter.take("frame", [640, 480], 5);
  await settled();
  const { jpeg, ...cut } = posted[0];
  assert.equal(jpeg.byteLength, 100);
  assert.deepEqual(cut, { region: [0, -80, 640], size: [640, 480], side: 192, captured: 5 });
  assert.deepEqual(context.of("drawImage")[0].args, ["frame", 0, 0, 640, 480, 0, 24, 192, 144]); // a black bar of 24 above
});

test("an upright frame gets its bars at the sides", () => {
  const { cutter, context } = cutterOf();
  cutter.take("frame", [480, 640], 0);
  assert.deepEqual(context.of("drawImage")[0].args, ["frame", 0, 0, 480, 640, 24, 0, 144, 192]);
});

test("a region that sticks out of the frame keeps its place", () => {
  const { cutter, context } = cutterOf({ region: [-100, 380, 200], side: 100 });
  cutter.take("frame", [640, 480], 0);
  assert.deepEqual(context.of("drawImage")[0].args, ["frame", 0, 380, 100, 100, 50, 0, 50, 50]);
});

test("a region outside the frame is black", () => {
  const { cutter, context } = cutterOf({ region: [700, 0, 100] });
  cutter.take("frame", [640, 480], 0);
  assert.equal(context.of("drawImage").length, 0);
  assert.equal(context.of("fillRect").length, 1);
});

test("what was cut since the request counts as in flight", async () => {
  const { cutter, posted } = cutterOf();
  for (let i = 0; i < 3; i++) cutter.take("frame", [640, 480], i);
  await settled();
  assert.deepEqual(posted.map((cut) => Object.keys(cut)[0]).sort(), ["dropped", "jpeg", "jpeg"]);
  cutter.request.received = 2; // both have arrived, and one was answered
  cutter.request.free = 1;
  cutter.take("frame", [640, 480], 4);
  await settled();
  assert.equal(posted.filter((cut) => cut.jpeg).length, 3);
});

test("a frame without a size is passed over", () => {
  const { cutter, posted } = cutterOf();
  cutter.take("frame", [0, 0], 0);
  assert.deepEqual(posted, []);
});

test("a browser without frames of a track reads them from a video", async () => {
  /** @type {any[]} */
  const posted = [];
  const stream = new FakeStream();
  const frames = openFrames(stream, (/** @type {any} */ cut) => posted.push(cut));
  frames.request({ free: 2 });
  frame(videos.at(-1), 100);
  await settled();
  assert.equal(posted[0].captured, performance.timeOrigin + 100);
  await frames.close();
  assert.equal(videos.at(-1).srcObject, null);
  frame(videos.at(-1));
  assert.equal(posted.length, 1);
});

test("frames go to a worker once it is ready", async () => {
  const given = [{ close() {} }, { close() {} }, null];
  withWorkers(given);
  const frames = openFrames(new FakeStream(), () => {});
  const worker = workers.at(-1);
  await settled();
  assert.equal(given.length, 3); // none is read before there is somebody to close it
  worker.onmessage({ data: { ready: true } });
  await settled();
  assert.equal(worker.messages.filter((/** @type {any} */ message) => message.frame).length, 2);
  await frames.close();
  assert.deepEqual(worker.messages.at(-1), { end: true });
});

test("a page that was busy still waits for the frame that is being read", async () => {
  withWorkers();
  /** @type {string[]} */
  const done = [];
  /** @type {(read: any) => void} */
  let arrive = () => {};
  browser.view.MediaStreamTrackProcessor = class {
    readable = { getReader: () => ({ read: () => new Promise((resolve) => (arrive = resolve)), cancel: async () => {} }) };
  };
  const frames = openFrames(new FakeStream(), () => {});
  workers.at(-1).onmessage({ data: { ready: true } });
  const closed = frames.close().then(() => done.push("closed"));
  const until = performance.now() + 700;
  while (performance.now() < until); // longer than it waits for a camera that gives none
  setTimeout(() => arrive({ value: { close: () => done.push("frame") }, done: false }), 10);
  await closed;
  assert.deepEqual(done, ["frame", "closed"]);
});

test("a camera that gives no more frames is closed all the same", async () => {
  withWorkers();
  browser.view.MediaStreamTrackProcessor = class {
    readable = { getReader: () => ({ read: () => new Promise(() => {}) }) };
  };
  const frames = openFrames(new FakeStream(), () => {});
  workers.at(-1).onmessage({ data: { ready: true } });
  await frames.close();
  assert.deepEqual(workers.at(-1).messages.at(-1), { end: true });
});

test("a worker that fails is replaced by the page", async () => {
  withWorkers();
  /** @type {any[]} */
  const posted = [];
  const frames = openFrames(new FakeStream(), (/** @type {any} */ cut) => posted.push(cut));
  const worker = workers.at(-1);
  worker.onerror({ message: "forbidden" });
  assert.equal(posted[0].restarted, true);
  assert.equal(worker.terminated, true);
  frames.request({ free: 1 });
  frame(videos.at(-1));
  await settled();
  assert.equal(posted[1].jpeg.byteLength, 100);
});

test("where the page fails after the worker, the reason is posted", () => {
  withWorkers();
  /** @type {any[]} */
  const posted = [];
  openFrames(new FakeStream(), (/** @type {any} */ cut) => posted.push(cut));
  canvases.broken = true;
  workers.at(-1).onerror({ message: "forbidden" });
  assert.deepEqual(posted, [{ failed: "Error: this browser has no canvas" }]);
});
