import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { browser, canvases, FakeModel, FakeStream, FakeTrack, frame, load, settled, videos } from "./fakes.js";

const { Loop } = await load("loop");

const WHOLE = [0, -80, 640];
/** @type {any[]} */
const loops = [];

afterEach(() => {
  for (const loop of loops.splice(0)) loop.close();
  canvases.broken = browser.page.hidden = false;
});

/** A loop whose kernel answers the greeting, with a stream of its own. */
async function makeLoop() {
  const stream = new FakeStream([new FakeTrack()]);
  const channel = new FakeModel();
  const source = Object.assign(new FakeModel({ _model_name: "VideoStreamModel" }), { captureStream: async () => stream });
  const model = /** @type {any} */ (new FakeModel({ stream: "IPY_MODEL_stream", _channel: "IPY_MODEL_channel" }));
  /** @type {Record<string, FakeModel>} */
  const others = { stream: source, channel };
  Object.assign(model, { widget_manager: { get_model: async (/** @type {string} */ name) => others[name] } });
  const welcome = (/** @type {string} */ client) => channel.trigger("msg:custom", { kind: "welcome", client, start: false });
  channel.onsend = ({ kind, client }) => kind === "hello" && queueMicrotask(() => welcome(client));
  const loop = new Loop(model);
  loops.push(loop);
  await loop.connected;
  const frames = () => channel.sent.filter(({ kind }) => kind === "frame");
  return { loop, model, channel, frames, stream, source, track: stream.tracks[0] };
}

async function startLoop() {
  const made = await makeLoop();
  await made.loop.start();
  const video = videos.at(-1);
  const next = async () => {
    frame(video);
    await settled();
  };
  const answer = (/** @type {number} */ seq, more = {}) =>
    made.channel.trigger("msg:custom", {
      kind: "answer",
      seq,
      people: [[[1, 2, 0.9]]],
      ids: [1],
      region: null,
      side: 192,
      ms: 10,
      ...more,
    });
  return { ...made, next, answer };
}

test("it is live after start, and the first frame is the whole picture", async () => {
  const { loop, frames, next } = await startLoop();
  assert.equal(loop.status, "live");
  await next();
  assert.equal(frames().length, 1);
  const { region, size, side, seq } = frames()[0];
  assert.deepEqual({ region, size, side, seq }, { region: WHOLE, size: [640, 480], side: 192, seq: 1 });
});

test("the camera is released when no frames can be read from it", async () => {
  const { loop, track } = await makeLoop();
  canvases.broken = true;
  await loop.start();
  await settled();
  assert.equal(loop.status, "failed");
  assert.match(loop.error, /this browser has no canvas/);
  assert.equal(track.readyState, "ended");
});

test("it can be started again after that", async () => {
  const { loop, stream } = await makeLoop();
  canvases.broken = true;
  await loop.start();
  canvases.broken = false;
  stream.tracks = [new FakeTrack()];
  await loop.start();
  assert.equal(loop.status, "live");
  assert.equal(loop.error, "");
});

test("two frames are in flight, and no more until an answer comes", async () => {
  const { frames, next, answer, loop } = await startLoop();
  for (let i = 0; i < 5; i++) await next();
  assert.equal(frames().length, 2);
  assert.equal(loop.flight.dropped, 3);
  answer(1);
  await next();
  assert.equal(frames().length, 3);
});

test("an answer that a newer one overtook is not shown", async () => {
  const { loop, frames, next, answer } = await startLoop();
  for (let i = 0; i < 2; i++) await next();
  answer(2, { ids: [2] });
  answer(1, { ids: [1] });
  assert.deepEqual(loop.ids, [2]);
  for (let i = 0; i < 3; i++) await next();
  assert.equal(frames().length, 4); // both places are free again
});

test("an answer is shown, and its region is cut out of the next frame", async () => {
  const { loop, frames, next, answer } = await startLoop();
  let painted = 0;
  loop.views.add({ paint: () => painted++ });
  await next();
  answer(1, { region: [100, 50, 300], side: 256 });
  assert.equal(painted, 1);
  assert.deepEqual(loop.people, [[[1, 2, 0.9]]]);
  await next();
  assert.deepEqual(frames()[1].region, [100, 50, 300]);
  assert.equal(frames()[1].side, 256);
});

