// @conformance RSP-05 RSP-06 RSP-07 RSP-08 UI-05
import { act, screen, waitFor, within } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { describe, expect, test } from "vitest";
import type { Questions } from "@/api/types";
import { type Appliance, empty, json, Later, page, problem, Stream } from "@/testing/appliance";
import { operation } from "@/testing/operations";
import { INSTALLED, offering, PREVIEW, WEB } from "@/testing/packages";
import { renderApp } from "@/testing/render";

const install = (user: UserEvent) => user.click(screen.getByRole("button", { name: "Install" }));
const sent = (appliance: Appliance) => appliance.requests("POST /packages/install")[0]?.body;

async function open(appliance: Appliance, button = "Install web") {
  const { user } = renderApp({ appliance });
  await user.click(await screen.findByRole("button", { name: button }));
  const dialog = await screen.findByRole("dialog");
  await within(dialog).findByText("What will be set up");
  return { user, dialog };
}

describe("the questions", () => {
  test("come with a description and a preview in plain words", async () => {
    const { dialog } = await open(offering(WEB));
    expect(dialog).toHaveAccessibleName("Install web");
    expect(dialog).toHaveAccessibleDescription("A page of your own");
    expect(screen.getByText("A volume for its data, “html”, up to 64 MB")).toBeVisible();
    expect(screen.getByText("Reachable on port 8090 of this machine")).toBeVisible();
    expect(dialog.textContent).not.toMatch(/container/i);
  });

  test("show a default as placeholder and below the field, and answer with it", async () => {
    const appliance = offering(WEB).on("POST /packages/install", empty);
    const { user, dialog } = await open(appliance);
    const title = screen.getByLabelText("What is the heading?");
    expect(title).toHaveAttribute("placeholder", "Default: Hello");
    expect(title).toHaveAccessibleDescription("Default: Hello");
    expect(within(dialog).getByText("Hello").tagName).toBe("CODE");
    await install(user);
    await waitFor(() => expect(sent(appliance)).toMatchObject({ repo: "core", name: "web", version: "1.0", responses: { title: "Hello" } }));
  });

  test.each([
    ["port", "Auto-assigned if empty"],
    ["hostname", "Auto-generated if empty"],
    ["secret", "Auto-generated if empty"],
    ["duration", "e.g. 30s, 5m, 2h, 1d"],
    ["bytes", "e.g. 2"],
    ["archive", "e.g. backup.tar.gz"],
    ["volume", "e.g. photos"],
  ])("of the type %s say what may be left empty or typed", async (type, placeholder) => {
    await open(offering(WEB, { questions: { one: { query: "One?", type } } }));
    expect(screen.getByLabelText("One?")).toHaveAttribute("placeholder", placeholder);
  });

  test("for storage take a number and a unit, that of the default at first", async () => {
    const questions: Questions = { photos: { query: "Photos?", type: "bytes" }, films: { query: "Films?", type: "bytes", default: "500mb" } };
    const appliance = offering(WEB, { questions }).on("POST /packages/install", empty);
    const { user } = await open(appliance);
    const [photos, films] = screen.getAllByRole("combobox", { name: "Unit" });
    expect(photos).toHaveValue("gb");
    expect(films).toHaveValue("mb");
    expect(screen.getByLabelText("Films?")).toHaveAttribute("placeholder", "Default: 500mb");
    await user.type(screen.getByLabelText("Photos?"), "2");
    await user.selectOptions(photos as HTMLElement, "tb");
    await install(user);
    await waitFor(() => expect(sent(appliance)?.["responses"]).toEqual({ photos: "2tb", films: "500mb" }));
  });

  test("for storage whose default is in plain bytes take what is typed", async () => {
    await open(offering(WEB, { questions: { one: { query: "One?", type: "bytes", default: "1048576" } } }));
    expect(screen.queryByRole("combobox", { name: "Unit" })).not.toBeInTheDocument();
    expect(screen.getByLabelText("One?")).toHaveAttribute("placeholder", "Default: 1048576");
  });

  test("hide what is typed for a secret, and never show its default", async () => {
    await open(offering(WEB, { questions: { one: { query: "One?", type: "secret", default: "known to all" } } }));
    expect(screen.getByLabelText("One?")).toHaveAttribute("type", "password");
    expect(screen.queryByText("known to all")).not.toBeInTheDocument();
  });

  test("that are left empty are left to the appliance", async () => {
    const appliance = offering(WEB, { questions: { port: { query: "Port?", type: "port" }, name: { query: "Name?" } } }).on("POST /packages/install", empty);
    const { user } = await open(appliance);
    await user.type(screen.getByLabelText("Name?"), "Ada & co");
    await install(user);
    await waitFor(() => expect(sent(appliance)?.["responses"]).toEqual({ name: "Ada & co" }));
  });

  test("that cannot be read are told", async () => {
    const { user } = renderApp({ appliance: offering(WEB).on("POST /packages/questions/identity", () => problem(422, "image: missing")) });
    await user.click(await screen.findByRole("button", { name: "Install web" }));
    expect(await screen.findByText("image: missing")).toBeVisible();
    expect(screen.getByRole("button", { name: "Install" })).toBeDisabled();
  });
});

