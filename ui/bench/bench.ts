// The wall with synthetic beds: ?painter=sweep|uplot, beds, waves, seconds, warm, shots=1, scene=wall|bed|gaps, dpr.
// Says its figures to the server that served it (POST /result) and in `document.title`.
import "../src/style/tokens.css";
import { createTraces, createWall, loop, type StripSpec, token, type Wall } from "../src/trace";
import { decodeFrame, FrameError } from "../src/trace/decode";
import { Station } from "./synthetic";

const query = new URLSearchParams(location.search);
const number = (name: string, otherwise: number): number => Number(query.get(name) ?? otherwise);
const beds = number("beds", 64);
const waves = number("waves", 2);
const seconds = number("seconds", 10);
const scene = query.get("scene") ?? "wall";
const canvas = document.querySelector("canvas") as HTMLCanvasElement;

interface Painting {
  take(buffer: ArrayBuffer, now: number): void;
}

const work: number[] = [];
const delays: number[] = [];
let spent = 0;

function post(path: string, body: string): Promise<unknown> {
  return fetch(path, { method: "POST", body }).catch(() => undefined);
}

function tiles(width: number, height: number): StripSpec[] {
  if (scene === "bed") return bedScreen(width, height);
  const across = Math.ceil(Math.sqrt(beds));
  const down = Math.ceil(beds / across);
  const w = width / across;
  const h = height / down;
  const colors = [token("--param-ecg", "lime"), token("--param-spo2", "cyan"), token("--param-resp", "white")];
  const metrics = [66, 80, 81];
  return Array.from({ length: beds * waves }, (_, i) => {
    const bed = Math.floor(i / waves);
    const wave = i % waves;
    return {
      key: `${bed}/${wave}`,
      bed,
      metric: metrics[wave] as number,
      x: (bed % across) * w + 4,
      y: Math.floor(bed / across) * h + (wave * (h - 10)) / waves + 4,
      width: w - 8,
      height: (h - 10) / waves - 2,
      color: colors[wave] as string,
      mmPerS: 25,
      scale: wave === 0 ? { mode: "fixed", mmPerUnit: 5 } : { mode: "auto" },
    };
  });
}

function bedScreen(width: number, height: number): StripSpec[] {
  const grid = {
    fine: token("--wave-grid", "gray"),
    coarse: token("--wave-grid-bold", "gray"),
    calibration: token("--wave-mark", "gray"),
  };
  const h = height / 3 - 12;
  const base = { bed: 0, x: 8, width: width - 16, height: h, mmPerS: 25 };
  const spec = (i: number, metric: number, color: string): StripSpec => ({
    ...base,
    key: `${metric}`,
    metric,
    y: 8 + i * (h + 8),
    color: token(color, "lime"),
    scale: metric < 80 ? { mode: "fixed", mmPerUnit: 10 } : { mode: "auto" },
    grid,
  });
  return [spec(0, 66, "--param-ecg"), spec(1, 80, "--param-spo2"), spec(2, 81, "--param-resp")];
}

function sweep(): Painting & { wall: Wall } {
  const traces = createTraces();
  const wall = createWall(canvas, traces, { background: token("--wave-ground", "black") });
  wall.setStrips(tiles(innerWidth, innerHeight));
  setInterval(() => delays.push(...traces.report().delaysMs), 1000);
  return { wall, take: (buffer, now) => void traces.take(buffer, now) };
}

