import { type Deployment, isEnding, type Status } from '../deploy/deployment.ts';
import type { Manner } from '../deploy/ports.ts';
import { bold, person, say, type Words } from '../deploy/words.ts';
import { type Block, context, type Message, message, section } from './blocks.ts';
import { shownAtMost } from './limits.ts';
import { described, duration, links, stateLooks, target, where } from './phrases.ts';
import { shortened } from './text.ts';

/**
 * One deployment status as a line of the thread. Steps on the way are short; an ending says which deployment it was,
 * since the first failure also stands alone in the channel.
 */
export function statusMessage(deployment: Deployment, status: Status, manner: Manner): Message {
  const headline = isEnding(status.state) ? ending(deployment, status, manner) : step(status);
  const facts = [
    ...links(status.logUrl, status.environmentUrl, where(deployment)),
    status.environment && status.environment !== deployment.create.environment
      ? [`Environment ${shortened(status.environment, shownAtMost.name)}`]
      : [],
    [`by ${shortened(status.creator, shownAtMost.name) || 'nobody named'}`],
  ];
  const blocks = [section(headline), ...withTime(context(facts), manner.late ? status.createdAt : undefined)];
  return message(headline, blocks, facts);
}

function step({ state, description }: Status): Words {
  const { sign, word } = stateLooks(state);
  return say`${sign} ${bold(word)}${described(description)}`;
}

function ending(deployment: Deployment, status: Status, manner: Manner): Words {
  const { sign, word } = stateLooks(status.state);
  const after = manner.tookMs === undefined ? '' : ` after ${duration(manner.tookMs)}`;
  const call: Words = manner.mention ? [person(deployment.asker.id), ' '] : [];
  return say`${sign} ${call}${target(deployment)}: ${bold(word.toLowerCase())}${after}${described(status.description)}`;
}

/**
 * Adds when it really happened, in the reader's own time zone
 * (docs.slack.dev/messaging/formatting-message-text, "date formatting").
 */
function withTime(blocks: Block[], at: string | undefined): Block[] {
  const seconds = Math.floor(Date.parse(at ?? '') / 1000);
  const [block] = blocks;
  if (!Number.isFinite(seconds) || block?.type !== 'context') return blocks;
  const readable = new Date(seconds * 1000).toISOString().replace('T', ' ').replace('.000Z', ' UTC');
  const text = `came late, set at <!date^${seconds}^{date_short_pretty} {time_secs}|${readable}>`;
  return [{ type: 'context', elements: [...block.elements, { type: 'mrkdwn', text, verbatim: true }] }];
}
