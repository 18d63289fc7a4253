// Errors of the page reach the program's log: nobody looks at a browser's console on a ward.

/** Faults told in a minute at most: one that repeats each frame must not drown the others or the station. */
export const FAULTS_PER_MINUTE = 30;
/** Characters of a message at most. */
export const FAULT_CHARS_MAX = 2_000;

/** Listens for errors, rejections that nobody caught, and refusals of the content security policy. */
export function reportFaults(page: Window, tell: (message: string) => Promise<unknown>): void {
  let told = 0;
  let since = page.performance.now();
  const say = (message: string): void => {
    const now = page.performance.now();
    if (now - since > 60_000) {
      told = 0;
      since = now;
    }
    told += 1;
    if (told > FAULTS_PER_MINUTE) return;
    // Telling may fail when the station is gone; the screen says that by itself.
    tell(message.slice(0, FAULT_CHARS_MAX)).catch(() => undefined);
  };
  page.addEventListener("error", (event) => say(`error: ${event.message} at ${event.filename}:${event.lineno}`));
  page.addEventListener("unhandledrejection", (event) => say(`unhandled rejection: ${describe(event.reason)}`));
  page.document.addEventListener("securitypolicyviolation", (event) =>
    say(`content security policy: ${event.violatedDirective} refused ${event.blockedURI}`),
  );
}

function describe(reason: unknown): string {
  return reason instanceof Error ? `${reason.message}\n${reason.stack ?? ""}` : String(reason);
}
