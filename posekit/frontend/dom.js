// Small things that all widgets need: elements, a model's events, one slider.

const SVG_TAGS = new Set(["svg", "g", "line", "circle", "rect", "text"]);

/** An element. Attributes that are false or null are left out; those that begin with "on" are listeners. */
function make(tag, attributes = {}, ...children) {
  const node = SVG_TAGS.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

const plural = (n, one, many) => `${n} ${n === 1 ? one : many}`;

/** Listens to a widget's model; `stop()` ends all of it. */
function listenTo(model) {
  const ends = [];
  return {
    on(events, listener) {
      for (const event of [events].flat()) {
        model.on(event, listener);
        ends.push(() => model.off(event, listener));
      }
    },
    stop: () => ends.forEach((end) => end()),
  };
}

function keep(model, name, value) {
  model.set(name, value);
  model.save_changes();
}

/** The slider for the trait `threshold`, with its value beside it. */
function makeSlider(model, listener) {
  const slider = make("input", { type: "range", min: 0, max: 1, step: 0.01 });
  const value = make("span", { class: "pk-value", "aria-hidden": "true" });
  const show = () => {
    slider.value = model.get("threshold");
    value.textContent = model.get("threshold").toFixed(2);
  };
  slider.addEventListener("input", () => keep(model, "threshold", slider.valueAsNumber));
  listener.on("change:threshold", show);
  show();
  return make("span", { class: "pk-slider" }, make("label", {}, "Threshold ", slider), value);
}
