import { type CommandFile, type Context, plain, Refusal, understand } from '../../src/commands.ts';
import type { Deployer } from '../../src/deploy/deployer.ts';
import { listedOnly } from '../deploy/apps.ts';

/** What the person who typed reads, as text. */
export interface Seen {
  said: string[];
  /** The code of the Refusal, where it was one. */
  refused?: string;
  /** The lines behind its buttons. */
  buttons: string[];
}

interface Surroundings extends Partial<Omit<Context, 'deployer' | 'answer'>> {
  /** The verbs that the command uses; any other is an error. */
  deployer?: Partial<Deployer>;
}

/** A place to type commands in, without Slack, GitHub or a store. */
export function typing(
  commands: readonly CommandFile[],
  { deployer = {}, ...given }: Surroundings = {},
): (line: string) => Promise<Seen> {
  return async (line) => {
    const seen: Seen = { said: [], buttons: [] };
    const context: Context = {
      apps: listedOnly,
      commands,
      deployer: onlyThese(deployer),
      about: {
        version: '1.2.3',
        node: '20.20.0',
        since: '2024-06-10T09:00:00Z',
        store: 'SQLite, embedded',
        slack: 'in Socket Mode',
        github: 'api.github.com',
      },
      clock: { now: () => new Date('2024-06-10T12:00:00Z'), at: () => () => undefined },
      command: {
        id: '01HZY00000000000000000TEST',
        key: 'test:1',
        text: line,
        prefix: '/deploy',
        place: { team: 'T0TEST', room: 'C0TEST', roomName: 'deploys' },
        user: { id: 'U0ANN', name: 'ann' },
        at: '2024-06-10T12:00:00Z',
      },
      ...given,
      answer: async (answer) => {
        seen.said.push(plain('words' in answer ? answer.words : answer));
      },
    };
    try {
      const { command, args } = understand(line, commands);
      await command.run(args, context);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      seen.said.push(error.message);
      seen.refused = error.code;
      seen.buttons = error.buttons.map((button) => button.line);
    }
    return seen;
  };
}

function onlyThese(verbs: Partial<Deployer>): Deployer {
  const missing = (verb: string): never => {
    throw new Error(`The test gives no deployer.${verb}(): hand it to typing()`);
  };
  return new Proxy(verbs as Deployer, {
    get: (target, verb: string & keyof Deployer) => target[verb] ?? (() => missing(verb)),
  });
}
