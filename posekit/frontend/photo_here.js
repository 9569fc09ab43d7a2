// A photo in this browser: found as model(image) in Python does, in two looks, and shown as the server's result page does.

import { download, element, plural, readable } from "./dom.js";
import { SKELETON } from "./shared.js";
import { drawPerson } from "./skeleton.js";

/** @import { Point, Pose, Size } from "./types.js" */

const PAGE_SIDE = 1600; // the longer side of what the page shows, in pixels
const MAX_PIXELS = 89_000_000; // as many as Python reads; a canvas of more needs gigabytes

/** @type {(number: number, digits: number) => number} */
const round = (number, digits) => Number(number.toFixed(digits));

/** @type {(file: Blob & { name?: string }) => Promise<ImageData>} A photo's pixels, upright, in its own colours, as Python reads them. Throws where it is none. */
export async function readPhoto(file) {
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none" }).catch(() => {
    throw new Error(`${file.name ?? "That"} is not a picture that this browser can read. Choose a JPEG, PNG or WebP.`);
  });
  const { width, height } = bitmap;
  try {
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    if (!context || width * height > MAX_PIXELS) throw new Error("no canvas of that size");
    context.fillStyle = "white"; // under what is transparent, as in Python
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, width, height);
  } catch {
    const what = `${file.name ?? "That"} has ${width} × ${height} pixels`;
    throw new Error(`${what}, which is too much for this browser. Choose a smaller picture.`);
  } finally {
    bitmap.close();
  }
}

/**
 * The answer of the server's /api/pose.
 *
 * @param {Pose[]} poses
 * @param {{ name: string, size: Size, ms: number }} about
 */
export function described(poses, { name, size: [width, height], ms }) {
  const people = poses.map(({ points, box, confidence }) => ({
    confidence: round(confidence, 4),
    box: box.map((each) => round(each, 2)),
    keypoints: Object.fromEntries(
      points.map(([x, y, score], i) => {
        const normalised = { x_normalised: round(x / width, 5), y_normalised: round(y / height, 5) };
        return [SKELETON.names[i], { x: round(x, 2), y: round(y, 2), ...normalised, score: round(score, 4) }];
      }),
    ),
  }));
  return { model: name, size: { width, height }, time_ms: round(ms, 1), people };
}

/** @typedef {ReturnType<typeof described>} Described */

/** @type {(about: Described) => string} */
export function toTable({ people }) {
  const rows = people.flatMap(({ keypoints }, person) =>
    Object.entries(keypoints).map(([name, { x, y, score }]) => [person, name, x, y, score].join(",")),
  );
  return `${["person,keypoint,x,y,score", ...rows].join("\n")}\n`;
}

/** @type {(picture: ImageData, poses: Pose[], threshold: number, most?: number) => OffscreenCanvas} The photo with the skeletons on it. */
function drawn(picture, poses, threshold, most = Number.POSITIVE_INFINITY) {
  const scale = Math.min(1, most / Math.max(picture.width, picture.height));
  const whole = new OffscreenCanvas(picture.width, picture.height);
  /** @type {OffscreenCanvasRenderingContext2D} */ (whole.getContext("2d")).putImageData(picture, 0, 0);
  const [width, height] = [picture.width, picture.height].map((length) => Math.max(1, Math.round(scale * length)));
  const canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingQuality = "high";
  context.drawImage(whole, 0, 0, width, height);
  for (const { points } of poses) {
    const scaled = points.map(([x, y, score]) => /** @type {Point} */ ([x * scale, y * scale, score]));
    drawPerson(context, scaled, { size: [width, height], scale: 1, threshold });
  }
  return canvas;
}

