// PostureRecorder: the live picture, and a button for each posture that collects examples of it.

import { RecorderLoop, tally } from "./collection.js";
import { element, setText, setTrait } from "./dom.js";
import { makeButton, View, widgetOf } from "./live_view.js";

const EVERY = 200; // ms between two examples while a button is held

class RecorderView extends View {
  /**
   * @param {RecorderLoop} loop
   * @param {HTMLElement} el
   */
  constructor(loop, el) {
    super(loop, el);
    this.collecting = loop;
    this.held = "";
    this.taken = 0; // when the last example was collected
    this.obstacle = ""; // to collecting it
    /** @type {Map<string, HTMLButtonElement>} */
    this.buttons = new Map();
    this.classes = element("div", { class: "pk-bar pk-classes", role: "group", "aria-label": "Collect an example of" });
    this.undoButton = makeButton("Undo", () => this.say(loop.undo()), { title: "Drop the last example" });
    this.said = element("div", { class: "pk-status", "aria-live": "polite" });
    this.stage.after(this.classes, element("div", { class: "pk-bar" }, this.makeForm(), this.undoButton), this.said);
    this.el.addEventListener("keydown", (event) => this.onKey(event));
    this.el.addEventListener("keyup", () => this.release());
    this.el.addEventListener("focusout", () => this.release());
    this.say("Hold a button, or its key, while you hold the posture.");
    this.show();
  }

  makeForm() {
    // JupyterLab would handle Enter itself, and the form would not be submitted.
    const onkeydown = (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && event.stopPropagation();
    const input = element("input", { type: "text", maxlength: 40, size: 14, autocomplete: "off", onkeydown });
    const onsubmit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.addClass(input.value.trim());
      input.value = "";
    };
    const label = element("label", {}, "New class ", input);
    return element("form", { class: "pk-bar", onsubmit }, label, element("button", { type: "submit" }, "Add"));
  }

  /** @param {string} label */
  addClass(label) {
    const classes = this.model.get("classes");
    if (!label || classes.includes(label)) return;
    setTrait(this.model, "classes", [...classes, label]);
    this.say(tally(label, 0));
  }

  keptText() {
    return "Only the points that you collect are kept, not the picture.";
  }

  update() {
    super.update();
    if (this.buttons) this.show(); // the base class's constructor calls this before they exist
  }

  paint() {
    super.paint();
    if (this.held && performance.now() - this.taken >= EVERY) this.take();
  }

  /** The buttons and their counts. */
  show() {
    /** @type {string[]} */
    const classes = this.model.get("classes");
    const buttons = classes.map((label, i) => this.button(label, i + 1));
    if (buttons.some((button, i) => this.classes.children[i] !== button) || buttons.length !== this.classes.children.length)
      this.classes.replaceChildren(...buttons);
    this.undoButton.disabled = !this.collecting.labels.length;
  }

  /**
   * @param {string} label
   * @param {number} number its place, from 1
   */
  button(label, number) {
    let button = this.buttons.get(label);
    if (!button) {
      button = element(
        "button",
        { type: "button", class: "pk-class" },
        element("kbd"),
        label,
        element("span", { class: "pk-tally" }),
      );
      this.buttons.set(label, button);
      this.makeHoldable(button, label);
    }
    const key = number <= 9 ? String(number) : "";
    const count = this.collecting.count(label);
    setText(/** @type {Element} */ (button.firstElementChild), key);
    setText(/** @type {Element} */ (button.lastElementChild), String(count));
    button.setAttribute("aria-label", tally(label, count));
    button.setAttribute("aria-keyshortcuts", key);
    button.classList.toggle("pk-held", this.held === label);
    return button;
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {string} label
   */
  makeHoldable(button, label) {
    button.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      button.focus(); // not every browser focuses a pressed button; the keys work from here
      button.setPointerCapture(event.pointerId);
      this.hold(label);
    });
    button.addEventListener("lostpointercapture", () => this.release());
    button.addEventListener("contextmenu", (event) => event.preventDefault()); // a long touch
    button.addEventListener("click", (event) => {
      if (event.detail) return; // from a pointer, which has collected already
      this.hold(label);
      this.release();
    });
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const label = /^[1-9]$/.test(event.key) && this.model.get("classes")[Number(event.key) - 1];
    const types = event.target instanceof Element && event.target.matches("select, input[type=text]");
    if (!label || types || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // in JupyterLab, a digit would turn the cell into a heading
    if (!event.repeat) this.hold(label);
  }

  /** @param {string} label */
  hold(label) {
    this.held = label;
    this.take();
  }

  /** Collects an example of the class whose button is held. */
  take() {
    this.taken = performance.now();
    this.obstacle = this.collecting.collect(this.held);
    if (this.obstacle) this.say(this.obstacle);
  }

  /** Says how many there are now, once for all that were collected while the button was held. */
  release() {
    const { held } = this;
    this.held = "";
    if (held && !this.obstacle) this.say(tally(held, this.collecting.count(held)));
    if (held) this.show();
  }

  /** @param {string} text */
  say(text) {
    setText(this.said, text);
  }
}

export default widgetOf(RecorderLoop, RecorderView);
