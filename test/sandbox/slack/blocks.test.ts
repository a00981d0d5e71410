import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SandboxSlack, startSlack } from '../../../src/sandbox/slack/server.ts';
import { clientOf } from './apps.ts';

let slack: SandboxSlack;

beforeAll(async () => {
  slack = await startSlack();
  slack.addChannel({ id: 'C0ROOM', name: 'room' });
});

afterAll(() => slack.stop());

async function answerTo(blocks: unknown): Promise<{ ok: boolean; error?: string; errors?: string[] }> {
  return clientOf(slack)
    .apiCall('chat.postMessage', { channel: 'C0ROOM', text: 'fallback', blocks: JSON.stringify(blocks) })
    .then(
      () => ({ ok: true }),
      (error) => error.data,
    );
}

const plain = (length: number) => ({ type: 'plain_text', text: 'x'.repeat(length) });
const mrkdwn = (length: number) => ({ type: 'mrkdwn', text: 'x'.repeat(length) });
const section = (more: object) => ({ type: 'section', ...more });
const button = (more: object = {}) => ({ type: 'button', text: plain(3), action_id: 'a', ...more });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const option = (more: object = {}) => ({ text: plain(3), value: 'v', ...more });
const select = (more: object) => ({ type: 'static_select', action_id: 's', placeholder: plain(3), ...more });
const richText = (...elements: object[]) => ({ type: 'rich_text', elements });
const line = (...elements: object[]) => ({ type: 'rich_text_section', elements });

