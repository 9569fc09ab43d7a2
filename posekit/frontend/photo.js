// The form works without this file, too. It adds several photos, previews, drop and paste, a message while the server works, and
// choices that survive an error. On the page without a server, or by choice, photos stay in this browser.

import { clipForm } from "./clip_form.js";
import { findHere, isHere } from "./find_here.js";
import { send } from "./sending.js";

/** @type {<T extends HTMLElement>(selector: string) => T} */
const find = (selector) => /** @type {any} */ (document.querySelector(selector));
/** @type {HTMLFormElement} */
const form = find("form");
/** @type {HTMLElement} */
const place = find("#drop");
/** @type {HTMLInputElement} */
const input = find("form input[type=file]");
/** @type {HTMLButtonElement} */
const button = find("form button");
/** @type {HTMLElement} */
const busy = find("form .busy");
/** @type {HTMLElement} */
const error = find("#error");
/** @type {HTMLElement} */
const previews = find("form .previews");
/** @type {HTMLElement} */
const invitation = find("form .invitation");
/** @type {HTMLElement} */
const chosen = find("form .chosen");

const clips = /** @type {HTMLFormElement | null} */ (document.querySelector("#clip form"));

const LIMIT = Number(form.dataset.maxBytes);
const MOST = Number(form.dataset.maxPhotos);
const TRIES = 20; // a second apart, while the server is busy

const title = document.title.replace("That did not work: ", "");
let sending = false;
let again = false; // another photo was chosen while one was being looked at here
let closed = false;
input.multiple = true;
place.classList.add("scripted");
for (const each of document.querySelectorAll(".needs-script")) each.removeAttribute("hidden");

