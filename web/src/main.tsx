import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { findBase, rememberedBase } from "./api/base";
import { App } from "./app/app";
import { SessionStore } from "./session/store";
import "./styles.css";

const store = new SessionStore(window.localStorage);
const base = rememberedBase(() => findBase(window.location, import.meta.env["VITE_API_URL"], (...request) => fetch(...request)));
const root = document.getElementById("root");

if (root) {
  createRoot(root).render(
    <StrictMode>
      <BrowserRouter>
        <App store={store} base={base} />
      </BrowserRouter>
    </StrictMode>,
  );
}
