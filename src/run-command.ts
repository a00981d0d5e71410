import type { Logger } from 'pino';
import { type CommandFile, understand } from './commands.ts';
import type { Apps } from './deploy/apps.ts';
import type { Deployer } from './deploy/deployer.ts';
import type { Address, Answer, Chat, Clock, Command, Store } from './deploy/ports.ts';
import { Refusal } from './deploy/refusal.ts';
import { code, say, type Words } from './deploy/words.ts';

/** A command that could not be run for this long (the bot was down) is not run any more: its time has passed. */
const freshForMs = 5 * 60_000;

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

/** Runs a stored command, once. Every way it can end is answered: with what it says, a refusal, or a reference number. */
export async function runCommand(around: Surroundings, id: string): Promise<void> {
  const command = await around.store.command(id);
  if (!command) return;
  const log = around.log.child({ request: id, team: command.place.team, room: command.place.room });
  const answer = (said: Words | Answer): Promise<void> => {
    const whole = 'words' in said ? said : { words: said };
    return around.chat.whisper(addressOf(command), { ...whole, words: asTypedHere(whole.words, command.prefix) });
  };

  let name = 'deploy';
  let keyIsFree = false;
  try {
    if (around.clock.now().getTime() - Date.parse(command.at) > freshForMs) throw stale(command);
    const understood = understand(command.text, around.commands);
    name = understood.command.name;
    await understood.command.run(understood.args, {
      command,
      apps: around.apps,
      commands: around.commands,
      deployer: around.deployer,
      clock: around.clock,
      answer,
    });
    around.observe(name, 'answered');
    log.info({ command: name, user: command.user.id }, 'command answered');
  } catch (error) {
    if (error instanceof Refusal) {
      keyIsFree = command.pressed === true;
      await answer({ words: error.words, buttons: error.buttons, refusal: error.code });
      around.observe(name, 'refused');
      log.info({ command: name, user: command.user.id, refusal: error.code }, 'command refused');
    } else {
      await answer({ words: broken(id), refusal: 'broken' });
      around.observe(name, 'failed');
      log.error({ err: error, command: name, user: command.user.id }, 'command failed');
    }
  }
  await around.store.endCommand(id, { keyIsFree });
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
