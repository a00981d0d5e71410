/** Longer words are not misspelt names, and comparing them would only take time. */
const longestCompared = 100;

/**
 * The known word that somebody most likely meant, without regard to case: few letters wrong, missing, too many or swapped,
 * or the only one that begins with what was typed (`prod` for `production`). Ties go to the first. Nothing when none is near.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const typed = word.toLowerCase();
  if (typed === '' || typed.length > longestCompared) return undefined;
  const candidates = [...new Set(known)].filter((candidate) => candidate.length <= longestCompared);

  let best: { candidate: string; edits: number } | undefined;
  for (const candidate of candidates) {
    const allowed = editsAllowed(Math.max(typed.length, candidate.length));
    if (Math.abs(typed.length - candidate.length) > allowed) continue;
    const edits = editsBetween(typed, candidate.toLowerCase());
    if (edits <= allowed && (!best || edits < best.edits)) best = { candidate, edits };
  }
  if (best) return best.candidate;

  const begun = typed.length < 3 ? [] : candidates.filter((candidate) => candidate.toLowerCase().startsWith(typed));
  return begun.length === 1 ? begun[0] : undefined;
}

/** A third of a short word may be wrong, and never more than three letters: beyond that, everything is near. */
function editsAllowed(length: number): number {
  if (length <= 4) return 1;
  return length <= 6 ? 2 : 3;
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours, one each. */
function editsBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let edits = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) edits = Math.min(edits, at(beforeLast, column - 2) + 1);
      current.push(edits);
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, b.length);
}

const at = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY;
