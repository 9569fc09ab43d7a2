// The form works without this file, too. With it: a preview, drop and paste, and a word while the server works.

/** @type {<T extends HTMLElement>(selector: string) => T} */
const find = (selector) => /** @type {any} */ (document.querySelector(selector));
/** @type {HTMLFormElement} */
const form = find("form");
/** @type {HTMLElement} */
const place = find("#drop");
/** @type {HTMLInputElement} */
const input = find("form input");
/** @type {HTMLButtonElement} */
const button = find("form button");
/** @type {HTMLElement} */
const busy = find("form .busy");
/** @type {HTMLElement} */
const error = find("#error");
/** @type {HTMLImageElement} */
const preview = find("form .preview");
/** @type {HTMLElement} */
const invitation = find("form .invitation");
/** @type {HTMLElement} */
const chosen = find("form .chosen");

place.classList.add("scripted");
for (const each of document.querySelectorAll(".needs-script")) each.removeAttribute("hidden");

const megabytes = (/** @type {number} */ bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`;

/** What the form holds now: its preview, where the browser can show it, and its name. */
function show() {
  const file = input.files?.[0];
  URL.revokeObjectURL(preview.src);
  preview.removeAttribute("src");
  preview.hidden = true;
  invitation.hidden = Boolean(file);
  chosen.hidden = !file;
  button.disabled = false;
  if (!file) return; // what the server said stays where it is
  const about = `${file.name}, ${megabytes(file.size)}`;
  const limit = Number(form.dataset.maxBytes);
  button.disabled = file.size > limit;
  error.textContent = button.disabled
    ? `${file.name} has ${megabytes(file.size)}; ${megabytes(limit)} are allowed. Choose a smaller picture.`
    : "";
  chosen.textContent = about;
  preview.onload = () => {
    preview.hidden = false;
  };
  preview.onerror = () => {
    chosen.textContent = `${about} (this browser cannot show it; posekit may be able to read it)`;
  };
  preview.src = URL.createObjectURL(file);
}

/** Puts a dropped or pasted file into the form, as if it had been chosen. */
function accept(/** @type {FileList} */ files) {
  const file = [...files].find((each) => each.type.startsWith("image/") || /\.(heic|heif|avif)$/i.test(each.name));
  if (!file) {
    error.textContent = "That is not a picture. Drop or paste a photo: a file, or a picture that was copied.";
    return;
  }
  const one = new DataTransfer();
  one.items.add(file);
  input.files = one.files;
  show();
  button.focus();
}

input.addEventListener("change", show);
for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault(); // else a photo that misses the field would replace the page
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

form.addEventListener("submit", () => {
  button.setAttribute("aria-busy", "true");
  busy.textContent = "Looking for people…";
  error.textContent = "";
});
// Back from the result, the page may be as it was left.
window.addEventListener("pageshow", () => {
  button.removeAttribute("aria-busy");
  busy.textContent = "";
  show();
});
