import { describe, expect, test } from 'vitest';
import { ann, deploys, gus, random } from './flow.ts';
import { answered } from './questions.ts';
import { calm, flows, posted, until } from './seen.ts';
import { deployed } from './story.ts';

const { begin } = flows();

/** hello is deployed from #deploys alone; the handbook from everywhere, by guests, too. */
const catalogue = `owner: acme
apps:
  hello:
    repository: acme/hello
    default_environment: staging
    allowed_rooms: [${deploys}]
  handbook:
    repository: acme/handbook
    default_environment: production
    allow: { guests: true }
`;

describe('what a question about all apps shows', () => {
  test('a guest is told of no deployment that they may not read, and that there is one', async () => {
    const flow = await begin({ catalogue });
    await deployed(flow, 'hello/topic-branch to staging');
    const { shown } = await answered(flow, 'status', { user: gus, channel: random });
    expect(shown).toMatch(/1 deployment/);
    expect(shown).not.toMatch(/topic-branch|hello/);
    expect((await answered(flow, 'status', { user: ann, channel: random })).shown).toMatch(/hello\/topic-branch/);
  });

  test('a room is shown what may be told in it', async () => {
    const flow = await begin({ catalogue });
    await deployed(flow, 'hello/topic-branch to staging');
    for (const line of ['status --show', 'where --show']) {
      const before = posted(flow).length;
      await flow.type(line, { channel: random });
      await until(flow, () => posted(flow).length > before);
    }
    await calm(flow);
    const there = posted(flow)
      .filter(({ channel }) => channel === random)
      .map(({ shown }) => shown);
    expect(there).toHaveLength(2);
    expect(there.join('\n')).not.toMatch(/hello/);
    expect(there[1]).toMatch(/handbook/);
    expect(there.join('\n')).toMatch(/1 deployment.*1 app/s);
  });

  test('where names a guest their apps alone', async () => {
    const flow = await begin({ catalogue });
    const { shown, buttons } = await answered(flow, 'where', { user: gus });
    expect(shown).toMatch(/handbook.*1 app is not shown/s);
    expect(shown).not.toMatch(/hello/);
    expect(buttons.map(({ value }) => value)).toEqual(['where handbook']);
    expect((await answered(flow, 'where')).shown).toMatch(/hello.*handbook/s);
  });

  test('whoami names a guest their apps alone, and says why not the others', async () => {
    const flow = await begin({ catalogue });
    const { shown } = await answered(flow, 'whoami', { user: gus });
    expect(shown).toMatch(/may deploy `?handbook`?\.\n.*Not 1 app.*Guests may.*guests: true/s);
    expect(shown).not.toMatch(/hello/);
    expect((await answered(flow, 'whoami')).shown).toMatch(/may deploy `?hello`? and `?handbook`?\./);
  });

  test('who may read nothing is told so', async () => {
    const flow = await begin({ catalogue: catalogue.replace('    allow: { guests: true }\n', '') });
    expect((await answered(flow, 'where', { user: gus })).shown).toMatch(/2 apps are not shown/);
  });
});
