// A picture with skeletons over it, as SVG, whose joints say what they are: to the mouse, to the keyboard and to a screen reader.
// It looks as posekit.draw paints: the left side orange, solid, with round joints; the right side blue, split by a dark line, with
// square joints; the middle white; a dark rim around all of it. SKELETON comes from posekit/skeleton.py.

const RIM = "rgb(20 20 20)";
const KINDS = SKELETON.names.map((name) => name.replace(/^(left|right)_/, ""));
/** What can be switched off. A bone belongs to the parts that have both of its ends. */
const PARTS = {
  head: ["nose", "eye", "ear"],
  torso: ["shoulder", "hip"],
  arms: ["shoulder", "elbow", "wrist"],
  legs: ["hip", "knee", "ankle"],
};
/** How near the pointer must come to a joint, in pixels of the screen. */
const REACH = 22;

const human = (name) => name.replace("_", " ");

/** What a figure shows of its people, in words. */
function summary(people, threshold) {
  if (!people.length) return "Nobody was found in this picture.";
  const points = people.flatMap((person) => person.points);
  const over = points.filter((point) => point && point[2] >= threshold).length;
  return `${plural(people.length, "person", "people")} · ${over} of ${points.length} keypoints over ${threshold.toFixed(2)}`;
}

/** The bones of a person as lines: all rims under all colours, as in posekit/draw.py, so that crossing limbs stay apart. */
function makeBones(points, bone, unit) {
  const layers = [[], [], []];
  const bones = SKELETON.edges.flatMap(([a, b], i) => {
    if (!points[a] || !points[b]) return [];
    const [[x1, y1], [x2, y2]] = [points[a], points[b]];
    const line = (stroke, width) => make("line", { x1, y1, x2, y2, stroke, "stroke-width": width });
    const side = SKELETON.edgeSides[i];
    const lines = [line(RIM, bone + 2 * unit), line(SKELETON.colors[side], bone)];
    if (side === "right") lines.push(line(RIM, Math.max(unit, bone / 3)));
    lines.forEach((each, layer) => layers[layer].push(each));
    return [{ a, b, lines }];
  });
  return [bones, make("g", { "aria-hidden": "true", "stroke-linecap": "round" }, ...layers.flat())];
}

/** One joint: its mark, a ring for when it is chosen, and its words. */
function makeJoint(i, [x, y, score], radius, unit, whose) {
  const paint = { fill: SKELETON.colors[SKELETON.sides[i]], stroke: RIM, "stroke-width": unit };
  const square = { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius };
  const mark = SKELETON.sides[i] === "right" ? make("rect", { ...square, ...paint }) : make("circle", { cx: x, cy: y, r: radius, ...paint });
  const rings = ["pk-ring-rim", "pk-ring"].map((name) => make("circle", { class: name, cx: x, cy: y, r: radius + 3 * unit }));
  const where = `score ${score.toFixed(2)}, x ${x.toFixed(1)}, y ${y.toFixed(1)} px`;
  const name = human(SKELETON.names[i]) + whose;
  const label = { role: "option", "aria-label": `${name}: ${where}`, "aria-selected": "false", tabindex: "-1" };
  return { name, where, node: make("g", { class: "pk-joint", "data-keypoint": SKELETON.names[i], ...label }, ...rings, mark) };
}

/** The names beside a person's joints, moved down where they would cover each other. `unit` is a pixel of the screen. */
function makeNames(joints, [width], unit) {
  const size = 12 * unit;
  const middle = joints.reduce((sum, joint) => sum + joint.x, 0) / joints.length;
  const group = make("g", { class: "pk-names", "aria-hidden": "true", "font-size": size, "stroke-width": 3 * unit });
  const placed = [];
  for (const joint of [...joints].sort((a, b) => a.y - b.y)) {
    const text = human(joint.keypoint);
    const long = text.length * size * 0.56;
    const gap = 10 * unit;
    const right = joint.x >= middle ? joint.x + gap + long < width : joint.x - gap - long < 0;
    const x = right ? joint.x + gap : joint.x - gap;
    const [from, to] = right ? [x, x + long] : [x - long, x];
    let y = joint.y + size * 0.35;
    for (const other of placed) if (from < other.to && to > other.from && Math.abs(y - other.y) < size) y = other.y + size;
    placed.push({ from, to, y });
    placed.sort((a, b) => a.y - b.y);
    group.append(make("text", { x, y, "text-anchor": right ? "start" : "end" }, text));
  }
  return group;
}

