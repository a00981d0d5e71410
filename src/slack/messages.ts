import type { Deployment, Line } from '../deploy/deployment.ts';
import type { Manner } from '../deploy/ports.ts';
import type { Message } from './blocks.ts';
import { statusMessage } from './lines.ts';
import { noteMessage } from './notes.ts';

export { answerMessage, shownMessage } from './answer.ts';
export type { Message } from './blocks.ts';
export { parentMessage } from './parent.ts';

/** A line of the thread: a status of GitHub's or something that the bot itself has to say. */
export function lineMessage(deployment: Deployment, line: Line, manner: Manner, apiUrl?: string): Message {
  return 'status' in line
    ? statusMessage(deployment, line.status, manner)
    : noteMessage(deployment, line.note, manner, apiUrl);
}
