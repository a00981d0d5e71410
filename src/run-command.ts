import type { Logger } from 'pino';
import { type About, type CommandFile, isForAll, understand } from './commands.ts';
import type { Apps } from './deploy/apps.ts';
import type { Deployer } from './deploy/deployer.ts';
import { commandLease, LeaseLost } from './deploy/lease.ts';
import type { Answer, Chat, Clock, Command, Store } from './deploy/ports.ts';
import { Refusal } from './deploy/refusal.ts';
import { code, say, type Words } from './deploy/words.ts';
import { addressOf, giveAnswer } from './give-answer.ts';

/** A command that could not be run for this long (the bot was down) is not run any more: its time has passed. */
export const freshForMs = 5 * 60_000;
/** For how long an answer is tried that Slack does not take. */
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
  about: About;
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

/**
 * It failed for good: the person gets a number that stands in the log, and it is not run again. While Slack does not take that
 * it is kept as the answer, to be given when the command comes up the next time.
 */
export async function giveUpCommand({ store, chat, clock }: Surroundings, id: string): Promise<void> {
  const command = await store.command(id);
  if (!command) return;
  const answer: Answer = { words: broken(id), refusal: 'broken' };
  const isTold = await chat.whisper(addressOf(command), answer);
  const isOld = clock.now().getTime() - Date.parse(command.at) > answerForMs;
  if (isTold || isOld) await store.endCommand(id);
  else if (!command.answers) await store.answerCommand(id, [answer]);
}

async function runAlone(around: Surroundings, id: string): Promise<Date | undefined> {
  const command = await around.store.command(id);
  if (!command) return undefined;
  const answers = command.answers ?? (await run(around, command));
  const now = around.clock.now().getTime();
  for (const [index, answer] of answers.entries()) {
    const left = answers.slice(index + 1);
    const keep = (kept: Answer) => around.store.answerCommand(id, [kept, ...left]);
    const given = await giveAnswer(around.chat, command, answer, `answer-${left.length}`, keep);
    if (given === 'given') continue;
    if (now - Date.parse(command.at) > answerForMs) {
      around.log.error(
        { request: id, user: command.user.id },
        'an answer was given up: Slack did not take it for long',
      );
      break;
    }
    await keep(given.later);
    return new Date(now + given.afterMs);
  }
  const isRefused = answers.some(({ refusal }) => refusal !== undefined);
  const keyIsFree = command.pressed === true && (isRefused || isQuestion(command, around.commands));
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
    const { apps, commands, deployer, clock, about } = around;
    const show = isForAll(understood.command, understood.args.options);
    const answer = async (said: Words | Answer) =>
      void answers.push({ ...('words' in said ? said : { words: said }), ...(show && { forAll: 'wanted' }) });
    await understood.command.run(understood.args, {
      command: { ...command, show },
      apps,
      commands,
      deployer,
      clock,
      about,
      answer,
    });
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

/** Whether it was understood, and as a command that changes nothing: whoever presses its button again asks again. */
function isQuestion({ text }: Command, commands: readonly CommandFile[]): boolean {
  try {
    return understand(text, commands).command.isQuestion === true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** Examples begin as the person began: threads know no slash commands, and a workspace may have given ours another name. */
function asTypedHere(words: Words, prefix: string): Words {
  return words.map((piece) =>
    typeof piece === 'object' && 'code' in piece ? { code: piece.code.replace(/^\/deploy\b/, () => prefix) } : piece,
  );
}

const stale = (command: Command): Refusal =>
  new Refusal(
    'stale',
    command.begunAt !== undefined
      ? say`I was cut off while I did ${code(`/deploy ${command.text}`)}, a while ago, and did not go on. Look how far it came, with ${code('/deploy status')}, and type it again if something is left.`
      : say`I was away when you typed ${code(`/deploy ${command.text}`)}, and did not do it. Type it again if you still want it.`,
  );

/** For bugs: the person gets a number that stands in the log beside what went wrong. */
const broken = (reference: string): Words =>
  say`Something broke in me. Type ${code('/deploy status')} to see whether anything was started, and give this number to whoever runs me: ${code(reference)}.`;
