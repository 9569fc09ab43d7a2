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
  assert.deepEqual(flight.take(11), { sent: 100, captured: 95 });
  assert.equal(flight.free, 1);
  assert.equal(flight.take(11), undefined);
  assert.equal(flight.received, 2);
});

test("a source that restarts counts from zero", () => {
  const flight = flightOf([100, 133]);
  flight.restart();
  assert.equal(flight.received, 0);
});

test("the kernel is probed after five seconds without an answer, and again five seconds later", () => {
  const flight = flightOf([100, 133]);
  assert.equal(flight.probe(5100), false);
  assert.equal(flight.probe(5101), true);
  assert.equal(flight.probe(5601), false);
  assert.equal(flight.probe(10102), true);
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
