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
  const looks: { by: number; answer(): void }[] = [];
  const store = {
    mirrorsIn: () => new Promise<never[]>((resolve) => looks.push({ by: 0, answer: () => resolve([]) })),
    async deploymentById(_: string, id: number) {
      const look = looks.at(-1);
      if (look) look.by = id;
    },
    deploymentsIn: async () => [],
  };
  const clock = testClock(new Date('2024-06-10T12:00:00Z'));
  const arrived = arrivals({ store, clock } as unknown as Ports, createLately(clock));
  return { looks, arrive: async (status: Status) => arrived(status, true) };
}

const turns = () => new Promise((resolve) => setImmediate(resolve));

test('who succeeds while another is looked up is looked up after it, and many of them at once', async () => {
  const { looks, arrive } = slowStore();
  const all = Promise.all([7, 9, 8].map((id) => arrive(success(id))));
  expect(looks).toHaveLength(1);
  looks[0]?.answer();
  await turns();
  expect(looks).toHaveLength(2);
  looks[1]?.answer();
  await all;
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
