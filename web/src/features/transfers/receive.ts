import type { Sink } from "./sink";

/** How often a person is told how much has come. */
const TELL_MILLISECONDS = 150;

/** What came could not be kept. */
export class SavingError extends Error {
  override readonly name = "SavingError";
}

/** Pour an answer into the sink while it comes. If that fails, nothing of it is kept, and the reason is raised. */
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
