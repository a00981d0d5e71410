import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { within } from '../../src/sandbox/within.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('aborts in time, whatever is collected until then', async () => {
  const signal = within(50, new AbortController().signal);
  const aborted = once(signal, 'abort');
  // What was made in this turn is kept until its end.
  await setImmediate();
  collectGarbage();
  await aborted;
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
});

test('aborts with the other signal', () => {
  const other = new AbortController();
  const signal = within(10_000, other.signal);
  other.abort('enough');
  expect(signal.reason).toBe('enough');
});
