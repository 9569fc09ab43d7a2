// Where a live picture comes from: a stream of ipywebrtc. Each user of it gets tracks of its own and stops only those.

/** @import { Source } from "./types.js" */

/**
 * What a camera's or a stream's error means, and what to do.
 *
 * @param {any} error
 * @returns {string}
 */
export function explain(error) {
  if (error.name === "ModelError") return error.message;
  if (!window.isSecureContext)
    return `Browsers open the camera only on https pages and on localhost; this page is ${location.origin}.`;
  /** @type {Record<string, string>} */
  const known = {
    NotAllowedError: "The camera was refused. Allow it in the browser's settings for this page, then press Start again.",
    NotFoundError: "No camera was found. Connect one, then press Start again; or use a clip as the stream.",
    NotReadableError: "The camera is in use by another program. Close that, then press Start again.",
    OverconstrainedError: `No camera meets the stream's constraints (${error.constraint}). Change them.`,
  };
  return known[error.name] ?? `The stream cannot be opened: ${error.message ?? error}`;
}

/** What to tell about a clip of which frames were left out; empty if none were. */
export const incomplete = (missing = 0) =>
  missing
    ? `About ${missing} of its frames were left out: this browser cannot tell them apart. Chrome and Edge leave none out.`
    : "";

/** @type {(source: Source) => boolean} */
export const isCamera = (source) => source.get("_model_name") === "CameraStreamModel";

/**
 * Opens ipywebrtc's stream `source`, video only; `clip` is set if every frame of it is wanted; `close()` stops the tracks that were opened, so the camera's light goes off.
 *
 * @param {Source} source
 * @param {() => Promise<Blob>} fetchClip gets a clip from the kernel
 */
export async function openStream(source, fetchClip) {
  if (isEmptyClip(source)) return playClip(await fetchClip());
  const stream = isCamera(source) ? await openCamera(source) : await source.captureStream?.();
  if (!stream) throw new Error("it has no pictures");
  const leave = useClip(source);
  return {
    stream,
    clip: source.everyFrame ? /** @type {HTMLVideoElement} */ (source.media) : undefined,
    close() {
      for (const track of stream.getTracks()) track.stop();
      leave();
    },
  };
}

/**
 * A copy of the camera's tracks if the notebook shows it already, which needs no new permission; else the camera, without its
 * microphone.
 *
 * @param {Source} source
 */
async function openCamera(source) {
  const shown = await Promise.resolve(source.cameraStream).catch(() => null); // it may have been refused earlier and allowed since
  const tracks = shown?.getVideoTracks().filter((track) => track.readyState === "live") ?? [];
  if (tracks.length) return new MediaStream(tracks.map((track) => track.clone()));
  return navigator.mediaDevices.getUserMedia({ ...source.get("constraints"), audio: false });
}

/**
 * Whether it is a clip without its bytes. Colab drops them when a widget is created, and ipywebrtc would wait for them for ever.
 *
 * @param {Source} source
 */
function isEmptyClip(source) {
  const video = source.get("video");
  return Boolean(video?.get) && !video.get("value")?.byteLength;
}

/**
 * Plays a clip in a loop, out of sight.
 *
 * @param {Blob} clip
 */
async function playClip(clip) {
  if (!clip.size) throw new Error("it has no pictures");
  const src = URL.createObjectURL(clip);
  const video = /** @type {any} */ (
    Object.assign(document.createElement("video"), { src, muted: true, loop: true, playsInline: true })
  );
  const close = () => {
    video.pause();
    URL.revokeObjectURL(src);
  };
  try {
    await video.play();
    const stream = /** @type {MediaStream} */ (video.captureStream ? video.captureStream() : video.mozCaptureStream());
    const stop = () => {
      for (const track of stream.getTracks()) track.stop();
      close();
    };
    return { stream, clip: undefined, close: stop };
  } catch (error) {
    close();
    throw error;
  }
}

// On ipywebrtc's model, so that all widgets share one count: each has its own copy of this module.
const USERS = Symbol.for("posekit.users");

/**
 * Counts the users of a clip: it need not play when nobody uses it. The returned function removes this user.
 *
 * @param {Source} source
 */
function useClip(source) {
  const { media } = source;
  if (!media) return () => {};
  source[USERS] = (source[USERS] ?? 0) + 1;
  return () => {
    source[USERS] -= 1;
    if (!source[USERS] && !Object.keys(source.views ?? {}).length) media.pause();
  };
}
