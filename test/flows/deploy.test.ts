import { afterEach, describe, expect, test } from 'vitest';
import { ann, deploys, type Flow, type FlowOptions, startFlow } from './flow.ts';

let flow: Flow;
afterEach(() => flow.stop());

async function begin(options?: FlowOptions): Promise<Flow> {
  flow = await startFlow(options);
  return flow;
}

describe.each([{ http: false }, { http: true }])(
  'a deploy from the line to the last status (over HTTP: $http)',
  ({ http }) => {
    test('tells the whole story in one thread', async () => {
      await begin({ http });
      await flow.type('hello/topic-branch to staging');
      const deployment = await flow.deployment();
      const parent = await flow.parent();
      expect(deployment).toMatchObject({
        ref: 'topic-branch',
        environment: 'staging',
        task: 'deploy',
        sha: flow.commits['topic-branch'],
      });
      expect(deployment.payload).toMatchObject({
        user: 'ann',
        room_id: deploys,
        name: 'hello',
        notify: {
          adapter: 'slack',
          room: deploys,
          room_name: 'deploys',
          user: ann,
          user_name: 'ann',
          message_id: parent.ts,
          thread_id: parent.ts,
        },
        deckhand: { team: 'T0SANDBOX' },
      });
      await flow.report(deployment.id, 'queued');
      await flow.report(deployment.id, 'in_progress', { log_url: 'https://ci.example/log/1', description: 'building' });
      await flow.report(deployment.id, 'success', { environment_url: 'https://staging.example' });

      await expect.poll(() => flow.thread().then((lines) => lines.length)).toBe(3);
      const [queued, running, live] = await flow.thread();
      expect(queued).toMatch(/queued/i);
      expect(running).toMatch(/building/);
      expect(running).toContain('https://ci.example/log/1');
      expect(live).toContain('https://staging.example');
      expect(live).toContain('@ann');
      await expect.poll(() => flow.parent().then((message) => message.shown)).toContain('https://staging.example');
      expect(flow.slack.messages(deploys)).toHaveLength(1);
    });
  },
);
