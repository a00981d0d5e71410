import path from 'node:path';
import { type CommandFile, type Context, loadCommands, Refusal, understand } from '../../src/commands.ts';
import type { Deployer } from '../../src/deploy/deployer.ts';
import { app, appsOf, environment } from '../deploy/apps.ts';

/** What a line means: the verb that the deployer is asked for, and with what; apps and environments by their names. */
export interface Meaning {
  verb: string;
  asked: unknown;
}

/** What becomes of a line: its meaning, or why it is not understood and what is offered instead. */
export interface Outcome {
  meaning?: Meaning;
  refused?: string;
  /** The lines that the text names. */
  lines: string[];
  /** Those behind the buttons. */
  buttons: string[];
}

/** Two apps, so that each has to be named, and one that has no default environment. */
export const apps = appsOf(
  [
    app({
      name: 'handbook',
      repository: 'acme/handbook',
      environments: [environment('production', { aliases: ['prod'], production: true })],
    }),
    app({
      name: 'hello',
      repository: 'acme/hello',
      defaultEnvironment: 'staging',
      environments: [
        environment('staging', { aliases: ['stg'] }),
        environment('production', { aliases: ['prod'], production: true }),
        environment('review', { transient: true }),
      ],
    }),
  ],
  { owner: 'acme' },
);

class Understood extends Error {
  readonly meaning: Meaning;
  constructor(meaning: Meaning) {
    super('understood');
    this.meaning = meaning;
  }
}

export const commands: readonly CommandFile[] = await loadCommands([path.join(import.meta.dirname, '../../commands')]);

/** Reads a line with all the commands there are; in the thread of a deployment of hello to production where that is said. */
export async function outcomeOf(line: string, thread = false): Promise<Outcome> {
  try {
    const { command, args } = understand(line, commands);
    await command.run(args, context(line, thread));
    return { lines: [], buttons: [] };
  } catch (error) {
    if (error instanceof Understood) return { meaning: error.meaning, lines: [], buttons: [] };
    if (!(error instanceof Refusal)) throw error;
    const named = error.words.flatMap((piece) =>
      typeof piece === 'object' && 'code' in piece && piece.code.startsWith('/deploy ')
        ? piece.code.slice('/deploy '.length)
        : [],
    );
    return { refused: error.code, lines: named, buttons: error.buttons.map((button) => button.line) };
  }
}

const context = (line: string, thread: boolean): Context => ({
  apps,
  commands,
  deployer: deployer(thread),
  about: { version: '1', node: '20', since: '2024-06-10T09:00:00Z', store: 'none', slack: 'none', github: 'none' },
  clock: { now: () => new Date('2024-06-10T12:00:00Z'), at: () => () => undefined },
  command: {
    id: '01HZY00000000000000000TEST',
    key: 'test:1',
    text: line,
    prefix: '/deploy',
    place: { team: 'T0TEST', room: 'C0TEST', roomName: 'deploys', ...(thread && { thread: '1.1' }) },
    user: { id: 'U0ANN', name: 'ann' },
    at: '2024-06-10T12:00:00Z',
  },
  answer: async () => undefined,
});

/** Whatever it is asked for, that is what the line means. */
function deployer(thread: boolean): Deployer {
  const here = { deployment: { app: 'hello', repository: 'acme/hello', environment: 'production' }, statuses: [] };
  const facts: Record<string, unknown> = {
    inThread: async () => (thread ? here : undefined),
    toldIn: async () => ({ watches: [], announced: [] }),
  };
  return new Proxy({} as Deployer, {
    get:
      (_, verb: string) =>
      (...asked: unknown[]) => {
        const fact = facts[verb];
        if (typeof fact === 'function') return fact();
        const { length } = asked;
        throw new Understood({ verb, asked: JSON.parse(JSON.stringify(asked.slice(0, length - 1), byName)) });
      },
  });
}

/** An app and an environment by what they are called; the words after an id are no part of its meaning. */
function byName(key: string, value: unknown): unknown {
  if (key === 'rest') return undefined;
  if (typeof value !== 'object' || value === null || !('name' in value)) return value;
  return 'repository' in value || 'githubEnvironment' in value ? value.name : value;
}
