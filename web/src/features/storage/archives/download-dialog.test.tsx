// @conformance STO-14
import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { type Answering, problem } from "@/testing/appliance";
import { renderApp } from "@/testing/render";
import { GB, STORAGE_PATH, storing } from "@/testing/storage";
import { filesystem } from "@/testing/volumes";

const HTML = "html of web 1.0";

async function dialog(answering: Answering, appliance = storing()) {
  appliance.on("POST /storage/download-archive", answering);
  const { user } = renderApp({ appliance, path: STORAGE_PATH });
  await user.click(await screen.findByRole("button", { name: /^web/ }));
  await user.click(await screen.findByRole("button", { name: `Download ${HTML}` }));
  return { user, appliance, form: within(await screen.findByRole("dialog", { name: `Download ${HTML}` })) };
}

/** What the browser saves from its memory. */
function catchSaved() {
  const saved: { name: string; content: Blob }[] = [];
  let content = new Blob();
  class Addresses extends URL {
    static override createObjectURL(blob: Blob) {
      content = blob;
      return "blob:x";
    }
    static override revokeObjectURL() {}
  }
  vi.stubGlobal("URL", Addresses);
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function click(this: HTMLAnchorElement) {
    saved.push({ name: this.download, content });
  });
  return saved;
}

/** The file that a person chooses, as browsers offer it on pages from HTTPS. */
function catchFile() {
  const file = { written: [] as Uint8Array[], write: vi.fn<(piece: Uint8Array) => Promise<void>>(), close: vi.fn<() => Promise<void>>(), abort: vi.fn<() => Promise<void>>() };
  file.close.mockResolvedValue();
  file.abort.mockResolvedValue();
  file.write.mockImplementation((piece) => Promise.resolve(void file.written.push(piece)));
  const picker = vi.fn<(options: { suggestedName: string }) => Promise<{ createWritable: () => Promise<typeof file> }>>();
  picker.mockResolvedValue({ createWritable: () => Promise.resolve(file) });
  vi.stubGlobal("showSaveFilePicker", picker);
  return { file, picker };
}

function stream() {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
  return { response: new Response(body, { headers: { "Content-Type": "application/gzip" } }), controller };
}

const bytes = (text: string) => new TextEncoder().encode(text);

test("a download has the choices of the form", async () => {
  catchSaved();
  const { user, appliance, form } = await dialog(() => new Response("content"));
  await user.clear(form.getByLabelText("File name (optional)"));
  await user.type(form.getByLabelText("File name (optional)"), "site");
  await user.selectOptions(form.getByLabelText("Compression"), "xz (.tar.xz)");
  await user.type(form.getByLabelText("Only these files and directories (optional)"), "a/b, c");
  await user.click(form.getByRole("checkbox", { name: "Stop web during the download" }));
  expect(form.getByText("It will be saved as site.tar.xz.")).toBeVisible();
  await user.click(form.getByRole("button", { name: "Download" }));
  await screen.findByRole("dialog", { name: `${HTML} has been downloaded` });
  expect(appliance.requests("POST /storage/download-archive")[0]?.body).toEqual({
    subvolume: "installed/core/web/1.0/html",
    format: "tar.xz",
    filename: "site",
    paths: ["a/b", "c"],
    stop_service: "town-os-package--core-web-1.0.service",
  });
});

test("a browser that cannot choose a file saves the download at its end", async () => {
  const saved = catchSaved();
  const { user, form } = await dialog(() => new Response("content"));
  await user.click(form.getByRole("button", { name: "Download" }));
  await screen.findByRole("dialog", { name: `${HTML} has been downloaded` });
  expect(saved).toMatchObject([{ name: "html.tar.gz", content: { size: 7 } }]);
});

