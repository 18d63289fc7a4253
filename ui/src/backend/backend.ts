// The page's only door to the station. `desktop.ts` goes through the program's window, `scripted.ts` plays a made-up ward.

import type { Command, ContractError, EnvelopeAsk, ErrorCode, Fact, Reply, ScreenReport } from "../contract";

/** What a backend hands to the page after `open`. */
export interface Listener {
  /** One binary frame of waves, as `contract/frame.rs` draws it. */
  frame(bytes: ArrayBuffer): void;
  /** Facts, oldest first: at the opening all of them, later what changed. */
  facts(facts: Fact[]): void;
}

/** The station as the page sees it. */
export interface Backend {
  /** Starts both streams. Rejects with a `Refused` when the station does not answer. */
  open(listener: Listener): Promise<void>;
  /** Asks one thing. Rejects with a `Refused`. */
  call(command: Command): Promise<Reply>;
  /** One lane of a review, as `contract/envelope.rs` draws it. Rejects with a `Refused`. */
  envelope(ask: EnvelopeAsk): Promise<ArrayBuffer>;
  /** Says what the page did in the last second. The answer is the station's clock, ms since the epoch. */
  report(report: ScreenReport): Promise<number>;
}

/** A refusal with a code for the program and words for a person. */
export class Refused extends Error {
  readonly code: ErrorCode;

  constructor(error: ContractError) {
    super(error.text);
    this.name = "Refused";
    this.code = error.code;
  }

  /** Whatever was thrown, as a refusal. */
  static from(thrown: unknown): Refused {
    if (thrown instanceof Refused) return thrown;
    if (isContractError(thrown)) return new Refused(thrown);
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    return new Refused({ code: "unavailable", text: `The station did not answer (${text}). Try again.` });
  }
}

function isContractError(thrown: unknown): thrown is ContractError {
  return (
    typeof thrown === "object" &&
    thrown !== null &&
    typeof (thrown as ContractError).code === "string" &&
    typeof (thrown as ContractError).text === "string"
  );
}
