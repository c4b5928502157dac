/**
 * The lines of a log that are kept, oldest first.
 *
 * They lie in blocks that never change once full, so that what has been drawn is not drawn again, and the oldest block
 * goes when there are too many: a log of any length takes the same memory.
 */

import type { JournalEntry } from "@/api/types";
import { plainText } from "./ansi";

export interface Line {
  key: number;
  /** Null for a place where lines are missing. */
  time: string | null;
  text: string;
  /** The text without colours. */
  plain: string;
  /** Whether it is an error by its priority in the journal. */
  error: boolean;
}

export interface Block {
  key: number;
  lines: readonly Line[];
}

export interface LogBuffer {
  blocks: readonly Block[];
  count: number;
  /** How many have come in all, which gives each line its key. */
  seen: number;
  dropped: boolean;
}

export const BLOCK_LINES = 200;
export const BLOCKS_MAX = 25;
const ERROR_PRIORITY = 3;

export const EMPTY: LogBuffer = { blocks: [], count: 0, seen: 0, dropped: false };

export type Arrival = JournalEntry | "gap";

/** The buffer with what has arrived at its end. */
export function appended(buffer: LogBuffer, arrivals: readonly Arrival[]): LogBuffer {
  if (!arrivals.length) {
    return buffer;
  }
  const blocks = [...buffer.blocks];
  let seen = buffer.seen;
  for (const arrival of arrivals) {
    const last = blocks.at(-1);
    if (last && last.lines.length < BLOCK_LINES) {
      blocks[blocks.length - 1] = { key: last.key, lines: last.lines.concat(lineOf(arrival, seen)) };
    } else {
      blocks.push({ key: seen, lines: [lineOf(arrival, seen)] });
    }
    seen += 1;
  }
  const kept = blocks.slice(-BLOCKS_MAX);
  const count = kept.reduce((sum, block) => sum + block.lines.length, 0);
  return { blocks: kept, count, seen, dropped: buffer.dropped || kept.length < blocks.length };
}

function lineOf(arrival: Arrival, key: number): Line {
  if (arrival === "gap") {
    return { key, time: null, text: "", plain: "", error: false };
  }
  const priority = arrival.Priority === "" ? Number.NaN : Number(arrival.Priority);
  return { key, time: arrival.RealtimeTimestamp, text: arrival.Message, plain: plainText(arrival.Message), error: priority <= ERROR_PRIORITY };
}

/** The lines of a block that have the text in them, upper or lower case. */
export function matching(block: Block, search: string): readonly Line[] {
  if (!search) {
    return block.lines;
  }
  const wanted = search.toLowerCase();
  return block.lines.filter((line) => line.plain.toLowerCase().includes(wanted));
}
