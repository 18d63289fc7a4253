// Builds the bench page, shows it to a browser and prints its figures as one line of JSON.
//
//   node bench/run.mjs --browser=chromium|webkit [--query="painter=uplot&beds=64"] [--shot=file.png] [--size=1920x1080]
//
// CPU is that of the browser's whole process tree while the page measures, in percent of one core.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const options = Object.fromEntries(
  process.argv.slice(2).map((arg) => {
    const [name, ...value] = arg.replace(/^--/, "").split("=");
    return [name, value.join("=")];
  }),
);
const [width, height] = (options.size ?? "1920x1080").split("x");
const scratch = mkdtempSync(join(tmpdir(), "wardlight-bench-"));
const out = join(scratch, "page");
await build({
  root: here,
  configFile: false,
  logLevel: "error",
  base: "./",
  build: { outDir: out, emptyOutDir: true, target: "safari16" },
});

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

/** CPU ticks of a process and all its descendants. */
function ticks(root) {
  const parents = new Map();
  const used = new Map();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /, "")
        .split(" ");
      parents.set(Number(pid), Number(fields[1]));
      used.set(Number(pid), Number(fields[11]) + Number(fields[12]));
    } catch {
      // It ended meanwhile.
    }
  }
  const within = (pid) => pid === root || (parents.has(pid) && parents.get(pid) > 1 && within(parents.get(pid)));
  return [...used].filter(([pid]) => within(pid)).reduce((sum, [, t]) => sum + t, 0);
}

let child;
let start;
let cpu;
const server = createServer((request, response) => {
  if (request.method !== "POST") {
    const path = new URL(request.url, "http://x").pathname;
    try {
      const body = readFileSync(join(out, path === "/" ? "index.html" : path));
      response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "text/html" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
    return;
  }
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks).toString();
    response.end();
    if (request.url === "/mark" && body === "start") start = { at: Date.now(), ticks: ticks(child.pid) };
    if (request.url === "/mark" && body === "end") {
      cpu = Math.round(((ticks(child.pid) - start.ticks) * 10) / ((Date.now() - start.at) / 1000)) / 10;
    }
    if (request.url === "/shot" && options.shot) writeFileSync(options.shot, Buffer.from(body.split(",")[1], "base64"));
    if (request.url === "/result") {
      const figures = JSON.parse(body);
      // On a busy machine frames are missed and the percentage says little; a frame's cost still compares.
      const cpuMsPerFrame = Math.round((cpu * 100) / figures.fps) / 10;
      process.stdout.write(
        `${JSON.stringify({ browser: options.browser, ...figures, cpuPercent: cpu, cpuMsPerFrame })}\n`,
      );
      finish(0);
    }
  });
});

function finish(code) {
  clearTimeout(limit);
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
  server.close();
  server.closeAllConnections();
  setTimeout(() => {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
    process.exit(code);
  }, 300);
}

const limit = setTimeout(() => {
  process.stderr.write("bench: no figures after 90 s; does the browser start?\n");
  finish(1);
}, 90_000);

server.listen(0, "127.0.0.1", () => {
  const url = `http://127.0.0.1:${server.address().port}/?${options.query ?? ""}`;
  const chromium = ["--headless=new", "--no-sandbox", "--disable-gpu", `--window-size=${width},${height}`];
  chromium.push(`--force-device-scale-factor=${options.dpr ?? 1}`, `--user-data-dir=${join(scratch, "profile")}`, url);
  const mini = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
  const [program, args] =
    options.browser === "webkit" ? [mini, [`--geometry=${width}x${height}`, url]] : ["chromium", chromium];
  const env = { ...process.env, LANG: "en_US.UTF-8", WEBKIT_DISABLE_DMABUF_RENDERER: "1" };
  child = spawn(program, args, { detached: true, stdio: "ignore", env });
  // Without a window manager MiniBrowser keeps its own size: xdotool gives it ours.
  if (options.browser === "webkit") {
    setTimeout(() => {
      const search = ["search", "--sync", "--onlyvisible", "--name", "Wardlight: painter bench"];
      spawn("xdotool", [...search, "windowmove", "0", "0", "windowsize", width, height], { stdio: "ignore", env }).on(
        "error",
        () => process.stderr.write("bench: no xdotool, so the window keeps the browser's own size\n"),
      );
    }, 1000);
  }
});
