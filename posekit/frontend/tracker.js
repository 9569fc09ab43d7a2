// People keep their ids, and their points are smoothed. Mirrors posekit/track/tracker.py, whose comments say where the constants are from.

import { mean, oks } from "./oks.js";
import { OneEuro } from "./one_euro.js";

/** @import { Lab, Point, Pose, Size } from "./types.js" */

export const MATCH_SCORE = 0.3;
export const MATCH_POINTS = 4;
export const MATCH_OKS = 0.2;
export const TRACK_LIFETIME = 1; // seconds
export const MATCH_IOU = 0.15;
export const MAX_IOU_GAP = 0.3; // seconds
export const MIN_CONTINUITY = 0.55;
export const TORSO_COLOR_SCALE = 25;
export const COLOR_UPDATE = 0.1;
export const VELOCITY_TIME = 0.2; // seconds
export const TOLERANCE_GROWTH = 4;

/** @type {(numbers: number[]) => number} Of an odd count of numbers. */
const median = (numbers) => [...numbers].sort((a, b) => a - b)[(numbers.length - 1) / 2];

/** @type {(before: Pose, now: Pose) => boolean} */
export const jumped = (before, now) => mean(oks(before.points, now.points, now.box)) < MIN_CONTINUITY;

/** One person: the pose when last seen, and the velocity in pixels a second. */
class Track {
  /**
   * @param {number} id
   * @param {Pose} pose
   * @param {Lab} color
   * @param {number} time
   */
  constructor(id, pose, color, time) {
    this.id = id;
    this.pose = pose;
    this.color = color;
    this.time = time;
    this.velocity = [0, 0];
    this.smoother = new OneEuro();
  }

  /** @type {(time: number) => Point[]} Where the keypoints are expected at `time`. */
  predicted(time) {
    const [x, y] = this.velocity.map((each) => each * (time - this.time));
    return this.pose.points.map((point) => [point[0] + x, point[1] + y, point[2]]);
  }

  /** @type {(pose: Pose, color: Lab, time: number) => void} */
  update(pose, color, time) {
    if (jumped(this.pose, pose)) this.smoother = new OneEuro();
    for (const i of [0, 1, 2]) this.color[i] += COLOR_UPDATE * (color[i] - this.color[i]);
    const dt = time - this.time;
    const share = Math.min(1, dt / VELOCITY_TIME);
    for (const axis of dt > 0 ? [0, 1] : []) {
      const velocity = median(pose.points.map((point, i) => point[axis] - this.pose.points[i][axis])) / dt;
      this.velocity[axis] += share * (velocity - this.velocity[axis]);
    }
    this.pose = pose;
    this.time = time;
  }
}

/** @typedef {(track: Track, found: Pose, color: Lab, time: number) => number} Measure how similar, 0…1 */

/** @type {Measure} Mean OKS, weighted by how similar the torsos' colours are. */
function poseSimilarity(track, found, color, time) {
  const both = found.points.map((point, i) => Math.min(point[2], track.pose.points[i][2]) >= MATCH_SCORE);
  if (both.filter(Boolean).length < MATCH_POINTS) return 0;
  const tolerance = 1 + TOLERANCE_GROWTH * (time - track.time);
  const alike = oks(track.predicted(time), found.points, found.box, tolerance).filter((_, i) => both[i]);
  const difference = Math.hypot(...color.map((each, i) => each - track.color[i])) / TORSO_COLOR_SCALE;
  return mean(alike) * Math.exp(-(difference ** 2));
}

/** @type {Measure} Intersection over union of the boxes, for a track seen just before. */
function boxOverlap(track, { box }, _color, time) {
  if (time - track.time >= MAX_IOU_GAP) return 0;
  const [a, b] = [track.pose.box, box];
  const [width, height] = [0, 1].map((axis) => Math.max(Math.min(a[axis + 2], b[axis + 2]) - Math.max(a[axis], b[axis]), 0));
  const areas = [a, b].map((each) => (each[2] - each[0]) * (each[3] - each[1]));
  return (width * height) / Math.max(areas[0] + areas[1] - width * height, 1e-6);
}

/** @type {[Measure, number][]} */
const MEASURES = [
  [poseSimilarity, MATCH_OKS],
  [boxOverlap, MATCH_IOU],
];

export class Tracker {
  /** @param {boolean} smooth */
  constructor(smooth) {
    this.smooth = smooth;
    /** @type {Track[]} */
    this.tracks = [];
    this.next = 1;
  }

  reset() {
    this.tracks = [];
    this.next = 1;
  }

  /**
   * Gives the people of the next frame their ids, and smooths their points.
   *
   * @param {Pose[]} found
   * @param {Lab[]} colors the `torsoColor` of each
   * @param {number} time seconds
   * @param {Size} size
   */
  follow(found, colors, time, size) {
    const fits = (/** @type {Track} */ { pose }) => pose.size.every((length, i) => length === size[i]);
    this.tracks = this.tracks.filter((track) => time - track.time <= TRACK_LIFETIME && fits(track));
    const owners = this.assign(found, colors, time);
    const people = found.map((pose, i) => (this.smooth ? this.smoothed(pose, owners[i], time) : pose.points));
    const [boxes, confidences] = [found.map((pose) => pose.box), found.map((pose) => pose.confidence)];
    return { people, ids: owners.map((track) => track.id), boxes, confidences };
  }

  /**
   * The track of each person: the most similar poses first, then boxes that overlap, new tracks for the rest.
   *
   * @param {Pose[]} found
   * @param {Lab[]} colors
   * @param {number} time
   */
  assign(found, colors, time) {
    /** @type {Map<number, Track>} */
    const owners = new Map();
    for (const [measure, least] of MEASURES) {
      const pairs = this.tracks.flatMap((track) =>
        found.map((pose, i) => ({ i, track, similarity: measure(track, pose, colors[i], time) })),
      );
      for (const { i, track, similarity } of pairs.sort((a, b) => b.similarity - a.similarity)) {
        if (similarity >= least && !owners.has(i) && ![...owners.values()].includes(track)) owners.set(i, track);
      }
    }
    return found.map((pose, i) => {
      const owner = owners.get(i);
      if (owner) owner.update(pose, colors[i], time);
      else this.tracks.push(new Track(this.next++, pose, [...colors[i]], time));
      return owner ?? this.tracks[this.tracks.length - 1];
    });
  }

  /** @type {(pose: Pose, track: Track, time: number) => Point[]} */
  smoothed({ points, size }, { smoother }, time) {
    const length = Math.max(...size);
    const shares = smoother.next(
      points.map(([x, y]) => [x / length, y / length]),
      time,
    );
    return points.map((point, i) => [shares[i][0] * length, shares[i][1] * length, point[2]]);
  }
}
