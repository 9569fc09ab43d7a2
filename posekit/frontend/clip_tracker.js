// The people in a clip all of whose frames arrive, in order. Mirrors Tracker in posekit/track/tracker.py.

import { MIN_CROP_SCORE } from "./live_tracker.js";
import { findPeople, look } from "./look.js";
import { torsoColor } from "./pixels.js";
import { nextRegion, sameRegion, wholeRegion } from "./region.js";
import { jumped, TRACK_LIFETIME, Tracker } from "./tracker.js";

/** @import { BrowserModel } from "./model.js" */
/** @import { Answer, Pose } from "./types.js" */

export class ClipTracker {
  /** @param {{ side: number, smooth: boolean }} settings */
  constructor({ side, smooth }) {
    this.side = side;
    this.tracker = new Tracker(smooth);
    this.time = -Infinity;
  }

  /**
   * Finds the people in the next frame. Where the time runs backwards, another clip has begun.
   *
   * @param {BrowserModel} model
   * @param {ImageData} picture
   * @param {number} time in seconds
   * @returns {Promise<Answer>}
   */
  async update(model, picture, time) {
    if (time <= this.time) this.tracker.reset();
    const found = await this.find(model, picture, time);
    const colors = found.map(({ points }) => torsoColor(picture, points));
    this.time = time;
    const size = /** @type {[number, number]} */ ([picture.width, picture.height]);
    const followed = this.tracker.follow(found, colors, time, size);
    const [pose] = found;
    const region = pose && model.about.people === 1 ? nextRegion(pose) : null;
    return { ...followed, region: region && sameRegion(region, wholeRegion(size)) ? null : region, side: this.side };
  }

  /**
   * The people in the picture. A model for one person looks where that person was last seen, else at the whole picture.
   *
   * @param {BrowserModel} model
   * @param {ImageData} picture
   * @param {number} time
   */
  async find(model, picture, time) {
    const last = model.about.people === 1 ? this.newest(picture, time) : null;
    if (last) {
      const seen = await look(model, picture, nextRegion(last));
      // After a cut in the clip the crop was wrong, and what was found in it is not exact.
      if (seen.confidence >= MIN_CROP_SCORE && !jumped(last, seen)) return [seen];
    }
    return findPeople(model, picture);
  }

  /** @type {(picture: ImageData, time: number) => Pose | null} Who was seen in the frame before, if that was not long ago. */
  newest({ width, height }, time) {
    const last = this.tracker.tracks.at(-1);
    const fits = last && last.time === this.time && this.time >= time - TRACK_LIFETIME;
    return fits && last.pose.size[0] === width && last.pose.size[1] === height ? last.pose : null;
  }
}
