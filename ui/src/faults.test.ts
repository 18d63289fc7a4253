import { expect, it, vi } from "vitest";

import { FAULT_CHARS_MAX, FAULTS_PER_MINUTE, reportFaults } from "./faults";

it("errors of the page reach the program, shortened, and a flood is held back", () => {
  const tell = vi.fn((_: string) => Promise.resolve());
  reportFaults(window, tell);
  window.dispatchEvent(new ErrorEvent("error", { message: "x".repeat(9_000), filename: "a.js", lineno: 7 }));
  expect(tell.mock.calls[0]?.[0]).toHaveLength(FAULT_CHARS_MAX);
  const rejection = Object.assign(new Event("unhandledrejection"), { reason: new Error("nobody caught this") });
  window.dispatchEvent(rejection);
  expect(tell.mock.calls[1]?.[0]).toContain("nobody caught this");
  const refusal = Object.assign(new Event("securitypolicyviolation"), {
    violatedDirective: "img-src",
    blockedURI: "http://x",
  });
  document.dispatchEvent(refusal);
  expect(tell.mock.calls[2]?.[0]).toBe("content security policy: img-src refused http://x");
  for (let at = 0; at < 100; at += 1) window.dispatchEvent(new ErrorEvent("error", { message: "again" }));
  expect(tell).toHaveBeenCalledTimes(FAULTS_PER_MINUTE);
});

it("a station that cannot be told does not make another fault", () => {
  reportFaults(window, () => Promise.reject(new Error("gone")));
  expect(() => window.dispatchEvent(new ErrorEvent("error", { message: "x" }))).not.toThrow();
});
