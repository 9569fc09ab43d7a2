// The state machine of a repetition: rest, on the way out, on the way back. Mirrors posekit/motion/phases.py.

import { BoneMeter } from "./body.js";
import { COUNTING } from "./shared.js";

/** @import { Body, Place } from "./body.js" */
/** @import { Exercise } from "./exercises.js" */
/** @import { Point } from "./types.js" */

/** @typedef {{ person: number, number: number, side: string, start: number, extreme: number, end: number, depth: number }} Repetition */
/** @typedef {{ repetition: Repetition, complete: boolean }} Ended */

/** @type {(body: Body) => Place} Where a body is: its hips, or its shoulders where these are not seen. */
function placeOf(body) {
  const hip = body.point("hip");
  return Number.isNaN(hip[0]) ? body.point("shoulder") : hip;
}

/** @type {(body: Body) => number[]} */
const sizeOf = ({ bones }) => [bones.trunk, bones.arm, bones.leg];

/** @type {(sorted: number[], q: number) => number} Between two numbers, in between: as NumPy's. */
function linearQuantile(sorted, q) {
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const [a, b] = [sorted[low], sorted[Math.min(low + 1, sorted.length - 1)]];
  return a + (b - a) * (at - low);
}

/** @type {(rows: number[][]) => number} The widest column, but for the 4 % of its numbers that are farthest out. */
function spread(rows) {
  const columns = (rows[0] ?? []).map((_, i) => rows.map((row) => row[i]).filter((each) => !Number.isNaN(each)));
  const widths = columns.map((column) => {
    column.sort((a, b) => a - b);
    return column.length ? linearQuantile(column, 0.98) - linearQuantile(column, 0.02) : 0;
  });
  return Math.max(0, ...widths);
}

/** One person, or one of their sides: unknown → rest → out → back → rest. */
class Side {
  /**
   * @param {number} person
   * @param {string} side
   * @param {Exercise} exercise
   */
  constructor(person, side, exercise) {
    this.person = person;
    this.side = side;
    this.exercise = exercise;
    this.phase = "";
    this.depth = Number.NaN;
    /** @type {{ time: number, depth: number, place: Place }[]} */
    this.recent = [];
    /** @type {{ time: number, place: Place, size: number[], level: number } | null} When and where the body rested last. */
    this.rest = null;
    this.time = -Infinity;
    this.deepest = { depth: 0, time: 0, side, level: Number.NaN };
    this.frames = this.strays = 0;
    /** @type {number[][]} */
    this.fixed = [];
  }

  /** @type {(body: Body, posture: boolean, time: number) => Ended | null} */
  update(body, posture, time) {
    this.recent.push({ time, depth: this.exercise.depth(body, this.side), place: placeOf(body) });
    this.recent = this.recent.filter((each) => time - each.time <= COUNTING.CALM);
    const known = this.recent.filter(({ depth }) => !Number.isNaN(depth));
    if (2 * known.length <= this.recent.length) {
      this.depth = Number.NaN;
      if (time - this.time > COUNTING.MAX_GAP) Object.assign(this, { phase: "", rest: null });
      return null;
    }
    this.time = time;
    const middle = Math.floor(known.length / 2);
    this.depth = known.map(({ depth }) => depth).sort((a, b) => a - b)[middle];
    return this.step(body, posture, known[middle].time, known[middle].place);
  }

  /** @type {(body: Body, posture: boolean, time: number, place: Place) => Ended | null} */
  step(body, posture, time, place) {
    if (this.depth > COUNTING.LEFT) {
      if (this.rest) this.move(body, posture, time, time - this.rest.time);
      return null;
    }
    const ended = this.phase === "out" || this.phase === "back" ? this.ended(body, time, place) : null;
    this.phase = "rest";
    const level = this.level(body);
    this.rest = { time, place, size: sizeOf(body), level };
    this.deepest = { depth: 0, time, side: this.side, level };
    this.frames = this.strays = 0;
    this.fixed = [];
    return ended;
  }

  /** @type {(body: Body, posture: boolean, time: number, since: number) => void} */
  move(body, posture, time, since) {
    const { lead, longest } = this.exercise;
    this.frames += 1;
    if (!posture) this.strays += 1;
    if (since <= longest) this.fixed.push(this.fixedPoints(body)); // after that, it cannot count any more
    if (this.depth > this.deepest.depth)
      this.deepest = { depth: this.depth, time, side: lead(body) || this.side, level: this.level(body) };
    this.phase = this.depth < this.deepest.depth - COUNTING.TURNED ? "back" : "out";
  }

  /** @type {(body: Body) => number} Where the moving joint is, in pixels from above. */
  level(body) {
    return this.exercise.moving ? body.point(this.exercise.moving, this.side)[1] : Number.NaN;
  }

  /** @type {(body: Body) => number[]} */
  fixedPoints(body) {
    const sides = this.side === "both" ? ["left", "right"] : [this.side];
    return this.exercise.fixed.flatMap((joint) => sides.flatMap((side) => body.point(joint, side)));
  }

  /** @type {(body: Body, end: number, place: Place) => Ended | null} */
  ended(body, end, place) {
    const { rest, deepest, exercise, person } = this;
    if (!rest) return null;
    const { trunk } = body.bones;
    const [across, along] = place.map((each, i) => Math.abs(each - rest.place[i]) / trunk);
    const fits = exercise.shortest <= end - rest.time && end - rest.time <= exercise.longest;
    const goes = across > exercise.travel || along > COUNTING.MAX_RISE || !(spread(this.fixed) < COUNTING.MAX_MOVE * trunk);
    const growth = sizeOf(body)
      .map((each, i) => each / rest.size[i])
      .sort((a, b) => a - b)[1];
    const strays = this.strays > COUNTING.MAX_OUT_OF_POSTURE * this.frames;
    const complete = deepest.depth >= COUNTING.REACHED;
    const still = Math.abs(deepest.level - rest.level) / trunk < COUNTING.MIN_STROKE / (complete ? 1 : 2);
    if (deepest.depth < COUNTING.PARTIAL || !fits || goes || still || growth < 1 / COUNTING.MAX_SHRINKAGE || strays) return null;
    const { depth, time: extreme, side } = deepest;
    const repetition = { person, number: 0, side, start: rest.time, extreme, end, depth };
    return { repetition, complete };
  }
}

/** What is remembered of one person. */
export class CountedPerson {
  /**
   * @param {number} person
   * @param {Exercise} exercise
   */
  constructor(person, exercise) {
    this.exercise = exercise;
    this.meter = new BoneMeter();
    this.time = -Infinity;
    /** @type {string[]} The joints that the exercise needs and that are out of sight. */
    this.unseen = [];
    this.sides = (exercise.by_side ? ["left", "right"] : ["both"]).map((side) => new Side(person, side, exercise));
  }

  /**
   * @param {Point[]} points NaN where one is missing
   * @param {number} time in seconds
   */
  update(points, time) {
    const body = this.meter.measure(points, time);
    this.time = time;
    this.unseen = this.exercise.joints.filter((joint) => Number.isNaN(body.point(joint)[0]));
    const posture = this.exercise.posture(body);
    return this.sides.map((side) => side.update(body, posture, time)).filter((each) => each !== null);
  }

  /** The side that is deeper. */
  get deeper() {
    return this.sides.reduce((a, b) => (b.depth > a.depth || (Number.isNaN(a.depth) && !Number.isNaN(b.depth)) ? b : a));
  }
}