/** What is just allowed, and where its first neighbour that is not goes wrong. */
const table: [string, unknown[], unknown[] | undefined, string?][] = [
  ['fifty blocks', times(50, () => ({ type: 'divider' })), times(51, () => ({ type: 'divider' })), '/blocks'],
  ['section text of 3000', [section({ text: mrkdwn(3000) })], [section({ text: mrkdwn(3001) })], '/blocks/0/text/text'],
  ['section text of 1', [section({ text: plain(1) })], [section({ text: plain(0) })], '/blocks/0/text/text'],
  ['a section with only fields', [section({ fields: [plain(2000)] })], [section({})], '/blocks/0'],
  ['field text', [section({ fields: [plain(2000)] })], [section({ fields: [plain(2001)] })], '/blocks/0/fields/0/text'],
  [
    'ten fields',
    [section({ fields: times(10, () => plain(1)) })],
    [section({ fields: times(11, () => plain(1)) })],
    '/blocks/0/fields',
  ],
  [
    'an accessory',
    [section({ text: plain(1), accessory: button() })],
    [section({ text: plain(1), accessory: plain(1) })],
  ],
  [
    'header of 150',
    [{ type: 'header', text: plain(150) }],
    [{ type: 'header', text: plain(151) }],
    '/blocks/0/text/text',
  ],
  [
    'a plain header',
    [{ type: 'header', text: plain(1) }],
    [{ type: 'header', text: mrkdwn(1) }],
    '/blocks/0/text/type',
  ],
  [
    'ten context elements',
    [{ type: 'context', elements: times(10, () => mrkdwn(1)) }],
    [{ type: 'context', elements: times(11, () => mrkdwn(1)) }],
    '/blocks/0/elements',
  ],
  ['text in context', [{ type: 'context', elements: [plain(1)] }], [{ type: 'context', elements: [button()] }]],
  [
    'some context',
    [{ type: 'context', elements: [plain(1)] }],
    [{ type: 'context', elements: [] }],
    '/blocks/0/elements',
  ],
  [
    'twenty-five actions',
    [actions(...times(25, (i) => button({ action_id: `a${i}` })))],
    [actions(...times(26, (i) => button({ action_id: `a${i}` })))],
    '/blocks/0/elements',
  ],
  ['different actions', [actions(button(), button({ action_id: 'b' }))], [actions(button(), button())], '/blocks/0'],
  [
    'button text of 75',
    [actions(button({ text: plain(75) }))],
    [actions(button({ text: plain(76) }))],
    '/blocks/0/elements/0/text/text',
  ],
  [
    'a plain button text',
    [actions(button())],
    [actions(button({ text: mrkdwn(1) }))],
    '/blocks/0/elements/0/text/type',
  ],
  [
    'button value of 2000',
    [actions(button({ value: 'x'.repeat(2000) }))],
    [actions(button({ value: 'x'.repeat(2001) }))],
    '/blocks/0/elements/0/value',
  ],
  [
    'button url of 3000',
    [actions(button({ url: `https://x.y/${'x'.repeat(2988)}` }))],
    [actions(button({ url: `https://x.y/${'x'.repeat(2989)}` }))],
    '/blocks/0/elements/0/url',
  ],
  [
    'button url',
    [actions(button({ url: 'https://x.y' }))],
    [actions(button({ url: 'x.y' }))],
    '/blocks/0/elements/0/url',
  ],
  [
    'button style',
    [actions(button({ style: 'danger' }))],
    [actions(button({ style: 'green' }))],
    '/blocks/0/elements/0/style',
  ],
  [
    'action_id of 255',
    [actions(button({ action_id: 'x'.repeat(255) }))],
    [actions(button({ action_id: 'x'.repeat(256) }))],
    '/blocks/0/elements/0/action_id',
  ],
  [
    'confirm text of 300',
    [actions(button({ confirm: { title: plain(100), text: mrkdwn(300), confirm: plain(30), deny: plain(30) } }))],
    [actions(button({ confirm: { text: mrkdwn(301) } }))],
    '/blocks/0/elements/0/confirm/text/text',
  ],
  [
    'confirm buttons of 30',
    [actions(button({ confirm: { text: plain(1), confirm: plain(30) } }))],
    [actions(button({ confirm: { text: plain(1), confirm: plain(31) } }))],
    '/blocks/0/elements/0/confirm/confirm/text',
  ],
  [
    'a hundred options',
    [actions(select({ options: times(100, () => option()) }))],
    [actions(select({ options: times(101, () => option()) }))],
    '/blocks/0/elements/0/options',
  ],
  [
    'option value of 75',
    [actions(select({ options: [option({ value: 'x'.repeat(75) })] }))],
    [actions(select({ options: [option({ value: 'x'.repeat(76) })] }))],
    '/blocks/0/elements/0/options/0/value',
  ],
  [
    'options or groups',
    [actions(select({ option_groups: [{ label: plain(3), options: [option()] }] }))],
    [actions(select({ options: [option()], option_groups: [{ label: plain(3), options: [option()] }] }))],
    '/blocks/0/elements/0',
  ],
  [
    'an overflow of five',
    [actions({ type: 'overflow', action_id: 'o', options: times(5, () => option()) })],
    [actions({ type: 'overflow', action_id: 'o', options: times(6, () => option()) })],
    '/blocks/0/elements/0/options',
  ],
  [
    'ten checkboxes',
    [actions({ type: 'checkboxes', action_id: 'c', options: times(10, () => option()) })],
    [actions({ type: 'checkboxes', action_id: 'c', options: times(11, () => option()) })],
    '/blocks/0/elements/0/options',
  ],
  [
    'alt text of 2000',
    [{ type: 'image', image_url: 'https://x.y/z.png', alt_text: 'x'.repeat(2000), title: plain(2000) }],
    [{ type: 'image', image_url: 'https://x.y/z.png', alt_text: 'x'.repeat(2001) }],
    '/blocks/0/alt_text',
  ],
  [
    'one source of an image',
    [{ type: 'image', slack_file: { id: 'F1' }, alt_text: 'x' }],
    [{ type: 'image', slack_file: { id: 'F1' }, image_url: 'https://x.y/z.png', alt_text: 'x' }],
    '/blocks/0',
  ],
  [
    'markdown of 12,000',
    [{ type: 'markdown', text: 'x'.repeat(12_000) }],
    [{ type: 'markdown', text: 'x'.repeat(12_001) }],
    '/blocks/0/text',
  ],
  [
    'markdown together',
    times(2, () => ({ type: 'markdown', text: 'x'.repeat(6000) })),
    times(2, () => ({ type: 'markdown', text: 'x'.repeat(6001) })),
    '/blocks',
  ],
  [
    'block_id of 255',
    [{ type: 'divider', block_id: 'x'.repeat(255) }],
    [{ type: 'divider', block_id: 'x'.repeat(256) }],
    '/blocks/0/block_id',
  ],
  [
    'different block_ids',
    [
      { type: 'divider', block_id: 'a' },
      { type: 'divider', block_id: 'b' },
    ],
    times(2, () => ({ type: 'divider', block_id: 'a' })),
    '/blocks/1/block_id',
  ],
  ['a kind that Slack knows', [{ type: 'divider' }], [{ type: 'banner' }], '/blocks/0'],
  ['its fields and no others', [{ type: 'divider' }], [{ type: 'divider', text: plain(1) }], '/blocks/0'],
  ['an object', [{ type: 'divider' }], ['divider'], '/blocks/0'],
  [
    'input only in modals',
    [],
    [{ type: 'input', label: plain(3), element: { type: 'plain_text_input', action_id: 'i' } }],
    '/blocks/0',
  ],
  [
    'rich text',
    [richText(line({ type: 'text', text: 'x', style: { bold: true } }, { type: 'user', user_id: 'U1' }))],
    [richText(line({ type: 'text', text: '' }))],
    '/blocks/0/elements/0/elements/0/text',
  ],
  [
    'rich text lists',
    [richText({ type: 'rich_text_list', style: 'bullet', elements: [line({ type: 'text', text: 'x' })] })],
    [richText({ type: 'rich_text_list', style: 'dashed', elements: [line({ type: 'text', text: 'x' })] })],
    '/blocks/0/elements/0/style',
  ],
  [
    'a table of 20 columns',
    [{ type: 'table', rows: [times(20, () => ({ type: 'raw_text', text: 'x' }))] }],
    [{ type: 'table', rows: [times(21, () => ({ type: 'raw_text', text: 'x' }))] }],
    '/blocks/0/rows/0',
  ],
  [
    'a task that is complete',
    [{ type: 'plan', title: 'x', tasks: [{ type: 'task_card', task_id: '1', title: 'x', status: 'complete' }] }],
    [{ type: 'plan', title: 'x', tasks: [{ type: 'task_card', task_id: '1', title: 'x', status: 'completed' }] }],
    '/blocks/0/tasks/0/status',
  ],
];