describe("answers from before", () => {
  const before = { last: { title: "Last", password: "hunter2hunter2" } };

  test("stay as they are, with passwords masked", async () => {
    const appliance = offering(WEB, before).on("POST /packages/install", empty);
    const { user, dialog } = await open(appliance);
    expect(within(dialog).getByText("Last")).toBeVisible();
    expect(within(dialog).getByText("********")).toBeVisible();
    expect(dialog).not.toHaveTextContent("hunter2");
    expect(screen.queryByRole("textbox", { name: "What is the heading?" })).not.toBeInTheDocument();
    await install(user);
    await waitFor(() => expect(sent(appliance)?.["responses"]).toEqual(before.last));
  });

  test("can be cleared for a new one", async () => {
    const appliance = offering(WEB, before).on("POST /packages/install", empty);
    const { user } = await open(appliance);
    const clear = screen.getByRole("button", { name: "Clear to enter a new value: What is the heading?" });
    await user.hover(clear);
    expect(await screen.findByRole("tooltip")).toHaveTextContent("Clear to enter a new value");
    await user.click(clear);
    await user.type(screen.getByRole("textbox", { name: "What is the heading?" }), "New");
    await install(user);
    await waitFor(() => expect(sent(appliance)?.["responses"]).toEqual({ ...before.last, title: "New" }));
  });

  test("are the current ones where there are any, else the last ones", async () => {
    const both = { ...before, current: { title: "Current" } };
    const { user } = renderApp({ appliance: offering(INSTALLED, both) });
    await user.click(await screen.findByRole("button", { name: "Details of web" }));
    await user.click(await screen.findByRole("button", { name: "Change settings" }));
    const dialog = await screen.findByRole("dialog", { name: "Change the settings of web" });
    expect(await within(dialog).findByText("Current")).toBeVisible();
    expect(within(dialog).queryByText("Last")).not.toBeInTheDocument();
    expect(within(dialog).queryByText("********")).not.toBeInTheDocument();
  });
});

test("with blank answers, neither the form nor the appliance uses earlier answers", async () => {
  const appliance = offering(WEB, { last: { title: "Last" } }).on("POST /packages/install", empty);
  const { user } = await open(appliance);
  await user.click(screen.getByRole("checkbox", { name: "Start with blank answers" }));
  expect(screen.getByRole("textbox", { name: "What is the heading?" })).toHaveValue("");
  await install(user);
  await waitFor(() => expect(sent(appliance)).toMatchObject({ responses: { title: "Hello" }, skip_response_reuse: true }));
});

