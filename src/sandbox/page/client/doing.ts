import type { Act } from '../protocol.ts';
import type { Button } from '../render/blocks.ts';
import type { Route } from './route.ts';
import type { State } from './state.ts';

/** What is to be different, or what makes it so. */
export type Change = Partial<State> | ((state: State) => void);

/** What the views can have done. */
export interface Doing {
  /** Changes what is shown. */
  change(change: Change): void;
  /** Asks the server; what can't be done is told. */
  act(act: Act): Promise<void>;
  go(route: Route): void;
  be(person: string): void;
  colour(isDark: boolean): void;
  send(room: string, thread: string | undefined, text: string): void;
  /** Presses a button of a message, after a second look where it asks for one. */
  press(room: string, ts: string, button: Button): void;
  /** The answer to the question that stands open. */
  answer(yes: boolean): void;
}
