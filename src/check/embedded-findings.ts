import type { EmbeddedFacts } from './embedded.ts';
import { about, type Finding } from './finding.ts';

const { ok, warning, wrong } = about('Store');
const leastBytes = 200 * 1024 * 1024;

/** What to say of the data folder. */
export function embeddedFindings({ folder, state, refused, lock, freeBytes }: EmbeddedFacts): Finding[] {
  const nothing = 'The bot can’t store anything, and does not start';
  if (refused !== undefined) {
    const give =
      'Give the folder to the user that runs the bot, or set DATA_DIR to one that is theirs, on a local disk';
    return [wrong(`Nothing can be written in DATA_DIR ${folder} (${refused})`, nothing, give)];
  }
  const used = lock.kind === 'held' ? `, in use by ${lock.by ?? 'a running bot'}, which is fine` : '';
  const there = state === 'missing' ? 'is made at the first start' : `can be written${used}`;
  return [
    lock.kind === 'unknown'
      ? wrong(`DATA_DIR ${folder} can’t be locked`, nothing, lock.why)
      : ok(`embedded, in DATA_DIR ${folder}, which ${there}`),
    ...(freeBytes === undefined ? [] : [space(freeBytes)]),
  ];
}

function space(freeBytes: number): Finding {
  const megabytes = Math.floor(freeBytes / 1024 / 1024);
  if (freeBytes >= leastBytes) return ok(`${megabytes} MB are free on its disk`);
  return warning(`${megabytes} MB are free on its disk`, 'Once it is full nothing can be stored', 'Make room');
}
