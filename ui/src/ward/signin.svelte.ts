// Who is signed in, and what waits until somebody is.

import { Refused } from "../backend/backend";
import type { Command, Reply } from "../contract";

/** Asks the station one thing; throws a `Refused`. */
export type Call = (command: Command) => Promise<Reply>;

/** What waits for a person waits no longer than this, ms: by then nobody remembers what it was about. */
export const WAIT_MS = 60_000;

/** Something that was asked while nobody was signed in. */
interface Waiting {
  readonly why: string;
  readonly go: () => void;
  readonly leave: (why: Refused | null) => void;
}

/** The gate in front of everything that needs a person. */
export class SignIn {
  /** The dialog is open. */
  open = $state(false);
  /** The station is looking at the PIN. */
  sending = $state(false);
  /** Why it was refused; empty when it was not. */
  failure = $state("");
  /** What it is asked for; empty for nothing in particular. */
  why = $state("");

  readonly #call: Call;
  #waiting: Waiting[] = [];
  #patience: ReturnType<typeof setTimeout> | null = null;

  constructor(call: Call) {
    this.#call = call;
  }

  /** Asks the station. Where it says that nobody is signed in, the person is asked, and then the station again. */
  async ask(command: Command, why: string): Promise<Reply> {
    try {
      return await this.#call(command);
    } catch (thrown) {
      const refused = Refused.from(thrown);
      if (refused.code !== "not-signed-in") throw refused;
      await this.#person(why, refused);
      return await this.#call(command);
    }
  }

  /** Opens the dialog for nothing in particular. */
  show(): void {
    this.why = "";
    this.failure = "";
    this.open = true;
  }

  /** Closes it. What waited for it is not done, and says so. */
  cancel(): void {
    this.#leave(null);
  }

  #leave(why: Refused | null): void {
    const waiting = this.#waiting;
    this.#close();
    for (const one of waiting) one.leave(why);
  }

  /** Tries name and PIN, and goes on with what waited. */
  async enter(person: string, pin: string): Promise<boolean> {
    return await this.#try([{ do: "sign-in", person, pin }]);
  }

  /** Adds the first person, in charge, and signs them in. */
  async first(person: string, pin: string): Promise<boolean> {
    return await this.#try([
      { do: "put-person", person, role: "charge", pin, replace: false },
      { do: "sign-in", person, pin },
    ]);
  }

  async #try(commands: readonly Command[]): Promise<boolean> {
    if (this.sending) return false;
    this.sending = true;
    this.failure = "";
    try {
      for (const command of commands) await this.#call(command);
    } catch (thrown) {
      this.failure = Refused.from(thrown).message;
      return false;
    } finally {
      this.sending = false;
    }
    const waiting = this.#waiting;
    this.#close();
    for (const one of waiting) one.go();
    return true;
  }

  #close(): void {
    if (this.#patience !== null) clearTimeout(this.#patience);
    this.#patience = null;
    this.#waiting = [];
    this.open = false;
    this.failure = "";
    this.why = "";
  }

  #person(why: string, refused: Refused): Promise<void> {
    this.why = why;
    this.failure = "";
    this.open = true;
    this.#patience ??= setTimeout(() => {
      const text = "nobody signed in within a minute, so it was not done; look at it again, then ask again";
      this.#leave(new Refused({ code: "not-signed-in", text }));
    }, WAIT_MS);
    return new Promise((go, reject) => {
      this.#waiting.push({ why, go, leave: (late) => reject(late ?? refused) });
    });
  }
}
