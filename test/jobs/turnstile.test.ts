import { expect, test } from 'vitest';
import { turnstile } from '../../src/jobs/bull/turnstile.ts';

test('lets only so many in at once, in order, and the next one in when one fails', async () => {
  const oneOfTwo = turnstile(2);
  const inside: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const answers = ['a', 'b', 'c', 'd'].map((name) =>
    oneOfTwo(() => {
      inside.push(name);
      return new Promise<string>((resolve, reject) =>
        ends.set(name, (error) => (error ? reject(error) : resolve(name))),
      );
    }),
  );
  expect(inside).toEqual(['a', 'b']);
  ends.get('b')?.(new Error('no luck'));
  await expect(answers[1]).rejects.toThrow('no luck');
  await expect.poll(() => inside).toEqual(['a', 'b', 'c']);
  ends.get('a')?.();
  expect(await answers[0]).toBe('a');
  await expect.poll(() => inside).toEqual(['a', 'b', 'c', 'd']);
  for (const end of ends.values()) end();
  expect(await Promise.all([answers[2], answers[3]])).toEqual(['c', 'd']);
});
