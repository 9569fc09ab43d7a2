import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./fakes.js";

const { Flight, quantile } = await load("flight");

/** A flight with frames that were sent at these times. */
function flightOf(/** @type {number[]} */ times) {
  const flight = new Flight(10);
  for (const time of times) {
    flight.seq += 1;
    flight.send(1000, time - 5, time);
  }
  return flight;
}

test("two frames fit", () => {
  const flight = flightOf([100, 133]);
  assert.equal(flight.free, 0);
  assert.deepEqual(flight.take(11), { sent: 100, captured: 95, time: 0.095 });
  assert.equal(flight.free, 1);
  assert.equal(flight.take(11), undefined);
  assert.equal(flight.received, 2);
});

/**
 * Frames of a camera with 30 a second go to a kernel that works on one after the other, over a line that may be slow, too.
 *
 * @param {{ travel: number, work: number, slow?: number, seconds?: number, jitter?: number }} times ms there and back, at work, and
 *   on the line for each frame
 */
function fly({ travel, work, slow = 0, seconds = 20, jitter = 0 }) {
  const flight = new Flight();
  /** @type {{ seq: number, at: number, ms: number }[]} */
  let coming = [];
  let [line, kernel, most] = [0, 0, 0];
  /** @type {number[]} */
  const lags = [];
  for (let now = 0; now < seconds * 1000; now++) {
    for (const { seq, ms } of coming.filter(({ at }) => at === now)) {
      const frame = flight.take(seq);
      if (!frame) continue;
      flight.learn(now - frame.sent, ms, now);
      if (now > (seconds * 1000) / 2) lags.push(now - frame.sent);
    }
    coming = coming.filter(({ at }) => at > now);
    if (now % 33 || flight.free < 1) continue;
    flight.seq += 1;
    flight.send(1000, now, now);
    most = Math.max(most, flight.allowed);
    line = Math.max(now, line) + slow;
    kernel = Math.max(line + travel / 2 + jitter * (flight.seq % 3), kernel) + work;
    coming.push({ seq: flight.seq, at: Math.round(kernel + travel / 2), ms: work });
  }
  const rate = lags.length / (seconds / 2);
  return { most, rate, lag: Math.max(...lags) };
}

test("a near kernel has two frames in flight, however slow it is", () => {
  for (const work of [8, 20, 40, 100, 300]) {
    assert.equal(fly({ travel: 6, work }).most, 2, `${work} ms`);
    assert.equal(fly({ travel: 6, work, jitter: 7 }).most, 2, `${work} ms, not always as fast`);
  }
});

test("a kernel that is far away has as many in flight as the way holds, and no queue", () => {
  for (const travel of [50, 100, 200]) {
    const { rate, lag, most } = fly({ travel, work: 12 });
    assert.ok(most > 2 && most <= 8, `${most} may be in flight`);
    assert.ok(rate > 29, `${rate} a second over ${travel} ms`);
    assert.ok(lag <= travel + 13, `${lag} ms over ${travel} ms`);
  }
});

test("answers that are not always as late do not keep a far kernel from its rate", () => {
  const { most, rate } = fly({ travel: 200, work: 12, jitter: 15 });
  assert.equal(most, 8);
  assert.ok(rate > 27, `${rate} a second`);
});

test("over a way of a second the bound of eight holds", () => {
  const { most, lag } = fly({ travel: 1000, work: 12 });
  assert.equal(most, 8);
  assert.ok(lag <= 1013);
});

test("frames for a far and slow kernel, or over a slow line, do not queue up", () => {
  const kernel = fly({ travel: 200, work: 100 });
  assert.ok(kernel.rate > 8.5 && kernel.lag <= 420, `${kernel.rate} a second, ${kernel.lag} ms`);
  const line = fly({ travel: 40, work: 10, slow: 200 });
  assert.ok(line.rate > 4.7 && line.lag <= 650, `${line.rate} a second, ${line.lag} ms`);
});

test("a source that restarts counts from zero", () => {
  const flight = flightOf([100, 133]);
  flight.restart();
  assert.equal(flight.received, 0);
});

test("the kernel is probed after two seconds without an answer, and again two seconds later", () => {
  const flight = flightOf([100, 133]);
  assert.equal(flight.probe(2100), false);
  assert.equal(flight.probe(2101), true);
  assert.equal(flight.probe(2601), false);
  assert.equal(flight.probe(4102), true);
});

test("silence is the time since the last sign of the kernel while it owes an answer", () => {
  const flight = flightOf([100, 133]);
  assert.equal(flight.silence(1100), 1000);
  flight.take(11);
  flight.learn(900, 10, 1000);
  assert.equal(flight.silence(1100), 100, "a slow kernel is not silent");
  flight.take(12);
  assert.equal(flight.silence(9000), 0, "nothing is owed");
});

test("frames that were sent before an answered probe are lost; later ones are not", () => {
  const flight = flightOf([100]);
  flight.probe(6000);
  flight.seq += 1;
  flight.send(1000, 6100, 6101);
  flight.dropLost();
  assert.deepEqual([...flight.frames.keys()], [12]);
});

test("figures are of the last three seconds, the rate of the last one", () => {
  const flight = flightOf([0]);
  for (const [now, lag] of [
    [500, 99],
    [3000, 10],
    [3600, 20],
    [3900, 40],
  ])
    flight.shown(now - lag, now);
  flight.dropped = 7;
  assert.deepEqual(flight.figures(4000), { fps: 2, latency_ms: 20, p95_ms: 40, bytes: 1000, dropped: 7 });
  assert.equal(flight.figures(9000), null);
});

test("quantiles are numbers of the list", () => {
  assert.equal(quantile([3, 1, 2]), 2);
  assert.equal(quantile([4, 1, 3, 2], 0.95), 4);
  assert.equal(quantile([7]), 7);
});
