import type { Apps } from '../deploy/apps.ts';
import type { Deployer } from '../deploy/deployer.ts';
import type { OptionSpec } from '../deploy/options.ts';
import type { Answer, Clock, Command } from '../deploy/ports.ts';
import type { Words } from '../deploy/words.ts';

/** What the words after a command came to. */
export interface Args {
  /** The first word as it was typed, or the command's name where somebody left it out. */
  verb: string;
  /** Every word that is no option and no option's value, as text; numbers too. */
  words: string[];
  /** By the option's name: true or false, text, or a list for `strings`. Not there: not typed. */
  options: Record<string, boolean | string | string[] | undefined>;
}

/** What runs here, as people may know it. */
export interface About {
  version: string;
  /** Node's version. */
  node: string;
  /** When it started, ISO 8601. */
  since: string;
  /** Which store it keeps its records in, in words. */
  store: string;
  /** How it hears of Slack, in words. */
  slack: string;
  /** The host of GitHub's API. */
  github: string;
}

/** What a command may use. */
export interface Context {
  /** Who typed it, where, and the prefix they typed it after. */
  command: Command;
  apps: Apps;
  commands: readonly CommandFile[];
  deployer: Deployer;
  clock: Clock;
  about: About;
  /** To that person alone. For “no, because …” throw a Refusal instead. */
  answer(answer: Words | Answer): Promise<void>;
}

/** The default export of a file in `commands/`. */
export interface CommandFile {
  /** The word that people type, and the name of the file. */
  name: string;
  aliases?: readonly string[];
  /** One sentence. */
  summary: string;
  /** How it is typed, without the `/deploy` before it; help puts there what works in that place. */
  usage: readonly string[];
  /** Lines that really work, without the `/deploy` before them. The first one is shown in the list of all commands. */
  examples: readonly { line: string; means: string }[];
  options?: Readonly<Record<string, OptionSpec>>;
  /** It changes nothing, so that a button that types it may be pressed again and again. */
  isQuestion?: boolean;
  /** Resolves when everything is said. Throws a Refusal for what it won't do; anything else is a bug. */
  run(args: Args, ctx: Context): Promise<void>;
}
