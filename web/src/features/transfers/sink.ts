/** Where a download is written: into a file as it arrives, or into the browser's memory until it is complete. */

export interface Sink {
  write(piece: Uint8Array<ArrayBuffer>): Promise<void>;
  /** The download is complete. */
  close(): Promise<void>;
  /** The download has failed; nothing is kept. */
  abort(): Promise<void>;
}

interface FilePicker {
  showSaveFilePicker(options: { suggestedName: string }): Promise<FileSystemFileHandle>;
}

/** Ask where to save; null if the person cancelled. Browsers offer that only on pages from HTTPS. */
export async function chooseSink(suggestedName: string): Promise<Sink | null> {
  if (!canPick(window)) {
    return new MemorySink(suggestedName);
  }
  try {
    const handle = await window.showSaveFilePicker({ suggestedName });
    return new FileSink(await handle.createWritable());
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") {
      return null;
    }
    throw error;
  }
}

/** Whether a download needs no room in the browser's memory. */
export function savesWhileItComes(): boolean {
  return canPick(window);
}

function canPick(browser: object): browser is FilePicker {
  return "showSaveFilePicker" in browser;
}

class FileSink implements Sink {
  constructor(private readonly file: FileSystemWritableFileStream) {}

  write(piece: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.file.write(piece);
  }

  close(): Promise<void> {
    return this.file.close();
  }

  abort(): Promise<void> {
    return this.file.abort();
  }
}

/** Long enough for any browser to have started saving. */
const FORGET_MILLISECONDS = 60_000;

class MemorySink implements Sink {
  private pieces: Uint8Array<ArrayBuffer>[] = [];

  constructor(private readonly name: string) {}

  write(piece: Uint8Array<ArrayBuffer>): Promise<void> {
    this.pieces.push(piece);
    return Promise.resolve();
  }

  close(): Promise<void> {
    const address = URL.createObjectURL(new Blob(this.pieces));
    const link = document.createElement("a");
    link.href = address;
    link.download = this.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), FORGET_MILLISECONDS);
    return this.abort();
  }

  abort(): Promise<void> {
    this.pieces = [];
    return Promise.resolve();
  }
}
