import fc from 'fast-check';
import { expect } from 'vitest';
import type { Jobs } from '../../src/deploy/ports.ts';
import { desk, job, soon } from './desk.ts';
import type { JobsUnderTest } from './under-test.ts';

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wake' as const), id: fc.constantFrom('a', 'b', 'c') }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wake later' as const), id: fc.constantFrom('a', 'b', 'c') }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('end' as const), id: fc.constantFrom('a', 'b', 'c') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), id: fc.constantFrom('a', 'b', 'c') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
);

type Step = { do: 'wake' | 'wake later' | 'end' | 'fail'; id: string } | { do: 'turn' } | { do: 'crash' };

export const anyStory: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 5, maxLength: 40 });

/**
 * The reason why jobs exist: whatever is known when a wake is acknowledged is seen by a run that begins after it. Each step
 * changes what is to be seen and wakes the job; whoever runs last must have seen the last change.
 */
export async function liveThrough(world: JobsUnderTest, story: readonly Step[]): Promise<void> {
  const known = new Map<string, number>();
  const seen = new Map<string, number>();
  let at = desk();
  const start = (jobs: Jobs): Promise<void> => {
    const own = at;
    return jobs.start({
      async run(woken, attempt) {
        const saw = known.get(woken.id) ?? 0;
        const again = await own.run(woken, attempt);
        // What a run has seen counts once it has ended well, before its process did.
        if (own === at) seen.set(woken.id, Math.max(seen.get(woken.id) ?? 0, saw));
        return again;
      },
      gaveUp: own.gaveUp,
    });
  };
  let jobs = world.jobs;
  await start(jobs);
  const wakes: Promise<void>[] = [];
  for (const step of story) {
    if (step.do === 'turn') await world.pass(1);
    else if (step.do === 'crash') {
      await Promise.all(wakes);
      jobs = await world.restart('crash');
      const before = at;
      at = desk();
      before.close();
      await start(jobs);
    } else if (step.do === 'wake' || step.do === 'wake later') {
      known.set(step.id, (known.get(step.id) ?? 0) + 1);
      const when = step.do === 'wake later' ? new Date(world.now().getTime() + 100) : undefined;
      wakes.push(jobs.wake(job(step.id), when));
    } else if (at.open.includes(step.id)) at.end(step.id, step.do === 'fail' ? new Error('no luck') : undefined);
  }
  await Promise.all(wakes);
  const allSeen = (): void => {
    at.close();
    for (const [id, count] of known) expect(seen.get(id) ?? 0, `of ${id}`).toBe(count);
  };
  // Failed ones come back within a minute.
  for (let passed = 0; passed < 60_000 && [...known].some(([id, count]) => seen.get(id) !== count); passed += 100) {
    at.close();
    await world.pass(100);
  }
  await soon(allSeen);
  expect(at.mostOfOne).toBeLessThanOrEqual(1);
  await world.end();
}
