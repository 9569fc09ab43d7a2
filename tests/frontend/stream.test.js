import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { browser, FakeModel, FakeStream, FakeTrack, load, videos } from "./fakes.js";

const { explain, isCamera, openStream } = await load("stream");

const camera = (more = {}) =>
  Object.assign(new FakeModel({ _model_name: "CameraStreamModel", constraints: { video: true } }), more);

/** A clip whose player counts its pauses. */
function clip(views = {}) {
  const media = { paused: 0, pause: () => media.paused++ };
  const source = new FakeModel({ _model_name: "VideoStreamModel" });
  return Object.assign(source, { media, views, captureStream: async () => new FakeStream() });
}

afterEach(() => {
  browser.view.isSecureContext = true;
});

test("a camera is opened without its microphone", async (t) => {
  const asked = t.mock.method(browser.media, "getUserMedia");
  const { stream, close } = await openStream(camera());
  assert.deepEqual(asked.mock.calls[0].arguments, [{ video: true, audio: false }]);
  close();
  assert.equal(stream.getTracks()[0].readyState, "ended");
});

test("a camera that is shown already is shared: our copy ends, the other stays", async (t) => {
  const asked = t.mock.method(browser.media, "getUserMedia");
  const shown = new FakeStream([new FakeTrack()]);
  const { close } = await openStream(camera({ cameraStream: Promise.resolve(shown) }));
  assert.equal(asked.mock.callCount(), 0);
  close();
  assert.equal(shown.tracks[0].readyState, "live");
});

test("a camera that was refused or has ended is asked for again", async (t) => {
  const asked = t.mock.method(browser.media, "getUserMedia");
  const ended = new FakeStream([Object.assign(new FakeTrack(), { readyState: "ended" })]);
  for (const cameraStream of [Promise.reject(new Error("refused")), Promise.resolve(ended)])
    await openStream(camera({ cameraStream }));
  assert.equal(asked.mock.callCount(), 2);
});

test("a clip pauses when its last user leaves, unless it is shown", async () => {
  const source = clip();
  const [first, second] = [await openStream(source), await openStream(source)];
  first.close();
  assert.equal(source.media.paused, 0);
  second.close();
  assert.equal(source.media.paused, 1);
  const shown = clip({ view: {} });
  (await openStream(shown)).close();
  assert.equal(shown.media.paused, 0);
});

test("a clip whose bytes the host dropped is fetched, and played by a player of its own", async (t) => {
  t.mock.method(URL, "createObjectURL", () => "blob:clip");
  const freed = t.mock.method(URL, "revokeObjectURL");
  const empty = Object.assign(clip(), { captureStream: () => new Promise(() => {}) });
  empty.traits.video = new FakeModel({ value: new DataView(new ArrayBuffer(0)) });
  const { stream, close } = await openStream(empty, async () => new Blob(["clip"]));
  const player = videos.at(-1);
  assert.deepEqual([player.src, player.muted, player.loop, player.paused], ["blob:clip", true, true, false]);
  close();
  assert.equal(stream.getTracks()[0].readyState, "ended");
  assert.equal(player.paused, true);
  assert.deepEqual(freed.mock.calls[0].arguments, ["blob:clip"]);
  await assert.rejects(
    openStream(empty, async () => new Blob([])),
    /no pictures/,
  );
});

test("a clip that is there is not fetched", async () => {
  const whole = clip();
  whole.traits.video = new FakeModel({ value: new DataView(new ArrayBuffer(1)) });
  await openStream(whole, () => assert.fail("it was fetched"));
});

test("a stream that gives no pictures is an error", async () => {
  await assert.rejects(openStream(new FakeModel({ _model_name: "Other" })), /no pictures/);
});

test("errors say what to do", () => {
  assert.match(explain({ name: "NotAllowedError" }), /Allow it in the browser's settings/);
  assert.match(explain({ name: "OverconstrainedError", constraint: "width" }), /\(width\)/);
  assert.match(explain(new Error("odd")), /odd/);
  browser.view.isSecureContext = false;
  assert.match(explain({ name: "NotAllowedError" }), /https pages and on localhost; this page is http:\/\/fake/);
});

test("only a camera is a camera", () => {
  assert.equal(isCamera(camera()), true);
  assert.equal(isCamera(clip()), false);
});
