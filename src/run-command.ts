import type { Logger } from 'pino';
import { type CommandFile, understand } from './commands.ts';
import type { Apps } from './deploy/apps.ts';
import type { Deployer } from './deploy/deployer.ts';
import { commandLease, LeaseLost } from './deploy/lease.ts';
import type { Address, Answer, Chat, Clock, Command, Store } from './deploy/ports.ts';
import { Refusal } from './deploy/refusal.ts';
import { code, say, type Words } from './deploy/words.ts';

/** A command that could not be run for this long (the bot was down) is not run any more: its time has passed. */
const freshForMs = 5 * 60_000;
/** How often, and for how long, an answer is tried that Slack does not take. */
const answerAgainMs = 10_000;
const answerForMs = 60 * 60_000;
/** How soon a command is looked at again that another process runs. */
const busyAgainMs = 1_000;

export interface Surroundings {
  store: Store;
  chat: Chat;
  apps: Apps;
  clock: Clock;
  log: Logger;
  commands: readonly CommandFile[];
  deployer: Deployer;
  observe(command: string, result: 'answered' | 'refused' | 'failed'): void;
}

/**
 * Runs a stored command, once over all processes, and answers it: with what it says, a refusal, or a reference number. The
 * answer is stored before it is said, and said again until it gets through. Answers when to come back, if it did not.
 */
export async function runCommand(around: Surroundings, id: string): Promise<Date | undefined> {
  const lease = await around.store.lease(commandLease(id));
  const busy = () => new Date(around.clock.now().getTime() + busyAgainMs);
  if (!lease) return busy();
  try {
    return await runAlone({ ...around, store: lease.store }, id);
  } catch (error) {
    if (error instanceof LeaseLost) return busy();
    throw error;
  } finally {
    await lease.release();
  }
}

/** It failed for good: the person gets a number that stands in the log, and it is not run again. */
export async function giveUpCommand(around: Surroundings, id: string): Promise<void> {
  const command = await around.store.command(id);
  if (!command) return;
  await around.chat.whisper(addressOf(command), { words: broken(id), refusal: 'broken' });
  await around.store.endCommand(id);
}

async function runAlone(around: Surroundings, id: string): Promise<Date | undefined> {
  const command = await around.store.command(id);
  if (!command) return undefined;
  const answers = command.answers ?? (await run(around, command));
  const now = around.clock.now().getTime();
  for (const [index, answer] of answers.entries()) {
    if (await around.chat.whisper(addressOf(command), answer)) continue;
    if (now - Date.parse(command.at) > answerForMs) {
      around.log.error(
        { request: id, user: command.user.id },
        'an answer was given up: Slack did not take it for long',
      );
      break;
    }
    await around.store.answerCommand(id, answers.slice(index));
    return new Date(now + answerAgainMs);
  }
  const keyIsFree = command.pressed === true && answers.some(({ refusal }) => refusal !== undefined);
  await around.store.endCommand(id, { keyIsFree });
  return undefined;
}

/** What the command's run has to say. */
async function run(around: Surroundings, command: Command): Promise<readonly Answer[]> {
  const { id, place, user } = command;
  const log = around.log.child({ request: id, team: place.team, room: place.room, user: user.id });
  const answers: Answer[] = [];
  let name = 'deploy';
  try {
    if (around.clock.now().getTime() - Date.parse(command.at) > freshForMs) throw stale(command);
    const understood = understand(command.text, around.commands);
    name = understood.command.name;
    const { apps, commands, deployer, clock } = around;
    const answer = async (said: Words | Answer) => void answers.push('words' in said ? said : { words: said });
    await understood.command.run(understood.args, { command, apps, commands, deployer, clock, answer });
    around.observe(name, 'answered');
    log.info({ command: name }, 'command answered');
  } catch (error) {
    if (error instanceof Refusal) {
      answers.push({ words: error.words, buttons: error.buttons, refusal: error.code });
      around.observe(name, 'refused');
      log.info({ command: name, refusal: error.code }, 'command refused');
    } else {
      answers.push({ words: broken(id), refusal: 'broken' });
      around.observe(name, 'failed');
      log.error({ err: error, command: name }, 'command failed');
    }
  }
  const typedHere = answers.map((answer) => ({ ...answer, words: asTypedHere(answer.words, command.prefix) }));
  if (typedHere.length > 0) await around.store.answerCommand(id, typedHere);
  return typedHere;
}

const addressOf = (command: Command): Address => ({
  place: command.place,
  user: command.user.id,
  at: command.at,
  ...(command.answerUrl && { answerUrl: command.answerUrl }),
});

/** Examples begin as the person began: threads know no slash commands, and a workspace may have given ours another name. */
function asTypedHere(words: Words, prefix: string): Words {
  return words.map((piece) =>
    typeof piece === 'object' && 'code' in piece ? { code: piece.code.replace(/^\/deploy\b/, () => prefix) } : piece,
  );
}

const stale = (command: Command): Refusal =>
  new Refusal(
    'stale',
    say`I was away when you typed ${code(`/deploy ${command.text}`)}, and did not do it. Type it again if you still want it.`,
  );

/** For bugs: the person gets a number that stands in the log beside what went wrong. */
const broken = (reference: string): Words =>
  say`Something broke in me. Type ${code('/deploy status')} to see whether anything was started, and give this number to whoever runs me: ${code(reference)}.`;