describe('Block Kit', () => {
  it.each(table)('allows %s and not more', async (_what, good, bad, at = '/blocks/0') => {
    expect(await answerTo(good)).toEqual({ ok: true });
    const answer = await answerTo(bad);
    expect(answer).toMatchObject({ ok: false, error: 'invalid_blocks' });
    expect(answer.errors?.join('\n')).toContain(`[json-pointer:${at}`);
  });

  it('counts characters, not what they take in memory', async () => {
    expect(await answerTo([{ type: 'header', text: { type: 'plain_text', text: '🚀'.repeat(150) } }])).toEqual({
      ok: true,
    });
  });

  it('limits all blocks together, a little for each', async () => {
    const sections = (count: number, length: number) => times(count, () => section({ text: plain(length) }));
    expect(await answerTo(sections(4, 3000))).toEqual({ ok: true });
    expect(await answerTo(sections(50, 190))).toEqual({ ok: true });
    expect(await answerTo(sections(5, 2700))).toMatchObject({ error: 'msg_blocks_too_long' });
    expect(await answerTo(sections(50, 230))).toMatchObject({ error: 'msg_blocks_too_long' });
  });

  it('holds for edits and ephemeral messages too', async () => {
    const client = clientOf(slack);
    const { ts = '' } = await client.chat.postMessage({ channel: 'C0ROOM', text: 'x' });
    const blocks = [{ type: 'header', text: plain(151) }];
    const invalid = { data: { error: 'invalid_blocks' } };
    await expect(client.apiCall('chat.update', { channel: 'C0ROOM', ts, blocks })).rejects.toMatchObject(invalid);
    const user = slack.botUserId;
    await expect(client.apiCall('chat.postEphemeral', { channel: 'C0ROOM', user, blocks })).rejects.toMatchObject(
      invalid,
    );
  });
});
