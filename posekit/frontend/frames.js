// From a stream's frames to small JPEGs: in a worker where the browser can, so that the page stays free, else in the page.

/**
 * Cuts the wanted region out of frames, shrinks it to a square and encodes that. The worker gets its source text, so it uses
 * nothing but its arguments. `post` gets {jpeg, region, size, side, captured} (the time in ms since 1970), {picture} for a whole
 * frame, {dropped} for one that nobody wants, or {failed} with the reason.
 */
function makeCutter(post) {
  const square = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const wish = { region: null, side: 192, free: 0, received: 0, whole: false };
  let taken = 0;

  /** Draws [x, y, length] of the frame onto the square canvas; what lies outside the frame is black. */
  function shrink(frame, [width, height], [x, y, length], side) {
    if (square.canvas.width !== side) square.canvas.width = square.canvas.height = side;
    square.imageSmoothingQuality = "high"; // averages over what it leaves out
    const [left, top] = [Math.max(x, 0), Math.max(y, 0)];
    const [right, bottom] = [Math.min(x + length, width), Math.min(y + length, height)];
    const scale = side / length;
    square.fillStyle = "black";
    square.fillRect(0, 0, side, side);
    if (right <= left || bottom <= top) return;
    const target = [(left - x) * scale, (top - y) * scale, (right - left) * scale, (bottom - top) * scale];
    square.drawImage(frame, left, top, right - left, bottom - top, ...target);
  }

  async function send(name, canvas, options, more) {
    try {
      const content = await (await canvas.convertToBlob(options)).arrayBuffer();
      post({ [name]: content, ...more }, [content]);
    } catch (error) {
      post({ failed: String(error) });
    }
  }

  function picture(frame, size) {
    wish.whole = false;
    const canvas = new OffscreenCanvas(...size);
    canvas.getContext("2d").drawImage(frame, 0, 0);
    send("picture", canvas, { type: "image/png" });
  }

  return {
    wish,
    /** Takes a frame (VideoFrame or video) of `size`, if one is wanted; it may be closed when this returns. */
    take(frame, size, captured) {
      if (!size[0] || !size[1]) return;
      if (wish.whole) picture(frame, size);
      // `free` is as of `received`; what was taken since then is under way, too.
      if (wish.free - (taken - wish.received) < 1) {
        post({ dropped: 1 });
        return;
      }
      taken += 1;
      const length = Math.max(...size);
      const region = wish.region ?? [Math.floor((size[0] - length) / 2), Math.floor((size[1] - length) / 2), length];
      const side = wish.side;
      shrink(frame, size, region, side);
      send("jpeg", square.canvas, { type: "image/jpeg", quality: 0.9 }, { region, size, side, captured }); // 6 kB for 192×192
    },
  };
}

/** What the worker runs: it cuts the frames that it is handed, and ends when it is told to. */
function cutInWorker() {
  const cutter = makeCutter((content, buffers) => self.postMessage(content, buffers));
  let offset = Infinity; // from the camera's clock to ours: the least that a frame ever took

  self.onmessage = ({ data: { wish, frame, end } }) => {
    if (end) self.close();
    Object.assign(cutter.wish, wish);
    if (!frame) return;
    const lag = performance.timeOrigin + performance.now() - frame.timestamp / 1000;
    offset = lag - offset > 1000 ? lag : Math.min(lag, offset); // a clip that begins again sets its clock back
    try {
      cutter.take(frame, [frame.displayWidth, frame.displayHeight], frame.timestamp / 1000 + offset);
    } finally {
      frame.close();
    }
  };
  self.postMessage({ ready: true });
}

const LAST_FRAME_WITHIN = 500; // ms; cameras give one each 33 to 200 ms

/**
 * Frames of a stream, each handed to a worker as it comes. Throws where the browser has none of the parts, or the page's security
 * policy forbids workers.
 *
 * Frames that nobody closes make the camera stall until they are collected, and Chromium loses the one that is asked for while
 * its stream ends or changes hands. So they are read here, go to a worker that is ready for them, and at the end the last one is
 * awaited before the tracks stop.
 */
function workerFrames(stream, post) {
  if (!("MediaStreamTrackProcessor" in window)) throw new Error("this browser gives no frames of a track");
  const url = URL.createObjectURL(new Blob([`${makeCutter}\n(${cutInWorker})()`], { type: "text/javascript" }));
  const worker = new Worker(url);
  let state = "loading";
  let reading;

  async function read() {
    const reader = new MediaStreamTrackProcessor({ track: stream.getVideoTracks()[0] }).readable.getReader();
    while (state === "open") {
      const { value: frame, done } = await reader.read();
      if (done) return;
      if (state === "open") worker.postMessage({ frame }, [frame]);
      else frame.close();
    }
    await reader.cancel(); // nothing is asked for now; lets go of what waits
  }

  function fail(reason) {
    if (state !== "closed") post({ failed: reason });
  }

  worker.onmessage = ({ data }) => {
    if (data.ready && state === "loading") {
      URL.revokeObjectURL(url);
      state = "open";
      reading = read().catch((error) => fail(String(error)));
    } else if (state === "open") post(data);
  };
  worker.onerror = (event) => fail(event.message ?? "the worker could not be started");
  return {
    wish: (wish) => worker.postMessage({ wish }),
    async close() {
      if (state === "loading") worker.terminate();
      state = "closed";
      await Promise.race([reading, new Promise((resolve) => setTimeout(resolve, LAST_FRAME_WITHIN))]);
      worker.postMessage({ end: true });
    },
  };
}

/** The same in the page, from a video element: every browser can. */
function pageFrames(stream, post) {
  const cutter = makeCutter(post);
  // Outside the document it gives each frame at once; inside it would wait for the next repaint.
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, srcObject: stream });
  const next = () =>
    video.requestVideoFrameCallback((now, frame) => {
      if (!video.srcObject) return;
      next();
      cutter.take(video, [video.videoWidth, video.videoHeight], performance.timeOrigin + (frame.captureTime ?? now));
    });
  next();
  video.play().catch(() => {}); // it was closed before it began
  return {
    wish: (wish) => Object.assign(cutter.wish, wish),
    async close() {
      video.srcObject = null;
    },
  };
}

/**
 * The frames of a stream: `wish({region, side, free, received, whole})` says what is wanted, `post` gets it (see makeCutter), or
 * {restarted} where a worker that failed was replaced: what was under way there will not come, and counting begins anew. Wait for
 * `close()` before you stop the tracks.
 */
function openFrames(stream, post) {
  let frames;
  const inWorker = (cut) => {
    if (!cut.failed) {
      post(cut);
      return;
    }
    frames.close();
    frames = pageFrames(stream, post);
    post({ restarted: true });
  };
  try {
    frames = workerFrames(stream, inWorker);
  } catch {
    frames = pageFrames(stream, post);
  }
  return { wish: (wish) => frames.wish(wish), close: () => frames.close() };
}