test("an answer of an earlier start is not shown", async () => {
  const { loop, next, answer } = await startLoop();
  await next();
  loop.end();
  await loop.start();
  answer(1);
  assert.deepEqual(loop.people, []);
  assert.equal(loop.flight.seq, 1);
});

test("a message for another tab is ignored", async () => {
  const { loop, next, answer } = await startLoop();
  await next();
  answer(1, { client: "other" });
  assert.deepEqual(loop.people, []);
});

test("an error of one frame is shown and makes room for the next", async () => {
  const { loop, channel, frames, next } = await startLoop();
  for (let i = 0; i < 3; i++) await next();
  channel.trigger("msg:custom", { kind: "error", seq: 1, text: "broken" });
  assert.equal(loop.error, "broken");
  await next();
  assert.equal(frames().length, 3);
});

test("a frame that is answered after the stop is counted, and not drawn", async () => {
  const { loop, next, answer } = await startLoop();
  await next();
  answer(1, { movement: { exercise: "squat", count: 4 } });
  await next();
  loop.end();
  answer(2, { movement: { exercise: "squat", count: 5 } });
  assert.equal(loop.movement.count, 5);
  assert.deepEqual(loop.people, []);
});

test("stop releases the camera and tells the kernel", async () => {
  const { loop, channel, track } = await startLoop();
  channel.trigger("msg:custom", { kind: "stop" });
  await settled();
  assert.equal(track.readyState, "ended");
  assert.equal(loop.status, "stopped");
  assert.deepEqual(channel.sent.at(-1).status, "stopped");
});

test("an unplugged camera ends it, with words", async () => {
  const { loop, track } = await startLoop();
  track.dispatchEvent(new Event("ended"));
  assert.equal(loop.status, "failed");
  assert.match(loop.error, /unplugged/);
});

test("no camera opens for a kernel that does not answer", async (t) => {
  const { loop, channel, source } = await makeLoop();
  let opened = 0;
  source.captureStream = async () => {
    opened += 1;
    return new FakeStream();
  };
  channel.onsend = undefined;
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const started = loop.start();
  await settled();
  t.mock.timers.tick(4000);
  await started;
  assert.equal(loop.status, "gone");
  assert.equal(opened, 0);
});

test("a stop while the camera opens releases it as soon as it is open", async () => {
  const { loop, source, stream, track } = await makeLoop();
  /** @type {(stream: FakeStream) => void} */
  let open = () => {};
  source.captureStream = () =>
    new Promise((resolve) => {
      open = resolve;
    });
  const started = loop.start();
  await settled();
  loop.end();
  open(stream);
  await started;
  assert.equal(loop.status, "stopped");
  assert.equal(track.readyState, "ended");
});

test("nothing is requested while the tab is hidden", async () => {
  const { loop, frames, next } = await startLoop();
  browser.page.hidden = true;
  browser.page.dispatchEvent(new Event("visibilitychange"));
  assert.equal(loop.status, "hidden");
  await next();
  assert.equal(frames().length, 0);
  browser.page.hidden = false;
  browser.page.dispatchEvent(new Event("visibilitychange"));
  await next();
  assert.equal(loop.status, "live");
  assert.equal(frames().length, 1);
});

test("a recording is a table of the answered points", async () => {
  const { loop, next, answer } = await startLoop();
  loop.record(true);
  for (const seq of [1, 2]) {
    await next();
    answer(seq);
  }
  loop.record(false);
  const [head, first, second, end] = loop.recording.csv.split("\n");
  assert.equal(head, "frame,time,id,person,keypoint,x,y,score");
  assert.equal(first, "0,0.000,1,0,nose,1,2,0.9");
  assert.match(second, /^1,0\.\d{3},1,0,nose,1,2,0\.9$/);
  assert.equal(end, "");
});

test("a picture that was asked for is null where the loop ends first", async () => {
  const { loop } = await startLoop();
  const picture = loop.picture();
  loop.end();
  assert.equal(await picture, null);
});

test("a picture is the next frame, whole", async () => {
  const { loop, next } = await startLoop();
  const picture = loop.picture();
  await next();
  assert.equal((await picture).byteLength, 100);
});

test("a kernel that dies ends it", async () => {
  const { loop, channel, track } = await startLoop();
  channel.comm_live = false;
  channel.trigger("comm_live_update");
  await settled();
  assert.equal(loop.status, "gone");
  assert.equal(track.readyState, "ended");
});

