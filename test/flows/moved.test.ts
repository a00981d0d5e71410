import { describe, expect, test } from 'vitest';
import { catalogueOfHello, random } from './flow.ts';
import { flows } from './seen.ts';
import { createdElsewhere } from './story.ts';
import { statesOf, toldNext } from './verbs.ts';

const { begin } = flows();

/** Production may be touched from #random alone. */
const catalogue = `${catalogueOfHello}  strict: { repository: acme/hello, allowed_rooms: ["#random"], environments: { production: {} } }\n`;

describe('a status has moved a deployment out of the environment that it was created for', () => {
  test.each(['mark ID inactive', 'delete ID --inactive --yes', 'cancel ID'])(
    '%s needs the right to both',
    async (line) => {
      const flow = await begin({ catalogue });
      const { id } = await createdElsewhere(flow, { environment: 'production' });
      await flow.report(id, 'in_progress', { environment: 'staging' });
      expect(await toldNext(flow, line.replace('ID', String(id)))).toMatch(/#random/);
      expect(statesOf(flow, id)).toEqual(['in_progress']);
    },
  );

  test('and is not refused where both may be touched', async () => {
    const flow = await begin({ catalogue });
    const { id } = await createdElsewhere(flow, { environment: 'production' });
    await flow.report(id, 'in_progress', { environment: 'staging' });
    await flow.type(`mark ${id} error`, { channel: random });
    await expect.poll(() => statesOf(flow, id)).toEqual(['in_progress', 'error']);
  });
});
