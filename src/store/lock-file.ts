import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Clock } from '../deploy/ports.ts';

/** Who has the lock: what the file says. */
interface Holder {
  pid: number;
  host: string;
  /** Differs for every taking, also by the same process. */
  id: string;
  /** ISO 8601. */
  since: string;
  /** When the process began, in the kernel's ticks since boot; only where there is a /proc. */
  started?: string;
  /** Which boot of the machine that was. */
  boot?: string;
}

export interface Lock {
  release(): void;
}

const lookAgainMs = 250;

/**
 * Keeps a second process out: SQLite in WAL mode would let it write too. Waits up to `patienceMs` for the holder to go
 * (a restart overlaps for a moment), then throws a sentence that says who it is. A holder that has died is replaced at
 * once; one on another machine can't be asked, and counts as alive.
 */
export async function takeLock(
  file: string,
  { clock, log, patienceMs = 30_000 }: { clock: Clock; log: Logger; patienceMs?: number },
): Promise<Lock> {
  const me: Holder = { pid: process.pid, host: hostname(), id: randomUUID(), since: clock.now().toISOString() };
  me.started = processState(process.pid)?.started;
  me.boot = bootId();

  const giveUpAt = clock.now().getTime() + patienceMs;
  let waited = false;
  for (;;) {
    const holder = tryToTake(file, me, log);
    if (!holder) return { release: () => release(file, me) };
    if (clock.now().getTime() >= giveUpAt) throw new Error(sentence(file, holder, me, patienceMs));
    if (!waited) log.info({ file, holder }, 'another process has the database; waiting for it to end');
    waited = true;
    await new Promise<void>((resolve) => {
      clock.at(new Date(clock.now().getTime() + lookAgainMs), resolve);
    });
  }
}

/** Takes the lock, or answers who has it. */
function tryToTake(file: string, me: Holder, log: Logger): Holder | undefined {
  for (;;) {
    if (createWhole(file, me)) return undefined;
    const holder = read(file);
    if (holder === 'nobody') continue;
    if (holder !== 'unreadable' && isAlive(holder)) return holder;

    // Two processes may have found the same dead holder. Only who has the guard replaces it, and looks again first: the
    // other one may have been quicker. The guard is a lock like any other, so that one of a dead process is replaced too.
    const guard = `${file}.takeover`;
    const other = tryToTake(guard, me, log);
    if (other) return other;
    try {
      if (!isSame(read(file), holder)) continue;
      replace(file, me);
      log.warn({ file, holder }, 'took the lock over from a process that is gone');
      return undefined;
    } finally {
      release(guard, me);
    }
  }
}

/** Creates the file with its content or not at all, so that nobody ever reads half of one. False: there is one. */
function createWhole(file: string, me: Holder): boolean {
  const draft = write(file, me);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw new Error(`The lock file ${file} can't be made: the file system must know hard links.`, { cause: error });
  } finally {
    rmSync(draft, { force: true });
  }
}

function replace(file: string, me: Holder): void {
  renameSync(write(file, me), file);
}

function write(file: string, me: Holder): string {
  const draft = `${file}.${me.id}`;
  const descriptor = openSync(draft, 'w', 0o600);
  try {
    writeSync(descriptor, `${JSON.stringify(me)}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return draft;
}

function read(file: string): Holder | 'nobody' | 'unreadable' {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Holder;
    const whole = Number.isInteger(holder.pid) && holder.pid > 0 && typeof holder.host === 'string' && !!holder.id;
    return whole ? holder : 'unreadable';
  } catch (error) {
    return hasCode(error, 'ENOENT') ? 'nobody' : 'unreadable';
  }
}

function isSame(now: Holder | 'nobody' | 'unreadable', then: Holder | 'unreadable'): boolean {
  if (typeof now === 'string' || typeof then === 'string') return now === then;
  return now.id === then.id;
}

function release(file: string, me: Holder): void {
  if (isSame(read(file), me)) rmSync(file, { force: true });
}

function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  const boot = bootId();
  if (holder.boot && boot && holder.boot !== boot) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    if (hasCode(error, 'ESRCH')) return false;
  }
  const state = processState(holder.pid);
  if (!state) return true;
  const wasReused = holder.started !== undefined && holder.started !== state.started;
  return !wasReused && !state.dead;
}

/** From /proc/<pid>/stat (proc(5)): field 3 is the state, field 22 the start; the name in field 2 may hold anything. */
function processState(pid: number): { started: string; dead: boolean } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const started = fields[19];
    return started === undefined ? undefined : { started, dead: fields[0] === 'Z' || fields[0] === 'X' };
  } catch {
    return undefined;
  }
}

function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}

function sentence(file: string, holder: Holder, me: Holder, patienceMs: number): string {
  const elsewhere = holder.host !== me.host;
  return (
    `Another Deckhand uses this data folder: process ${holder.pid} on ${holder.host} has held ${file} since ${holder.since}, ` +
    `and did not let go within ${patienceMs / 1000} s. ` +
    'Stop it, or give this one a DATA_DIR of its own' +
    (elsewhere ? `. If nothing runs on ${holder.host} any more, delete ${file} and start again.` : '.')
  );
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
