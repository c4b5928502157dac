// @conformance I18N-04
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { translate } from "./catalogue";
import { I18nProvider, type Translate, useI18n } from "./i18n";

function Shown() {
  const { locale, setLocale, t } = useI18n();
  return (
    <>
      <p>
        {locale}: {t("log.title", { name: "web" })}
      </p>
      <button type="button" onClick={() => setLocale("ar-SA")}>
        {t("action.close")}
      </button>
    </>
  );
}

test("texts come from the catalogue, with names filled in", () => {
  render(<Shown />, { wrapper: I18nProvider });
  expect(screen.getByText("en-US: Log of web")).toBeVisible();
});

test("another language is told to the document, and falls back to English", async () => {
  render(<Shown />, { wrapper: I18nProvider });
  await userEvent.click(screen.getByRole("button", { name: "Close" }));
  expect(screen.getByText("ar-SA: Log of web")).toBeVisible();
  expect(document.documentElement).toHaveAttribute("lang", "ar-SA");
  expect(document.documentElement).toHaveAttribute("dir", "rtl");
});

test("a text is that of the language, else of English, else its key", () => {
  const catalogues = { "de-DE": { hello: "Hallo {name}" }, "en-US": { hello: "Hello {name}", bye: "Bye" } };
  expect(translate("de-DE", "hello", { name: "Ada" }, catalogues)).toBe("Hallo Ada");
  expect(translate("de-DE", "bye", {}, catalogues)).toBe("Bye");
  expect(translate("de-DE", "none.such", {}, catalogues)).toBe("none.such");
});

test("values are put in as they are, and a name without a value stays", () => {
  const catalogues = { "en-US": { both: "{a} {b} {a}" } };
  expect(translate("en-US", "both", { a: "{b} $& $1" }, catalogues)).toBe("{b} $& $1 {b} {b} $& $1");
});

test("keys and names are checked by type", () => {
  const t = ((key: string) => key) as Translate;
  expect(t("nav.packages")).toBe("nav.packages");
  expect(t("log.title", { name: "web" })).toBe("log.title");
  // @ts-expect-error a name is missing
  expect(t("log.title")).toBe("log.title");
  // @ts-expect-error there is no such key
  expect(t("no.such_key")).toBe("no.such_key");
});

test("the hook says what it needs", () => {
  expect(() => render(<Shown />)).toThrow("useI18n needs an I18nProvider around it");
});
