import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SandboxSlack, startSlack } from '../../../src/sandbox/slack/server.ts';
import { clientOf } from './apps.ts';

let slack: SandboxSlack;

beforeAll(async () => {
  slack = await startSlack();
  slack.addUser({ id: 'U0ANN', name: 'ann' });
  slack.addChannel({ id: 'C0ROOM', name: 'room' });
});

afterAll(() => slack.stop());

async function shown(message: Record<string, unknown>): Promise<string | undefined> {
  await clientOf(slack).apiCall('chat.postMessage', { channel: 'C0ROOM', ...message });
  return slack.messages('C0ROOM').at(-1)?.shown;
}

const text = (type: 'mrkdwn' | 'plain_text', words: string) => ({ type, text: words });
const button = (label: string) => ({ type: 'button', action_id: label, text: text('plain_text', label) });

describe('what a person reads', () => {
  it.each([
    ['<@U0ANN> in <#C0ROOM|room> and <#C0ROOM>', '@ann in #room and #room'],
    ['<https://x.y/log|log> and <https://x.y>', 'log (https://x.y/log) and https://x.y'],
    ['<!channel> <!here> <!everyone>', '@channel! @here! @everyone!'],
    ['<!subteam^S1|@ops>', '@ops!'],
    ['<!date^1392734382^{date}|18 February>', '18 February'],
    ['@channel is but a word', '@channel is but a word'],
    ['&lt;!channel&gt; &amp;amp; a<b', '<!channel> &amp; a<b'],
    ['<not a link>', '<not a link>'],
    ['*bold* _slanted_ ~gone~ `code`', 'bold slanted gone code'],
    ['snake_case_name and 2*3*4', 'snake_case_name and 2*3*4'],
    ['*<https://x.y|log>* `a_b_c *x*`', 'log (https://x.y) a_b_c *x*'],
    ['```\nline 1\nline 2\n```', 'line 1\nline 2'],
  ])('of %s', async (written, read) => {
    expect(await shown({ text: written })).toBe(read);
  });

  it('is the text as it came with mrkdwn off', async () => {
    expect(await shown({ text: '*a* <!channel>', mrkdwn: false })).toBe('*a* <!channel>');
  });

  it('is the blocks, not the fallback, where there are blocks', async () => {
    const blocks = [
      { type: 'header', text: text('plain_text', 'hello &amp; <!channel>') },
      {
        type: 'section',
        text: text('mrkdwn', '*main* &amp; more'),
        fields: [text('mrkdwn', '*State*\n`success`'), text('plain_text', 'a *b*')],
        accessory: button('Look'),
      },
      { type: 'divider' },
      {
        type: 'context',
        elements: [text('mrkdwn', 'by <@U0ANN>'), { type: 'image', image_url: 'https://x.y/z.png', alt_text: 'a cat' }],
      },
      { type: 'actions', elements: [button('Yes'), button('No')] },
      { type: 'image', image_url: 'https://x.y/z.png', alt_text: 'a dog', title: text('plain_text', 'Rex') },
      { type: 'markdown', text: '# Title\n**bold** [log](https://x.y/log)' },
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              { type: 'text', text: 'Hey ', style: { bold: true } },
              { type: 'user', user_id: 'U0ANN' },
              { type: 'text', text: ' & ' },
              { type: 'broadcast', range: 'here' },
              { type: 'emoji', name: 'rocket' },
              { type: 'link', url: 'https://x.y', text: 'site' },
            ],
          },
          {
            type: 'rich_text_list',
            style: 'ordered',
            elements: ['one', 'two'].map((word) => ({
              type: 'rich_text_section',
              elements: [{ type: 'text', text: word }],
            })),
          },
          { type: 'rich_text_quote', elements: [{ type: 'text', text: 'a\nb' }] },
        ],
      },
      { type: 'table', rows: [['app', 'sha'].map((word) => ({ type: 'raw_text', text: word }))] },
    ];
    expect(await shown({ text: 'fallback', blocks: JSON.stringify(blocks) })).toBe(
      [
        'hello &amp; <!channel>',
        'main & more [Look]',
        'State\nsuccess',
        'a *b*',
        '---',
        'by @ann [image: a cat]',
        '[Yes] [No]',
        'Rex\n[image: a dog]',
        'Title\nbold log (https://x.y/log)',
        'Hey @ann & @here!:rocket:site (https://x.y)',
        '1. one\n2. two',
        '> a\n> b',
        'app | sha',
      ].join('\n'),
    );
    expect(
      slack
        .messages('C0ROOM')
        .at(-1)
        ?.buttons.map((one) => one.text),
    ).toEqual(['Look', 'Yes', 'No']);
  });
});

describe('listeners', () => {
  it('hear of messages, edits and ephemeral messages as they happen, until they stop', async () => {
    const heard: string[] = [];
    const stops = (['message', 'edit', 'ephemeral'] as const).map((event) =>
      slack.on(event, (message) => heard.push(`${event}: ${message.shown}`)),
    );
    const client = clientOf(slack);
    const { ts = '' } = await client.chat.postMessage({ channel: 'C0ROOM', text: 'one' });
    await client.chat.update({ channel: 'C0ROOM', ts, text: 'two' });
    await client.chat.postEphemeral({ channel: 'C0ROOM', user: slack.botUserId, text: 'three' });
    for (const stop of stops) stop();
    await client.chat.delete({ channel: 'C0ROOM', ts });
    expect(heard).toEqual(['message: one', 'edit: two', 'ephemeral: three']);
  });
});
