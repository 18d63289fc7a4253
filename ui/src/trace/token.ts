/** The resolved value of a style token (`--ecg`), for a canvas, which knows no `var()`. */
export function token(name: string, fallback: string, of: Element = document.documentElement): string {
  return getComputedStyle(of).getPropertyValue(name).trim() || fallback;
}
