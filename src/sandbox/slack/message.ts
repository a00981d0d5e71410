import type { Block } from './blocks/blocks.ts';
import type { Fields } from './blocks/shape.ts';
import { type Names, shownBlocks, shownText } from './shown.ts';

export interface Metadata {
  event_type: string;
  event_payload: Record<string, unknown>;
}

/** A message as the workspace keeps it. */
export interface StoredMessage {
  channel: string;
  ts: string;
  thread_ts?: string;
  user?: string;
  bot_id?: string;
  client_msg_id?: string;
  text: string;
  /** False: the text is shown as it is, without mark-up. */
  mrkdwn?: boolean;
  blocks?: Block[];
  attachments?: Record<string, unknown>[];
  metadata?: Metadata;
  edited?: { user: string; ts: string };
  reply_broadcast?: boolean;
  /** The only person who sees it. */
  ephemeralFor?: string;
  reactions?: { name: string; users: string[] }[];
  /** Taken away. A parent with replies stays in its place as a tombstone. */
  deleted?: boolean;
}

export interface SlackButton {
  action_id: string;
  text: string;
  value?: string;
  url?: string;
  style?: string;
  confirm?: unknown;
}

/** A message as a person sees it, for tests and for the sandbox's fronts. */
export interface SlackMessage {
  channel: string;
  ts: string;
  thread_ts?: string;
  user?: string;
  bot_id?: string;
  client_msg_id?: string;
  text: string;
  blocks?: Block[];
  metadata?: Metadata;
  edited?: { ts: string };
  reply_broadcast?: boolean;
  ephemeralFor?: string;
  deleted?: boolean;
  reactions?: { name: string; users: string[] }[];
  /** What a person reads, as plain text: blocks rendered, mentions and links resolved, buttons as `[Label]`. */
  shown: string;
  /** The same with inline code between backticks, where Slack draws a box. */
  shownWithCode: string;
  buttons: SlackButton[];
}

/** A message as a person sees it at this moment: a copy, which later edits do not change. */
export function seen(message: StoredMessage, names: Names): SlackMessage {
  const { mrkdwn: _mrkdwn, attachments: _attachments, ...copy } = structuredClone(message);
  return {
    ...copy,
    shown: shownMessage(message, names),
    shownWithCode: shownMessage(message, { ...names, code: (text) => `\`${text}\`` }),
    buttons: buttonsOf(message).map(({ element }) => toButton(element)),
  };
}

function shownMessage(message: StoredMessage, names: Names): string {
  if (message.deleted) return 'This message was deleted.';
  const { text, blocks = [], attachments = [] } = message;
  // With blocks the text is only what notifications and screen readers say.
  const body =
    blocks.length > 0 ? shownBlocks(blocks, names) : message.mrkdwn === false ? text : shownText(text, names);
  const attached = attachments.map((attachment) =>
    Array.isArray(attachment.blocks)
      ? shownBlocks(attachment.blocks as Block[], names)
      : shownText(String(attachment.text ?? attachment.fallback ?? ''), names),
  );
  return [body, ...attached].filter((part) => part !== '').join('\n');
}

/** The buttons of a message, each with the block that it stands in. */
export function buttonsOf(message: StoredMessage): { block: Block; element: Fields }[] {
  return (message.blocks ?? []).flatMap((block) =>
    [block.accessory, ...(block.type === 'actions' ? (block.elements ?? []) : [])]
      .filter((element) => element?.type === 'button')
      .map((element) => ({ block, element: element as Fields })),
  );
}

function toButton(element: Fields): SlackButton {
  const { action_id, text, value, url, style, confirm } = element as unknown as SlackButton & {
    text: { text: string };
  };
  return { action_id, text: text.text, value, url, style, confirm };
}
