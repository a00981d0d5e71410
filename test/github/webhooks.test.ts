import { describe, expect, test, vi } from 'vitest';
import type { Recorded } from '../../src/deploy/ports.ts';
import { payloadFor } from '../../src/deploy/return-address.ts';
import { testClock } from '../clock.ts';
import { useGitHub } from '../sandbox/github/fixture.ts';
import { deployment, event, json, keys, listening, post, sign } from './webhook-target.ts';

describe('a deployment status', () => {
  test('is stored, then answered, then somebody is woken', async () => {
    let store: (recorded: Recorded) => void = () => {};
    const record = vi.fn(() => new Promise<Recorded>((resolve) => (store = resolve)));
    const bot = await listening({ record });
    let isAnswered = false;
    const answered = post(bot.url, json()).finally(() => (isAnswered = true));
    await vi.waitFor(() => expect(record).toHaveBeenCalled());
    expect([isAnswered, bot.woken]).toEqual([false, []]);
    store({ isNew: true, isStrangers: false });
    expect(await answered).toMatchObject({ status: 200 });
    await vi.waitFor(() => expect(bot.woken).toEqual([11]));
  });

  test('is what GitHub sent, with the claim that we signed and when it came', async () => {
    const clock = testClock('2026-11-20T12:00:06.789Z');
    const bot = await listening({ clock });
    await post(bot.url, json());
    expect(clock.pending).toBe(0);
    expect(bot.stored.get(11)).toEqual({
      id: 11,
      deployment: 7,
      repository: 'acme/hello',
      state: 'in_progress',
      description: 'Building',
      logUrl: 'https://log.example/11',
      environment: 'staging',
      creator: 'deployer[bot]',
      createdAt: '2026-11-20T12:00:05Z',
      receivedAt: '2026-11-20T12:00:06.789Z',
      claim: {
        request: '01JD',
        place: { team: 'T1', room: 'C1', roomName: 'deploys' },
        asker: { id: 'U1', name: 'ann' },
        thread: '1718.1',
        app: 'hello',
        repository: 'acme/hello',
        task: 'deploy',
        environment: 'staging',
        ref: 'topic',
        sha: 'a'.repeat(40),
        createdAt: '2026-11-20T12:00:00Z',
      },
    });
  });

  test.each([
    ['a form', 'application/x-www-form-urlencoded'],
    ['a form with its charset', 'application/x-www-form-urlencoded; charset=utf-8'],
  ])('may come as %s', async (_, type) => {
    const bot = await listening();
    const body = new URLSearchParams({ payload: json({ status: { description: 'a+b & ü' } }) }).toString();
    expect(await post(bot.url, body, { 'content-type': type })).toMatchObject({ status: 200 });
    expect(bot.stored.get(11)).toMatchObject({ description: 'a+b & ü', claim: { request: '01JD' } });
  });

  test('may come with a charset, and with a secret that is being replaced', async () => {
    const bot = await listening();
    const body = json();
    const headers = {
      'content-type': 'Application/JSON; charset=UTF-8',
      'x-hub-signature-256': sign(body, 'old secret'),
    };
    expect(await post(bot.url, body, headers)).toMatchObject({ status: 200 });
    expect(bot.stored.size).toBe(1);
  });

  test('is signed over its bytes, whatever their spelling', async () => {
    const bot = await listening();
    const odd = `  ${JSON.stringify(event(), null, 3).replace('Building', 'B\\u0075ilding')}\n`;
    expect(await post(bot.url, odd)).toMatchObject({ status: 200 });
    expect(bot.stored.get(11)?.description).toBe('Building');
  });

  test('that comes again is answered, and wakes again: a crash may have come in between', async () => {
    const bot = await listening();
    await post(bot.url, json());
    expect(await post(bot.url, json())).toMatchObject({ status: 200 });
    await vi.waitFor(() => expect(bot.woken).toEqual([11, 11]));
    expect(bot.counted).toEqual(['deployment_status recorded', 'deployment_status repeated']);
  });

  test('that can’t be stored is no success, and nobody is woken', async () => {
    const bot = await listening({ record: () => Promise.reject(new Error('disk full')) });
    expect(await post(bot.url, json())).toMatchObject({ status: 503 });
    expect(bot.woken).toEqual([]);
    expect(bot.logged()).toContain('disk full');
  });

  test('that the store hangs on is refused before GitHub gives up, and told if it was stored after all', async () => {
    const clock = testClock();
    let store: (recorded: Recorded) => void = () => {};
    const record = vi.fn(() => new Promise<Recorded>((resolve) => (store = resolve)));
    const bot = await listening({ record, clock });
    const answer = post(bot.url, json());
    await vi.waitFor(() => expect(record).toHaveBeenCalled());
    await clock.advance(5_000);
    expect(await answer).toMatchObject({ status: 503 });
    expect([bot.counted, bot.woken]).toEqual([['deployment_status lost'], []]);
    // A stop waits for as long.
    const over = vi.fn();
    const handled = Promise.all(bot.handled).then(over);
    await new Promise(setImmediate);
    expect(over).not.toHaveBeenCalled();
    store({ isNew: true, isStrangers: false });
    await handled;
    expect(bot.woken).toEqual([11]);
    expect(clock.pending).toBe(0);
  });

  test('leaves its delivery, deployment and request in the log, in one line', async () => {
    const bot = await listening();
    await post(bot.url, json());
    const lines = bot.logged().trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 30, delivery: 'guid-1', event: 'deployment_status', deployment: 7, request: '01JD', status: 11 },
    ]);
  });

  test.each<[string, object, number | undefined]>([
    ['the run that the event names', { run: { id: 5 } }, 5],
    ['the run whose job its log is', { url: 'https://github.com/Acme/hello/actions/runs/6/job/7' }, 6],
    ['the run that its log is', { url: 'https://ghe.example/acme/hello/actions/runs/6' }, 6],
    ['the named run rather than its log', { run: { id: 5 }, url: 'https://github.com/acme/hello/actions/runs/6' }, 5],
    ['no run of another repository', { url: 'https://github.com/acme/other/actions/runs/6' }, undefined],
    ['no run where the log is elsewhere', { url: 'https://ci.example/actions/runs/6' }, undefined],
    ['no run that is none', { run: { id: 'x' }, url: 'https://github.com/acme/hello/actions/runs/6x' }, undefined],
    ['no run without one', { run: null }, undefined],
  ])('has %s', async (_, { run, url }: { run?: unknown; url?: string }, expected) => {
    const bot = await listening();
    const sent = event({ status: url ? { log_url: url, target_url: url } : {} });
    await post(bot.url, JSON.stringify({ ...sent, workflow_run: run }));
    expect(bot.stored.get(11)?.run).toBe(expected);
  });

  test('that nobody can be woken for is stored all the same', async () => {
    const bot = await listening({ arrived: () => Promise.reject(new Error('no jobs')) });
    expect(await post(bot.url, json())).toMatchObject({ status: 200 });
    await vi.waitFor(() => expect(bot.logged()).toContain('no jobs'));
  });

  test.each(['queued', 'pending', 'in_progress', 'waiting', 'success', 'failure', 'error', 'inactive', 'abandoned'])(
    'of the state %s is taken',
    async (state) => {
      const bot = await listening();
      await post(bot.url, json({ status: { state } }));
      expect(bot.stored.get(11)).toMatchObject({ state });
    },
  );

  test.each([
    ['a string of JSON', JSON.stringify(event().deployment.payload)],
    ['JSON encoded twice', JSON.stringify(JSON.stringify(event().deployment.payload))],
  ])('finds the claim in a payload that is %s', async (_, payload) => {
    const bot = await listening();
    await post(bot.url, json({ deployment: { payload } }));
    expect(bot.stored.get(11)).toMatchObject({ claim: { request: '01JD' } });
  });

  test('that moves its deployment to another environment keeps its claim', async () => {
    const bot = await listening();
    await post(bot.url, json({ deployment: { environment: 'production' } }));
    expect(bot.stored.get(11)).toHaveProperty('claim');
  });
});

