import type { Sink } from "./sink";

/** How often the progress is shown. */
const TELL_MILLISECONDS = 150;

/** The download could not be saved. */
export class SavingError extends Error {
  override readonly name = "SavingError";
}

/** Write a response into the sink as it arrives. If that fails, nothing is kept, and the error is thrown. */
export async function receive(answer: Promise<Response>, sink: Sink, progress: (bytes: number) => void): Promise<void> {
  try {
    await pour(await answer, sink, progress);
    await saved(sink.close());
  } catch (error) {
    await sink.abort().catch(() => undefined); // what has failed may be gone already
    throw error;
  }
}

async function pour({ body }: Response, sink: Sink, progress: (bytes: number) => void): Promise<void> {
  const reader = (body ?? new Blob().stream()).getReader();
  let received = 0;
  let told = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    await saved(sink.write(next.value));
    received += next.value.length;
    if (Date.now() - told >= TELL_MILLISECONDS) {
      told = Date.now();
      progress(received);
    }
  }
  progress(received);
}

async function saved(saving: Promise<void>): Promise<void> {
  try {
    await saving;
  } catch (error) {
    throw new SavingError("the file could not be written", { cause: error });
  }
}
