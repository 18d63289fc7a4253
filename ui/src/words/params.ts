// How each parameter is called on a tile, and in which colour.

/** The token that colours a metric and its wave. */
export function colourOf(metric: string): string {
  if (metric.startsWith("ECG") || metric === "HR" || metric === "PVC") return "--param-ecg";
  if (metric === "SPO2" || metric === "PLETH" || metric === "PR" || metric === "PI") return "--param-spo2";
  if (metric === "RR" || metric === "RESP" || metric === "AWRR") return "--param-resp";
  if (metric.startsWith("NIBP")) return "--param-nibp";
  if (metric.startsWith("ART")) return "--param-art";
  if (metric.startsWith("CVP")) return "--param-cvp";
  if (metric === "ETCO2" || metric === "CO2") return "--param-co2";
  if (metric === "TEMP") return "--param-temp";
  return "--param-other";
}

/** The wave's name with its family: `ECG II`, `Pleth`. */
export function waveLabel(metric: string, label: string): string {
  return metric.startsWith("ECG_") ? `ECG ${label}` : label;
}

/** What a number is called while only its limits are known: as the station calls it once it was measured. */
export function nameOf(metric: string): string {
  const known: Record<string, string> = {
    SPO2: "SpO₂",
    AWRR: "awRR",
    ETCO2: "etCO₂",
    TEMP: "Temp",
    GLU: "Glucose",
    NIBP_SYS: "NIBP sys",
    NIBP_DIA: "NIBP dia",
    NIBP_MEAN: "NIBP mean",
    ART_SYS: "ART sys",
    ART_DIA: "ART dia",
    ART_MEAN: "ART mean",
  };
  return known[metric] ?? metric;
}

/** The colour token of an alert's priority. */
export function alertColour(priority: string): "high" | "medium" | "low" {
  return priority === "low" ? "low" : priority === "medium" ? "medium" : "high";
}
