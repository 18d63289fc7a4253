import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  // Relative addresses: the page is served from the program's own scheme.
  base: "./",
  build: {
    target: "safari16",
    // Nothing becomes a data: address, which the content security policy would refuse.
    assetsInlineLimit: 0,
    modulePreload: false,
    sourcemap: false,
  },
  // Components are tested as a browser gets them, not as a server would render them.
  ...(mode === "test" ? { resolve: { conditions: ["browser"] } } : {}),
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.ts"],
    restoreMocks: true,
    // A busy machine is slow; nothing here waits for real time.
    testTimeout: 60_000,
  },
}));
