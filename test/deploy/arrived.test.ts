import { expect, test } from 'vitest';
import { arrivals } from '../../src/deploy/arrived.ts';
import type { Status } from '../../src/deploy/deployment.ts';
import { createLately } from '../../src/deploy/lately.ts';
import type { Ports } from '../../src/deploy/ports.ts';
import { testClock } from '../clock.ts';

const success = (deployment: number, given: Partial<Status> = {}): Status => ({
  id: deployment * 10,
  deployment,
  repository: 'acme/hello',
  environment: 'staging',
  state: 'success',
  description: '',
  creator: 'carol',
  createdAt: '2024-06-10T11:05:00Z',
  ...given,
});

/** The store's end: it answers who may have been replaced when the test says so, and keeps by whom. */
function slowStore() {
  const looks: { by: number; answer(): void; fail(error: Error): void }[] = [];
  const store = {
    mirrorsIn: () => new Promise<never[]>((resolve, fail) => looks.push({ by: 0, answer: () => resolve([]), fail })),
    async deploymentById(_: string, id: number) {
      const look = looks.at(-1);
      if (look) look.by = id;
    },
    deploymentsIn: async () => [],
  };
  const clock = testClock(new Date('2024-06-10T12:00:00Z'));
  const arrived = arrivals({ store, clock } as unknown as Ports, createLately(clock));
  return { looks, clock, arrive: async (status: Status) => arrived(status, true) };
}

test('who succeeds while another is looked up is looked up soon after it, and many of them at once', async () => {
  const { looks, clock, arrive } = slowStore();
  const all = Promise.all([7, 9, 8].map((id) => arrive(success(id))));
  expect(looks).toHaveLength(1);
  looks[0]?.answer();
  await clock.advance(50);
  const late = arrive(success(10));
  expect(looks).toHaveLength(1);
  await clock.advance(50);
  expect(looks).toHaveLength(2);
  looks[1]?.answer();
  await Promise.all([all, late]);
  expect(looks.map(({ by }) => by)).toEqual([7, 10]);
});

test('only the first of those who share a look waits for it', async () => {
  const { looks, clock, arrive } = slowStore();
  const first = arrive(success(7));
  const second = arrive(success(8));
  await arrive(success(9));
  looks[0]?.answer();
  await first;
  await clock.advance(100);
  looks[1]?.answer();
  await second;
  expect(looks.map(({ by }) => by)).toEqual([7, 9]);
});

test('each environment and each task has looks of its own', async () => {
  const { looks, arrive } = slowStore();
  const all = Promise.all([
    arrive(success(7)),
    arrive(success(8, { environment: 'production' })),
    arrive(success(9, { task: 'deploy:migrations' })),
  ]);
  expect(looks).toHaveLength(3);
  for (const { answer } of looks) answer();
  await all;
});

test('nobody waits for looks that come after the one for them, which need never end', async () => {
  const { looks, clock, arrive } = slowStore();
  const first = arrive(success(7));
  const second = arrive(success(8));
  looks[0]?.answer();
  await first;
  await clock.advance(100);
  expect(looks).toHaveLength(2);
  const third = arrive(success(9));
  looks[1]?.answer();
  await second;
  await clock.advance(100);
  expect(looks).toHaveLength(3);
  looks[2]?.answer();
  await third;
  expect(looks.map(({ by }) => by)).toEqual([7, 8, 9]);
});

test('a look that fails fails for the one who waited for it, and the next one goes on', async () => {
  const { looks, clock, arrive } = slowStore();
  const first = arrive(success(7));
  const second = arrive(success(8));
  looks[0]?.fail(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await clock.advance(100);
  expect(looks).toHaveLength(2);
  looks[1]?.answer();
  await second;
  expect(looks[1]?.by).toBe(8);
});
