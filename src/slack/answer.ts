import type { Answer, Question } from '../deploy/ports.ts';
import { code, type Piece, person, say, type Words } from '../deploy/words.ts';
import { actions, type Block, context, type Message, message, section } from './blocks.ts';
import { limits, shownAtMost } from './limits.ts';
import { mrkdwn } from './render.ts';
import { lengthOf, shortened } from './text.ts';

/** What one person is told. Long answers become several paragraphs, split between lines. */
export function answerMessage(answer: Answer): Message {
  const blocks: Block[] = [...paragraphs(answer.words).map((words) => section(words)), ...actions(answer.buttons)];
  const [first, ...others] = blocks;
  if (answer.refusal === undefined || first === undefined) return message(answer.words, blocks);
  // What tells a refusal from an answer for whoever reads the message by machine.
  const refused = { ...first, block_id: shortened(`refusal:${answer.refusal}`, limits.blockId) };
  return message(answer.words, [refused, ...others]);
}

/** The same for everybody in a room, who did not see what it answers. */
export function shownMessage({ user, prefix, text }: Question, answer: Answer): Message {
  const { text: fallback, blocks } = answerMessage(answer);
  const asked = say`${person(user.id)} typed ${code(shortened(`${prefix} ${text}`, shownAtMost.list))}`;
  return { text: fallback, blocks: [...context([asked]), ...blocks].slice(0, limits.blocks) };
}

/** Lines packed into as few paragraphs as Slack's limits allow; what goes beyond a whole message is left out. */
function paragraphs(words: Words): Words[] {
  const packed: { words: Words; length: number }[] = [];
  let room = limits.message;
  for (const line of lines(words)) {
    const length = Math.min(lengthOf(mrkdwn(line)), limits.section) + 1;
    if (length > room) {
      packed.push({ words: ['…'], length: 1 });
      break;
    }
    room -= length;
    const last = packed.at(-1);
    if (last && last.length + length <= limits.section) {
      last.words = [...last.words, '\n', ...line];
      last.length += length;
    } else {
      packed.push({ words: line, length });
    }
  }
  return packed.length === 0 ? [['…']] : packed.map(({ words }) => words);
}

function lines(words: Words): Words[] {
  const all: Piece[][] = [[]];
  for (const piece of words) {
    if (typeof piece === 'object' && 'lines' in piece) {
      all.push(...fences(piece.lines), []);
      continue;
    }
    const [first = '', ...others] = typeof piece === 'string' ? piece.split('\n') : [piece];
    all.at(-1)?.push(first);
    for (const other of others) all.push([other]);
  }
  return all;
}

/** Lines in fixed width as pieces that a paragraph holds: as many lines in each as fit. */
function fences(text: string): Piece[][] {
  const around = lengthOf(mrkdwn([{ lines: '' }]));
  const parts: string[][] = [[]];
  let length = around;
  for (const line of text.split('\n')) {
    const more = lengthOf(mrkdwn([{ lines: line }])) - around + 1;
    if (length > around && length + more > limits.section) {
      parts.push([]);
      length = around;
    }
    parts.at(-1)?.push(line);
    length += more;
  }
  return parts.map((part) => [{ lines: part.join('\n') }]);
}
