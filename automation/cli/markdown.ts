/** What a comment of GitHub takes, in characters, with room for what a pipeline writes around it; GitLab takes more. */
export const commentBytes = 60_000;

/**
 * A text as Markdown's own code: nothing in it is read as a link, a mention, HTML or the end of a line. What cannot be seen,
 * or turns the direction of reading, is written as its code point.
 */
export function code(text: string): string {
  const seen = (text === "" ? '""' : text).replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  const runs = [...seen.matchAll(/`+/g)].map(([run]) => run.length);
  const fence = "`".repeat(Math.max(0, ...runs) + 1);
  // A blank beside each fence is taken away again by who reads it (CommonMark 0.31, 6.1).
  const pad = /^[` ]|[` ]$/.test(seen) ? " " : "";
  return `${fence}${pad}${seen}${pad}${fence}`;
}

/** As code, and no longer than a line of a comment should be. */
export function shortCode(text: string): string {
  return code(text.length <= 200 ? text : `${text.slice(0, 200)}… (${String(text.length)} characters)`);
}

/** The first of several as code, and how many more there are. */
export function codes(texts: readonly string[], most = 12): string {
  const shown = texts.slice(0, most).map(shortCode).join(", ");
  return texts.length <= most ? shown : `${shown} and ${String(texts.length - most)} more`;
}

/** As many lines as fit, and how many were cut. */
export function cutLines(lines: readonly string[], most: number, more: (left: number) => string): string {
  const reserve = Buffer.byteLength(more(lines.length)) + 3;
  let bytes = 0;
  const fits = lines.findIndex((line) => {
    bytes += Buffer.byteLength(line) + 1;
    return bytes > most - reserve;
  });
  const whole = Buffer.byteLength(lines.join("\n")) <= most;
  return whole || fits === -1
    ? lines.join("\n")
    : [...lines.slice(0, fits), "", more(lines.length - fits)].join("\n");
}
