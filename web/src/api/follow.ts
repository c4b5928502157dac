/** Following a stream for as long as somebody looks: it resumes by itself, without loss, where it was cut. */

import type { ApiClient, StreamOptions, StreamPath } from "./client";
import { ApiError } from "./errors";
import { EventParser, type ServerEvent } from "./event-parser";

/** The server says something every second, so a connection that is silent for this long is dead. */
const SILENCE_MILLISECONDS = 15_000;
const FIRST_PAUSE_MILLISECONDS = 500;
const LONGEST_PAUSE_MILLISECONDS = 10_000;
const GAP = "gap";

export interface Follower {
  event(event: ServerEvent): void;
  /** Something between the last event and the next was lost for good. */
  gap?(): void;
  /** The stream is open, or was cut and is being opened again. */
  connected?(open: boolean): void;
  /** The server refuses; there is no use in trying again. */
  refused?(error: ApiError): void;
}

/** Follow until the signal aborts or the server refuses. */
export async function follow<Path extends StreamPath>(client: ApiClient, path: Path, follower: Follower, options: StreamOptions<Path>): Promise<void> {
  const { signal } = options;
  let lastEventId = options.lastEventId ?? "";
  let pause = FIRST_PAUSE_MILLISECONDS;
  const parserOf = () =>
    new EventParser({
      event: (event) => {
        lastEventId = event.id || lastEventId;
        follower.event(event);
      },
      comment: (text) => text.trim() === GAP && follower.gap?.(),
    });

  while (!signal.aborted) {
    try {
      await once(client, path, parserOf(), { ...options, lastEventId }, () => {
        pause = FIRST_PAUSE_MILLISECONDS;
        follower.connected?.(true);
      });
    } catch (error) {
      if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429) {
        follower.refused?.(error);
        return;
      }
    }
    if (!signal.aborted) {
      follower.connected?.(false);
      await pauseFor(pause, signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS);
    }
  }
}

async function once<Path extends StreamPath>(client: ApiClient, path: Path, parser: EventParser, options: StreamOptions<Path>, opened: () => void): Promise<void> {
  const reader = (await client.stream(path, options)).getReader();
  const leave = () => void reader.cancel().catch(() => undefined);
  options.signal.addEventListener("abort", leave);
  opened();
  try {
    for (;;) {
      const { done, value } = await beforeSilence(reader.read());
      if (done) {
        return;
      }
      parser.push(value);
    }
  } finally {
    options.signal.removeEventListener("abort", leave);
    leave();
  }
}

async function beforeSilence<Result>(reading: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the stream is silent")), SILENCE_MILLISECONDS);
  });
  try {
    return await Promise.race([reading, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function pauseFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      resolve();
    };
    const timer = setTimeout(stop, milliseconds);
    signal.addEventListener("abort", stop);
  });
}
