import type { Button } from '../deploy/refusal.ts';
import type { Words } from '../deploy/words.ts';
import { limits, shownAtMost } from './limits.ts';
import { fallback, mrkdwn } from './render.ts';
import { lengthOf, shortened } from './text.ts';

/** Text that Slack reads for mark-up, but not for bare addresses and names (`verbatim`). */
interface Mrkdwn {
  type: 'mrkdwn';
  text: string;
  verbatim: true;
}

interface PlainText {
  type: 'plain_text';
  text: string;
  emoji: false;
}

interface ButtonElement {
  type: 'button';
  action_id: string;
  text: PlainText;
  value: string;
  style?: 'primary' | 'danger';
  confirm?: { title: PlainText; text: PlainText; confirm: PlainText; deny: PlainText };
}

/** The kinds of blocks that the bot uses. Every workspace has had them for years. */
export type Block = { block_id?: string } & (
  | { type: 'section'; text: Mrkdwn }
  | { type: 'context'; elements: Mrkdwn[] }
  | { type: 'actions'; elements: ButtonElement[] }
);

/** A message as chat.postMessage takes it: blocks, and text for notifications and screen readers. */
export interface Message {
  text: string;
  blocks: Block[];
}

const marked = (text: string): Mrkdwn => ({ type: 'mrkdwn', text, verbatim: true });
const plainText = (text: string, most: number): PlainText => ({
  type: 'plain_text',
  text: shortened(text, most) || '…',
  emoji: false,
});

/** A paragraph. Slack takes none that is empty. */
export const section = (words: Words, most: number = limits.section): Block => ({
  type: 'section',
  text: marked(mrkdwn(words, most).trim() || '…'),
});

/** Facts with dots between them. */
const separated = (facts: readonly Words[]): Words =>
  facts.filter((fact) => fact.length > 0).flatMap((fact, index): Words => (index === 0 ? fact : [' · ', ...fact]));

/** A small grey line of facts, set apart by dots; nothing where there are no facts. */
export function context(facts: readonly Words[]): Block[] {
  const text = mrkdwn(separated(facts), limits.contextText).trim();
  return text === '' ? [] : [{ type: 'context', elements: [marked(text)] }];
}

/**
 * A row of buttons; nothing where there are none. A button whose line is too long for Slack is left out, since half a
 * line must never be typed. The `action_id` says whether it is the only thing between a person and what they asked for.
 */
export function actions(buttons: readonly Button[] = []): Block[] {
  const elements = buttons
    .filter(({ line }) => line !== '' && lengthOf(line) <= limits.buttonValue)
    .slice(0, shownAtMost.buttons)
    .map(buttonElement);
  return elements.length === 0 ? [] : [{ type: 'actions', elements }];
}

function buttonElement(button: Button, index: number): ButtonElement {
  const { label, line, confirming, danger } = button;
  return {
    type: 'button',
    action_id: `${confirming ? 'confirm' : 'say'}:${index}`,
    text: plainText(label, limits.buttonText),
    value: line,
    ...(danger ? { style: 'danger' } : confirming ? { style: 'primary' } : {}),
    // A confirming button is a second look already.
    ...(danger && !confirming && { confirm: secondLook(label, line) }),
  };
}

function secondLook(label: string, line: string) {
  return {
    title: plainText(label, limits.confirmTitle),
    text: plainText(`This types “${line}” for you.`, limits.confirmText),
    confirm: plainText(label, limits.confirmButton),
    deny: plainText('Leave it', limits.confirmButton),
  };
}

/** A message of these blocks; `words` and `facts` are what a notification says of it. */
export const message = (words: Words, blocks: Block[], facts: readonly Words[] = []): Message => ({
  text: fallback(separated([words, ...facts])).trim() || '…',
  blocks: blocks.slice(0, limits.blocks),
});
