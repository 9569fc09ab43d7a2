// MoveNet in the browser: LiteRT.js runs the same file as Python does, in a worker, which all widgets of a page share.

import { loadFile } from "./files.js";

/** @import { GetFile, ModelAbout, Size } from "./types.js" */

const MAX_DIFFERENCE = 0.02; // of the square's side, or of a score: processors round differently, but by far less
const MAX_OPEN = 3; // sizes for which one model stays open; each needs about 20 MB
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]; // a WebAssembly module with one function that returns a vector

/**
 * What the worker runs after the script of LiteRT.js. It gets the source text of this function, so it uses nothing but its
 * arguments. It gets {wasm, model, sizeAt, size} and says {shapes}; then it answers each {number, rgb, size} with
 * {number, raw, rgb, ms}, or {failed}, one after the other.
 *
 * @param {(createWasmLib: (LiteRt: any) => Promise<any>) => any} makeLiteRt
 * @param {number} maxOpen sizes for which the model stays open: widgets of one page may show pictures of different shapes in turn
 */
function serveModel(makeLiteRt, maxOpen) {
  /** @type {any} */
  let library;
  /** @type {{ model: ArrayBuffer, sizeAt: number[] }} */
  let file;
  /** @type {Map<string, any>} By size, least recently used first. */
  const opened = new Map();
  let before = Promise.resolve();

  /** Opens the model for pictures of that size. A model that takes any size has it written into its file: nothing else sets it. */
  async function compile(/** @type {number[]} */ [width, height]) {
    const view = new DataView(file.model);
    for (const at of file.sizeAt) {
      view.setInt32(at, height, true);
      view.setInt32(at + 4, width, true);
    }
    return library.loadAndCompile(new Uint8Array(file.model), { accelerator: "wasm" });
  }

  /** The model for pictures of that size. */
  async function modelFor(/** @type {number[]} */ size) {
    const key = size.join("×");
    const [oldest] = opened.keys();
    if (!opened.has(key) && opened.size >= maxOpen) {
      opened.get(oldest).delete();
      opened.delete(oldest);
    }
    const model = opened.get(key) ?? (await compile(size));
    opened.delete(key);
    opened.set(key, model);
    return model;
  }

  async function open(
    /** @type {{ wasm: ArrayBuffer, model: ArrayBuffer, sizeAt: number[], size: number[] }} */ { wasm, size, ...rest },
  ) {
    const quiet = { print() {}, printErr() {} }; // it prints a lot; errors are thrown anyway
    const options = { wasmBinary: wasm, locateFile: (/** @type {string} */ name) => name, ...quiet };
    const factory = /** @type {any} */ (self).ModuleFactory;
    library = makeLiteRt(async (LiteRt) => new LiteRt(await factory(options)));
    library.Environment.create = async () => new library.Environment({ webGpuDevice: null }); // it would look for a GPU, and complain
    await library.loadLiteRt("litert.js");
    file = rest;
    const compiled = await modelFor(size);
    const shapes = [compiled.getInputDetails(), compiled.getOutputDetails()].map((details) =>
      details.map((/** @type {any} */ { dtype, shape }) => [dtype, ...shape].join(" ")),
    );
    self.postMessage({ shapes: shapes.flat() });
  }

  async function run(/** @type {{ number: number, rgb: Uint8Array, size: number[] }} */ { number, rgb, size }) {
    const start = performance.now();
    const compiled = await modelFor(size);
    const input = new library.Tensor(rgb, [1, size[1], size[0], 3]);
    const [output] = await compiled.run(input);
    const raw = await output.data();
    for (const tensor of [input, output]) tensor.delete();
    self.postMessage({ number, raw, rgb, ms: performance.now() - start }, { transfer: [rgb.buffer] });
  }

  async function answer(/** @type {any} */ data) {
    try {
      await (data.rgb ? run(data) : open(data));
    } catch (error) {
      self.postMessage({ number: data.number, failed: String(/** @type {any} */ (error)?.message ?? error) });
    }
  }

  self.onmessage = ({ data }) => {
    before = before.then(() => answer(data));
  };
}

/** @returns {string} What this browser lacks to run a model; empty where it lacks nothing. */
export function lacking() {
  if (!globalThis.isSecureContext) return "Browsers run models only on https pages and on localhost.";
  if (!globalThis.Worker) return "This browser has no web workers, which the model needs.";
  if (!globalThis.WebAssembly) return "This browser has no WebAssembly, or it is switched off.";
  if (!WebAssembly.validate(new Uint8Array(SIMD))) return "This browser's WebAssembly has no SIMD; a newer browser has it.";
  if (!globalThis.DecompressionStream) return "This browser cannot unpack compressed files; a newer browser can.";
  return "";
}

/** A worker with one model in it. */
class ModelWorker {
  /** @param {BlobPart} script */
  constructor(script) {
    // Emscripten asks for the script's address and cuts it at the last slash; some browsers want it to end like a script's.
    this.url = URL.createObjectURL(new Blob([script, `\n(${serveModel})(makeLiteRt, ${MAX_OPEN});`], { type: "text/javascript" }));
    this.worker = new Worker(`${this.url}#.js`);
    this.failure = "";
    this.next = 0;
    /** @type {Map<number | undefined, { resolve: (answer: any) => void, reject: (error: Error) => void }>} */
    this.waiting = new Map();
    this.worker.onmessage = ({ data }) => {
      const { resolve, reject } = this.waiting.get(data.number) ?? { resolve() {}, reject() {} };
      this.waiting.delete(data.number);
      if (data.failed) reject(new Error(data.failed));
      else resolve(data);
    };
    this.worker.onerror = (event) =>
      this.end(`The model's worker stopped: ${event.message ?? "the page's security policy forbids it"}`);
  }

