import { closeSync, fdatasync, fsyncSync, openSync } from 'node:fs';
import path from 'node:path';

/** What has been written to a file, made to outlive the loss of power. */
export interface Durably {
  /** Resolves once everything that was written before the call is on disk. Rejects when the disk can't say so. */
  sync(): Promise<void>;
  close(): void;
}

/**
 * Waits for the disk beside the event loop, which goes on meanwhile: that takes a fraction of a millisecond on a good disk
 * and many of them on a busy one. Who asks during a wait shares the next.
 */
export function durably(file: string): Durably {
  // Windows flushes only what is open for writing.
  const descriptor = openSync(file, 'r+');
  nameDurably(file);
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function start(): Promise<void> {
    next = undefined;
    running = new Promise<void>((resolve, reject) => {
      fdatasync(descriptor, (error) => {
        running = undefined;
        if (error) reject(error);
        else resolve();
      });
    });
    return running;
  }

  return {
    sync() {
      if (!running) return start();
      next ??= running.then(start, start);
      return next;
    },
    close: () => closeSync(descriptor),
  };
}

/**
 * A new file may lose its name with the power, whatever is on disk of what is in it (fsync(2)). Some file systems can't do
 * that for a folder, and Windows none: SQLite, which does the same where it waits by itself, puts up with it, too.
 */
function nameDurably(file: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path.dirname(file), 'r');
  try {
    fsyncSync(folder);
  } catch {
    // See above.
  } finally {
    closeSync(folder);
  }
}
