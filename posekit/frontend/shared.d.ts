// The types of shared.js, which shared.py writes.

export type Side = "left" | "right" | "centre";

export const SKELETON: {
  names: string[];
  sides: Side[];
  edges: [number, number][];
  edgeSides: Side[];
  /** Of COCO's OKS. */
  sigmas: number[];
  /** Where each keypoint goes in a mirror. */
  flip: number[];
  /** The three keypoints of each angle; the middle one is the joint. */
  angles: [number, number, number][];
};

/** See `Look` and `SideLook` in posekit/pose/skeleton.py; colours are CSS here. */
export const LOOK: {
  sides: Record<Side, { color: string; joint: "circle" | "square"; split: boolean; dash: number[] }>;
  rim_color: string;
  rim: number;
  bones_per_person: number;
  bones_per_image: number;
  least_bone: number;
  splits_per_bone: number;
  joint: number;
};

export const THRESHOLD: number;
export const RUNNING: string[];
export const MAX_RECORDING: number;
export const PIECE: number;

/** An exercise as data; see `Exercise` in posekit/motion/exercises.py. */
export interface Exercise {
  rest: number;
  full: number;
  joints: string[];
  by_side: boolean;
  shortest: number;
  longest: number;
  fixed: string[];
  moving: string | null;
  travel: number;
}

/** The numbers of posekit/motion: body.py, phases.py and repetitions.py say what each means. */
export const COUNTING: {
  EXERCISES: Record<string, Exercise>;
  SHARES: Record<string, number>;
  LEFT: number;
  PARTIAL: number;
  REACHED: number;
  CALM: number;
  TURNED: number;
  MAX_GAP: number;
  MAX_OUT_OF_POSTURE: number;
  MAX_RISE: number;
  MAX_MOVE: number;
  MIN_STROKE: number;
  MAX_SHRINKAGE: number;
  MIN_TOGETHER: number;
  QUANTILE: number;
  MEMORY: number;
  INTERVAL: number;
  MIN_SHARE: number;
};
