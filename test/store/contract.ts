import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Deployment, Note, Stage, Status } from '../../src/deploy/deployment.ts';
import type { Command, Store } from '../../src/deploy/ports.ts';

/** A store of some kind, empty at the beginning. */
export interface StoreUnderTest {
  store: Store;
  /** Closes it and opens it again, as a restart does. */
  restart(): Promise<Store>;
  end(): Promise<void>;
}

/** Texts that people, platforms and attackers come up with. */
const oddTexts = [
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

/** What every store does, whatever it is made of. */
export function storeContract(kind: string, begin: () => Promise<StoreUnderTest>): void {
  describe(`${kind} keeps the contract of Store`, () => {
    let world: StoreUnderTest;
    let store: Store;
    const restart = async (): Promise<void> => {
      store = await world.restart();
    };

    beforeEach(async () => {
      world = await begin();
      store = world.store;
    });
    afterEach(() => world.end());

    describe('commands', () => {
      test('are kept as they came, also after a restart', async () => {
        const command = aCommand({ id: '01A', answerUrl: 'https://slack.test/answer' });
        expect(await store.acceptCommand(command)).toBe(true);
        expect(await store.command('01A')).toEqual(command);
        await restart();
        expect(await store.command('01A')).toEqual(command);
        expect(await store.command('01B')).toBeUndefined();
      });

      test('count once for each key', async () => {
        expect(await store.acceptCommand(aCommand({ id: '01A', key: 'trigger:1', text: 'first' }))).toBe(true);
        expect(await store.acceptCommand(aCommand({ id: '01B', key: 'trigger:1', text: 'second' }))).toBe(false);
        await restart();
        expect(await store.acceptCommand(aCommand({ id: '01C', key: 'trigger:1', text: 'third' }))).toBe(false);
        expect((await store.command('01A'))?.text).toBe('first');
        expect(await store.command('01B')).toBeUndefined();
        expect(await store.unfinishedCommands()).toEqual(['01A']);
      });

      test('that come twice at once are accepted once', async () => {
        const ids = Array.from({ length: 20 }, (_, index) => `01${index}`);
        const accepted = await Promise.all(ids.map((id) => store.acceptCommand(aCommand({ id, key: 'same' }))));
        expect(accepted.filter(Boolean)).toHaveLength(1);
        expect(await store.unfinishedCommands()).toHaveLength(1);
      });

      test('are unfinished until they are ended, oldest first', async () => {
        for (const id of ['01C', '01A', '01B']) await store.acceptCommand(aCommand({ id }));
        await store.endCommand('01A');
        await store.endCommand('01A');
        await store.endCommand('never seen');
        await restart();
        expect(await store.unfinishedCommands()).toEqual(['01C', '01B']);
        expect(await store.command('01A')).toBeUndefined();
      });

      test('keep their answers until they are ended', async () => {
        await store.acceptCommand(aCommand({ id: '01A', key: 'press:1' }));
        const answers = [{ words: ['no'], refusal: 'outsider' }];
        await store.answerCommand('01A', answers);
        await restart();
        expect(await store.command('01A')).toMatchObject({ key: 'press:1', answers });
      });

      test('ended with a free key let another command have that key', async () => {
        await store.acceptCommand(aCommand({ id: '01A', key: 'press:1' }));
        expect(await store.acceptCommand(aCommand({ id: '01B', key: 'press:1' }))).toBe(false);
        await store.endCommand('01A', { keyIsFree: true });
        expect(await store.acceptCommand(aCommand({ id: '01C', key: 'press:1' }))).toBe(true);
        expect(await store.acceptCommand(aCommand({ id: '01D', key: 'press:1' }))).toBe(false);
      });

      test('have keys and texts of any content', async () => {
        for (const [index, odd] of oddTexts.entries()) {
          expect(await store.acceptCommand(aCommand({ id: `id ${index}`, key: odd, text: odd }))).toBe(true);
        }
        await restart();
        for (const [index, odd] of oddTexts.entries()) {
          expect(await store.acceptCommand(aCommand({ id: `again ${index}`, key: odd }))).toBe(false);
          expect((await store.command(`id ${index}`))?.text).toBe(odd);
        }
      });

      test('keep whatever text they carry', async () => {
        let count = 0;
        const anyText = fc.string({ unit: 'binary', maxLength: 40 });
        await fc.assert(
          fc.asyncProperty(anyText, async (text) => {
            const id = `${count++}`;
            await store.acceptCommand(aCommand({ id, key: `${id}${text}`, text }));
            expect((await store.command(id))?.text).toBe(text);
          }),
          { numRuns: 200 },
        );
      });
    });

    describe('deployments', () => {
      test('are inserted and replaced by request', async () => {
        const first = aDeployment({ request: '01A', stage: 'opening' });
        await store.saveDeployment(first);
        expect(await store.deployment('01A')).toEqual(first);
        const then = aDeployment({ request: '01A', stage: 'created', id: 7, shown: 'something else' });
        await store.saveDeployment(then);
        await restart();
        expect(await store.deployment('01A')).toEqual(then);
        expect(await store.deployment('01B')).toBeUndefined();
      });

      test('are found by repository, in any case, and GitHub id', async () => {
        await store.saveDeployment(aDeployment({ request: '01A', repository: 'Acme/Hello', id: 7 }));
        await store.saveDeployment(aDeployment({ request: '01B', repository: 'acme/other', id: 7 }));
        await store.saveDeployment(aDeployment({ request: '01C', repository: 'acme/hello' }));
        expect((await store.deploymentById('acme/HELLO', 7))?.request).toBe('01A');
        expect((await store.deploymentById('acme/other', 7))?.request).toBe('01B');
        expect(await store.deploymentById('acme/hello', 8)).toBeUndefined();
      });

      test('are found by the thread that tells them', async () => {
        await store.saveDeployment(aDeployment({ request: '01A', thread: '17.1' }));
        await store.saveDeployment(aDeployment({ request: '01B' }));
        expect((await store.deploymentInThread('T1', 'C1', '17.1'))?.request).toBe('01A');
        expect(await store.deploymentInThread('T2', 'C1', '17.1')).toBeUndefined();
        expect(await store.deploymentInThread('T1', 'C2', '17.1')).toBeUndefined();
        expect(await store.deploymentInThread('T1', 'C1', '17.10')).toBeUndefined();
      });

      test('asked for in a thread are found by it, the newest first', async () => {
        const place = { ...aDeployment().place, thread: '17.1' };
        await store.saveDeployment(aDeployment({ request: '01A', thread: '17.1', askedAt: '2026-11-20T12:00:00Z' }));
        await store.saveDeployment(aDeployment({ request: '01B', place, askedAt: '2026-11-20T12:00:00.500Z' }));
        expect((await store.deploymentInThread('T1', 'C1', '17.1'))?.request).toBe('01B');
      });

      test('are unfinished by their stage, oldest first', async () => {
        const stages: Stage[] = [
          'created',
          'ended',
          'opening',
          'refused',
          'merging',
          'settling',
          'unknown',
          'creating',
        ];
        for (const [index, stage] of stages.entries()) {
          const askedAt = new Date(Date.UTC(2026, 10, 20, 12, 60 - index)).toISOString();
          await store.saveDeployment(aDeployment({ request: `01${stage}`, stage, askedAt }));
        }
        const unfinished = async (): Promise<Stage[]> =>
          (await store.unfinishedDeployments()).map(({ stage }) => stage);
        expect(await unfinished()).toEqual(['creating', 'settling', 'merging', 'opening', 'created']);
        await store.saveDeployment(aDeployment({ request: '01merging', stage: 'ended' }));
        await restart();
        expect(await unfinished()).toEqual(['creating', 'settling', 'opening', 'created']);
      });

      test('of an environment come newest id first, as many as are wanted', async () => {
        for (const id of [5, 12, 7]) await store.saveDeployment(aDeployment({ request: `01-${id}`, id }));
        await store.saveDeployment(aDeployment({ request: 'not there yet' }));
        const elsewhere = { ...aDeployment().create, environment: 'production' };
        await store.saveDeployment(aDeployment({ request: 'elsewhere', id: 99, create: elsewhere }));
        const ids = async (limit: number): Promise<unknown[]> =>
          (await store.deploymentsIn('ACME/hello', 'staging', limit)).map(({ id }) => id);
        expect(await ids(10)).toEqual([12, 7, 5]);
        expect(await ids(2)).toEqual([12, 7]);
      });
    });

    describe('statuses', () => {
      test('are new once; the first facts stay', async () => {
        const status = aStatus({ id: 1, description: 'first', logUrl: 'https://ci.test/1' });
        expect(await store.recordStatus(status)).toBe(true);
        expect(await store.recordStatus({ ...status, description: 'second', state: 'failure' })).toBe(false);
        expect(await store.recordStatus({ ...status, repository: 'ACME/Hello' })).toBe(false);
        await restart();
        expect(await store.recordStatus(status)).toBe(false);
        const lines = await store.statuses('acme/hello', 7);
        expect(lines.map((line) => line.status)).toEqual([status]);
        expect(lines[0]).toMatchObject({ at: status.createdAt, telling: {} });
      });

      test('that come at once from many are each there, once', async () => {
        const ids = Array.from({ length: 300 }, (_, index) => 1 + (index % 100));
        const answers = await Promise.all(ids.map((id) => store.recordStatus(aStatus({ id }))));
        expect(answers.filter(Boolean)).toHaveLength(100);
        expect(await store.statuses('acme/hello', 7)).toHaveLength(100);
      });

      test('come in the order of GitHub: by time, then by id', async () => {
        await store.recordStatus(aStatus({ id: 30, createdAt: '2026-11-20T12:00:01Z' }));
        await store.recordStatus(aStatus({ id: 9, createdAt: '2026-11-20T12:00:02Z' }));
        await store.recordStatus(aStatus({ id: 10, createdAt: '2026-11-20T12:00:01Z' }));
        const lines = await store.statuses('Acme/hello', 7);
        expect(lines.map(({ status }) => status.id)).toEqual([10, 30, 9]);
        expect(new Set(lines.map(({ key }) => key)).size).toBe(3);
      });

      test('belong to one deployment of one repository', async () => {
        await store.recordStatus(aStatus({ id: 1 }));
        expect(await store.recordStatus(aStatus({ id: 1, deployment: 8 }))).toBe(true);
        expect(await store.recordStatus(aStatus({ id: 1, repository: 'acme/other' }))).toBe(true);
        expect(await store.statuses('acme/hello', 7)).toHaveLength(1);
        expect(await store.statuses('acme/hello', 9)).toEqual([]);
      });

      test('are seen by whoever reads after they were acknowledged', async () => {
        for (let id = 1; id <= 20; id++) {
          await store.recordStatus(aStatus({ id }));
          expect(await store.statuses('acme/hello', 7)).toHaveLength(id);
        }
      });

      test('are untold until they are told or given up, with what they claim', async () => {
        const claim = aClaim();
        await store.recordStatus(aStatus({ id: 1 }));
        await store.recordStatus(aStatus({ id: 2, claim }));
        await store.recordStatus(aStatus({ id: 3 }));
        await store.recordStatus(aStatus({ id: 1, deployment: 8 }));
        await store.recordStatus(aStatus({ id: 1, deployment: 9 }));
        expect(await untold(store)).toEqual([
          { repository: 'acme/hello', deployment: 7, claim },
          { repository: 'acme/hello', deployment: 8 },
          { repository: 'acme/hello', deployment: 9 },
        ]);
        await store.tellStatus(aStatus({ id: 1, deployment: 8 }), { ts: '17.2' });
        await store.tellStatus(aStatus({ id: 1, deployment: 9 }), { given: 'silently' });
        for (const id of [1, 2, 3]) await store.tellStatus(aStatus({ id }), { intended: true });
        await restart();
        expect(await untold(store)).toEqual([{ repository: 'acme/hello', deployment: 7, claim }]);
        for (const id of [1, 2, 3]) await store.tellStatus(aStatus({ id }), { given: 'up' });
        expect(await untold(store)).toEqual([]);
      });

      test('say how far their telling has come', async () => {
        const status = aStatus({ id: 1 });
        await store.recordStatus(status);
        await store.tellStatus(status, { intended: true });
        await restart();
        expect((await store.statuses('acme/hello', 7))[0]?.telling).toEqual({ intended: true });
        await store.tellStatus({ ...status, description: 'another' }, { ts: '17.2' });
        expect(await store.statuses('acme/hello', 7)).toMatchObject([{ status, telling: { ts: '17.2' } }]);
        expect((await store.statuses('acme/hello', 7))[0]?.telling).not.toHaveProperty('intended');
        expect(await store.recordStatus(status)).toBe(false);
        expect((await store.statuses('acme/hello', 7))[0]?.telling).toEqual({ ts: '17.2' });
      });

      test('may say anything', async () => {
        for (const [index, odd] of oddTexts.entries()) {
          const status = aStatus({ id: index, repository: `acme/${odd}`, state: odd, description: odd });
          expect(await store.recordStatus(status)).toBe(true);
          expect(await store.recordStatus(status)).toBe(false);
        }
        await restart();
        for (const [index, odd] of oddTexts.entries()) {
          const [line] = await store.statuses(`acme/${odd}`, 7);
          expect(line?.status).toMatchObject({ id: index, state: odd, description: odd });
        }
      });
    });

    describe('notes', () => {
      const alarm: Note = { key: 'no-deployer', kind: 'no-deployer', at: '2026-11-20T12:00:00.000Z', afterMs: 120_000 };

      test('are added once for each key, and stay in order', async () => {
        expect(await store.addNote('01A', alarm)).toBe(true);
        expect(await store.addNote('01A', { ...alarm, afterMs: 1 })).toBe(false);
        expect(await store.addNote('01A', { key: 'a later one', kind: 'unknown', at: alarm.at })).toBe(true);
        expect(await store.addNote('01B', alarm)).toBe(true);
        await restart();
        expect(await store.notes('01A')).toEqual([
          { key: 'no-deployer', at: alarm.at, note: alarm, telling: {} },
          expect.objectContaining({ key: 'a later one' }),
        ]);
        expect(await store.notes('01B')).toHaveLength(1);
        expect(await store.notes('01C')).toEqual([]);
      });

      test('are replaced with their telling, and keep their place', async () => {
        await store.addNote('01A', alarm);
        await store.addNote('01A', { key: 'stuck', kind: 'stuck', at: alarm.at, afterMs: 5 });
        const line = { key: alarm.key, at: alarm.at, note: { ...alarm, answered: true }, telling: { ts: '17.3' } };
        await store.saveNote('01A', line);
        await restart();
        const notes = await store.notes('01A');
        expect(notes[0]).toEqual(line);
        expect(notes.map(({ key }) => key)).toEqual(['no-deployer', 'stuck']);
      });
    });

    test('is ready, and says so more than once', async () => {
      await store.ready();
      await store.ready();
    });

    test('takes nothing after it was closed', async () => {
      await store.close();
      await expect(store.recordStatus(aStatus({ id: 1 }))).rejects.toThrow();
      await expect(store.ready()).rejects.toThrow();
    });

    test('keeps what was on its way when it was closed', async () => {
      const recorded = store.recordStatus(aStatus({ id: 1 }));
      await restart();
      expect(await recorded).toBe(true);
      expect(await store.statuses('acme/hello', 7)).toHaveLength(1);
    });
  });
}

async function untold(store: Store): ReturnType<Store['untoldStatuses']> {
  return (await store.untoldStatuses()).sort((a, b) => a.deployment - b.deployment);
}

export function aCommand(facts: Partial<Command> = {}): Command {
  return {
    id: '01A',
    key: `trigger:${facts.id ?? '01A'}`,
    text: 'hello/topic-branch to staging',
    prefix: '/deploy',
    place: { team: 'T1', room: 'C1', roomName: 'deploys' },
    user: { id: 'U1', name: 'ann' },
    at: '2026-11-20T12:00:00.000Z',
    ...facts,
  };
}

export function aDeployment(facts: Partial<Deployment> = {}): Deployment {
  return {
    request: '01A',
    place: { team: 'T1', room: 'C1', roomName: 'deploys' },
    asker: { id: 'U1', name: 'ann' },
    app: 'hello',
    repository: 'acme/hello',
    environment: 'staging',
    sha: 'a'.repeat(40),
    hosts: [],
    force: false,
    create: {
      ref: 'topic-branch',
      task: 'deploy',
      auto_merge: false,
      environment: 'staging',
      description: 'ann deploys',
      payload: {},
    },
    line: 'hello/topic-branch to staging',
    forcedLine: 'hello/topic-branch to staging!',
    noDeployerAfterMs: 120_000,
    inFlightTimeoutMs: 3_600_000,
    stage: 'opening',
    askedAt: '2026-11-20T12:00:00.000Z',
    stageAt: '2026-11-20T12:00:00.000Z',
    ...facts,
  };
}

export function aStatus(facts: Partial<Status> = {}): Status {
  return {
    id: 1,
    deployment: 7,
    repository: 'acme/hello',
    state: 'success',
    description: 'done',
    creator: 'deployer[bot]',
    createdAt: '2026-11-20T12:00:00Z',
    ...facts,
  };
}

function aClaim(): NonNullable<Status['claim']> {
  return {
    request: '01A',
    place: { team: 'T1', room: 'C1', roomName: 'deploys' },
    asker: { id: 'U1', name: 'ann' },
    thread: '17.1',
    app: 'hello',
    repository: 'acme/hello',
    task: 'deploy',
    environment: 'staging',
    ref: 'topic-branch',
    sha: 'a'.repeat(40),
    createdAt: '2026-11-20T12:00:00Z',
  };
}