test("a download is written to its file as it arrives, with progress", async () => {
  const { file, picker } = catchFile();
  const { response, controller } = stream();
  const { user, form } = await dialog(() => response);
  await user.click(form.getByRole("button", { name: "Download" }));
  const moving = within(await screen.findByRole("dialog", { name: `Downloading ${HTML}` }));
  expect(picker).toHaveBeenCalledWith({ suggestedName: "html.tar.gz" });
  act(() => controller.enqueue(bytes("con")));
  expect(await moving.findByText("3 bytes so far")).toBeVisible();
  expect(file.written).toEqual([bytes("con")]);
  act(() => {
    controller.enqueue(bytes("tent"));
    controller.close();
  });
  await screen.findByRole("dialog", { name: `${HTML} has been downloaded` });
  expect(file.close).toHaveBeenCalledOnce();
});

test("a file that is not chosen leads back to the form, and nothing is asked", async () => {
  const { picker } = catchFile();
  picker.mockRejectedValue(new DOMException("no", "AbortError"));
  const { user, appliance, form } = await dialog(() => new Response());
  await user.click(form.getByRole("button", { name: "Download" }));
  expect(form.getByRole("button", { name: "Download" })).toBeVisible();
  expect(appliance.requests("POST /storage/download-archive")).toEqual([]);
});

test("a file that cannot be written is told", async () => {
  const { picker } = catchFile();
  picker.mockRejectedValue(new DOMException("read only", "NoModificationAllowedError"));
  const { user, form } = await dialog(() => new Response());
  await user.click(form.getByRole("button", { name: "Download" }));
  expect(await form.findByText("The file could not be saved there")).toBeVisible();
});

test("cancelling ends the request and keeps nothing of it", async () => {
  const { file } = catchFile();
  const { user, form } = await dialog(() => new Promise<Response>(() => undefined));
  await user.click(form.getByRole("button", { name: "Download" }));
  await user.click(await screen.findByRole("button", { name: "Cancel" }));
  expect(await screen.findByRole("dialog", { name: "The download was cancelled" })).toBeVisible();
  expect(file.abort).toHaveBeenCalledOnce();
});

test("an answer that breaks off is a failure, and nothing of it is kept", async () => {
  const { file } = catchFile();
  const { response, controller } = stream();
  const { user, form } = await dialog(() => response);
  await user.click(form.getByRole("button", { name: "Download" }));
  act(() => controller.error(new TypeError("network error")));
  const failed = await screen.findByRole("dialog", { name: `${HTML} could not be downloaded` });
  expect(within(failed).getByText(/was lost before the download was complete/)).toBeVisible();
  await waitFor(() => expect(file.abort).toHaveBeenCalledOnce());
  expect(file.close).not.toHaveBeenCalled();
});

test.each(["write", "close"] as const)("a file that the browser cannot %s to the end is told as that", async (failing) => {
  const { file } = catchFile();
  file[failing].mockRejectedValue(new DOMException("no room", "QuotaExceededError"));
  const { user, form } = await dialog(() => new Response("content"));
  await user.click(form.getByRole("button", { name: "Download" }));
  const failed = await screen.findByRole("dialog", { name: `${HTML} could not be downloaded` });
  expect(within(failed).getByText(/^Your browser could not save the file\./)).toBeVisible();
});

test("a path that is not there is told at its field", async () => {
  catchSaved();
  const { user, form } = await dialog(() => problem(422, "invalid", { "paths[0]": "there is nothing at “c” in the volume" }));
  await user.type(form.getByLabelText("Only these files and directories (optional)"), "c");
  await user.click(form.getByRole("button", { name: "Download" }));
  const again = within(await screen.findByRole("dialog", { name: `Download ${HTML}` }));
  expect(again.getByLabelText("Only these files and directories (optional)")).toHaveAccessibleDescription(/there is nothing at “c” in the volume$/);
});

test("a download into memory warns about its size beforehand", async () => {
  const large = () => storing({ packages: [filesystem("installed/core/web/1.0/html", 0, 2 * GB)] });
  const { form } = await dialog(() => new Response(), large());
  expect(form.getByText(/^The volume holds 2 GB/)).toBeVisible();
  cleanup();
  catchFile();
  const other = await dialog(() => new Response(), large());
  expect(other.form.queryByText(/^The volume holds 2 GB/)).not.toBeInTheDocument();
});
