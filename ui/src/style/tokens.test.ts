// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

const SOURCES = "src";
const TOKENS = readFileSync(join(SOURCES, "style/tokens.css"), "utf8");

/** The value of a token. */
function token(name: string): string {
  const value = new RegExp(`--${name}:\\s*([^;]+);`).exec(TOKENS)?.[1];
  if (value === undefined) throw new Error(`tokens.css has no --${name}`);
  return value;
}

/** Relative luminance as WCAG 2 defines it. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(token(a)), luminance(token(b))].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function files(): string[] {
  return readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(svelte|ts|css)$/.test(name) && !name.endsWith(".test.ts") && !name.startsWith("contract"))
    .filter((name) => name !== join("style", "tokens.css"));
}

/** A hex colour, a colour function, or a colour word as the value of a property. */
const COLOUR =
  /#[0-9a-f]{3,8}\b(?!['"]?\))|\b(?:rgba?|hsla?|oklch|oklab|lab|lch)\(|(?:color|background|fill|stroke|border[a-z-]*):\s*(?:[a-z0-9() -]*\s)?(?:black|white|gr[ae]y|red|green|blue|yellow|cyan|magenta|orange|purple)\b/i;

describe("tokens", () => {
  it("hold every colour there is", () => {
    const strays = files().flatMap((name) =>
      readFileSync(join(SOURCES, name), "utf8")
        .split("\n")
        .flatMap((line, at) =>
          COLOUR.test(line.replace(/^\s*(\/\/|\*).*/, "")) ? [`${name}:${at + 1}: ${line.trim()}`] : [],
        ),
    );
    expect(strays, "a colour stands outside style/tokens.css: name it there").toEqual([]);
  });

  it("are all used, and all that are used exist", () => {
    const defined = new Set([...TOKENS.matchAll(/^\s*(--[a-z0-9-]+):/gm)].map((match) => match[1]));
    const text =
      files()
        .map((name) => readFileSync(join(SOURCES, name), "utf8"))
        .join("\n") + TOKENS;
    const unused = [...defined].filter((name) => !new RegExp(`(var\\(|["'\`])${name}\\b`).test(text));
    expect(unused).toEqual([]);
  });

  it("flash at 2 Hz and at 0.5 Hz", () => {
    expect(token("flash-high")).toBe("500ms");
    expect(token("flash-medium")).toBe("2000ms");
  });

  it.each([
    ["text", "surface"],
    ["text", "surface-hover"],
    ["text-soft", "surface-raised"],
    ["text-soft", "surface-hover"],
    ["text-faint", "surface"],
    ["text-stale", "surface"],
    ["alert-high-ink", "alert-high"],
    ["alert-high-text", "alert-high-dim"],
    ["alert-medium-ink", "alert-medium"],
    ["alert-medium", "alert-medium-dim"],
    ["alert-low-ink", "alert-low"],
    ["alert-low", "alert-low-dim"],
    ["param-ecg", "surface"],
    ["param-spo2", "surface"],
    ["param-resp", "surface"],
    ["param-nibp", "surface"],
    ["param-art", "surface"],
    ["param-cvp", "surface"],
    ["param-co2", "surface"],
    ["param-temp", "surface"],
    ["param-other", "surface"],
    ["ok", "surface"],
  ])("%s on %s is legible (4.5 to 1)", (ink, ground) => {
    expect(contrast(ink, ground)).toBeGreaterThanOrEqual(4.5);
  });
});
