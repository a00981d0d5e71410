import type { Jobs } from '../../src/deploy/ports.ts';

/** A job engine of some kind, with nothing to do at the beginning, and not started. */
export interface JobsUnderTest {
  jobs: Jobs;
  now(): Date;
  /** Lets that much time pass. */
  pass(ms: number): Promise<void>;
  /** Stops it and opens it again, not started, as a restart does. `crash`: what runs is not waited for, and forgotten. */
  restart(how?: 'crash'): Promise<Jobs>;
  end(): Promise<void>;
}