  /** @type {(message: object, number: number | undefined, buffers: ArrayBuffer[]) => Promise<any>} */
  ask(message, number, buffers) {
    if (this.failure) return Promise.reject(new Error(this.failure));
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { resolve, reject });
      this.worker.postMessage(message, buffers);
    });
  }

  end(reason = "The model was closed.") {
    this.failure = reason;
    this.worker.terminate();
    URL.revokeObjectURL(this.url);
    for (const { reject } of this.waiting.values()) reject(new Error(reason));
    this.waiting.clear();
  }
}

/** @type {(raw: Float32Array, about: ModelAbout) => string} What is wrong with the answer to the stored picture. */
export function difference(raw, { name, answer }) {
  const most = Math.max(...answer.map((each, i) => Math.abs(each - raw[i]))); // NaN if there are fewer
  if (most <= MAX_DIFFERENCE) return "";
  return `This browser computes wrong points with ${name}: on a test picture they are off by ${(100 * most).toFixed(0)} % of its side. So it is not used here.`;
}

/** A model that has given the right answer to the stored picture. */
export class BrowserModel {
  /**
   * @param {ModelAbout} about
   * @param {ModelWorker} worker
   */
  constructor(about, worker) {
    this.about = about;
    this.worker = worker;
    this.users = 0;
  }

  /**
   * One pass over one RGB picture, whose buffer is transferred to the worker and back.
   *
   * @param {Uint8Array<ArrayBuffer>} rgb
   * @param {Size} size of it: the model's own, or any in multiples of 32 for one that takes any
   * @returns {Promise<{ raw: Float32Array, rgb: Uint8Array<ArrayBuffer>, ms: number }>}
   */
  run(rgb, size = [this.about.side, this.about.side]) {
    const number = ++this.worker.next;
    return this.worker.ask({ number, rgb, size }, number, [rgb.buffer]);
  }

  /** @type {(check: ArrayBuffer) => Promise<void>} Throws where the answer to the stored picture is wrong. */
  async prove(check) {
    const { raw } = await this.run(new Uint8Array(check), this.about.checkSize);
    const problem = difference(raw, this.about);
    if (problem) throw new Error(problem);
  }
}

/**
 * @param {ModelAbout} about
 * @param {GetFile} get
 * @param {(share: number) => void} onProgress
 */
async function load(about, get, onProgress) {
  const problem = lacking();
  if (problem) throw new Error(problem);
  const all = Object.values(about.files).reduce((sum, { bytes }) => sum + bytes, 0);
  let there = 0;
  const onBytes = (/** @type {number} */ bytes) => {
    there += bytes;
    onProgress(Math.min(1, there / all));
  };
  const { script, wasm, model, check } = about.files;
  const files = await Promise.all([script, wasm, model, check].map((each) => loadFile(each, get, onBytes)));
  const worker = new ModelWorker(files[0]);
  try {
    const { people, sizeAt, checkSize: size } = about;
    const { shapes } = await worker.ask({ wasm: files[1], model: files[2], sizeAt, size }, undefined, [files[1], files[2]]);
    const [rows, kind] = people > 1 ? [`${people} 56`, `up to ${people} people`] : ["1 17 3", "one person"];
    if (shapes.join(", ") !== `uint8 1 ${size[1]} ${size[0]} 3, float32 1 ${rows}`)
      throw new Error(`${about.name} is not a MoveNet for ${kind}: its inputs and outputs are ${shapes.join(", ")}`);
    const opened = new BrowserModel(about, worker);
    await opened.prove(files[3]);
    return opened;
  } catch (error) {
    worker.end();
    throw error;
  }
}

/** @typedef {Map<string, { users: number, model: Promise<BrowserModel> }>} Shelf */

// On the window, so that all widgets share it: each has a copy of this module.
const SHELF = Symbol.for("posekit.models");

/**
 * The model, opened once per page; each user must `release` it.
 *
 * @param {ModelAbout} about
 * @param {GetFile} get brings a file that the browser does not have yet
 * @param {(share: number) => void} [onProgress]
 */
export function openModel(about, get, onProgress = () => {}) {
  const place = /** @type {{ [SHELF]: Shelf }} */ (/** @type {unknown} */ (globalThis));
  place[SHELF] ??= new Map();
  const shelf = place[SHELF];
  const key = about.files.model.sha256;
  const entry = shelf.get(key) ?? { users: 0, model: load(about, get, onProgress) };
  shelf.set(key, entry);
  entry.users += 1;
  const forget = () => shelf.get(key) === entry && shelf.delete(key);
  entry.model.catch(forget); // the next attempt may succeed
  return {
    model: entry.model,
    /** The last user's release ends the worker. */
    release() {
      entry.users -= 1;
      if (entry.users) return;
      forget();
      entry.model.then(({ worker }) => worker.end()).catch(() => {});
    },
  };
}
