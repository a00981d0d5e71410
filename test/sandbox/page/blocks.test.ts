import { expect, test } from 'vitest';
import { type Button, renderBlocks } from '../../../src/sandbox/page/render/blocks.ts';
import type { Child, VNode } from '../../../src/sandbox/page/render/vnode.ts';
import { html, words } from './html.ts';

function render(blocks: unknown[], underWay: string[] = []) {
  const pressed: Button[] = [];
  const nodes = renderBlocks(blocks, {
    me: 'U0ANN',
    user: () => undefined,
    room: () => undefined,
    date: () => '',
    isUnderWay: (action) => underWay.includes(action),
    press: (button) => pressed.push(button),
  });
  const press = (label: string) => {
    const onclick = buttons(nodes).find((node) => words([node]) === label)?.attributes.onclick;
    if (typeof onclick !== 'function') throw new Error(`No button says ${label}.`);
    onclick(new Event('click'));
  };
  return { nodes, html: html(nodes), words: words(nodes), pressed, press };
}

function buttons(children: readonly Child[]): VNode[] {
  return children.flatMap((child) =>
    typeof child === 'string' ? [] : [...(child.tag === 'button' ? [child] : []), ...buttons(child.children)],
  );
}

const plain = (text: string) => ({ type: 'plain_text', text, emoji: false });
const marked = (text: string) => ({ type: 'mrkdwn', text, verbatim: true });
const button = (label: string, more: object = {}) => ({
  type: 'button',
  action_id: `say:${label}`,
  text: plain(label),
  value: 'deploy hello',
  ...more,
});

test('sections and contexts show their mark-up', () => {
  const { html } = render([
    { type: 'section', text: marked('🟢 *ann* deployed `hello`') },
    { type: 'context', elements: [marked('<https://x.test/|Log>'), plain('*as it is* &amp;')] },
    { type: 'divider' },
    { type: 'header', text: plain('Title') },
  ]);
  expect(html).toContain('<strong>ann</strong> deployed <code>hello</code>');
  expect(html).toContain('href="https://x.test/"');
  expect(html).toContain('*as it is* &amp;amp;');
  expect(html).toContain('<hr');
  expect(html).toContain('>Title</h3>');
});

test('a button says who was pressed, and what is asked first', () => {
  const confirm = { title: plain('Force'), text: plain('Sure?'), confirm: plain('Yes'), deny: plain('Leave it') };
  const blocks = [{ type: 'actions', elements: [button('Go', { style: 'primary' }), button('Force', { confirm })] }];
  const { pressed, press, html } = render(blocks);
  press('Go');
  press('Force');
  expect(pressed).toEqual([
    { action: 'say:Go', label: 'Go', confirm: undefined },
    {
      action: 'say:Force',
      label: 'Force',
      confirm: { title: 'Force', text: ['Sure?'], confirm: 'Yes', deny: 'Leave it', danger: false },
    },
  ]);
  expect(html).toContain('button primary');
  // What a button means to the bot is nobody else's business.
  expect(html).not.toContain('deploy hello');
});

test('a button that is under way does nothing when it is pressed again', () => {
  const { pressed, press, html } = render([{ type: 'actions', elements: [button('Go')] }], ['say:Go']);
  press('Go');
  expect(pressed).toEqual([]);
  expect(html).toContain('aria-disabled="true"');
});

test('a section’s fields and its accessory', () => {
  const { words } = render([
    { type: 'section', text: marked('One'), fields: [marked('*Two*'), plain('Three')], accessory: button('Four') },
  ]);
  expect(words).toBe('OneTwoThreeFour');
});

test.each([
  [{ type: 'video', title: 'x' }],
  [{ type: 'actions', elements: [{ type: 'datepicker' }] }],
  [{ type: 'section' }],
  [{ type: 'context', elements: 'none' }],
  [null],
  ['text'],
  [{ type: { nested: true } }],
])('what is not known is said or left out, and breaks nothing: %j', (block) => {
  expect(() => render([block, { type: 'divider' }])).not.toThrow();
});
