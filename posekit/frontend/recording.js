// What a live loop records: the points, not the picture.

import { SKELETON } from "./shared.js";

/** @import { Point } from "./types.js" */

/** @typedef {{ time: number, people: Point[][], ids: (number | null)[] }} Row */

/** @type {(rows: Row[] | null) => number} How long a recording is, in seconds. */
export const duration = (rows) => (rows?.length ? rows[rows.length - 1].time - rows[0].time : 0);

/**
 * A recording as the table of posekit/pose/tables.py.
 *
 * @param {Row[]} rows
 */
export function toCsv(rows) {
  const lines = ["frame,time,id,person,keypoint,x,y,score"];
  rows.forEach(({ time, people, ids }, frame) => {
    const seconds = (time - rows[0].time).toFixed(3);
    people.forEach((points, person) => {
      points.forEach((point, i) => {
        lines.push([frame, seconds, ids[person] ?? "", person, SKELETON.names[i], ...point].join(","));
      });
    });
  });
  return `${lines.join("\n")}\n`;
}
