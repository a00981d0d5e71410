import type { Store } from '../../../src/deploy/ports.ts';
import { type TestClock, testClock } from '../../clock.ts';

/** A store of some kind, empty at the beginning. */
export interface StoreUnderTest {
  store: Store;
  /** The store's own. */
  clock: JumpingClock;
  /** Closes it and opens it again, as a restart does. */
  restart(): Promise<Store>;
  /** Every lease runs out, as when its holder's process stands still for longer than it lasts. */
  loseLeases(): Promise<void>;
  /** The kinds of things that it still keeps. */
  leftovers(): Promise<string[]>;
  end(): Promise<void>;
}

/** The store as it is at that moment of a test. */
export interface Moment {
  readonly store: Store;
  readonly world: StoreUnderTest;
  restart(): Promise<void>;
}

export interface JumpingClock extends TestClock {
  /** It is later by so much, and no call that fell due meanwhile has come: the process stood still. */
  jump(ms: number): void;
}

export function jumpingClock(): JumpingClock {
  const clock = testClock();
  let jumped = 0;
  return {
    now: () => new Date(clock.now().getTime() + jumped),
    at: (at, call) => clock.at(new Date(at.getTime() - jumped), call),
    advance: (ms) => clock.advance(ms),
    settled: () => clock.settled(),
    get pending() {
      return clock.pending;
    },
    jump(ms) {
      jumped += ms;
    },
  };
}

/** Texts that people, platforms and attackers come up with. */
export const oddTexts = [
  '',
  ' ',
  "'; DROP TABLE commands; --",
  'a\0b',
  'a',
  '\ud800',
  '\ud801',
  '\udc00x',
  'ünï\ncödé 😀',
  '\u001a0000',
  ':*?[]',
];
