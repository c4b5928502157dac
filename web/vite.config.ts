import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { tsconfigPaths: true },
  build: {
    target: "es2022",
    // The server's content security policy allows no inlined scripts, and data: only for images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    environment: "jsdom",
    // One page for all files of a worker, which setup.ts cleans after each test: making one takes longer than most files.
    pool: "threads",
    isolate: false,
    maxWorkers: "100%",
    // How long a test takes says how busy the machine is.
    testTimeout: 60_000,
    setupFiles: ["src/testing/setup.ts"],
    restoreMocks: true,
    unstubGlobals: true,
  },
});
