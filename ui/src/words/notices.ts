// Sentences that stand in more than one place and must read the same everywhere.

/** What the program is. Said at the first start and in About. */
export const SUPPLEMENTARY =
  "Wardlight is a supplementary display. The bedside monitors stay the primary ones: their own alarms stay on, and nothing here replaces looking at the patient.";
