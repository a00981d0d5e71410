import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Bot } from './process.ts';

/** A place for a bot's data that can be full. */
export interface Disk {
  folder: string;
  /** What stands before the bot in its shell. */
  shell?: string;
  /** From now on nothing can be written. */
  fill(bot: Bot): void;
  /** There is room again. */
  free(bot: Bot): void;
  end(): void;
}

/** A small file system of its own where this user may mount one. */
function mounted(): Disk | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), 'deckhand-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'deckhand', folder]);
  if (status !== 0) {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  const filler = path.join(folder, 'filler');
  return {
    folder,
    fill() {
      // Large pieces first, and then whatever still fits.
      for (let bytes = 1024 * 1024; bytes >= 1; bytes = Math.floor(bytes / 4)) {
        for (let fits = true; fits; ) {
          try {
            writeFileSync(filler, Buffer.alloc(bytes), { flag: 'a' });
          } catch {
            fits = false;
          }
        }
      }
    },
    free: () => rmSync(filler),
    end() {
      execFileSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** The bot itself may not write to files any more: for the bot nearly the same, and anybody may do it. */
function limited(): Disk | undefined {
  if (spawnSync('prlimit', ['--version']).status !== 0) return undefined;
  const folder = mkdtempSync(path.join(tmpdir(), 'deckhand-disk-'));
  const limit = ({ pid }: Bot, bytes: string) =>
    execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
  return {
    folder,
    // Else the first write beyond the limit would end the process.
    shell: "trap '' XFSZ;",
    fill: (bot) => void limit(bot, '1'),
    free: (bot) => void limit(bot, 'unlimited'),
    end: () => rmSync(folder, { recursive: true }),
  };
}

/** The ways in which a disk can be full on this machine, by name. */
export const disks: Record<string, () => Disk | undefined> = {
  'a file system that is full': mounted,
  'files that must not grow': limited,
};
