import type { Rate } from '../deploy/ports.ts';

/**
 * What Slack takes at most, in characters (code points) unless said otherwise.
 *
 * Sources: docs.slack.dev/reference/block-kit, the error lists of chat.postMessage and chat.update.
 */
export const limits = {
  /** chat.update refuses more with `msg_too_long`, though chat.postMessage takes ten times as much. */
  text: 4000,
  section: 3000,
  /** A text element of a context block. */
  contextText: 2000,
  buttonText: 75,
  /** A longer value is refused, and half a line must never be typed. */
  buttonValue: 2000,
  blockId: 255,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  blocks: 50,
  /**
   * All blocks together. Undocumented: `msg_blocks_too_long` comes at about 13,200 and moves with the content
   * (slackapi/bolt-js issue 2509), so the text of an answer leaves room for its buttons.
   */
  message: 9000,
  /** Longer ones are shown as their label alone; Slack takes 3000 for buttons and says nothing of links in text. */
  url: 1500,
} as const;

/** What we show of things that others write, so that one of them cannot push the rest out of sight. */
export const shownAtMost = {
  name: 80,
  ref: 150,
  /** GitHub's own limit for the description of a status is 140. */
  description: 300,
  list: 200,
  /** Slack takes 25 in a row; nobody chooses among that many. */
  buttons: 5,
} as const;

/** A response_url works 5 times within 30 minutes (docs.slack.dev/interactivity); a minute is left for the way. */
export const answerUrlLastsMs = 29 * 60_000;

/**
 * How often we call, so that Slack has no reason to answer 429 (docs.slack.dev/apis/web-api/rate-limits). Where Slack
 * counts a minute, the burst and a minute's rest stay below its number together.
 */
export const rates = {
  /**
   * Lines in one room. Slack takes about one message a second there, and short bursts without a promise; lines and
   * parents together stay within that and a burst of five.
   */
  lines: { everyMs: 1_120, burst: 4 },
  /** Parents in one room have a share of their own, for when many lines wait: a person waits for them. */
  parents: { everyMs: 10_000, burst: 1 },
  /**
   * What is said in rooms that only read along comes by a slower lane of its own: two of three of a room's lines at most,
   * however many wait, so that what somebody asked for comes between them.
   */
  readAlong: { everyMs: 1_680, burst: 4 },
  /** chat.update, over the whole workspace: tier 3, 50 a minute. */
  edits: { everyMs: 1_400, burst: 5 },
  /** Edits in rooms that only read along: as with their lines. */
  editsReadAlong: { everyMs: 2_100, burst: 5 },
  /** conversations.history and conversations.replies, over the whole workspace: tier 3 each. */
  looks: { everyMs: 1_400, burst: 5 },
} as const satisfies Record<string, Rate>;
