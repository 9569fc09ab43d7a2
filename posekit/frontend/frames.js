// Turns a stream's frames into small JPEGs: in a worker where the browser can, so that the page stays responsive, else in the page.

/** @import { Cut, FrameRequest, Frames, Post, Region, Size } from "./types.js" */

/**
 * Cuts the requested region out of frames, shrinks it to a square and encodes that. The worker gets the source text of this
 * function, so it uses nothing but its arguments. `post` gets {jpeg, region, size, side, captured} (the time in ms since 1970; or {pixels, …}, as RGB),
 * {picture} for a whole frame, {dropped} for one that was not requested, or {failed} with the reason.
 *
 * @param {Post} post
 */
export function makeCutter(post) {
  const square = /** @type {OffscreenCanvasRenderingContext2D} */ (
    new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true })
  );
  if (!square) throw new Error("this browser has no canvas");
  /** @type {FrameRequest} */
  const request = { region: null, side: 192, free: 0, received: 0, waiting: 0, whole: false, pixels: false };
  let cut = 0;

  /**
   * Draws [x, y, length] of the frame onto the square canvas; what lies outside the frame is black.
   *
   * @param {CanvasImageSource} frame
   * @param {Size} size
   * @param {Region} region
   * @param {number} side
   * @param {OffscreenCanvasRenderingContext2D} context
   */
  function shrink(frame, [width, height], [x, y, length], side, context) {
    if (context.canvas.width !== side) context.canvas.width = context.canvas.height = side;
    context.imageSmoothingQuality = "high"; // averages over the pixels that it leaves out
    const [left, top] = [Math.max(x, 0), Math.max(y, 0)];
    const [right, bottom] = [Math.min(x + length, width), Math.min(y + length, height)];
    const scale = side / length;
    context.fillStyle = "black";
    context.fillRect(0, 0, side, side);
    if (right <= left || bottom <= top) return;
    const [to, down] = [(left - x) * scale, (top - y) * scale];
    context.drawImage(frame, left, top, right - left, bottom - top, to, down, (right - left) * scale, (bottom - top) * scale);
  }

  /**
   * @param {"jpeg" | "picture"} name
   * @param {OffscreenCanvas} canvas
   * @param {ImageEncodeOptions} options
   * @param {Cut} [more]
   */
  async function send(name, canvas, options, more) {
    try {
      const content = await (await canvas.convertToBlob(options)).arrayBuffer();
      post({ [name]: content, ...more }, [content]);
    } catch (error) {
      post({ failed: String(error) });
    }
  }

  /** @param {Cut} more */
  function sendPixels(more) {
    const { width, height } = square.canvas;
    const rgba = square.getImageData(0, 0, width, height).data;
    const rgb = new Uint8Array(width * height * 3);
    for (let from = 0, to = 0; from < rgba.length; from += 4) {
      rgb[to++] = rgba[from];
      rgb[to++] = rgba[from + 1];
      rgb[to++] = rgba[from + 2];
    }
    post({ pixels: rgb.buffer, ...more }, [rgb.buffer]);
  }

  /**
   * @param {CanvasImageSource} frame
   * @param {Size} size
   */
  function sendWhole(frame, size) {
    request.whole = false;
    const canvas = new OffscreenCanvas(...size);
    canvas.getContext("2d")?.drawImage(frame, 0, 0);
    send("picture", canvas, { type: "image/png" });
  }

  return {
    request,
    /**
     * Takes a frame (VideoFrame or video) of `size`, if one is requested; it may be closed when this returns.
     *
     * @param {CanvasImageSource} frame
     * @param {Size} size
     * @param {number} captured
     */
    take(frame, size, captured) {
      if (!size[0] || !size[1]) return;
      if (request.whole) sendWhole(frame, size);
      // `free` was counted at `received`; what was cut since then is in flight, too.
      if (request.free - (cut - request.received) < 1) {
        post({ dropped: 1 });
        return;
      }
      cut += 1;
      const length = Math.max(...size);
      const region = request.region ?? [Math.floor((size[0] - length) / 2), Math.floor((size[1] - length) / 2), length];
      const { side } = request;
      shrink(frame, size, region, side, square);
      const cutout = { region, size, side, captured };
      if (request.pixels) sendPixels(cutout);
      else send("jpeg", square.canvas, { type: "image/jpeg", quality: 0.9 }, cutout); // 6 kB for 192×192
    },
  };
}