/** Breaks the way to the kernel: nothing arrives. @param {FakeModel} channel */
function breakOff(channel) {
  const { onsend } = channel;
  channel.onsend = undefined;
  return () => {
    channel.onsend = onsend;
  };
}

test("the camera is off while the kernel is silent, and on again when it answers", async () => {
  const { loop, channel, stream, track, next, frames } = await startLoop();
  await next();
  const mend = breakOff(channel);
  loop.flight.silence = () => 5100;
  loop.tick();
  await settled();
  assert.equal(loop.status, "waiting");
  assert.equal(track.readyState, "ended");
  stream.tracks = [new FakeTrack()];
  loop.tick(); // it asks again and again
  assert.equal(loop.status, "waiting");
  mend();
  loop.flight.probed = -2100;
  loop.tick();
  await settled();
  await settled();
  assert.equal(loop.status, "live");
  frame(videos.at(-1));
  await settled();
  assert.equal(frames().length, 2);
});

test("a model in this browser that is slow is waited for: nobody else is asked, the camera stays on, and its answer counts", async () => {
  const { loop, channel, track, next, answer } = await startLoop();
  const asked = /** @type {any[]} */ ([]);
  loop.connection.backend = { ask: (/** @type {any} */ content) => asked.push(content), close() {}, outbox: { flush() {} } };
  const before = channel.sent.filter(({ kind }) => kind === "hello").length;
  await next();
  assert.equal(asked.length, 1);
  for (const each of loop.flight.frames.values()) each.sent -= 10_000;
  loop.tick();
  assert.equal(loop.status, "busy");
  assert.equal(track.readyState, "live");
  assert.equal(channel.sent.filter(({ kind }) => kind === "hello").length, before);
  loop.flight.probed = performance.now();
  channel.trigger("msg:custom", { kind: "welcome", start: false }); // of a kernel that was busy: no frame was lost there
  answer(asked[0].seq);
  assert.deepEqual(loop.ids, [1]);
  loop.tick();
  assert.equal(loop.status, "live");
});

/** A loop that is live while the host knows that its way to the kernel is broken; `pass` lets time pass for the connection. */
async function startBroken() {
  const made = await startLoop();
  const { loop, model, channel } = made;
  const mend = breakOff(channel);
  const host = { connectionStatus: "connecting", attempts: 0, serverSettings: { baseUrl: "http://hub.example.org/" } };
  const reconnect = async () => (host.attempts += 1);
  model.widget_manager.kernel = Object.assign(host, { reconnect });
  const pass = (/** @type {number} */ ms) => {
    loop.connection.whole -= ms;
    loop.connection.next -= ms;
  };
  return { ...made, host, mend, pass };
}

test("where the host knows that the connection broke, the camera goes off soon", async () => {
  const { loop, track, pass } = await startBroken();
  loop.tick();
  assert.equal(loop.status, "live", "it may be back in a moment");
  pass(1100);
  loop.tick();
  await settled();
  assert.equal(loop.status, "waiting");
  assert.equal(track.readyState, "ended");
});

test("a connection that was renewed in between does not put the camera off", async () => {
  const { loop, host, pass } = await startBroken();
  pass(800);
  loop.tick();
  host.connectionStatus = "connected";
  loop.tick();
  host.connectionStatus = "connecting";
  pass(800);
  loop.tick();
  assert.equal(loop.status, "live");
});

test("the server is looked for twice a second, and the host connects once it answers", async (t) => {
  const { loop, host, pass } = await startBroken();
  const addresses = /** @type {string[]} */ ([]);
  /** @type {() => Promise<any>} */
  let answer = () => Promise.reject(new TypeError("unreachable"));
  t.mock.method(globalThis, "fetch", (/** @type {string} */ address) => {
    addresses.push(address);
    return answer();
  });
  pass(1100);
  loop.tick();
  for (let i = 1; i <= 3; i++) {
    pass(1100);
    loop.tick();
    loop.tick();
    await settled();
    assert.equal(addresses.length, i);
  }
  answer = async () => ({ status: 502 }); // the hub's proxy, in place of the server
  pass(1100);
  loop.tick();
  await settled();
  assert.equal(host.attempts, 0, "an attempt that fails would make JupyterLab break the connection later");
  answer = async () => ({ status: 200 });
  pass(1100);
  loop.tick();
  await settled();
  assert.equal(host.attempts, 1);
  pass(1100);
  loop.tick();
  await settled();
  assert.equal(host.attempts, 1, "it has a few seconds for that");
  assert.equal(addresses[0], "http://hub.example.org/api");
});

