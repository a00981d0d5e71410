import { describe, expect, test } from 'vitest';
import { again, over, released } from './again.ts';
import type { Flow } from './flow.ts';
import { answered, refusedAs } from './questions.ts';
import { calm, creations, flows, namedLines } from './seen.ts';

const { begin } = flows();
const repository = 'acme/hello';

/** Lines that deploy; the others only ask. */
const deploys = (line: string) => !/^(history|where|status|list|get|statuses|diff|help)\b/.test(line);

/** Types it, and answers what is offered instead: behind buttons, and in the text. */
async function offeredFor(flow: Flow, typed: string) {
  const message = await answered(flow, typed);
  const named = namedLines(message).map((line) => line.replace('/deploy ', ''));
  const buttons = message.buttons.map(({ value = '' }) => value);
  return { code: refusedAs(message), shown: message.shown, all: [...new Set([...buttons, ...named])] };
}

/** Staging has been at two commits, and production at a third; review was never deployed to. */
async function world(flow: Flow) {
  const failed = await released(flow, 'staging', 'failure');
  const before = await released(flow);
  const live = await released(flow);
  const there = await over(flow, 'hello/topic-branch to production!');
  return { failed, before, live, there };
}

type World = Awaited<ReturnType<typeof world>>;

const refusals: [code: string, line: (world: World, flow: Flow) => string, environment: string][] = [
  ['confirm-environment', () => 'promote hello from staging', 'production'],
  ['never-live', (_, flow) => `rollback hello in staging to ${flow.commits.main.slice(0, 9)}`, 'staging'],
  ['never-live', ({ failed }) => `rollback hello in staging to #${failed.id}`, 'staging'],
  ['another-environment', ({ there }) => `rollback hello in staging to ${there.id}`, 'staging'],
  ['same-commit', ({ live }) => `rollback hello in staging to ${live.id}`, 'staging'],
  ['nothing-live', () => 'rollback hello in review', 'review'],
  ['nothing-live', () => 'promote hello from review to production', 'review'],
  ['nothing-before', () => 'rollback hello in production', 'production'],
  ['unknown-app', ({ live }) => `redeploy helo ${live.id}`, 'staging'],
];

describe('what is offered instead of a dry run is a dry run', () => {
  test('of the same environment and hosts, and it is understood', async () => {
    const flow = await begin();
    const past = await world(flow);
    const before = creations(flow).length;
    for (const [code, line, environment] of refusals) {
      const typed = `${line(past, flow)} --dry-run --host fe9`;
      const refused = await offeredFor(flow, typed);
      expect({ typed, ...refused }).toMatchObject({ code });
      for (const each of refused.all.filter(deploys)) {
        expect(each).toMatch(/--dry-run/);
        const { shown } = await answered(flow, each);
        expect(`${each}: ${shown}`).toMatch(new RegExp(`Dry run[\\s\\S]* to ${environment}`));
      }
      for (const each of refused.all.filter((one) => !deploys(one))) {
        expect(refusedAs(await answered(flow, each))).toBeUndefined();
      }
    }
    await calm(flow);
    expect(creations(flow)).toHaveLength(before);
  });

  test('also where two commits are the same in both environments', async () => {
    const flow = await begin();
    const live = await released(flow);
    const { story } = await again(flow, 'promote hello from staging to production --force');
    await flow.report(story.id, 'success');
    await calm(flow);
    const before = flow.github.deployments(repository).length;
    const refused = await offeredFor(flow, 'promote hello from staging to production --dry-run');
    expect(refused).toMatchObject({ code: 'same-commit', all: [`redeploy hello ${story.id} --dry-run`] });
    const { shown } = await answered(flow, refused.all[0] ?? '');
    expect(shown).toMatch(new RegExp(`Dry run.*${live.sha.slice(0, 7)}.* to production`));
    expect(flow.github.deployments(repository)).toHaveLength(before);
  });

  test('a status moved to an environment that is misspelt keeps what is said of it', async () => {
    const flow = await begin();
    const { id } = await over(flow, 'hello to staging');
    const typed = `mark hello ${id} failure --environment produciton --description "disk full" --log-url https://ci.example/`;
    const { all } = await offeredFor(flow, typed);
    expect(all).toEqual([
      `mark hello ${id} failure --description 'disk full' --log-url https://ci.example/ --environment production`,
    ]);
  });
});
