import type { Block } from './blocks/blocks.ts';
import type { Fields } from './blocks/shape.ts';
import { type Names, shownMarkdown, shownMrkdwn } from './mrkdwn.ts';

export type { Names } from './mrkdwn.ts';

/** A message's text as a person reads it. */
export const shownText = shownMrkdwn;

/** Blocks as the plain text that a person reads, one line or more a block. */
export function shownBlocks(blocks: Block[], names: Names): string {
  return blocks
    .map((block) => shownBlock(block, names))
    .filter((part) => part !== '')
    .join('\n');
}

function shownBlock(block: Block, names: Names): string {
  const { elements = [], fields = [], rows = [], tasks = [], sources = [] } = block;
  switch (block.type) {
    case 'section':
      return lines([
        besideAccessory(shownTextObject(block.text, names), block.accessory, names),
        ...fields.map((field) => shownTextObject(field, names)),
      ]);
    case 'context':
    case 'actions':
      return elements.map((element) => shownElement(element, names)).join(' ');
    case 'header':
      return shownTextObject(block.text, names);
    case 'divider':
      return '---';
    case 'image':
      return lines([shownTextObject(block.title, names), `[image: ${block.alt_text}]`]);
    case 'markdown':
      return shownMarkdown(String(block.text));
    case 'rich_text':
      return lines(elements.map((element) => shownRichText(element, names)));
    case 'table':
      return lines(rows.map((row) => row.map((cell) => shownCell(cell, names)).join(' | ')));
    case 'plan':
      return lines([String(block.title), ...tasks.map((task) => shownBlock(task, names))]);
    case 'task_card':
      return lines([
        `${block.title} (${block.status})`,
        ...[block.details, block.output].map((part) => (part ? shownBlock(part, names) : '')),
        ...sources.map((source) => `${source.text} (${source.url})`),
      ]);
    default:
      return '';
  }
}

function lines(parts: string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}

function besideAccessory(text: string, accessory: Fields | undefined, names: Names): string {
  return [text, accessory ? shownElement(accessory, names) : ''].filter((part) => part !== '').join(' ');
}

/** plain_text is shown as it came: what is escaped in it is read with its `&amp;`. */
function shownTextObject(object: unknown, names: Names): string {
  if (!object) return '';
  const { type, text } = object as Fields;
  return type === 'mrkdwn' ? shownMrkdwn(String(text), names) : String(text);
}

function shownElement(element: Fields, names: Names): string {
  switch (element.type) {
    case 'mrkdwn':
    case 'plain_text':
      return shownTextObject(element, names);
    case 'image':
      return `[image: ${element.alt_text}]`;
    case 'button':
      return `[${shownTextObject(element.text, names)}]`;
    default:
      // Menus, pickers and the like: their placeholder, or what one can choose.
      return `[${shownTextObject(element.placeholder, names) || shownOptions(element, names)}]`;
  }
}

function shownOptions(element: Fields, names: Names): string {
  const options = (element.options ?? []) as { text: Fields }[];
  return options.map(({ text }) => shownTextObject(text, names)).join(' / ') || String(element.type);
}

function shownCell(cell: Fields, names: Names): string {
  return cell.type === 'rich_text' ? shownBlock(cell as Block, names) : String(cell.text);
}

function shownRichText(part: Fields, names: Names): string {
  const elements = part.elements as Fields[];
  switch (part.type) {
    case 'rich_text_list': {
      const indent = '  '.repeat(Number(part.indent ?? 0));
      const first = Number(part.offset ?? 0) + 1;
      const bullet = (index: number) => (part.style === 'ordered' ? `${first + index}.` : '•');
      return elements.map((item, index) => `${indent}${bullet(index)} ${shownRichText(item, names)}`).join('\n');
    }
    case 'rich_text_quote':
      return elements
        .map((element) => shownInline(element, names))
        .join('')
        .replace(/^/gm, '> ');
    default:
      return elements.map((element) => shownInline(element, names)).join('');
  }
}

function shownInline(element: Fields, names: Names): string {
  switch (element.type) {
    case 'text':
      return String(element.text);
    case 'link':
      return element.text && element.text !== element.url ? `${element.text} (${element.url})` : String(element.url);
    case 'user':
      return `@${names.user(String(element.user_id)) ?? element.user_id}`;
    case 'channel':
      return `#${names.channel(String(element.channel_id)) ?? element.channel_id}`;
    case 'usergroup':
      return `@${element.usergroup_id}!`;
    case 'broadcast':
      return `@${element.range}!`;
    case 'emoji':
      return `:${element.name}:`;
    case 'date':
      return String(element.fallback ?? new Date(Number(element.timestamp) * 1000).toISOString());
    default:
      return String(element.value ?? '');
  }
}
