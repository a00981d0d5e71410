import { expect, vi } from 'vitest';
import type { Job, Work } from '../../src/deploy/ports.ts';

/** Work whose every run waits until the test ends it. */
export interface Desk extends Work {
  /** What has been begun, as `id` or, from the second attempt on, `id×attempt`. */
  begun: string[];
  /** What runs now. */
  open: string[];
  /** The most of one job that ran at once. */
  mostOfOne: number;
  /** What was given up, as `id: error`. */
  givenUp: string[];
  end(id: string, result?: Date | Error): void;
  /** Ends all that run. */
  close(): void;
}

export function desk(): Desk {
  const runs: { id: string; settle: (result?: Date | Error) => void }[] = [];
  const self: Desk = {
    begun: [],
    mostOfOne: 0,
    givenUp: [],
    get open() {
      return runs.map((run) => run.id);
    },
    run(job, attempt) {
      self.begun.push(attempt === 1 ? job.id : `${job.id}×${attempt}`);
      return new Promise((resolve, reject) => {
        runs.push({
          id: job.id,
          settle: (result) => (result instanceof Error ? reject(result) : resolve(result)),
        });
        self.mostOfOne = Math.max(self.mostOfOne, runs.filter((run) => run.id === job.id).length);
      });
    },
    async gaveUp(job, error) {
      self.givenUp.push(`${job.id}: ${(error as Error).message}`);
    },
    end(id, result) {
      const index = runs.findIndex((run) => run.id === id);
      expect(index, `${id} does not run`).toBeGreaterThanOrEqual(0);
      runs.splice(index, 1)[0]?.settle(result);
    },
    close() {
      for (const run of runs.splice(0)) run.settle();
    },
  };
  return self;
}

/** An engine that several processes share needs some time to notice that one of them is gone. */
export const soon = <T>(check: () => T | Promise<T>, timeout = 10_000): Promise<T> =>
  vi.waitFor(check, { timeout, interval: 5 });

export const job = (id: string): Job => ({ kind: 'deployment', id });