/**
 * Makes a figure. `select(joint)` is called with {person, keypoint} or null when somebody points at a joint or leaves it.
 *
 * The result has `el`, the element; `people(people, [width, height])`, which draws anew; `picture(url)`; and `view(view)` with
 * {threshold, parts, person, names, picture, selected}, which shows and hides what is there already, so that the focus stays.
 */
function makeFigure({ select, label }) {
  const image = make("img", { alt: "", draggable: "false", hidden: true });
  const svg = make("svg", { role: "listbox", "aria-label": label, "aria-orientation": "vertical" });
  const tip = make("div", { class: "pk-tip", role: "tooltip", hidden: true });
  const said = make("div", { class: "pk-sr", role: "status" }); // a joint with the focus says its own words, one under the mouse these
  const el = make("div", { class: "pk-stage" }, image, svg, tip, said);
  let [persons, size, unit, view, home, hovering] = [[], [1, 1], 1, {}, null, false];

  const every = () => persons.flatMap((person) => person.joints);
  const shown = () => every().filter((joint) => joint.shown);
  const same = (joint, chosen) => Boolean(chosen) && joint.person === chosen.person && joint.keypoint === chosen.keypoint;
  const focused = () => every().find((joint) => joint.node === svg.getRootNode().activeElement);
  const choose = (joint) => select(joint ? { person: joint.person, keypoint: joint.keypoint } : null);

  function people(found, [width, height]) {
    size = [width, height];
    unit = Math.max(1, Math.max(width, height) / 640);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.classList.toggle("pk-hidden", !found.length);
    el.style.setProperty("--pk-shape", width / height);
    el.style.setProperty("--pk-wide", `${Math.round(Math.min(960, Math.max(480, width)))}px`);
    persons = found.map((each, i) => makePerson(each, i, found.length > 1 ? ` of person ${i + 1}` : ""));
    svg.replaceChildren(...persons.map((person) => person.group));
    [home, said.textContent] = [null, ""];
    draw();
  }

  function makePerson({ points, bone: thickness }, person, whose) {
    const bone = Math.max(thickness + 1, 2 * unit); // OpenCV draws its lines a pixel wider than they are said to be
    const [bones, lines] = makeBones(points, bone, unit);
    const joints = points.flatMap((point, i) => {
      if (!point) return [];
      const [x, y, score] = point;
      return [{ person, i, keypoint: SKELETON.names[i], x, y, score, ...makeJoint(i, point, bone / 2 + 2 * unit, unit, whose) }];
    });
    const marks = joints.map((joint) => joint.node);
    return { bones, joints, group: make("g", { role: "group", "aria-label": `person ${person + 1}` }, lines, ...marks) };
  }

  function draw() {
    const { threshold = 0.3, parts = Object.keys(PARTS), person: only = null, names = false } = view;
    const holds = (...ends) => parts.some((part) => ends.every((i) => PARTS[part].includes(KINDS[i])));
    for (const [n, { bones, joints, group }] of persons.entries()) {
      for (const joint of joints) {
        joint.shown = (only === null || only === n) && joint.score >= threshold && holds(joint.i);
        joint.node.style.display = joint.shown ? "" : "none";
      }
      const seen = joints.filter((joint) => joint.shown);
      const has = new Set(seen.map((joint) => joint.i));
      for (const { a, b, lines } of bones) {
        const there = has.has(a) && has.has(b) && (holds(a, b) || KINDS[a] === "nose");
        for (const line of lines) line.style.display = there ? "" : "none";
      }
      group.querySelector(".pk-names")?.remove();
      if (names && seen.length) group.append(makeNames(seen, size, el.clientWidth ? size[0] / el.clientWidth : unit));
    }
    image.classList.toggle("pk-away", view.picture === false);
    mark();
  }

  /** Shows which joint is chosen, and keeps one joint, the last that had the focus, in the order of Tab. */
  function mark() {
    const visible = shown();
    if (!visible.includes(home)) home = visible[0] ?? null;
    for (const joint of every()) {
      joint.node.setAttribute("tabindex", joint === home ? "0" : "-1");
      joint.node.setAttribute("aria-selected", String(same(joint, view.selected)));
    }
    const chosen = visible.find((joint) => same(joint, view.selected));
    tip.hidden = !chosen;
    if (chosen) place(chosen);
  }

  function place({ name, where, x, y }) {
    tip.replaceChildren(make("strong", {}, name), make("span", {}, where));
    const [left, top] = [(x / size[0]) * el.clientWidth, (y / size[1]) * el.clientHeight];
    const above = top - tip.offsetHeight - 14;
    tip.style.left = `${Math.max(0, Math.min(el.clientWidth - tip.offsetWidth, left - tip.offsetWidth / 2))}px`;
    tip.style.top = `${above < 0 ? top + 14 : above}px`;
  }

  function nearest(event) {
    const box = svg.getBoundingClientRect();
    const scale = box.width / size[0];
    const far = (joint) => Math.hypot(box.left + joint.x * scale - event.clientX, box.top + joint.y * scale - event.clientY);
    const [first] = shown().map((joint) => [far(joint), joint]).sort((a, b) => a[0] - b[0]);
    return first?.[0] <= REACH ? first[1] : null;
  }

  function point(event) {
    const joint = event.type === "pointerleave" ? null : nearest(event);
    if (joint && !same(joint, view.selected)) {
      choose(joint);
      said.textContent = `${joint.name}: ${joint.where}`;
    } else if (!joint && hovering) choose(focused());
    hovering = Boolean(joint);
  }

  function walk(event) {
    const visible = shown();
    const at = visible.indexOf(focused());
    const steps = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: visible.length - 1 };
    if (event.key === "Escape" && view.selected) choose(null);
    else if (event.key in steps && at >= 0) visible[Math.max(0, Math.min(visible.length - 1, steps[event.key]))].node.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  new ResizeObserver(draw).observe(el); // names and words keep their size
  for (const event of ["pointermove", "pointerdown", "pointerleave"]) svg.addEventListener(event, point);
  svg.addEventListener("keydown", walk);
  // Not on the svg: Chromium takes one that listens for the focus as something that wants it.
  el.addEventListener("focusin", () => {
    home = focused() ?? home;
    if (focused()) choose(home);
  });
  el.addEventListener("focusout", (event) => svg.contains(event.relatedTarget) || choose(null));

  return {
    el,
    people,
    view(next) {
      view = { ...view, ...next };
      if (Object.keys(next).every((key) => key === "selected")) mark();
      else draw();
    },
    picture(url) {
      image.src = url;
      image.hidden = false;
    },
  };
}

/** Which side looks how. */
function makeLegend() {
  const side = (name) => make("span", {}, make("span", { class: `pk-${name}` }), name);
  return make("span", { class: "pk-legend", title: "the person's own left and right" }, side("left"), side("right"));
}

/** The line for what went wrong, from the trait `error`. */
function makeAlarm(model, listener) {
  const alarm = make("div", { class: "pk-error", role: "alert" });
  const show = () => (alarm.textContent = model.get("error"));
  listener.on("change:error", show);
  show();
  return alarm;
}

/** Hands on pictures that the kernel sends as {kind: "picture", type} with the file in a buffer, as addresses; asks for the first. */
function receivePictures(model, listener, show) {
  let url = null;
  const free = () => url && URL.revokeObjectURL(url);
  listener.on("msg:custom", (content, [buffer]) => {
    if (content.kind !== "picture") return;
    free();
    url = URL.createObjectURL(new Blob([buffer], { type: content.type }));
    show(url);
  });
  model.send({ kind: "ready" }); // what is sent before somebody listens is lost, in Colab for one
  return free;
}
