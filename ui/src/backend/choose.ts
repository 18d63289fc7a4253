import type { Backend } from "./backend";
import { DesktopBackend, insideProgram } from "./desktop";
import { SCENES, ScriptedBackend } from "./scripted";

/** Beds of a made-up ward when the address does not say. */
const BEDS_USUAL = 16;

/**
 * The station, or in a browser a made-up ward: `?scripted=64&scene=calm&person=DEMO Nurse`. A made-up ward never stands in for the station: inside
 * the program there is no way to it.
 */
export function chooseBackend(asked: URLSearchParams): Backend {
  if (insideProgram()) return new DesktopBackend();
  return new ScriptedBackend({
    beds: Number(asked.get("scripted") ?? BEDS_USUAL),
    scene: SCENES.find((scene) => scene === asked.get("scene")) ?? "ward",
    startMs: Date.now(),
    signedIn: asked.get("person"),
  });
}
