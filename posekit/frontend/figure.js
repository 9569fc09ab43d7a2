// A picture with skeletons over it, as SVG, whose joints can be reached with the mouse, the keyboard and a screen reader. It looks
// as posekit.draw paints; LOOK says how.

import { element, plural, readable } from "./dom.js";
import { LOOK, SKELETON, THRESHOLD } from "./shared.js";

/** @import { Person, Point, Selected, Size } from "./types.js" */
/** @typedef {{ threshold?: number, parts?: string[], person?: number | null, names?: boolean, picture?: boolean, selected?: Selected | null }} View */
/** @typedef {ReturnType<typeof makeMark> & { person: number, i: number, keypoint: string, x: number, y: number, score: number, shown: boolean }} Joint */
/** @typedef {{ a: number, b: number, lines: SVGElement[] }} Bone */

const KINDS = SKELETON.names.map((name) => name.replace(/^(left|right)_/, ""));
/** @type {Record<string, string[]>} What can be switched off. A bone belongs to the parts that have both of its ends. */
export const PARTS = {
  head: ["nose", "eye", "ear"],
  torso: ["shoulder", "hip"],
  arms: ["shoulder", "elbow", "wrist"],
  legs: ["hip", "knee", "ankle"],
};
/** How close the pointer must come to a joint, in pixels of the screen. */
const REACH = 22;

/**
 * What a figure shows of its people, in words.
 *
 * @param {Person[]} people
 * @param {number} threshold
 */
export function summary(people, threshold) {
  if (!people.length) return "Nobody was found in this picture.";
  const points = people.flatMap((person) => person.points);
  const over = points.filter((point) => point && point[2] >= threshold).length;
  return `${plural(people.length, "person", "people")} · ${over} of ${points.length} keypoints over ${threshold.toFixed(2)}`;
}

/**
 * The bones of a person as lines: all rims under all colours, as in posekit/drawing/draw.py, so that crossing limbs stay apart.
 *
 * @param {(Point | null)[]} points
 * @param {number} width
 * @param {number} unit
 */
