// Large files that are downloaded once: LiteRT.js and models. Each is named by its SHA-256, which is checked every time, and stays in
// the browser's Cache storage.

/** @import { FileAbout, GetFile } from "./types.js" */

const CACHE = "posekit-files";

/** @type {(bytes: ArrayBuffer) => Promise<string>} */
async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @type {(packed: ArrayBuffer) => Promise<ArrayBuffer>} The content of a gzip file. Some hosts have unpacked it already. */
async function unpacked(packed) {
  const [first, second] = new Uint8Array(packed, 0, Math.min(2, packed.byteLength));
  if (first !== 0x1f || second !== 0x8b) return packed;
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/** @type {(packed: ArrayBuffer, about: FileAbout) => Promise<ArrayBuffer | null>} The content, if it is the right one. */
async function checked(packed, { sha256: expected }) {
  const content = await unpacked(packed).catch(() => packed);
  return (await sha256(content)) === expected ? content : null;
}

/** @type {() => Promise<Cache | null>} Null where there is none, or asking for it is an error already, as in some cross-site frames. */
async function openCache() {
  try {
    return (await globalThis.caches?.open(CACHE)) ?? null;
  } catch {
    return null;
  }
}

/** @type {(about: FileAbout) => string} No such address exists; Cache storage wants addresses as keys. */
const keyOf = ({ sha256: digest }) => `/posekit-files/${digest}`;

/**
 * A file's content: from the browser's cache, or else through `get`, which brings it packed.
 *
 * @param {FileAbout} about
 * @param {GetFile} get
 * @param {(bytes: number) => void} onBytes called with the number of packed bytes so far, from the cache or the network
 * @returns {Promise<ArrayBuffer>}
 */
export async function loadFile(about, get, onBytes) {
  const cache = await openCache();
  const kept = await (await cache?.match(keyOf(about)).catch(() => undefined))?.arrayBuffer();
  const content = kept && (await checked(kept, about));
  if (content) {
    onBytes(about.bytes);
    return content;
  }
  const packed = await get(about, onBytes);
  const fresh = await checked(packed, about);
  if (!fresh) throw new Error(`${about.name} arrived damaged (${packed.byteLength} bytes). Load the page again.`);
  await cache?.put(keyOf(about), new Response(packed)).catch(() => {}); // the disk is full, or the person allows no storage
  return fresh;
}

/**
 * Fetches files that lie below an address, each named by its hash.
 *
 * @param {string} base
 * @returns {GetFile}
 */
export const filesAt = (base) => async (about, onBytes) => {
  const response = await fetch(`${base}${about.sha256}`).catch(() => null);
  if (!response?.ok || !response.body) {
    const why = response ? `The answer was ${response.status}.` : "There was no answer; is this computer offline?";
    throw new Error(`${about.name} cannot be loaded from ${location.host}. ${why}`);
  }
  const pieces = [];
  const reader = response.body.getReader();
  for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) {
    if (!value) continue;
    pieces.push(value);
    onBytes(value.byteLength);
  }
  return new Blob(pieces).arrayBuffer();
};
