import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';

/**
 * The embedded store's own secret, from `deckhand.secret` in the data folder (mode 0600), made at the first start: 32
 * random bytes. It appears whole or not at all, and of two starts at once both get the same. Throws with one sentence.
 */
export function ownSecret(dataDir: string): string {
  const file = path.join(dataDir, 'deckhand.secret');
  const kept = read(file) ?? make(dataDir, file);
  if (kept.length < 32)
    throw new Error(
      `${file} is damaged: bring it back from a backup, or delete it and a new one is made (links and sign-ins made with the old one then end)`,
    );
  return kept;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw new Error(`${file} can’t be read: the user that runs the bot must own it`, { cause: error });
  }
}

function make(dataDir: string, file: string): string {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    mkdirSync(dataDir, { recursive: true });
    const handle = openSync(draft, 'wx', 0o600);
    try {
      writeSync(handle, `${randomBytes(32).toString('base64url')}\n`);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    putInPlace(draft, file);
  } catch (error) {
    throw new Error(`${file} can’t be written: make the folder writable for the bot`, { cause: error });
  } finally {
    rmSync(draft, { force: true });
  }
  return read(file) ?? '';
}

/** Unlike a rename, a link never replaces what another start has made meanwhile; but not every file system has links. */
function putInPlace(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch (error) {
    if (isCode(error, 'EEXIST') || existsSync(file)) return;
    renameSync(draft, file);
  }
}

const isCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;
