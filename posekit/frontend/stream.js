// Where a live picture comes from: a stream of ipywebrtc. Each user gets tracks of its own, and ends nobody else's.

/** In words what a camera's or a stream's error means, and what to do. */
function explain(error) {
  if (!window.isSecureContext) return `Browsers give a camera only to https pages and to localhost; this page is ${location.origin}.`;
  const known = {
    NotAllowedError: "The camera was refused. Allow it in the browser's settings for this page, then press Start again.",
    NotFoundError: "No camera was found. Connect one, then press Start again; or use a clip as the stream.",
    NotReadableError: "The camera is in use by another program. Close that, then press Start again.",
    OverconstrainedError: `No camera can do what was asked for (${error.constraint}). Change the stream's constraints.`,
  };
  return known[error.name] ?? `The stream cannot be opened: ${error.message ?? error}`;
}

const isCamera = (source) => source.get("_model_name") === "CameraStreamModel";

/** Opens ipywebrtc's stream `source`, pictures only; `close()` ends what it opened: the camera's light goes off. */
async function openStream(source) {
  const stream = isCamera(source) ? await openCamera(source) : await source.captureStream();
  const leave = useClip(source);
  return {
    stream,
    close() {
      for (const track of stream.getTracks()) track.stop();
      leave();
    },
  };
}

/** A copy of the camera's tracks where somebody shows it already, which asks nobody again; else the camera, without its microphone. */
async function openCamera(source) {
  const shown = await Promise.resolve(source.cameraStream).catch(() => null); // refused, which is not for ever
  const tracks = shown?.getVideoTracks().filter((track) => track.readyState === "live") ?? [];
  if (tracks.length) return new MediaStream(tracks.map((track) => track.clone()));
  return navigator.mediaDevices.getUserMedia({ ...source.get("constraints"), audio: false });
}

const USERS = Symbol.for("posekit.users"); // on ipywebrtc's model: every widget has a module of its own, and they count together

/** A clip need not play for nobody; the answer says that one user left. */
function useClip(source) {
  if (!source.media) return () => {};
  source[USERS] = (source[USERS] ?? 0) + 1;
  return () => {
    source[USERS] -= 1;
    if (!source[USERS] && !Object.keys(source.views ?? {}).length) source.media.pause();
  };
}
