import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import { type Catalog, CatalogError, type LoadOptions, loadCatalog } from '../catalog.ts';
import { systemClock } from '../clock.ts';
import type { Clock } from '../deploy/ports.ts';

export interface WatchOptions extends LoadOptions {
  /** The catalogue that is in use, so that a change since it was read is seen. */
  current: Catalog;
  /** A valid catalogue that differs from the one before. */
  onChange(catalog: Catalog): void;
  /** The file can't be used any more; told once for each content. The old catalogue stays in use. */
  onMistake(error: CatalogError): void;
  clock?: Clock;
}

/** Network file systems and links into other folders tell the watcher nothing, so the file is also looked at. */
const lookEveryMs = 2_000;
/** An editor's truncate-and-write or rename is over by then; until the file keeps still that long it is not read. */
const keepsStillMs = 100;

/**
 * Reads the catalogue again when its file changes, however it changes: written in place, replaced by a rename (editors),
 * or behind a switched link (Kubernetes). The folder is watched rather than the file, whose watch would die with a rename.
 * Answers what ends the watching.
 */
export function watchCatalog(file: string, options: WatchOptions): () => void {
  const clock = options.clock ?? systemClock;
  let known = options.current.digest;
  let mistaken: string | undefined;
  let seen: string | undefined;
  let read: string | undefined;
  let due = Number.POSITIVE_INFINITY;
  let cancel = () => {};
  let stopped = false;

  /** Never later than what was planned already: a folder in which much happens must not put it off for ever. */
  function lookIn(ms: number): void {
    const at = clock.now().getTime() + ms;
    if (stopped || at >= due) return;
    cancel();
    due = at;
    cancel = clock.at(new Date(at), look);
  }

  function look(): void {
    due = Number.POSITIVE_INFINITY;
    const now = signature(file);
    if (now !== read && now === seen) {
      read = now;
      reload();
    }
    const keepsStill = now === seen;
    seen = now;
    lookIn(keepsStill ? lookEveryMs : keepsStillMs);
  }

  function reload(): void {
    try {
      const next = loadCatalog(file, options);
      const isNews = next.digest !== known || mistaken !== undefined;
      known = next.digest;
      mistaken = undefined;
      if (isNews) options.onChange(next);
    } catch (error) {
      if (!(error instanceof CatalogError)) throw error;
      if (error.message === mistaken) return;
      mistaken = error.message;
      options.onMistake(error);
    }
  }

  const watcher = watchFolder(dirname(file), () => lookIn(keepsStillMs));
  lookIn(keepsStillMs);
  return () => {
    stopped = true;
    cancel();
    watcher?.close();
  };
}

/** Changes whenever the file does: another file in its place, another length, another time. */
function signature(file: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

/** Without a watcher (the system has only so many) the regular look is all there is, and enough. */
function watchFolder(folder: string, onEvent: () => void): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false }, onEvent).on('error', () => {});
  } catch {
    return undefined;
  }
}
