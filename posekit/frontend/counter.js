// Counting the repetitions of an exercise, frame by frame. Mirrors posekit/motion/repetitions.py: the same points give the same count.

import { findExercise } from "./exercises.js";
import { CountedPerson } from "./phases.js";
import { COUNTING, THRESHOLD } from "./shared.js";

/** @import { Repetition } from "./phases.js" */
/** @import { Movement, Point } from "./types.js" */

/** @type {(point: Point) => Point} NaN where its score is too low; in single precision, as in Python. */
const sure = ([x, y, score]) =>
  Math.fround(score) >= Math.fround(THRESHOLD) ? [Math.fround(x), Math.fround(y), score] : [Number.NaN, Number.NaN, score];

/** @type {(a: Repetition, b: Repetition) => boolean} Whether two sides move together. */
const together = (a, b) =>
  Math.min(a.end, b.end) - Math.max(a.start, b.start) > COUNTING.MIN_TOGETHER * Math.min(a.end - a.start, b.end - b.start);

export class RepetitionCounter {
  /** @param {string} exercise */
  constructor(exercise) {
    this.exercise = findExercise(exercise);
    /** @type {Repetition[]} */
    this.repetitions = [];
    /** @type {Repetition[]} Those that were begun, but not deep enough. */
    this.partial = [];
    /** @type {Map<number, CountedPerson>} */
    this.people = new Map();
    this.time = -Infinity;
  }

  /** Restarts at 0. */
  reset() {
    Object.assign(this, { repetitions: [], partial: [], people: new Map(), time: -Infinity });
  }

  /**
   * Takes the next frame. Where the time runs backwards, another clip has begun, and the count starts again.
   *
   * @param {Point[][]} people the most confident first
   * @param {(number | null)[]} ids
   * @param {number} time in seconds
   * @returns {Movement} what the views show
   */
  update(people, ids, time) {
    if (time <= this.time) this.reset();
    this.time = time;
    for (const [id, person] of this.people) if (time - person.time > COUNTING.MEMORY) this.people.delete(id);
    const states = people.map((points, i) => this.take(points.map(sure), ids[i] ?? 0, time));
    return this.movement(states[0]);
  }

  /**
   * @param {Point[]} points
   * @param {number} id
   * @param {number} time
   */
  take(points, id, time) {
    const person = this.people.get(id) ?? new CountedPerson(id, this.exercise);
    this.people.set(id, person);
    for (const { repetition, complete } of person.update(points, time))
      this.add(repetition, complete ? this.repetitions : this.partial);
    return person;
  }

  /**
   * Adds a repetition, unless it is the other arm of one that was counted already.
   *
   * @param {Repetition} ended
   * @param {Repetition[]} known
   */
  add(ended, known) {
    const mine = known.filter(({ person }) => person === ended.person);
    const isOther = (/** @type {Repetition} */ { side }) => [side, ended.side].sort().join() === "left,right";
    const other = mine.slice(-2).findLast((each) => this.exercise.by_side && isOther(each) && together(each, ended));
    if (other) {
      other.side = "both";
      other.start = Math.min(other.start, ended.start);
      other.end = Math.max(other.end, ended.end);
      other.depth = Math.max(other.depth, ended.depth);
    } else known.push({ ...ended, number: mine.length + 1 });
  }

  /** @type {(person?: CountedPerson) => Movement} */
  movement(person) {
    const { phase = "", depth = Number.NaN } = person?.deeper ?? {};
    const known = !Number.isNaN(depth);
    return {
      exercise: this.exercise.name,
      count: this.repetitions.length,
      partial: this.partial.length,
      phase,
      way: this.way(phase),
      depth: known ? depth : null,
      missing: known || !person ? [] : person.unseen,
    };
  }

  /** @param {string} phase */
  way(phase) {
    const falls = this.exercise.full < this.exercise.rest;
    if (phase === "out") return falls ? "down" : "up";
    return phase === "back" ? (falls ? "up" : "down") : "";
  }
}