/** @type {(person: Described["people"][number], who: string, name: string, threshold: number) => HTMLElement} */
function makeTable({ confidence, keypoints }, who, name, threshold) {
  const head = ["keypoint", "x", "y", "score"].map((text) =>
    element("th", { scope: "col", class: text === "score" && "wide" }, text),
  );
  const rows = Object.entries(keypoints).map(([name, { x, y, score }], i) => {
    const bar = element("svg", { class: "bar", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" });
    bar.append(
      element("rect", { class: "all", width: 100, height: 8 }),
      element("rect", { class: "some", width: 100 * score, height: 8 }),
    );
    const note = score < threshold ? element("span", { class: "note" }, " not drawn") : null;
    const mark = element("i", { class: `pk-mark pk-${SKELETON.sides[i]}` });
    return element(
      "tr",
      { class: score < threshold && "faint" },
      element("th", { scope: "row" }, mark, readable(name)),
      element("td", {}, x.toFixed(1)),
      element("td", {}, y.toFixed(1)),
      element("td", { class: "score" }, bar, score.toFixed(2), note),
    );
  });
  const caption = element("caption", {}, `${who}confidence ${confidence.toFixed(2)}`);
  const table = element("table", {}, caption, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
  return element("div", { class: "scroll", role: "region", "aria-label": `${who}keypoints in ${name}`, tabindex: "0" }, table);
}

/** @type {(content: BlobPart, type: string, name: string, text: string) => HTMLElement} */
const makeLink = (content, type, name, text) =>
  element("a", { class: "button", href: URL.createObjectURL(new Blob([content], { type })), download: name }, text);

/**
 * The result as the server's page shows it.
 *
 * @param {File} file
 * @param {ImageData} picture
 * @param {Pose[]} poses
 * @param {Described} about
 * @param {number} threshold
 */
export async function makeResult(file, picture, poses, about, threshold) {
  const stem = file.name.replace(/\.[^.]*$/, "") || "photo";
  const { width, height } = picture;
  const who = plural(poses.length, "person", "people");
  const shown = await drawn(picture, poses, threshold, PAGE_SIDE).convertToBlob({ type: "image/jpeg", quality: 0.9 });
  const makeImage = (/** @type {Blob} */ blob, /** @type {string} */ alt) =>
    element("img", { src: URL.createObjectURL(blob), alt, width, height });
  const alt = poses.length
    ? `Your photo with the skeleton of ${who} drawn over it; the table below has the points`
    : "Your photo; nothing is drawn, since nobody was found";
  const side = (/** @type {string} */ name, text = name) =>
    element("span", {}, element("i", { class: `pk-mark pk-${name}` }), text);
  const legend = poses.length
    ? element("span", { class: "legend" }, side("left"), " ", side("right", "right side of the person"))
    : null;
  const savePicture = async (/** @type {Event} */ event) => {
    event.preventDefault();
    download(await drawn(picture, poses, threshold).convertToBlob({ type: "image/png" }), `${stem}_pose.png`);
  };
  const found = poses.length
    ? [
        makeLink(toTable(about), "text/csv", `${stem}_pose.csv`, "Points as a table (CSV)"),
        makeLink(JSON.stringify(about, null, 1), "application/json", `${stem}_pose.json`, "Points as JSON"),
      ]
    : [];
  const advice =
    "The model is not certain that anybody is in this photo. It works best with a whole person who fills much of the picture, in good light, not seen from above.";
  return [
    element("h2", { tabindex: "-1" }, poses.length ? `${who} found` : "Nobody found"),
    element(
      "p",
      {},
      `in ${file.name}, ${width} × ${height} pixels, by ${about.model} in ${Math.round(about.time_ms)} ms, in this browser.`,
    ),
    poses.length ? null : element("p", {}, advice),
    element(
      "div",
      { class: "pair" },
      element("figure", {}, makeImage(file, "Your photo"), element("figcaption", {}, "Your photo")),
      element("figure", {}, makeImage(shown, alt), element("figcaption", {}, "What posekit found", legend)),
    ),
    element(
      "p",
      { class: "actions" },
      element("a", { class: "button", href: "#", onclick: savePicture }, "Save the picture"),
      ...found,
    ),
    ...about.people.map((person, i) => makeTable(person, poses.length > 1 ? `Person ${i + 1}, ` : "", file.name, threshold)),
  ].filter((each) => each !== null);
}