async function uplot(): Promise<Painting> {
  const { default: UPlot } = await import("uplot");
  canvas.remove();
  const specs = tiles(innerWidth, innerHeight);
  const seconds = ((specs[0]?.width ?? 1) / 3.7795 / 25) | 0 || 1;
  const plots = specs.map((spec) => {
    const div = document.createElement("div");
    div.style.cssText = `position:absolute;left:${spec.x}px;top:${spec.y}px;width:${spec.width}px;height:${spec.height}px`;
    document.body.append(div);
    const length = seconds * (spec.metric === 66 ? 250 : 125);
    const x = Array.from({ length }, (_, i) => i);
    const y: (number | null)[] = Array.from({ length }, () => null);
    const plot = new UPlot(
      {
        width: spec.width,
        height: spec.height,
        legend: { show: false },
        cursor: { show: false },
        axes: [{ show: false }, { show: false }],
        scales: { x: { time: false } },
        series: [{}, { stroke: spec.color, width: 1.5, points: { show: false } }],
      },
      [x, y],
      div,
    );
    return { plot, x, y, at: 0, spec, fresh: false };
  });
  const byKey = new Map(plots.map((p) => [p.spec.bed * 256 + p.spec.metric, p]));
  // A sweep by whole traces: new samples replace old ones, and every plot is drawn each frame.
  loop.add(() => {
    const began = performance.now();
    for (const p of plots) p.plot.setData([p.x, p.y], true);
    // uPlot draws in microtasks; this one comes after them.
    queueMicrotask(() => (spent += performance.now() - began));
    return true;
  });
  return {
    take(buffer) {
      const frame = decodeFrame(buffer);
      if (frame instanceof FrameError) return;
      for (const block of frame.blocks) {
        const p = byKey.get(block.bed * 256 + block.metric);
        if (p === undefined) continue;
        for (const s of block.samples) {
          p.y[p.at] = s;
          p.at = (p.at + 1) % p.y.length;
        }
        for (let i = 0; i < 12; i += 1) p.y[(p.at + i) % p.y.length] = null;
      }
    },
  };
}

const percentile = (sorted: readonly number[], part: number): number =>
  Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0) * 100) / 100;

async function main(): Promise<void> {
  // The window is brought to its size meanwhile.
  await new Promise((done) => setTimeout(done, number("settle", 2.5) * 1000));
  const silent = (bed: number, metric: number, s: number): boolean =>
    scene === "gaps" &&
    ((bed % 4 === 1 && s > 2 && s < 2.6) || (bed % 4 === 2 && s > 4) || (bed % 4 === 3 && metric === 80));
  const station = new Station(beds, Math.max(waves, scene === "bed" ? 3 : waves), performance.now(), silent);
  const painting = query.get("painter") === "uplot" ? await uplot() : sweep();
  // Every task of this page's loop is timed as a whole: from the frame's first to its last task.
  const spend = (buffer: ArrayBuffer, now: number): void => {
    const began = performance.now();
    painting.take(buffer, now);
    spent += performance.now() - began;
  };
  setInterval(() => {
    const now = performance.now();
    const frame = station.frame(now);
    if (frame !== null) spend(frame, performance.now());
  }, 33);
  if (query.get("painter") !== "uplot") timePainter();
  await new Promise((done) => setTimeout(done, number("warm", 4) * 1000));
  work.length = 0;
  delays.length = 0;
  spent = 0;
  await post("/mark", "start");
  const began = performance.now();
  let frames = 0;
  const tick = (): void => {
    frames += 1;
    work.push(spent);
    spent = 0;
    if (performance.now() - began < seconds * 1000) requestAnimationFrame(tick);
    else void finish(frames / ((performance.now() - began) / 1000));
  };
  requestAnimationFrame(tick);
}

function timePainter(): void {
  // The loop's turn is wrapped by a first and a last task.
  const frame = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) =>
    frame((now) => {
      const began = performance.now();
      callback(now);
      spent += performance.now() - began;
    });
}

async function finish(fps: number): Promise<void> {
  await post("/mark", "end");
  work.sort((a, b) => a - b);
  delays.sort((a, b) => a - b);
  const result = {
    painter: query.get("painter") ?? "sweep",
    strips: beds * waves,
    size: `${innerWidth}x${innerHeight}@${devicePixelRatio}`,
    fps: Math.round(fps * 10) / 10,
    mainMsMean: Math.round((work.reduce((a, b) => a + b, 0) / work.length) * 100) / 100,
    mainMsP50: percentile(work, 0.5),
    mainMsP99: percentile(work, 0.99),
    delayMsP50: percentile(delays, 0.5),
    delayMsP99: percentile(delays, 0.99),
  };
  if (query.get("shots") !== null && canvas.isConnected) await post("/shot", canvas.toDataURL("image/png"));
  document.title = JSON.stringify(result);
  await post("/result", JSON.stringify(result));
}

// Tokens are there when the style sheet is.
window.addEventListener("load", () => void main());
