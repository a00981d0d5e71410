import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../deploy/ports.ts';
import { createLog } from '../log.ts';

export interface EmbeddedFacts {
  folder: string;
  /** `missing`: it is made at the start, in a folder that is there. */
  state: 'there' | 'missing';
  /** Why nothing can be written there: `EACCES`, `EROFS`, `ENOSPC`. */
  refused?: string;
  lock: { kind: 'free' } | { kind: 'held'; by?: string } | { kind: 'unknown'; why: string };
  /** For this user, on that disk. */
  freeBytes?: number;
}

/** Looks at the data folder, and makes nothing that stays: whoever checks may be another user than the bot's. */
export async function lookAtEmbedded(folder: string, clock: Clock): Promise<EmbeddedFacts> {
  const nearest = nearestThere(folder);
  const { bavail, bsize } = await statfs(nearest).catch(() => ({ bavail: undefined, bsize: 0 }));
  return {
    folder,
    state: nearest === folder ? 'there' : 'missing',
    refused: refusedIn(nearest),
    lock: await lockIn(folder, clock),
    freeBytes: bavail === undefined ? undefined : bavail * bsize,
  };
}

function nearestThere(folder: string): string {
  const parent = path.dirname(folder);
  return existsSync(folder) || parent === folder ? folder : nearestThere(parent);
}

/** Tries, for permissions alone say little: root has them all, on a disk that is full or read-only too. */
function refusedIn(folder: string): string | undefined {
  const file = path.join(folder, `.deckhand-check-${process.pid}`);
  try {
    writeFileSync(file, 'written by check-config\n', { flag: 'wx', mode: 0o600 });
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  } finally {
    rmSync(file, { force: true });
  }
}

/** Takes the lock for a moment, where there was a bot before; one that starts just now waits that long. */
async function lockIn(folder: string, clock: Clock): Promise<EmbeddedFacts['lock']> {
  const file = path.join(folder, 'deckhand.lock');
  if (!existsSync(file)) return { kind: 'free' };
  const { takeLock } = await import('../store/lock-file.ts');
  try {
    const lock = await takeLock(file, { clock, log: createLog('silent'), patienceMs: 0 });
    lock.release();
    return { kind: 'free' };
  } catch (error) {
    // Only what SQLite refused has a cause: that somebody else has it is no trouble of SQLite's.
    const isHeld = error instanceof Error && error.cause === undefined;
    return isHeld ? { kind: 'held', by: holder(file) } : { kind: 'unknown', why: (error as Error).message };
  }
}

function holder(file: string): string | undefined {
  try {
    return readFileSync(`${file}.owner`, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