const megabytes = (/** @type {number} */ bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
const sizeOf = (/** @type {number} */ bytes) => (bytes < 2 ** 20 ? `${Math.ceil(bytes / 2 ** 10)} kB` : megabytes(bytes));

/** Says what was wrong, where it is seen and heard; with nothing, takes it away. */
function complain(/** @type {string} */ text) {
  error.textContent = text;
  document.title = text ? `That did not work: ${title}` : title;
  if (text) error.focus();
}

/** Why these files cannot be sent, or nothing. */
function problem(/** @type {File[]} */ files) {
  if (files.length > MOST) return `You chose ${files.length} photos; up to ${MOST} can be sent together.`;
  const large = files.find((file) => file.size > LIMIT);
  return large ? `${large.name} has ${megabytes(large.size)}; ${megabytes(LIMIT)} are allowed. Choose a smaller picture.` : "";
}

/** What the form holds now: previews, where the browser can show them, and names. */
function show() {
  const files = [...(input.files ?? [])];
  for (const each of previews.querySelectorAll("img")) URL.revokeObjectURL(each.src);
  previews.replaceChildren();
  previews.hidden = true;
  invitation.hidden = Boolean(files.length);
  chosen.hidden = !files.length;
  busy.textContent = "";
  button.disabled = false;
  if (!files.length) return; // the server's message stays where it is
  const wrong = problem(files);
  button.disabled = Boolean(wrong);
  complain(wrong);
  const about = files.length === 1 ? files[0].name : `${files.length} photos`;
  chosen.textContent = `${about}, ${sizeOf(files.reduce((sum, file) => sum + file.size, 0))}`;
  for (const file of files.slice(0, MOST)) preview(file, files.length === 1);
  if (!form.dataset.together && !wrong) form.requestSubmit(); // without a server nothing is sent, so there is no need to ask
}

/**
 * @param {File} file
 * @param {boolean} alone
 */
function preview(file, alone) {
  const image = new Image();
  image.alt = alone ? "The photo that you chose" : file.name;
  image.onload = () => {
    previews.hidden = false;
  };
  image.onerror = () => {
    image.remove();
    if (alone && !isHere()) chosen.textContent += " (this browser cannot show it; posekit may be able to read it)";
  };
  previews.append(image);
  image.src = URL.createObjectURL(file);
}

const isPicture = (/** @type {File} */ { type, name }) => type.startsWith("image/") || /\.(heic|heif|avif)$/i.test(name);
const isClip = (/** @type {File} */ { type, name }) => type.startsWith("video/") || /\.mkv$/i.test(name);

/** Puts dropped or pasted files into their forms, as if they had been chosen, and says what was left out. */
function accept(/** @type {FileList} */ files) {
  const all = [...files];
  const pictures = all.filter(isPicture);
  const clip = clips ? all.find(isClip) : undefined;
  if (!pictures.length && !clip) {
    complain("That is not a picture. Drop or paste photos: files, or a copied picture.");
    return;
  }
  const left = all.filter((each) => each !== clip && !pictures.includes(each)).map(({ name }) => name);
  const wrong = [
    clip && clips ? put(/** @type {HTMLInputElement} */ (clips.querySelector("input[type=file]")), [clip]) : "",
    pictures.length ? put(input, pictures) : "",
    left.length ? `Not chosen: ${left.join(", ")}. ${clips ? "Photos can be sent together, clips only one at a time." : ""}` : "",
  ].filter(Boolean);
  complain(wrong.join(" "));
  busy.textContent = clip && pictures.length ? `The clip ${clip.name} is in its own form, below.` : "";
  if (!wrong.length) (pictures.length ? button : clips?.querySelector("button"))?.focus();
}

/** Puts files into a field; what is wrong with them. */
function put(/** @type {HTMLInputElement} */ field, /** @type {File[]} */ files) {
  const all = new DataTransfer();
  for (const each of files) all.items.add(each);
  field.files = all.files;
  field.dispatchEvent(new Event("change"));
  return error.textContent;
}

/** Opens what is folded over a field. */
function unfold(/** @type {Event} */ { target }) {
  if (target instanceof Element) target.closest("details")?.setAttribute("open", "");
}

/** Sends one photo: the address of its result. Throws what was wrong, in words. */
function sendPhoto(/** @type {File} */ file) {
  const fields = new FormData(form);
  fields.set("photo", file, file.name);
  return send(form, fields, TRIES);
}

/** Sends all photos, one after the other, and goes to what was found. */
async function sendAll() {
  const files = [...(input.files ?? [])];
  const results = [];
  const errors = [];
  for (const file of files) {
    const count = files.length > 1 ? ` Photo ${results.length + errors.length + 1} of ${files.length}` : "";
    busy.textContent = `Looking for people…${count}`;
    try {
      results.push(await sendPhoto(file));
    } catch (reason) {
      errors.push(/** @type {Error} */ (reason).message);
    }
    if (closed) return;
  }
  const keys = results.map((address) => new URL(address).pathname.split("/").at(-1)).join(",");
  const together = results.length > 1 ? `${form.dataset.together}${keys}` : results[0];
  if (errors.length) {
    complain(errors.join(" "));
    if (results.length) offer(together, results.length);
  } else location.assign(together);
}

/** A way to what was found, where some of the photos could not be read. */
function offer(/** @type {string} */ address, /** @type {number} */ count) {
  const link = document.createElement("a");
  link.href = address;
  link.textContent = count === 1 ? "See the other photo." : `See the other ${count} photos.`;
  error.append(" ", link);
}

if (clips) clipForm(clips, complain);
input.addEventListener("change", show);
for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault(); // else a photo dropped beside the field would replace the page
    place.classList.add("over");
  });
}
document.addEventListener("dragleave", (event) => event.relatedTarget ?? place.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  place.classList.remove("over");
  if (event.dataTransfer) accept(event.dataTransfer.files);
});
document.addEventListener("paste", (event) => {
  if (event.clipboardData?.files.length) accept(event.clipboardData.files);
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  again = sending && isHere();
  if (sending) return;
  sending = true;
  complain("");
  button.setAttribute("aria-busy", "true");
  try {
    if (isHere()) await findHere(form, [...(input.files ?? [])], complain);
    else await sendAll();
  } finally {
    sending = false;
    button.removeAttribute("aria-busy");
    busy.textContent = "";
    if (again) form.requestSubmit();
  }
});
form.addEventListener("invalid", unfold, true); // a field out of sight could not say what is wrong with it
window.addEventListener("pagehide", () => {
  closed = true;
});
// Coming back from a result, the browser may restore the page as it was left.
window.addEventListener("pageshow", () => {
  closed = false;
  show();
});
if (error.textContent) error.focus();
