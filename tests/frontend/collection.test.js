import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { FakeModel, load, settled } from "./fakes.js";

const { RecorderLoop } = await load("collection");

const PERSON = [[1, 2, 0.9]];
/** @type {any[]} */
const loops = [];

afterEach(() => {
  for (const loop of loops.splice(0)) loop.close();
});

/** A loop that is live, with somebody in the picture, whose kernel has one example already. */
async function collecting() {
  const channel = new FakeModel();
  const collected = { labels: ["stand"], received: {} };
  const traits = { stream: "IPY_MODEL_stream", _channel: "IPY_MODEL_channel", _collected: collected };
  const model = /** @type {any} */ (new FakeModel(traits));
  const others = /** @type {Record<string, FakeModel>} */ ({ stream: new FakeModel(), channel });
  Object.assign(model, { widget_manager: { get_model: async (/** @type {string} */ name) => others[name] } });
  const loop = new RecorderLoop(model);
  loops.push(loop);
  await loop.connected;
  Object.assign(loop, { status: "live", people: [PERSON], size: [640, 480] });
  const steps = () => channel.sent.filter(({ kind }) => kind === "collect" || kind === "undo");
  const receive = (/** @type {string[]} */ labels, /** @type {number} */ seq) => {
    model.traits._collected = { labels, received: { [loop.connection.client]: seq } };
    model.trigger("change:_collected");
  };
  return { loop, channel, steps, receive };
}

test("an example has the points of its moment, and counts before the kernel says so", async () => {
  const { loop, steps } = await collecting();
  assert.equal(loop.collect("squat"), "");
  loop.people = [[[5, 5, 0.9]]];
  const { client, ...step } = steps()[0];
  assert.deepEqual(step, { kind: "collect", seq: 1, label: "squat", points: PERSON, size: [640, 480] });
  assert.deepEqual(loop.labels, ["stand", "squat"]);
});

test("an undo takes the last away, also one that the kernel does not have yet, and no more than there are", async () => {
  const { loop, steps } = await collecting();
  loop.collect("squat");
  assert.equal(loop.undo(), "squat: 0 examples");
  assert.equal(loop.undo(), "stand: 0 examples");
  assert.equal(loop.undo(), "There is nothing to undo.");
  assert.deepEqual(
    steps().map(({ kind, seq }) => [kind, seq]),
    [
      ["collect", 1],
      ["undo", 2],
      ["undo", 3],
    ],
  );
});

test("what the kernel has is not counted twice, and what it lacks is sent again when it is back", async () => {
  const { loop, channel, steps, receive } = await collecting();
  loop.collect("squat");
  loop.collect("tree");
  receive(["stand", "squat"], 1);
  assert.deepEqual(loop.labels, ["stand", "squat", "tree"]);
  channel.trigger("msg:custom", { kind: "welcome", client: loop.connection.client, start: false });
  await settled();
  assert.deepEqual(
    steps().map(({ seq }) => seq),
    [1, 2, 2],
  );
  receive(["stand", "squat", "tree"], 2);
  assert.deepEqual(loop.pending, []);
  assert.deepEqual(loop.labels, ["stand", "squat", "tree"]);
});

test("nothing is collected where nothing is seen", async () => {
  const { loop, steps } = await collecting();
  loop.people = [];
  assert.match(loop.collect("squat"), /Nobody is in the picture/);
  loop.status = "stopped";
  assert.match(loop.collect("squat"), /Press Start/);
  assert.deepEqual(steps(), []);
});
