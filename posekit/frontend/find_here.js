// The form for photos when the model runs in this browser: the results appear below it.

import { sourceAt } from "./backend.js";
import { findPeople } from "./look.js";
import { openModel } from "./model.js";
import { described, makeResult, readPhoto } from "./photo_here.js";

/** @import { BrowserModel } from "./model.js" */

/** Whether photos stay here: by choice, or because there is no server. */
export const isHere = () => /** @type {HTMLInputElement | null} */ (document.querySelector("#here"))?.checked ?? true;

/** @type {{ name: string, opened: ReturnType<typeof openModel> } | null} */
let open = null;

/**
 * @param {string} name
 * @param {(share: number) => void} onProgress
 */
async function modelHere(name, onProgress) {
  if (open?.name !== name) {
    const { about, get } = sourceAt("browser/");
    const next = { name, opened: openModel(await about(name), get, onProgress) };
    open?.opened.release();
    open = next;
  }
  try {
    return await open.opened.model;
  } catch (problem) {
    open = null;
    throw problem;
  }
}

/**
 * @param {File} file
 * @param {() => Promise<BrowserModel>} load
 * @param {number} threshold
 */
async function findOne(file, load, threshold) {
  const picture = await readPhoto(file);
  const model = await load();
  const start = performance.now();
  const poses = await findPeople(model, picture);
  const ms = performance.now() - start;
  const about = described(poses, { name: model.about.name, size: [picture.width, picture.height], ms });
  return makeResult(file, picture, poses, about, threshold);
}

/**
 * Finds the people in all photos and shows the results one below the other.
 *
 * @param {HTMLFormElement} form
 * @param {File[]} files
 * @param {(text: string) => void} complain
 */
export async function findHere(form, files, complain) {
  const [busy, progress] = [/** @type {HTMLElement} */ (form.querySelector(".busy")), form.querySelector("progress")];
  const result = /** @type {HTMLElement} */ (document.querySelector("#result"));
  const choices = new FormData(form);
  let over = false; // a model of which one file failed still tells of its other files
  const load = () =>
    modelHere(String(choices.get("model")), (share) => {
      if (!progress || over) return;
      progress.hidden = share >= 1;
      progress.value = share;
      busy.textContent = share < 1 ? "Loading the model…" : "Looking for people…";
    });
  busy.textContent = "Looking for people…";
  for (const each of result.querySelectorAll("[src^='blob:'], [href^='blob:']")) {
    URL.revokeObjectURL(each.getAttribute("src") ?? each.getAttribute("href") ?? "");
  }
  result.replaceChildren();
  const errors = [];
  for (const file of files) {
    try {
      result.append(...(await findOne(file, load, Number(choices.get("threshold")))));
    } catch (problem) {
      errors.push(/** @type {Error} */ (problem).message);
    }
  }
  over = true;
  if (progress) progress.hidden = true;
  if (errors.length) complain(errors.join(" "));
  else result.querySelector("h2")?.focus();
}
