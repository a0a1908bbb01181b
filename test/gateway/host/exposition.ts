export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const name = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const label = String.raw`[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`;
const sampleLine = new RegExp(`^(${name})(?:\\{((?:${label}(?:,${label})*)?)\\})? (\\S+)$`);

/**
 * Prometheus' text format, strictly: HELP then TYPE once before a metric's samples, all of them together, no sample
 * twice, a counter's name ends in `_total`.
 * @see Prometheus documentation, "Exposition formats", text-based format
 * @throws Error that names the line
 */
export function parseExposition(text: string): Sample[] {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  const samples: Sample[] = [];
  const seen = new Set<string>();
  const done = new Set<string>();
  let [helped, typed, kind] = ["", "", ""];
  for (const [index, line] of text.trimEnd().split("\n").entries()) {
    const fail = (why: string) => new Error(`line ${String(index + 1)}: ${why}: ${line}`);
    const [, help] = new RegExp(`^# HELP (${name}) \\S.*$`).exec(line) ?? [];
    const [, type, of = ""] = new RegExp(`^# TYPE (${name}) (gauge|counter)$`).exec(line) ?? [];
    if (help !== undefined) {
      if (done.has(help)) throw fail("a metric in two places");
      done.add(help);
      helped = help;
    } else if (type !== undefined) {
      if (type !== helped) throw fail("TYPE without its HELP");
      [typed, kind] = [type, of];
      if ((kind === "counter") !== type.endsWith("_total"))
        throw fail("a counter is named _total, and nothing else is");
    } else {
      const [, metric, labels = "", value = ""] = sampleLine.exec(line) ?? [];
      if (metric === undefined || metric !== typed) throw fail("no sample of the metric above it");
      if (seen.has(`${metric}{${labels}}`)) throw fail("the same sample twice");
      seen.add(`${metric}{${labels}}`);
      if (!Number.isFinite(Number(value)) || value === "") throw fail("no number");
      samples.push({
        name: metric,
        labels: Object.fromEntries(
          [...labels.matchAll(/([a-zA-Z0-9_]+)="((?:[^"\\\n]|\\["\\n])*)"/g)].map(
            ([, key = "", said = ""]) => [
              key,
              said.replace(/\\(["\\n])/g, (_, letter: string) => (letter === "n" ? "\n" : letter)),
            ],
          ),
        ),
        value: Number(value),
      });
    }
  }
  return samples;
}

/** The samples of a metric that have all of these labels. */
export function samplesOf(
  samples: readonly Sample[],
  metric: string,
  labels: Readonly<Record<string, string>> = {},
): Sample[] {
  return samples.filter(
    (sample) =>
      sample.name === metric && Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
  );
}
