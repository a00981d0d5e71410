import type { Keys } from './keys.ts';
import type { Link } from './link.ts';
import type { FencedStep } from './steps.ts';

/** What every part of the store works with. */
export interface Around {
  link: Link;
  keys: Keys;
}

/** A write that a lease can stand before, and that survives the loss of the server. */
export type Write = (step: FencedStep, keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>;
