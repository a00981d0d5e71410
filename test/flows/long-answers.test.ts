import { describe, expect, test } from 'vitest';
import { ann, type Flow } from './flow.ts';
import { answered, withPast } from './questions.ts';
import { calm, flows, press, until } from './seen.ts';
import { createdElsewhere, deployed } from './story.ts';

const { begin } = flows();
const repository = 'acme/hello';
const longRef = `feature/${'x'.repeat(100)}`;

describe('what does not fit into one message', () => {
  test.each([
    ['history', /#(\d+)/g],
    ['list', /^(\d+)/gm],
  ])('of %s is cut between lines, and every deployment of it is on some page', async (verb, itsIds) => {
    const flow = await begin();
    const now = flow.clock.now().getTime();
    await flow.github.push(repository, longRef, { message: 'Long', by: 'bob' });
    const ids = (
      await flow.github.addPast(
        repository,
        Array.from({ length: 60 }, (_, index) => ({
          at: new Date(now - (60 - index) * 60_000),
          ref: longRef,
          environment: 'e&'.repeat(50),
          task: 't'.repeat(100),
          by: 'octocat',
          payload: { user: 'u'.repeat(100) },
          statuses: [{ state: 'success' }],
        })),
      )
    ).map(({ id }) => id);
    const pages = [(await answered(flow, `${verb} hello --limit 50`)).shown];
    for (let turned = 1; turned < 20 && /Older/.test(buttonsOf(flow)); turned++) {
      await press(flow, /Older/);
      await until(flow, () => flow.told().length > turned);
      pages.push(flow.told().at(-1) ?? '');
    }
    const seen = pages.flatMap((page) => [...page.matchAll(itsIds)].map(([, id]) => Number(id)));
    expect(seen).toEqual(ids.toReversed());
    expect(pages[0]).toMatch(/did not fit/);
    expect(pages.join('\n')).not.toMatch(/^…$/m);
  });
});

const buttonsOf = (flow: Flow): string =>
  flow.slack
    .ephemerals(ann)
    .at(-1)
    ?.buttons.map(({ text }) => text)
    .join() ?? '';

describe('more environments than fit', () => {
  test.each(['where', 'status'])('%s says how many are left out, and all that stands below them', async (verb) => {
    const names = Array.from({ length: 60 }, (_, index) => `environment-of-a-rather-long-name-${index}`);
    const environments = names.map((name) => `      ${name}: {}\n`).join('');
    const catalogue = `owner: acme\napps:\n  hello:\n    repository: acme/hello\n    environments:\n${environments}`;
    const flow = await begin({ catalogue });
    const now = flow.clock.now().getTime();
    await flow.github.addPast(
      repository,
      names.map((environment, index) => ({
        at: new Date(now - (60 - index) * 60_000),
        environment,
        task: 't'.repeat(80),
        payload: { user: 'u'.repeat(100) },
        statuses: [{ state: 'success' }],
      })),
    );
    const { shown } = await answered(flow, `${verb} hello`);
    const listed = shown.match(/^\S+ environment-of-a-rather-long-name-\d+/gm)?.length ?? 0;
    expect(shown).toMatch(new RegExp(`no room for ${60 - listed} more`));
    expect(listed).toBeGreaterThan(10);
    expect(shown).not.toMatch(/^…$/m);
    if (verb === 'where') expect(shown).toMatch(/To spare GitHub.*others.*You may deploy to all of them/s);
  });
});

describe('statuses that do not fit', () => {
  test.each(['statuses', 'status'])('%s leaves out the oldest', async (verb) => {
    const flow = await begin();
    const { id } = await createdElsewhere(flow, { environment: 'staging' });
    for (let count = 0; count < 20; count++) {
      await flow.report(id, 'in_progress', {
        description: `Step ${count} ${'d'.repeat(120)}`,
        log_url: `https://ci.example.com/${'l'.repeat(500)}/${count}`,
        environment_url: `https://hello.example.com/${'e'.repeat(500)}`,
      });
    }
    await calm(flow);
    const { shown } = await answered(flow, `${verb} ${id}`);
    expect(shown).toMatch(/Step 19 /);
    expect(shown).not.toMatch(/Step 0 /);
    expect(shown).toMatch(/\d+ (older ones are left out|before these)/);
    expect(shown).not.toMatch(/^…$/m);
  });
});

describe('history of what was started here', () => {
  test('that no deployer has answered says so, and by whom', async () => {
    const flow = await begin();
    await withPast(flow, 1);
    await deployed(flow);
    const { shown } = await answered(flow, 'history hello');
    expect(shown.split('\n')[1]).toMatch(/waiting for a deployer: topic-branch.* by ann \(#/);
    expect(shown).not.toMatch(/sandbox-user/);
  });
});