function makeBones(points, width, unit) {
  /** @type {SVGElement[][]} */
  const layers = [[], [], []];
  /** @type {Bone[]} */
  const bones = SKELETON.edges.flatMap(([a, b], i) => {
    const [from, to] = [points[a], points[b]];
    if (!from || !to) return [];
    const line = (/** @type {string} */ stroke, /** @type {number} */ thickness) =>
      element("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1], stroke, "stroke-width": thickness });
    const look = LOOK.sides[SKELETON.edgeSides[i]];
    const lines = [line(LOOK.rim_color, width + 2 * LOOK.rim * unit), line(look.color, width)];
    if (look.split) lines.push(line(LOOK.rim_color, Math.max(unit, width / LOOK.splits_per_bone)));
    lines.forEach((each, layer) => {
      layers[layer].push(each);
    });
    return [{ a, b, lines }];
  });
  return { bones, group: element("g", { "aria-hidden": "true", "stroke-linecap": "round" }, ...layers.flat()) };
}

/**
 * One joint: its mark, a ring for when it is chosen, and its words.
 *
 * @param {number} i
 * @param {Point} point
 * @param {number} radius
 * @param {number} unit
 * @param {string} whose
 */
function makeMark(i, [x, y, score], radius, unit, whose) {
  const look = LOOK.sides[SKELETON.sides[i]];
  const paint = { fill: look.color, stroke: LOOK.rim_color, "stroke-width": LOOK.rim * unit };
  const square = { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius };
  const mark =
    look.joint === "square" ? element("rect", { ...square, ...paint }) : element("circle", { cx: x, cy: y, r: radius, ...paint });
  const rings = ["pk-ring-rim", "pk-ring"].map((name) => element("circle", { class: name, cx: x, cy: y, r: radius + 3 * unit }));
  const where = `score ${score.toFixed(2)}, x ${x.toFixed(1)}, y ${y.toFixed(1)} px`;
  const name = readable(SKELETON.names[i]) + whose;
  const label = { role: "option", "aria-label": `${name}: ${where}`, "aria-selected": "false", tabindex: "-1" };
  const node = element("g", { class: "pk-joint", "data-keypoint": SKELETON.names[i], ...label }, ...rings, mark);
  return { name, where, node };
}

/**
 * The names beside a person's joints, moved down where they would cover each other.
 *
 * @param {Joint[]} joints
 * @param {Size} size
 * @param {number} unit a pixel of the screen
 */
function makeNames(joints, [width], unit) {
  const size = 12 * unit;
  const middle = joints.reduce((sum, joint) => sum + joint.x, 0) / joints.length;
  const group = element("g", { class: "pk-names", "aria-hidden": "true", "font-size": size, "stroke-width": 3 * unit });
  /** @type {{ from: number, to: number, y: number }[]} */
  const placed = [];
  for (const joint of [...joints].sort((a, b) => a.y - b.y)) {
    const text = readable(joint.keypoint);
    const length = text.length * size * 0.56;
    const gap = 10 * unit;
    const right = joint.x >= middle ? joint.x + gap + length < width : joint.x - gap - length < 0;
    const x = right ? joint.x + gap : joint.x - gap;
    const [from, to] = right ? [x, x + length] : [x - length, x];
    let y = joint.y + size * 0.35;
    for (const other of placed) if (from < other.to && to > other.from && Math.abs(y - other.y) < size) y = other.y + size;
    placed.push({ from, to, y });
    placed.sort((a, b) => a.y - b.y);
    group.append(element("text", { x, y, "text-anchor": right ? "start" : "end" }, text));
  }
  return group;
}

/**
 * The bones and joints of one person.
 *
 * @param {Person} found
 * @param {number} person
 * @param {string} whose
 * @param {number} unit
 */
function makePerson({ points, bone }, person, whose, unit) {
  const width = Math.max(bone + 1, LOOK.least_bone * unit); // OpenCV's lines are a pixel wider than their thickness
  const { bones, group: lines } = makeBones(points, width, unit);
  /** @type {Joint[]} */
  const joints = points.flatMap((point, i) => {
    if (!point) return [];
    const [x, y, score] = point;
    const mark = makeMark(i, point, width / 2 + LOOK.joint * unit, unit, whose);
    return [{ person, i, keypoint: SKELETON.names[i], x, y, score, shown: false, ...mark }];
  });
  const marks = joints.map((joint) => joint.node);
  return { bones, joints, group: element("g", { role: "group", "aria-label": `person ${person + 1}` }, lines, ...marks) };
}

/** @type {(joint: Joint, chosen?: Selected | null) => boolean} */
const isSame = (joint, chosen) => Boolean(chosen) && joint.person === chosen?.person && joint.keypoint === chosen.keypoint;

/**
 * Makes a figure. `select(joint)` is called with {person, keypoint} or null when somebody points at a joint or leaves it.
 *
 * The result has `el`, the element; `people(people, [width, height])`, which draws anew; `picture(url)`; and `view(view)` with
 * {threshold, parts, person, names, picture, selected}, which shows and hides what is there already, so that the focus stays.
 *
 * @param {{ select: (joint: Selected | null) => void, label: string }} options
 */
export function makeFigure({ select, label }) {
  const image = element("img", { alt: "", draggable: "false", hidden: true });
  const svg = element("svg", { role: "listbox", "aria-label": label, "aria-orientation": "vertical" });
  const tip = element("div", { class: "pk-tip", role: "tooltip", hidden: true });
  const spoken = element("div", { class: "pk-sr", role: "status" }); // a focused joint speaks for itself, one under the mouse through this
  const el = element("div", { class: "pk-stage" }, image, svg, tip, spoken);
  /** @type {ReturnType<typeof makePerson>[]} */
  let persons = [];
  /** @type {Size} */
  let size = [1, 1];
  /** @type {View} */
  let view = {};
  /** @type {Joint | null} The one joint that Tab reaches. */
  let home = null;
  let [unit, hovering] = [1, false];

  const all = () => persons.flatMap((person) => person.joints);
  const visible = () => all().filter((joint) => joint.shown);
  const focused = () => {
    const { activeElement } = /** @type {Document | ShadowRoot} */ (svg.getRootNode());
    return all().find((joint) => joint.node === activeElement) ?? null;
  };
  const choose = (/** @type {Joint | null} */ joint) => select(joint ? { person: joint.person, keypoint: joint.keypoint } : null);

  function people(/** @type {Person[]} */ found, /** @type {Size} */ [width, height]) {
    size = [width, height];
    unit = Math.max(1, Math.max(width, height) / 640);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.classList.toggle("pk-hidden", !found.length);
    el.style.setProperty("--pk-shape", String(width / height));
    el.style.setProperty("--pk-wide", `${Math.round(Math.min(960, Math.max(480, width)))}px`);
    persons = found.map((each, i) => makePerson(each, i, found.length > 1 ? ` of person ${i + 1}` : "", unit));
    svg.replaceChildren(...persons.map((person) => person.group));
    home = null;
    spoken.textContent = "";
    draw();
  }

  function draw() {
    const { threshold = THRESHOLD, parts = Object.keys(PARTS), person: only = null, names = false } = view;
    const holds = (/** @type {number[]} */ ...ends) => parts.some((part) => ends.every((i) => PARTS[part].includes(KINDS[i])));
    for (const [n, { bones, joints, group }] of persons.entries()) {
      for (const joint of joints) {
        joint.shown = (only === null || only === n) && joint.score >= threshold && holds(joint.i);
        joint.node.style.display = joint.shown ? "" : "none";
      }
      const shown = joints.filter((joint) => joint.shown);
      const has = new Set(shown.map((joint) => joint.i));
      for (const { a, b, lines } of bones) {
        const there = has.has(a) && has.has(b) && (holds(a, b) || KINDS[a] === "nose");
        for (const line of lines) line.style.display = there ? "" : "none";
      }
      group.querySelector(".pk-names")?.remove();
      if (names && shown.length) group.append(makeNames(shown, size, el.clientWidth ? size[0] / el.clientWidth : unit));
    }
    image.classList.toggle("pk-away", view.picture === false);
    mark();
  }

  /** Shows which joint is chosen, and lets Tab reach one joint: the last that had the focus. */
  function mark() {
    const shown = visible();
    if (!home || !shown.includes(home)) home = shown[0] ?? null;
    for (const joint of all()) {
      joint.node.setAttribute("tabindex", joint === home ? "0" : "-1");
      joint.node.setAttribute("aria-selected", String(isSame(joint, view.selected)));
    }
    const chosen = shown.find((joint) => isSame(joint, view.selected));
    tip.hidden = !chosen;
    if (chosen) place(chosen);
  }

  function place(/** @type {Joint} */ { name, where, x, y }) {
    tip.replaceChildren(element("strong", {}, name), element("span", {}, where));
    const [left, top] = [(x / size[0]) * el.clientWidth, (y / size[1]) * el.clientHeight];
    const above = top - tip.offsetHeight - 14;
    tip.style.left = `${Math.max(0, Math.min(el.clientWidth - tip.offsetWidth, left - tip.offsetWidth / 2))}px`;
    tip.style.top = `${above < 0 ? top + 14 : above}px`;
  }

  function nearest(/** @type {PointerEvent} */ event) {
    const box = svg.getBoundingClientRect();
    const scale = box.width / size[0];
    const distance = (/** @type {Joint} */ { x, y }) =>
      Math.hypot(box.left + x * scale - event.clientX, box.top + y * scale - event.clientY);
    const [first] = visible().sort((a, b) => distance(a) - distance(b));
    return first && distance(first) <= REACH ? first : null;
  }

  function onPointer(/** @type {PointerEvent} */ event) {
    const joint = event.type === "pointerleave" ? null : nearest(event);
    if (joint && !isSame(joint, view.selected)) {
      choose(joint);
      spoken.textContent = `${joint.name}: ${joint.where}`;
    } else if (!joint && hovering) choose(focused());
    hovering = Boolean(joint);
  }

  function onKey(/** @type {KeyboardEvent} */ event) {
    const shown = visible();
    const focus = focused();
    const at = focus ? shown.indexOf(focus) : -1;
    /** @type {Record<string, number>} */
    const steps = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1 };
    if (event.key === "Escape" && view.selected) choose(null);
    else if (event.key in steps && at >= 0) shown[Math.max(0, Math.min(shown.length - 1, steps[event.key]))].node.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  new ResizeObserver(draw).observe(el); // names and words keep their size
  svg.addEventListener("pointermove", onPointer);
  svg.addEventListener("pointerdown", onPointer);
  svg.addEventListener("pointerleave", onPointer);
  svg.addEventListener("keydown", onKey);
  // Not on the svg: Chromium makes an svg that listens for focus events focusable.
  el.addEventListener("focusin", () => {
    home = focused() ?? home;
    if (focused()) choose(home);
  });
  el.addEventListener("focusout", (event) => svg.contains(/** @type {Node | null} */ (event.relatedTarget)) || choose(null));

  return {
    el,
    people,
    view(/** @type {View} */ next) {
      view = { ...view, ...next };
      if (Object.keys(next).every((key) => key === "selected")) mark();
      else draw();
    },
    picture(/** @type {string} */ url) {
      image.src = url;
      image.hidden = false;
    },
  };
}

/** Which side looks how. */
export function makeLegend() {
  const side = (/** @type {string} */ name) => element("span", {}, element("span", { class: `pk-mark pk-${name}` }), name);
  return element("span", { class: "pk-legend", title: "the person's own left and right" }, side("left"), side("right"));
}
