/** The candidate with the least edits from `word`, if it is near enough to be what was meant. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    const most = best?.distance ?? Math.max(2, Math.ceil(candidate.length / 3)) + 1;
    // Each letter more is an edit, so what is much longer or shorter need not be looked at.
    if (Math.abs(Math.min(word.length, 64) - candidate.length) >= most) continue;
    const distance = editDistance(word.slice(0, 64), candidate);
    if (distance < most) best = { candidate, distance };
  }
  return best?.candidate;
}

/** Levenshtein's distance: insertions, deletions and substitutions of one letter. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, wanted] of [...other].entries()) {
      const substituted = (row[j] ?? 0) + (letter === wanted ? 0 : 1);
      next.push(Math.min(substituted, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
