import type { Command, Store } from '../../deploy/ports.ts';
import { escapeText, unescapeText } from '../escape.ts';
import type { Around, Write } from './around.ts';
import { run } from './steps.ts';

type Commands = Pick<
  Store,
  'acceptCommand' | 'command' | 'beginCommand' | 'answerCommand' | 'endCommand' | 'unfinishedCommands'
>;

export function commands({ link, keys }: Around, write: Write): Commands {
  return {
    async acceptCommand(command) {
      const places = [
        keys.commandKey(command.key),
        keys.command(command.id),
        keys.commandsUnfinished,
        keys.commandsArrived,
      ];
      const facts = [escapeText(command.id), JSON.stringify(command), Date.parse(command.at)];
      return (await link.keep((redis) => run(redis, 'accept-command', places, facts))) === 1;
    },
    async command(id) {
      const fields = ['facts', 'begun', 'answers'] as const;
      const [facts, begunAt, answers] = await link.send((redis) => redis.hmget(keys.command(id), ...fields));
      if (!facts) return undefined;
      return {
        ...(JSON.parse(facts) as Command),
        ...(begunAt && { begunAt }),
        ...(answers && { answers: JSON.parse(answers) as Command['answers'] }),
      };
    },
    async beginCommand(id, at) {
      await write('begin-command', [keys.command(id)], [at]);
    },
    async answerCommand(id, answers) {
      await write('answer-command', [keys.command(id)], [JSON.stringify(answers)]);
    },
    async endCommand(id, { keyIsFree = false } = {}) {
      const places = [keys.command(id), keys.commandsUnfinished, keys.commandsEnded];
      await write('end-command', places, [escapeText(id), keyIsFree ? 1 : 0]);
    },
    async unfinishedCommands() {
      const ids = await link.send((redis) => redis.zrange(keys.commandsUnfinished, '0', '-1'));
      return ids.map(unescapeText);
    },
  };
}