/** What the worker runs: it cuts the frames that it gets, until it is told to stop. */
function cutInWorker() {
  const cutter = makeCutter((content, buffers) => self.postMessage(content, { transfer: buffers }));
  let offset = Infinity; // from the camera's clock to ours: the shortest delay of any frame

  self.onmessage = ({ data: { request, frame, end } }) => {
    if (end) self.close();
    Object.assign(cutter.request, request);
    if (!frame) return;
    const lag = performance.timeOrigin + performance.now() - frame.timestamp / 1000;
    offset = lag - offset > 1000 ? lag : Math.min(lag, offset); // a clip that starts again sets its clock back
    try {
      cutter.take(frame, [frame.displayWidth, frame.displayHeight], frame.timestamp / 1000 + offset);
    } finally {
      frame.close();
    }
  };
  self.postMessage({ ready: true });
}

const LAST_FRAME_WITHIN = 500; // ms; cameras give one every 33 to 200 ms
const STEP = 25; // ms

/**
 * Frames of a stream, each handed to a worker as it arrives. Throws if the browser lacks what this needs, or the page's security
 * policy forbids workers.
 *
 * Frames that nobody closes stall the camera until they are garbage-collected, and Chromium leaks a frame that is being read while
 * its stream ends or is transferred. So they are read here, go to a worker that is ready for them, and the last one is awaited
 * before the tracks stop.
 *
 * @param {MediaStream} stream
 * @param {Post} post
 * @returns {Frames}
 */
function workerFrames(stream, post) {
  const Processor = window.MediaStreamTrackProcessor;
  if (!Processor) throw new Error("this browser does not give access to a track's frames");
  const url = URL.createObjectURL(new Blob([`${makeCutter}\n(${cutInWorker})()`], { type: "text/javascript" }));
  const worker = new Worker(url);
  let state = "loading";
  let reading = false;

  async function read(/** @type {ReadableStreamDefaultReader<VideoFrame>} */ reader) {
    while (state === "open") {
      const { value: frame, done } = await reader.read();
      if (done) return;
      if (state === "open") worker.postMessage({ frame }, [frame]);
      else frame.close();
    }
    await reader.cancel(); // no read is pending now; this releases queued frames
  }

  function fail(/** @type {string} */ reason) {
    if (state !== "closed") post({ failed: reason });
  }

  worker.onmessage = ({ data }) => {
    if (data.ready && state === "loading") {
      URL.revokeObjectURL(url);
      state = "open";
      const { readable } = new Processor({ track: stream.getVideoTracks()[0] });
      reading = true;
      read(readable.getReader())
        .catch((error) => fail(String(error)))
        .finally(() => (reading = false));
    } else if (state === "open") post(data);
  };
  worker.onerror = (event) => fail(event.message ?? "the worker could not be started");
  return {
    request: (request) => worker.postMessage({ request }),
    async close() {
      if (state === "loading") worker.terminate();
      state = "closed";
      // Step by step: a page that was busy all that time would hear of the frame after a single timer.
      for (let left = LAST_FRAME_WITHIN; reading && left > 0; left -= STEP)
        await new Promise((resolve) => setTimeout(resolve, STEP));
      worker.postMessage({ end: true });
    },
  };
}

/**
 * The same in the page, from a video element: Firefox and Safari give a page no access to a track's frames.
 *
 * @param {MediaStream} stream
 * @param {Post} post
 * @returns {Frames}
 */
function pageFrames(stream, post) {
  const cutter = makeCutter(post);
  // Outside the document it gives each frame at once; inside, only at the next repaint.
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  video.srcObject = stream;
  const next = () =>
    video.requestVideoFrameCallback((now, frame) => {
      if (!video.srcObject) return;
      next();
      cutter.take(video, [video.videoWidth, video.videoHeight], performance.timeOrigin + (frame.captureTime ?? now));
    });
  next();
  video.play().catch(() => {}); // it was closed before it began
  return {
    request: (request) => Object.assign(cutter.request, request),
    async close() {
      video.srcObject = null;
    },
  };
}

/**
 * The frames of a stream: `request` says what is wanted, `post` gets it (see makeCutter), or {restarted} where a worker that
 * failed was replaced: what was in flight there will not come, and counting begins anew. Wait for `close()` before you stop the
 * tracks. Throws where no frames can be had at all.
 *
 * @param {MediaStream} stream
 * @param {Post} post
 * @returns {Frames}
 */
export function openFrames(stream, post) {
  /** @type {Frames} */
  let frames;
  const fromWorker = (/** @type {Cut} */ cut) => {
    if (!cut.failed) {
      post(cut);
      return;
    }
    frames.close();
    try {
      frames = pageFrames(stream, post);
      post({ restarted: true });
    } catch (error) {
      post({ failed: String(error) });
    }
  };
  try {
    frames = workerFrames(stream, fromWorker);
  } catch {
    frames = pageFrames(stream, post);
  }
  return { request: (request) => frames.request(request), close: () => frames.close() };
}