describe("errors of the appliance", () => {
  const questions: Questions = { port: { query: "Which port?", type: "port" }, name: { query: "Which name?" } };

  test("stand at their fields, where what was typed still is", async () => {
    const appliance = offering(WEB, { questions }).on("POST /packages/install", () => problem(422, "2 response validation error(s)", { port: "not a port", "responses.name": "no response" }));
    const { user } = await open(appliance);
    await user.type(screen.getByLabelText("Which port?"), "99999");
    await install(user);
    expect(await screen.findByText("Check the highlighted answers.")).toBeVisible();
    const port = screen.getByLabelText("Which port?");
    expect(port).toBeInvalid();
    expect(port).toHaveValue("99999");
    expect(port).toHaveAccessibleDescription("A number from 1 to 65535. not a port");
    expect(screen.getByText("not a port").parentElement).toHaveClass("text-bad");
    await waitFor(() => expect(port).toHaveFocus());
    await user.type(port, "{Backspace}");
    expect(port).not.toBeInvalid();
    expect(screen.getByLabelText("Which name?")).toBeInvalid();
  });

  test("without a field are told with the last lines of the log", async () => {
    const appliance = offering(WEB).on("POST /packages/install", () => problem(422, "start failed: it stopped at once\nnginx: bind() failed\nexit code 1"));
    const { user } = await open(appliance);
    await install(user);
    const dialog = await screen.findByRole("dialog", { name: "web could not be installed" });
    expect(dialog).toHaveAccessibleDescription("The installation was rolled back completely.");
    expect(within(dialog).getByRole("alert")).toHaveTextContent("start failed: it stopped at once");
    expect(within(dialog).getByText(/nginx: bind\(\) failed\s+exit code 1/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Back to the form" }));
    expect(await screen.findByRole("dialog", { name: "Install web" })).toBeVisible();
  });
});

describe("while it is being installed", () => {
  test("each step is told, and in the end where to go", async () => {
    const events = new Stream();
    const later = new Later();
    const appliance = offering(WEB)
      .on("GET /operations/events", () => events.response)
      .on("POST /packages/install", () => later.response);
    const { user } = await open(appliance);
    await install(user);
    const dialog = await screen.findByRole("dialog", { name: "Installing web" });
    const id = String(sent(appliance)?.["operation_id"]);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    act(() => events.event(operation({ id })));
    const step = await within(dialog).findByRole("listitem", { current: "step" });
    expect(step).toHaveTextContent("Downloading the package: In progress40% · 2 of 5");
    appliance.on("GET /packages", () => page([INSTALLED]));
    later.give(empty());
    const ready = await screen.findByRole("dialog", { name: "web is ready" });
    const link = await within(ready).findByRole("link", { name: "Open web" });
    expect(link).toHaveAttribute("href", `http://${window.location.hostname}:${PREVIEW.external_ports[0]?.external}/`);
    expect(link).toHaveAttribute("target", "_blank");
  });

  test("the window can be closed and opened again", async () => {
    const events = new Stream();
    const later = new Later();
    const appliance = offering(WEB)
      .on("GET /operations/events", () => events.response)
      .on("POST /packages/install", () => later.response);
    const { user } = await open(appliance);
    await install(user);
    const id = String(sent(appliance)?.["operation_id"]);
    act(() => events.event(operation({ id })));
    await user.click(await screen.findByRole("button", { name: "Continue in the background" }));
    expect(await screen.findByText("Installing…")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Show progress" }));
    expect(await screen.findByRole("dialog", { name: "Installing web" })).toBeVisible();
    act(() => events.event(operation({ id, state: "succeeded" })));
    later.give(empty());
    expect(await screen.findByRole("dialog", { name: "web is ready" })).toBeVisible();
  });

  test("a lost connection is no failure: what became of it is looked up", async () => {
    const appliance = offering(WEB).on("POST /packages/install", () => Promise.reject(new TypeError("Failed to fetch")));
    const { user } = await open(appliance);
    appliance.on("GET /operations", ({ query }) => page([operation({ id: query.get("search") ?? "", state: "undone", error: "pull failed: no such image" })]));
    await install(user);
    expect(await screen.findByRole("dialog", { name: "Installing web" })).toBeVisible();
    const failed = await screen.findByRole("dialog", { name: "web could not be installed" }, { timeout: 4_000 });
    expect(within(failed).getByRole("alert")).toHaveTextContent("pull failed: no such image");
  });

  test("a request that never arrived is told as a failure", async () => {
    const appliance = offering(WEB)
      .on("POST /packages/install", () => Promise.reject(new TypeError("Failed to fetch")))
      .on("GET /operations", () => page([]));
    const { user } = await open(appliance);
    await install(user);
    const failed = await screen.findByRole("dialog", { name: "web could not be installed" }, { timeout: 4_000 });
    expect(within(failed).getByRole("alert")).toHaveTextContent("Town OS cannot be reached right now.");
  });

  test("an operation that could not be rolled back is told", async () => {
    const appliance = offering(WEB).on("POST /packages/install", () => Promise.reject(new TypeError("Failed to fetch")));
    appliance.on("GET /operations", ({ query }) => page([operation({ id: query.get("search") ?? "", state: "failed", error: "volumes failed" })]));
    const { user } = await open(appliance);
    await install(user);
    const failed = await screen.findByRole("dialog", { name: "web could not be installed" }, { timeout: 4_000 });
    expect(failed).toHaveAccessibleDescription("Town OS could not roll back everything. It tries again the next time it starts.");
  });
});

test("an operation that somebody else began shows in the list", async () => {
  const events = new Stream();
  renderApp({ appliance: offering(INSTALLED).on("GET /operations/events", () => events.response) });
  await screen.findByRole("button", { name: "Details of web" });
  act(() => events.event(operation({ id: "other", kind: "uninstall" })));
  expect(await screen.findByText("Uninstalling…")).toBeVisible();
});

test("the page follows the changes of an operation", async () => {
  const events = new Stream();
  const appliance = offering(WEB).on("GET /operations/events", () => events.response);
  renderApp({ appliance });
  await screen.findByRole("button", { name: "Install web" });
  appliance.on("GET /packages", () => page([INSTALLED])).on("GET /status/ping", () => json({ status: "ok", username: "ada" }));
  act(() => events.event(operation({ id: "other", state: "succeeded" })));
  expect(await screen.findByRole("button", { name: "Details of web" })).toBeVisible();
});

test("a package is shown as being uninstalled until it leaves the list", async () => {
  const events = new Stream();
  const later = new Later();
  const appliance = offering(INSTALLED).on("GET /operations/events", () => events.response);
  renderApp({ appliance });
  await screen.findByRole("link", { name: "Open web" });
  act(() => events.event(operation({ id: "other", kind: "uninstall" })));
  expect(await screen.findByText("Uninstalling…")).toBeVisible();
  appliance.on("GET /packages", () => later.response);
  act(() => events.event(operation({ id: "other", kind: "uninstall", state: "succeeded" })));
  await waitFor(() => expect(appliance.requests("GET /packages")).toHaveLength(2));
  expect(screen.getByText("Uninstalling…")).toBeVisible();
  act(() => later.give(page([WEB])));
  expect(await screen.findByRole("button", { name: "Install web" })).toBeVisible();
  expect(appliance.requests("POST /packages/installed/info")).toHaveLength(1);
});
