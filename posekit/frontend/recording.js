// What a live loop records: the points, not the picture.

import { SKELETON } from "./shared.js";

/** @import { Point } from "./types.js" */

/** @typedef {{ time: number, people: Point[][], ids: (number | null)[] }} Row */

/** A recording, and the table of the last one that ended. */
export class Recording {
  constructor() {
    /** @type {Row[] | null} */
    this.rows = null;
    this.csv = "";
  }

  get on() {
    return this.rows !== null;
  }

  /** How long it is. */
  get seconds() {
    return this.rows?.length ? this.rows[this.rows.length - 1].time - this.rows[0].time : 0;
  }

  begin() {
    this.rows = [];
  }

  /** @param {Row} row which is left out where nothing is recorded */
  add(row) {
    this.rows?.push(row);
  }

  /** A recording without a frame leaves the table of the last one. */
  end() {
    if (this.rows?.length) this.csv = toCsv(this.rows);
    this.rows = null;
  }

  /** Ends it without a table. */
  drop() {
    this.rows = null;
  }
}

/**
 * A recording as the table of posekit/pose/tables.py.
 *
 * @param {Row[]} rows
 */
function toCsv(rows) {
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
