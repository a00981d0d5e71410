import { describe, expect, test } from 'vitest';
import { ago, answered, costOf, hour, linesAbout, newAnswer } from './asking.ts';
import type { Flow } from './flow.ts';
import { asked, calm, flows, passes, posted, press, until } from './seen.ts';
import { deployed } from './story.ts';

/** What `where` costs in requests to GitHub, whatever is there, and what is remembered so that it costs no more. */

const { begin } = flows();

const success = [{ state: 'success' }];
const failure = [{ state: 'failure' }];

describe('frugal with GitHub', () => {
  const six = `owner: acme
apps:
  hello:
    repository: acme/hello
    environments: { dev: {}, test: {}, qa: {}, staging: {}, demo: {}, production: {} }
`;
  const environments = ['dev', 'test', 'qa', 'staging', 'demo', 'production'];

  /** The newest of each environment is as old as its place in this list, in hours. */
  async function thousand(flow: Flow, inThe: (index: number) => string | undefined): Promise<void> {
    const past = Array.from({ length: 1_000 }, (_, index) => ({
      at: ago(flow, (1_000 - index) * hour),
      environment: inThe(999 - index) ?? 'dev',
      statuses: success,
    }));
    await flow.github.addPast('acme/hello', past);
  }

  test('6 environments and 1,000 deployments cost at most 8 requests, and 2 when asked again', async () => {
    const flow = await begin({ catalogue: six });
    await thousand(flow, (age) => environments[age % 6]);
    const cold = await costOf(flow, 'where hello');
    expect(cold.requests.length).toBeLessThanOrEqual(8);
    for (const [index, name] of environments.entries()) {
      expect(linesAbout(cold.text, name)).toMatch(new RegExp(`main.* ${index + 1} h ago`));
    }
    for (const pause of [0, 20_000, 3 * 60_000]) {
      await passes(flow, pause, 20_000);
      const warm = await costOf(flow, 'where hello');
      expect(warm.requests.length).toBeLessThanOrEqual(2);
      expect(warm.text).toBe(cold.text);
    }
  });

  test('the newest of one is not among the newest 100 of all: still 8 and 2, and nothing is missing', async () => {
    const flow = await begin({ catalogue: six });
    await thousand(flow, (age) => (age > 300 ? 'production' : environments[age % 5]));
    const cold = await costOf(flow, 'where hello');
    expect(cold.requests.length).toBeLessThanOrEqual(8);
    expect(linesAbout(cold.text, 'production')).toMatch(/main.*12 d ago/);
    expect(cold.text).not.toMatch(/spare GitHub/);
    const warm = await costOf(flow, 'where hello');
    expect(warm.requests.length).toBeLessThanOrEqual(2);
    expect(warm.text).toBe(cold.text);
  });

  test('what would cost more is said, and looked at alone by a button', async () => {
    const flow = await begin({ catalogue: six });
    await thousand(flow, (age) => (age > 300 ? environments[age % 6] : 'dev'));
    const { text, requests } = await costOf(flow, 'where hello');
    expect(requests).toHaveLength(8);
    expect(linesAbout(text, 'dev')).toMatch(/main.*1 h ago/);
    expect(linesAbout(text, 'production')).not.toMatch(/nothing is live/);
    expect(text).toMatch(/spare GitHub.*production.*where hello in/s);

    const count = flow.told().length;
    const before = asked(flow).length;
    await press(flow, /production/);
    expect(linesAbout(await newAnswer(flow, count), 'production')).toMatch(/main.*12 d ago/);
    expect(asked(flow).length - before).toBeLessThanOrEqual(2);
  });

  test('many failures in a row do not use up what the other environments need', async () => {
    const flow = await begin({ catalogue: six });
    await flow.github.addPast('acme/hello', [
      ...environments.map((environment) => ({ at: ago(flow, 99 * hour), environment, statuses: success })),
      ...Array.from({ length: 50 }, (_, index) => ({
        at: ago(flow, (60 - index) * hour),
        environment: 'dev',
        statuses: failure,
      })),
    ]);
    const { text, requests } = await costOf(flow, 'where hello');
    expect(requests).toHaveLength(8);
    for (const name of environments.slice(1)) expect(linesAbout(text, name)).toMatch(/main.*4 d ago/);
    expect(linesAbout(text, 'dev')).toMatch(/↳.*failure, 11 h ago/);
    expect(text).toMatch(/spare GitHub.*dev/);
  });

  test('one of six has a thousand, and hides the others: eight, as many answers as go, and two a time from then on', async () => {
    const flow = await begin({ catalogue: six });
    await thousand(flow, (age) => (age < 300 ? 'dev' : environments[age % 6]));
    const cold = await costOf(flow, 'where hello');
    expect(cold.requests).toHaveLength(8);
    const answers = (text: string) => environments.filter((name) => /main.* ago/.test(linesAbout(text, name))).length;
    expect(answers(cold.text)).toBe(4);
    let known = 4;
    for (let time = 0; time < 5; time++) {
      const { text, requests } = await costOf(flow, 'where hello');
      expect(requests.length).toBeLessThanOrEqual(2);
      expect(answers(text)).toBeGreaterThanOrEqual(known);
      known = answers(text);
    }
    expect(known).toBe(6);
    expect((await costOf(flow, 'where hello')).requests).toHaveLength(1);
  });

  test('nothing but failures: eight, then two a time; one environment alone goes on further', async () => {
    const flow = await begin({ catalogue: six });
    await flow.github.addPast(
      'acme/hello',
      Array.from({ length: 200 }, (_, index) => ({
        at: ago(flow, (200 - index) * hour),
        environment: environments[index % 6] ?? 'dev',
        statuses: index < 140 ? success : failure,
      })),
    );
    const cold = await costOf(flow, 'where hello');
    expect(cold.requests).toHaveLength(8);
    expect(cold.text).not.toMatch(/nothing is live/);
    expect(cold.text).toMatch(/spare GitHub.*production/s);
    for (let time = 0; time < 3; time++) {
      const { text, requests } = await costOf(flow, 'where hello');
      expect(requests.length).toBeLessThanOrEqual(2);
      expect(text).not.toMatch(/nothing is live/);
    }
    const alone = await costOf(flow, 'where hello in production');
    expect(alone.requests.length).toBeLessThanOrEqual(8);
    const further = await costOf(flow, 'where hello in production');
    expect(linesAbout(`${alone.text}\n${further.text}`, 'production')).toMatch(/production/);
    expect(linesAbout(further.text, 'production')).toMatch(/main.*\d d ago/);
  });

  test('what is new is looked at, whatever was left out before', async () => {
    const flow = await begin({ catalogue: six });
    await thousand(flow, (age) => (age < 300 ? 'dev' : environments[age % 6]));
    await answered(flow, 'where hello');
    for (const environment of ['dev', 'test']) {
      const { id } = await flow.github.addDeployment('acme/hello', { environment, ref: 'topic-branch', by: 'carol' });
      flow.github.addStatus('acme/hello', id, { state: 'success' });
    }
    const { text } = await costOf(flow, 'where hello');
    expect(linesAbout(text, 'dev')).toMatch(/topic-branch.* by carol/);
    expect(linesAbout(text, 'test')).toMatch(/topic-branch.* by carol/);
  });

  test('of a deployment with very many statuses only the newest are read', async () => {
    const flow = await begin({ catalogue: six });
    const step = { state: 'in_progress' };
    await flow.github.addPast(
      'acme/hello',
      environments.map((environment) => ({
        at: ago(flow, hour),
        environment,
        statuses: [...Array.from({ length: 250 }, () => step), ...success],
      })),
    );
    const { text, requests } = await costOf(flow, 'where hello');
    expect(requests).toHaveLength(7);
    for (const name of environments) expect(linesAbout(text, name)).toMatch(/main.*1 h ago/);
  });

  test('ours cost nothing but the list', async () => {
    const flow = await begin();
    for (const line of ['hello to staging', 'hello/topic-branch to production']) {
      const { id } = await deployed(flow, line);
      await flow.report(id, 'success');
      await until(flow, async () => posted(flow).some(({ shown }) => /success/i.test(shown)));
    }
    await passes(flow, 5_000);
    expect((await costOf(flow, 'where hello')).requests).toEqual([
      'GET /repos/acme/hello/deployments',
      // GitHub makes nothing inactive here, and nothing was ever deployed to the third.
    ]);
  });
});