describe('a return address that is not ours', () => {
  const ours = event().deployment.payload as { deckhand: object; notify: object };
  test.each([
    ['without a signature', { deployment: { payload: { ...ours, deckhand: { request: '01JD', team: 'T1' } } } }],
    ['to another room', { deployment: { payload: { ...ours, notify: { ...ours.notify, room: 'CSECRET' } } } }],
    ['copied to another repository', { repository: { full_name: 'acme/other' } }],
    ['copied to another environment', { deployment: { original_environment: 'production' } }],
    ['copied to another task', { deployment: { task: 'deploy:migrations' } }],
    ['on an empty payload', { deployment: { payload: '' } }],
    ['on no payload', { deployment: { payload: null } }],
  ])('%s gives no claim', async (_, change) => {
    const bot = await listening();
    expect(await post(bot.url, json(change))).toMatchObject({ status: 200 });
    expect(bot.stored.get(11)).toMatchObject({ id: 11 });
    expect(bot.stored.get(11)).not.toHaveProperty('claim');
  });
});

describe('signed by GitHub and of no use', () => {
  test.each(['ping', 'deployment', 'push', 'check_run', 'something_new'])('%s is thanked for', async (name) => {
    const bot = await listening();
    expect(await post(bot.url, '{"zen":"Design for failure."}', { 'x-github-event': name })).toMatchObject({
      status: 200,
    });
    expect(bot.stored.size).toBe(0);
  });

  test.each<[string, object]>([
    ['no deployment', { deployment_status: event().deployment_status, repository: { full_name: 'acme/hello' } }],
    ['a deployment that is no object', { ...event(), deployment: 'x' }],
    ['a deployment without an id', event({ deployment: { id: undefined } })],
    ['an id that is no number', event({ deployment: { id: '7' } })],
    ['no status', { ...event(), deployment_status: null }],
    ['a status without an id', event({ status: { id: undefined } })],
    ['a status without a time', event({ status: { created_at: null } })],
    ['a state that is no word', event({ status: { state: '<!channel>' } })],
    ['no repository', { ...event(), repository: undefined }],
    ['a repository that is none', event({ repository: { full_name: '../..//x' } })],
    ['nothing at all', {}],
  ])('a deployment_status with %s is logged and let go', async (_, sent) => {
    const bot = await listening();
    expect(await post(bot.url, JSON.stringify(sent))).toMatchObject({ status: 200 });
    expect(bot.stored.size).toBe(0);
    expect(bot.logged()).toContain('guid-1');
  });

  test('a deployment_status without what a claim needs has none', async () => {
    const bot = await listening();
    await post(bot.url, json({ deployment: { ref: undefined, sha: 5 } }));
    expect(bot.stored.get(11)).not.toHaveProperty('claim');
  });
});

describe('from GitHub itself', () => {
  const world = useGitHub();
  test.each(['json', 'form'] as const)('a status that a deployer sets arrives (%s)', async (contentType) => {
    const bot = await listening();
    world.github.addWebhook({ url: bot.url, secret: 'old secret', events: ['*'], contentType });
    const { data } = await world.octokit.rest.repos.createDeployment({
      ...world.hello,
      ref: 'topic-branch',
      auto_merge: false,
      environment: 'staging',
      payload: payloadFor(deployment, keys),
    });
    const { id } = data as { id: number };
    await world.octokit.rest.repos.createDeploymentStatus({
      ...world.hello,
      deployment_id: id,
      state: 'success',
      log_url: 'https://log.example/1',
    });
    await world.github.idle();
    const ours = world.github.deliveries.filter(({ url }) => url === bot.url);
    expect(ours.map(({ response }) => response)).toEqual([200, 200]);
    expect([...bot.stored.values()]).toMatchObject([
      {
        deployment: id,
        state: 'success',
        logUrl: 'https://log.example/1',
        claim: { request: '01JD', ref: 'topic-branch' },
      },
    ]);
  });
});
