// A model's looks at a picture. Mirrors MoveNet in posekit/estimate/movenet.py.

import { toPose } from "./live_tracker.js";
import { agreement } from "./oks.js";
import { cut } from "./pixels.js";
import { overlaps, refineRegion, wholeRegion } from "./region.js";
import { lookAtAll } from "./several.js";

/** @import { BrowserModel } from "./model.js" */
/** @import { Region, Size } from "./types.js" */

/** @type {(picture: ImageData) => Size} */
const pictureSize = ({ width, height }) => [width, height];

/**
 * One look at a region of a picture.
 *
 * @param {BrowserModel} model
 * @param {ImageData} picture
 * @param {Region} region
 */
export async function look(model, picture, region) {
  const { rgb, scale, offset } = cut(picture, region, model.about.side);
  const { raw } = await model.run(rgb);
  return toPose(raw, { scale, offset, size: pictureSize(picture) });
}

/**
 * The people in a picture: one look at the whole; with a model for one person, another at a crop around that person.
 *
 * @param {BrowserModel} model
 * @param {ImageData} picture
 */
export async function findPeople(model, picture) {
  if (model.about.people > 1) return (await lookAtAll(model, picture)).poses;
  const size = pictureSize(picture);
  const first = await look(model, picture, wholeRegion(size));
  const region = refineRegion(first);
  if (!overlaps(region, size)) return [];
  const second = agreement(first, await look(model, picture, region));
  return second.confidence >= model.about.minConfidence ? [second] : [];
}
