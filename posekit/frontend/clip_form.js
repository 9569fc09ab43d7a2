// The form for a clip works without this file, too. With it, the choices survive an error.

import { send } from "./sending.js";

/** @type {<T extends HTMLElement>(form: HTMLElement, selector: string) => T} */
const find = (form, selector) => /** @type {any} */ (form.querySelector(selector));

/**
 * Gives the form for a clip its script.
 * @param {HTMLFormElement} form
 * @param {(text: string) => void} complain shows what was wrong; an empty text removes it
 */
export function clipForm(form, complain) {
  const input = /** @type {HTMLInputElement} */ (find(form, "input[type=file]"));
  const button = find(form, "button");
  const busy = find(form, ".busy");
  const limit = Number(form.dataset.maxBytes);
  const models = /** @type {HTMLSelectElement} */ (find(form, "select[name=model]"));
  const sentence = find(form, "#clip-model");
  let sending = false;

  function problem() {
    const file = input.files?.[0];
    if (!file || file.size <= limit) return "";
    return `${file.name} has ${Math.ceil(file.size / 2 ** 20)} MB; ${limit / 2 ** 20} MB are allowed. Make it shorter or smaller.`;
  }

  /** What the chosen model is for. It stands beside the menu's label, not in it, where a screen reader would read it as part of the name. */
  function explain() {
    sentence.textContent = models.selectedOptions[0]?.dataset.sentence ?? "";
    sentence.hidden = !sentence.textContent;
  }

  models.setAttribute("aria-describedby", sentence.id);
  models.addEventListener("change", explain);
  window.addEventListener("pageshow", explain); // back on the page, another model may be chosen
  explain();
  input.addEventListener("change", () => complain(problem()));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = problem();
    if (wrong) complain(wrong);
    if (sending || wrong) return;
    sending = true;
    complain("");
    button.setAttribute("aria-busy", "true");
    busy.textContent = "Sending the clip…";
    try {
      location.assign(await send(form, new FormData(form), 1));
    } catch (reason) {
      complain(/** @type {Error} */ (reason).message);
    } finally {
      sending = false;
      button.removeAttribute("aria-busy");
      busy.textContent = "";
    }
  });
}
