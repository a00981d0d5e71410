import { parseArgs } from 'node:util';
import { type Person, type Place, people, places, whyNotThere } from '../places.ts';

export interface SandboxCommandLine {
  /** Lines to type, in order; none: the sandbox stays up. */
  lines: string[];
  yes: boolean;
  repo?: string;
  person: Person;
  place: Place;
  /** Milliseconds without any movement after which a line is given up. */
  timeout: number;
  verbose: boolean;
}

export const usage = `npm run sandbox [-- OPTIONS]

A local Slack, a local GitHub over real git repositories, a continuous integration and a deployer, with the real bot in
the middle.
Without --exec it stays up: in a terminal with a prompt, otherwise until it is interrupted.

  --exec "LINE"      type this line and print what happens; may be given several times. A line begins with /deploy
                     or @deckhand. The exit code is 0 if every deployment succeeded, and 1 if one did not,
                     was refused, or waits for a button.
  --yes              press confirming buttons
  --as NAME          who types: ${people.join(', ')} (default ann; gus is a guest)
  --in PLACE         where: ${places.join(', ')} (default deploys). The bot is not in elsewhere;
                     dm is that person's direct message with the bot; ann-bob is one between ann and bob.
  --repo PATH        use a git repository of this machine. It is cloned; its scripts are not run.
  --timeout SECONDS  give a line up when nothing has moved for so long (default 60)
  --verbose          show the bot's log
  --help             this text

For example: npm run sandbox -- --exec "/deploy hello/topic-branch to staging"
`;

/** What the command line asks for: to run, to be helped, or (`mistake`) what is wrong with it, in one sentence. */
export function readCommandLine(args: string[]): { run: SandboxCommandLine } | { help: true } | { mistake: string } {
  const read = parsed(args);
  if ('mistake' in read) return read;
  const { values, positionals } = read;
  if (values.help) return { help: true };
  if (positionals.length > 0) {
    return { mistake: `“${positionals[0]}” stands alone: to type a line, write --exec "${positionals.join(' ')}".` };
  }
  const lines = values.exec ?? [];
  const unreadable = lines.find((line) => !readLine(line));
  if (unreadable !== undefined) return { mistake: whatToType(unreadable) };
  const person = people.find((name) => name === values.as);
  if (!person) return { mistake: `--as ${values.as}: nobody has that name. There are ${people.join(', ')}.` };
  const place = places.find((name) => name === values.in.replace(/^#/, ''));
  if (!place) return { mistake: `--in ${values.in}: there is no such place. There are ${places.join(', ')}.` };
  const whyNot = whyNotThere(person, place);
  if (whyNot !== undefined) return { mistake: `--as ${person} --in ${place}: ${whyNot}.` };
  const seconds = Number(values.timeout);
  if (!(seconds > 0)) return { mistake: `--timeout ${values.timeout}: that is not a number of seconds above 0.` };
  return {
    run: {
      lines,
      yes: values.yes,
      repo: values.repo,
      person,
      place,
      timeout: seconds * 1000,
      verbose: values.verbose,
    },
  };
}

/** A line as a person would type it in Slack; undefined if it is neither a slash command nor a mention. */
export function readLine(line: string): { command: string } | { mention: string } | undefined {
  const typed = line.trim();
  const command = /^\/deploy(?:\s+([\s\S]*))?$/.exec(typed);
  if (command) return { command: command[1] ?? '' };
  return /^@deckhand(\s|$)/.test(typed) ? { mention: typed } : undefined;
}

export function whatToType(line: string): string {
  return `“${line}” reaches nobody: a line begins with /deploy or @deckhand, for example “/deploy hello/topic-branch to staging”.`;
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        exec: { type: 'string', multiple: true },
        yes: { type: 'boolean', default: false },
        as: { type: 'string', default: 'ann' },
        in: { type: 'string', default: 'deploys' },
        repo: { type: 'string' },
        timeout: { type: 'string', default: '60' },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Node adds advice about positionals after the first sentence, which is not for this program.
    const sentence = error.message.split(/\. |\n/)[0]?.replace(/\.$/, '');
    return { mistake: `${sentence}. All options: npm run sandbox -- --help` };
  }
}
