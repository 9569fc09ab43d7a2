// PoseViewer: a picture with its people. figure.js draws them; the traits of pose_viewer.py say what is shown.

import { element, listenTo, makeErrorLine, makeSlider, receivePictures, setTrait } from "./dom.js";
import { makeFigure, makeLegend, PARTS, summary } from "./figure.js";

/** @import { Model, Person, Selected, Size } from "./types.js" */

/** @param {{ model: Model, el: HTMLElement }} host */
function render({ model, el }) {
  const listeners = listenTo(model);
  const select = (/** @type {Selected | null} */ joint) => setTrait(model, "selected", joint);
  const figure = makeFigure({ label: "Keypoints", select });
  const status = element("div", { class: "pk-status" });
  const legend = makeLegend();
  const line = element("div", { class: "pk-line" }, status, legend);
  const who = element("select", { onchange: () => setTrait(model, "person", who.value === "" ? null : Number(who.value)) });
  const whoLabel = element("label", {}, "Person ", who);

  /** @type {(name: string, isOn: () => boolean, set: (on: boolean) => void) => HTMLElement} */
  const makeCheck = (name, isOn, set) => {
    const input = element("input", { type: "checkbox", onchange: () => set(input.checked) });
    const show = () => {
      input.checked = isOn();
    };
    listeners.on(["change:parts", `change:${name}`], show);
    show();
    return element("label", {}, input, name);
  };
  const parts = Object.keys(PARTS).map((part) => {
    const isOn = () => model.get("parts").includes(part);
    return makeCheck(part, isOn, (on) => {
      const chosen = Object.keys(PARTS).filter((each) => (each === part ? on : model.get("parts").includes(each)));
      setTrait(model, "parts", chosen);
    });
  });
  const more = ["names", "picture"].map((name) =>
    makeCheck(
      name,
      () => model.get(name),
      (on) => setTrait(model, name, on),
    ),
  );
  const title = element("legend", { class: "pk-sr" }, "Show");
  const shows = element("fieldset", {}, title, ...parts, element("span", { class: "pk-gap" }), ...more);
  const bar = element("div", { class: "pk-bar" }, makeSlider(model, listeners), whoLabel, shows);
  const root = element("div", { class: "posekit pk-viewer" }, figure.el, line, bar, makeErrorLine(model, listeners));
  root.dataset.lmSuppressShortcuts = "true"; // the arrow keys are for the joints, not for JupyterLab's cells
  el.replaceChildren(root);

  const showPeople = () => {
    /** @type {{ people: Person[], size: Size }} */
    const { people, size } = model.get("_shown");
    figure.people(people, size);
    const options = people.map((_, i) => element("option", { value: i }, String(i + 1)));
    who.replaceChildren(element("option", { value: "" }, "all"), ...options);
    whoLabel.hidden = people.length < 2;
    bar.hidden = legend.hidden = !people.length;
    showView();
  };
  const names = ["threshold", "parts", "names", "picture", "person", "selected"];
  const showView = () => {
    figure.view(Object.fromEntries(names.map((name) => [name, model.get(name)])));
    who.value = model.get("person") ?? "";
    status.textContent = summary(model.get("_shown").people, model.get("threshold"));
  };
  listeners.on("change:_shown", showPeople);
  listeners.on(
    names.slice(0, -1).map((name) => `change:${name}`),
    showView,
  );
  listeners.on("change:selected", () => figure.view({ selected: model.get("selected") }));
  showPeople();
  const free = receivePictures(model, listeners, figure.picture);
  return () => {
    listeners.stop();
    free();
  };
}

export default { render };