test("the kernel is greeted as soon as the connection is whole", async () => {
  const { loop, host, mend, pass } = await startBroken();
  pass(1100);
  loop.tick();
  loop.tick();
  mend();
  host.connectionStatus = "connected";
  loop.tick();
  await settled();
  await settled();
  assert.equal(loop.status, "live");
});

test("frames that a short break has lost make room as soon as the kernel is greeted again", async () => {
  const { loop, host, mend, next } = await startBroken();
  /** @type {((sender: unknown, status: string) => void)[]} */
  const slots = [];
  host.connectionStatus = "connected";
  Object.assign(host, { connectionStatusChanged: { connect: (/** @type {any} */ slot) => slots.push(slot), disconnect() {} } });
  await loop.connection.open();
  await next(); // it is lost
  const lost = [...loop.flight.frames.keys()];
  assert.ok(lost.length > 0);
  mend();
  await new Promise((resolve) => setTimeout(resolve, 5));
  for (const slot of slots) slot(null, "connected");
  await settled();
  await settled();
  assert.equal(loop.status, "live");
  assert.ok(!lost.some((seq) => loop.flight.frames.has(seq)), "no two seconds are waited for");
});

test("the kernel is greeted when the host says that it is connected, and again until it answers", async () => {
  const { loop, model, channel, host, mend, pass } = await startBroken();
  /** @type {((sender: unknown, status: string) => void)[]} */
  const slots = [];
  const connect = (/** @type {any} */ slot) => slots.push(slot);
  const disconnect = (/** @type {any} */ slot) => slots.splice(slots.indexOf(slot), 1);
  Object.assign(host, { connectionStatus: "connected", connectionStatusChanged: { connect, disconnect } });
  await loop.connection.open();
  host.connectionStatus = "connecting";
  pass(1100);
  loop.tick();
  const greetings = () => channel.sent.filter(({ kind }) => kind === "hello").length;
  const before = greetings();
  host.connectionStatus = "connected";
  for (const slot of slots) slot(null, "connected");
  assert.equal(greetings(), before + 1, "no tick was needed");
  loop.tick();
  assert.equal(greetings(), before + 1);
  loop.flight.probed -= 600;
  mend();
  loop.tick();
  assert.equal(greetings(), before + 2, "the first one was lost");
  await settled();
  await settled();
  assert.equal(loop.status, "live");
  assert.equal(greetings(), before + 2, "who has just answered is not asked again");
  loop.close();
  assert.equal(slots.length, 0);
  assert.equal(model.widget_manager.kernel, host);
});

test("while the connection is broken frames are not kept; what else there is to say comes in its order afterwards", async () => {
  const { loop, channel, host, next, pass } = await startBroken();
  const sent = () => channel.sent.map(({ kind, status }) => status ?? kind);
  const before = sent().length;
  await next();
  pass(1100);
  loop.tick();
  loop.end();
  assert.equal(sent().length, before);
  host.connectionStatus = "connected";
  loop.tick();
  assert.deepEqual(sent().slice(before), ["waiting", "stopped"]);
});

test("who waits for the kernel can be stopped", async () => {
  const { loop, model } = await startLoop();
  model.widget_manager.kernel = { connectionStatus: "disconnected" };
  loop.connection.whole -= 1100;
  loop.tick();
  loop.end();
  assert.equal(loop.status, "stopped");
});

test("a clip is put together from the kernel's pieces, and fetched once", async () => {
  const { loop, channel } = await makeLoop();
  const fetching = loop.connection.fetchClip();
  const piece = (/** @type {string} */ text, /** @type {number} */ left) =>
    channel.trigger("msg:custom", { kind: "clip", left }, [new TextEncoder().encode(text)]);
  piece("one ", 1);
  piece("clip", 0);
  assert.equal(await (await fetching).text(), "one clip");
  await loop.connection.fetchClip();
  assert.equal(channel.sent.filter(({ kind }) => kind === "clip").length, 1);
});

test("a start from Python waits for a view", async () => {
  const { loop, channel } = await makeLoop();
  channel.trigger("msg:custom", { kind: "start" });
  await settled();
  assert.equal(loop.status, "ready");
  loop.views.add({ paint() {} });
  channel.trigger("msg:custom", { kind: "start" });
  await settled();
  assert.equal(loop.status, "live");
});