describe('what was remembered', () => {
  test('is asked anew when something changed, with a webhook or without', async () => {
    const flow = await begin();
    await flow.github.addPast('acme/hello', [
      { at: ago(flow, 9 * hour), environment: 'production', ref: 'topic-branch', statuses: success },
    ]);
    const other = await flow.github.addDeployment('acme/hello', { environment: 'production', by: 'carol' });
    flow.github.addStatus('acme/hello', other.id, { state: 'in_progress' });
    const production = async () => linesAbout(await answered(flow, 'where hello'), 'production');
    expect(await production()).toMatch(/topic-branch.*9 h ago[\s\S]*main.*in progress/);

    flow.github.addStatus('acme/hello', other.id, { state: 'success' });
    await passes(flow, 30_000, 10_000);
    expect(await production()).toMatch(/main.* by carol/);
    expect(await production()).not.toMatch(/topic-branch|progress/);

    // GitHub sends no webhook for this.
    flow.github.addStatus('acme/hello', other.id, { state: 'inactive' });
    await passes(flow, 1_000);
    expect(await production()).toMatch(/topic-branch.*9 h ago/);
  });
});

describe('what was remembered of a server that does not say when a deployment changed', () => {
  test('is forgotten when a webhook tells of it', async () => {
    const flow = await begin();
    const other = await flow.github.addDeployment('acme/hello', { environment: 'staging', by: 'carol' });
    flow.github.addStatus('acme/hello', other.id, { state: 'in_progress' });
    await calm(flow);
    const { updated_at: _, ...silent } = other;
    flow.github.faults.add(
      { method: 'GET', path: /\/deployments$/, times: 9 },
      { kind: 'status', status: 200, body: [silent] },
    );
    expect(await answered(flow, 'where hello')).toMatch(/in progress/);
    const warm = await costOf(flow, 'where hello');
    expect(warm.requests).toHaveLength(1);
    flow.github.addStatus('acme/hello', other.id, { state: 'success' });
    await calm(flow);
    expect(linesAbout(await answered(flow, 'where hello'), 'staging')).toMatch(/^🟢.* by carol/);
  });
});
