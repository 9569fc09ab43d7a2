// PoseViewer: a picture with its people; figure.js draws, the traits of viewer.py say what is shown.

function render({ model, el }) {
  const listener = listenTo(model);
  const figure = makeFigure({ label: "Keypoints", select: (joint) => keep(model, "selected", joint) });
  const status = make("div", { class: "pk-status" });
  const legend = makeLegend();
  const line = make("div", { class: "pk-line" }, status, legend);
  const who = make("select", { onchange: () => keep(model, "person", who.value === "" ? null : Number(who.value)) });
  const whoLabel = make("label", {}, "Person ", who);

  const box = (name, isOn, set) => {
    const input = make("input", { type: "checkbox", onchange: () => set(input.checked) });
    const show = () => (input.checked = isOn());
    listener.on(["change:parts", `change:${name}`], show);
    show();
    return make("label", {}, input, name);
  };
  const parts = Object.keys(PARTS).map((part) =>
    box(part, () => model.get("parts").includes(part), (on) => {
      const others = Object.keys(PARTS).filter((each) => (each === part ? on : model.get("parts").includes(each)));
      keep(model, "parts", others);
    }),
  );
  const more = ["names", "picture"].map((name) => box(name, () => model.get(name), (on) => keep(model, name, on)));
  const shows = make("fieldset", {}, make("legend", { class: "pk-sr" }, "Show"), ...parts, make("span", { class: "pk-gap" }), ...more);
  const bar = make("div", { class: "pk-bar" }, makeSlider(model, listener), whoLabel, shows);
  const root = make("div", { class: "posekit pk-viewer" }, figure.el, line, bar, makeAlarm(model, listener));
  root.dataset.lmSuppressShortcuts = "true"; // the arrow keys are for the joints, not for JupyterLab's cells
  el.replaceChildren(root);

  const people = () => {
    const { people: found, size } = model.get("_shown");
    figure.people(found, size);
    const options = found.map((_, i) => make("option", { value: i }, String(i + 1)));
    who.replaceChildren(make("option", { value: "" }, "all"), ...options);
    whoLabel.hidden = found.length < 2;
    bar.hidden = legend.hidden = !found.length;
    view();
  };
  const names = ["threshold", "parts", "names", "picture", "person", "selected"];
  const view = () => {
    figure.view(Object.fromEntries(names.map((name) => [name, model.get(name)])));
    who.value = model.get("person") ?? "";
    status.textContent = summary(model.get("_shown").people, model.get("threshold"));
  };
  listener.on("change:_shown", people);
  listener.on(names.slice(0, -1).map((name) => `change:${name}`), view);
  listener.on("change:selected", () => figure.view({ selected: model.get("selected") }));
  people();
  const free = receivePictures(model, listener, figure.picture);
  return () => {
    listener.stop();
    free();
  };
}

export default { render };
