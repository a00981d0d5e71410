import { describe, expect, test } from 'vitest';
import { over, released } from './again.ts';
import { answered } from './asking.ts';
import { flows } from './seen.ts';
import { deployed } from './story.ts';

const { begin } = flows();

describe('a dry run says what is under way where it would deploy to', () => {
  test('another rollback', async () => {
    const flow = await begin();
    await released(flow);
    await released(flow);
    const other = await deployed(flow, 'rollback hello in staging', { user: 'U0BOB' });
    expect(await answered(flow, 'rollback hello in staging --dry-run')).toMatch(
      new RegExp(`Under way there already: #${other.id} .*by bob`),
    );
  });

  test('before a promotion, and not in other environments', async () => {
    const flow = await begin();
    await over(flow, 'hello/main to staging!');
    await deployed(flow, 'hello/topic-branch to staging', { user: 'U0BOB' });
    const line = 'promote hello from staging to production --dry-run';
    expect(await answered(flow, line)).not.toMatch(/Under way/);
    const other = await deployed(flow, 'hello/topic-branch to production!', { user: 'U0BOB' });
    expect(await answered(flow, line)).toContain(`#${other.id}`);
  });
});
