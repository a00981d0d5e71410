import { mrkdwn, type Reader } from './mrkdwn.ts';
import { type Child, type Content, h, outward, type VNode } from './vnode.ts';

/** A button as it came. */
export interface Button {
  action: string;
  label: string;
  /** What is asked before it counts. */
  confirm?: Confirm;
}

export interface Confirm {
  title: string;
  text: Child[];
  confirm: string;
  deny: string;
  danger: boolean;
}

export interface Surroundings extends Reader {
  /** Whether this button was pressed and not yet taken. */
  isUnderWay(action: string): boolean;
  press(button: Button): void;
}

type Fields = Record<string, unknown>;

/**
 * Blocks as elements: sections, contexts, buttons, headers and dividers, which is what the bot uses. Of any other block
 * only its kind is shown, so that nothing vanishes unnoticed. Source: docs.slack.dev/reference/block-kit/blocks.
 */
export function renderBlocks(blocks: readonly unknown[], around: Surroundings): VNode[] {
  return blocks.map((block) => renderBlock(fields(block), around));
}

function renderBlock(block: Fields, around: Surroundings): VNode {
  switch (block.type) {
    case 'section':
      return section(block, around);
    case 'context':
      return h(
        'div',
        { class: 'block context' },
        list(block.elements).map((element) => h('span', {}, ...textOf(element, around))),
      );
    case 'actions':
      return h('div', { class: 'block actions' }, renderElements(block.elements, around));
    case 'header':
      return h('h3', { class: 'block' }, ...textOf(block.text, around));
    case 'divider':
      return h('hr', { class: 'block' });
    default:
      return h('div', { class: 'block unknown' }, `A block of the kind “${text(block.type)}” stands here.`);
  }
}

function section(block: Fields, around: Surroundings): VNode {
  const columns = list(block.fields).map((field) => h('div', {}, ...textOf(field, around)));
  return h(
    'div',
    { class: 'block section' },
    h(
      'div',
      { class: 'words' },
      textOf(block.text, around),
      columns.length > 0 && h('div', { class: 'columns' }, columns),
    ),
    block.accessory !== undefined && renderElements([block.accessory], around),
  );
}

function renderElements(elements: unknown, around: Surroundings): Content[] {
  return list(elements).map((element) =>
    element.type === 'button'
      ? button(element, around)
      : h('span', { class: 'unknown' }, `An element of the kind “${text(element.type)}”`),
  );
}

function button(element: Fields, around: Surroundings): VNode {
  const label = text(fields(element.text).text);
  const action = text(element.action_id);
  const style = element.style === 'primary' || element.style === 'danger' ? element.style : 'plain';
  if (typeof element.url === 'string') return h('span', { class: 'button plain' }, outward(element.url, label));
  const confirm = element.confirm === undefined ? undefined : confirmOf(fields(element.confirm), around);
  const underWay = around.isUnderWay(action);
  return h(
    'button',
    {
      type: 'button',
      class: `button ${style}`,
      key: action,
      // Not `disabled`, which would take the focus away from whoever pressed it with a key.
      'aria-disabled': underWay ? 'true' : undefined,
      'aria-label': typeof element.accessibility_label === 'string' ? element.accessibility_label : undefined,
      onclick: () => {
        if (!underWay) around.press({ action, label, confirm });
      },
    },
    label,
    underWay && h('span', { class: 'spinner', 'aria-hidden': 'true' }),
  );
}

function confirmOf(confirm: Fields, around: Surroundings): Confirm {
  const plain = (object: unknown) => text(fields(object).text);
  return {
    title: plain(confirm.title) || 'Are you sure?',
    text: textOf(confirm.text, around),
    confirm: plain(confirm.confirm) || 'Yes',
    deny: plain(confirm.deny) || 'Cancel',
    danger: confirm.style === 'danger',
  };
}

/** A text object. What is plain is shown as it came, its `&amp;` too. */
function textOf(object: unknown, reader: Reader): Child[] {
  const { type, text: content, verbatim } = fields(object);
  if (type === 'mrkdwn') return mrkdwn(text(content), reader, verbatim === true);
  return [text(content)];
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? { ...value } : {});
const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fields) : []);
