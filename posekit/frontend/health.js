// The health of a running loop: whether frames come in, whether answers come back, and whether anybody is watching.

/** @import { Flight } from "./flight.js" */

const BUSY_AFTER = 1500; // ms without an answer
const BROKEN_AFTER = 1000; // ms without a connection; then the camera is off until there is one
const AWAY_AFTER = 5000; // ms without an answer; then the camera is off until the kernel answers again
const SILENT_AFTER = 5000; // ms without a frame

/**
 * @param {Flight} flight
 * @param {{ brokenFor: number, lastFrame: number, now: number, here: boolean }} times how long there has been no connection; when the newest
 *   frame came; and whether the model is in this browser: it is never lost, however slow it is, and nobody would say that it is back
 * @returns {"waiting" | "hidden" | "silent" | "busy" | "live"} the status that the loop should have; "waiting" ends it
 */
export function health(flight, { brokenFor, lastFrame, now, here }) {
  if (brokenFor > BROKEN_AFTER || (!here && flight.silence(now) > AWAY_AFTER)) return "waiting";
  if (document.hidden) return "hidden";
  if (now - lastFrame > SILENT_AFTER) return "silent";
  return now - flight.oldest(now) > BUSY_AFTER ? "busy" : "live";
}
