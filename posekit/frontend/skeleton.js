// Poses on a canvas, as posekit.draw paints them: the left side orange, solid, with round joints; the right side blue, split by
// a dark line, with square joints; the middle white; a dark rim around all of it. SKELETON comes from posekit/skeleton.py.

const DARK = "rgb(20 20 20)";

/** Thickness of a bone for a person of that size in a picture of that size: as line_width in posekit/draw.py. */
function boneWidth([x0, y0, x1, y1], width, height) {
  return Math.min(Math.max(Math.max(x1 - x0, y1 - y0) / 80, 2), Math.max(2, Math.max(width, height) / 100));
}

/** The box around points [x, y, score] that are seen; all of them where none is. */
function boxOf(points, threshold) {
  const seen = points.filter((point) => point[2] >= threshold);
  const use = seen.length ? seen : points;
  const [xs, ys] = [use.map((p) => p[0]), use.map((p) => p[1])];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/**
 * Draws one person, given as 17 points [x, y, score] in pixels of a picture of width × height, onto a canvas of that shape.
 * `scale` is canvas pixels per picture pixel.
 */
function drawPerson(context, points, { width, height, scale, threshold }) {
  const seen = points.map(([x, y, score]) => score >= threshold && Number.isFinite(x) && Number.isFinite(y));
  const bone = boneWidth(boxOf(points, threshold), width, height) * scale;
  const bones = SKELETON.edges
    .map(([a, b], i) => ({ a: points[a], b: points[b], side: SKELETON.edgeSides[i], seen: seen[a] && seen[b] }))
    .filter((each) => each.seen);
  const lines = (some, color, thickness) => {
    context.strokeStyle = color;
    context.lineWidth = thickness;
    context.beginPath();
    for (const { a, b } of some) {
      context.moveTo(a[0] * scale, a[1] * scale);
      context.lineTo(b[0] * scale, b[1] * scale);
    }
    context.stroke();
  };
  context.lineCap = "round";
  lines(bones, DARK, bone + 2 * scale);
  for (const [side, color] of Object.entries(SKELETON.colors)) {
    const some = bones.filter((each) => each.side === side);
    lines(some, color, bone);
    if (side === "right") lines(some, DARK, Math.max(1, bone / 3));
  }
  const radius = bone * 0.5 + 2 * scale;
  points.forEach(([x, y], i) => {
    if (!seen[i]) return;
    context.beginPath();
    if (SKELETON.sides[i] === "right") context.rect(x * scale - radius, y * scale - radius, 2 * radius, 2 * radius);
    else context.arc(x * scale, y * scale, radius, 0, 2 * Math.PI);
    context.fillStyle = SKELETON.colors[SKELETON.sides[i]];
    context.fill();
    context.strokeStyle = DARK;
    context.lineWidth = Math.max(1, scale);
    context.stroke();
  });
}
