// What the modules exchange.

/** A keypoint: x, y in pixels of the picture, score 0…1. */
export type Point = [number, number, number];
/** A square of the picture: x, y, length in pixels; it may stick out. */
export type Region = [number, number, number];
export type Size = [number, number];

/** Left, upper, right and lower border in pixels. */
export type Box = [number, number, number, number];
/** CIE Lab in bytes. */
export type Lab = [number, number, number];

/** Pixels, RGB or RGBA. */
export interface Picture {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
}

/** One person as a model found them. */
export interface Pose {
  points: Point[];
  box: Box;
  confidence: number;
  size: Size;
}

/** What comes back for a frame: the people and their ids, where to look next (null: the whole picture), and the next square's side. */
export interface Answer {
  people: Point[][];
  ids: (number | null)[];
  boxes: Box[];
  confidences: number[];
  region: Region | null;
  side: number;
}

/** A file that a model in the browser needs; `bytes` as it travels. */
export interface FileAbout {
  name: string;
  sha256: string;
  bytes: number;
}

/** Brings a file as it travels, and tells how much of it has come. */
export type GetFile = (about: FileAbout, onBytes: (bytes: number) => void) => Promise<ArrayBuffer>;

/** A model for the browser; see posekit/estimate/in_browser.py. */
export interface ModelAbout {
  name: string;
  /** How many it finds at most. */
  people: number;
  /** Of the square that it sees; of the longer side, where it takes any size. */
  side: number;
  /** Where its file has that size; empty where it has one only. */
  sizeAt: number[];
  /** Of two looks that agree, or of one for several people. */
  minConfidence: number;
  /** Of the picture in the file `check`. */
  checkSize: Size;
  /** To that picture: the first of the model's numbers. */
  answer: number[];
  files: Record<"script" | "wasm" | "model" | "check", FileAbout>;
}

/** What the front end uses of a Jupyter model; the live page has a stand-in. */
export interface Model {
  // biome-ignore lint/suspicious/noExplicitAny: traits have types of their own, which Python checks
  get(name: string): any;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, listener: Listener): void;
  off(event: string, listener: Listener): void;
  send(content: object, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
  widget_manager: { get_model(id: string): Promise<Model>; kernel?: KernelConnection | null };
  comm_live?: boolean;
}

/** What JupyterLab's widget manager knows of the way to the kernel. */
export interface KernelConnection {
  connectionStatus: string;
  connectionStatusChanged?: Record<"connect" | "disconnect", (slot: (sender: unknown, status: string) => void) => void>;
  serverSettings?: { baseUrl: string };
  reconnect?(): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: what an event hands over is up to the event
export type Listener = (...details: any[]) => void;

/** Listens to models; `stop()` ends all of it. */
export interface Listeners {
  on(events: string | string[], listener: Listener): void;
  stop(): void;
}

/** A stream of ipywebrtc. */
export interface Source extends Model {
  cameraStream?: Promise<MediaStream>;
  captureStream?(): Promise<MediaStream>;
  media?: HTMLMediaElement;
  views?: object;
  /** Whether each frame of it is wanted, so that it plays no faster than they are looked at. */
  everyFrame?: boolean;
  [users: symbol]: number;
}

/** What frames are wanted; see frames.js. */
export interface FrameRequest {
  region: Region | null;
  side: number;
  free: number;
  received: number;
  /** How many frames were not answered yet. */
  waiting: number;
  whole: boolean;
  /** Whether RGB is wanted, not a JPEG. */
  pixels: boolean;
}

/** What comes of frames: one of these, see frames.js. */
export interface Cut {
  jpeg?: ArrayBuffer;
  pixels?: ArrayBuffer;
  region?: Region;
  size?: Size;
  side?: number;
  captured?: number;
  /** In the clip, in seconds: the pixels are the whole frame's, RGBA. */
  time?: number;
  ended?: boolean;
  missing?: number;
  picture?: ArrayBuffer;
  dropped?: number;
  failed?: string;
  restarted?: boolean;
}

export type Post = (cut: Cut, buffers?: Transferable[]) => void;

/** The frames of a stream. */
export interface Frames {
  request(request: Partial<FrameRequest>): void;
  close(): Promise<void>;
}

/** The answer to a frame, as a message. */
export interface AnswerMessage {
  seq: number;
  people: Point[][];
  ids: (number | null)[];
  region: Region | null;
  side: number;
  ms: number;
  movement?: Movement;
}

/** What the people do, as Python's `LiveMovement` says it; empty where nothing was asked for. */
export interface Movement {
  exercise?: string;
  count?: number;
  partial?: number;
  phase?: string;
  way?: string;
  depth?: number | null;
  missing?: string[];
  posture?: string;
}

/** A person as Python's `shown` gives it. */
export interface Person {
  points: (Point | null)[];
  bone: number;
  confidence: number;
}

/** A joint that was chosen. */
export interface Selected {
  person: number;
  keypoint: string;
}

declare global {
  interface Window {
    MediaStreamTrackProcessor?: new (options: { track: MediaStreamTrack }) => { readable: ReadableStream<VideoFrame> };
  }
}
