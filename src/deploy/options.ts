import { Refusal } from './refusal.ts';
import { code, list, say, type Words } from './words.ts';

/** How an option of a command is typed. */
export interface OptionSpec {
  /** `strings` may be given several times. */
  type: 'boolean' | 'string' | 'strings';
  /** One letter, for `-f`. */
  alias?: string;
  /** Whether `--no-…` means something. */
  negatable?: boolean;
  summary: string;
}

export const deployOptions = {
  force: { type: 'boolean', alias: 'f', summary: 'deploy whatever the checks say; the same as an exclamation mark' },
  task: { type: 'string', summary: 'the task, where it is not the app’s own' },
  'auto-merge': { type: 'boolean', negatable: true, summary: 'merge the default branch into the ref first, or do not' },
  require: { type: 'string', summary: 'checks that must be green, as a comma list' },
  description: { type: 'string', summary: 'what GitHub shows beside the deployment' },
  payload: { type: 'string', summary: 'a JSON object for the deployer, in single quotes' },
  set: { type: 'strings', summary: 'one key=value of the payload; may be given several times' },
  host: { type: 'strings', summary: 'a host to deploy to; may be given several times' },
  transient: { type: 'boolean', summary: 'the environment goes away again' },
  production: { type: 'boolean', negatable: true, summary: 'the environment is one that end users see, or is not' },
  'dry-run': { type: 'boolean', summary: 'say what GitHub would be asked, and ask nothing' },
} as const satisfies Record<string, OptionSpec>;

/** Keys of the payload that belong to the bot: deployers, and our own webhook, believe what stands in them. */
const botsOwnKeys = ['user', 'room_id', 'name', 'hosts', 'notify', 'deckhand', '__proto__'];

/** A host list longer than this is a mistake, or an attempt to fill the payload. */
const mostHosts = 100;

/** What the options of a line ask for; the parts of a DeployRequest that can't be said in words. */
export interface Asked {
  force: boolean;
  task?: string;
  autoMerge?: boolean;
  require?: readonly string[];
  description?: string;
  payload?: Record<string, unknown>;
  hosts: readonly string[];
  transient?: boolean;
  production?: boolean;
  dryRun: boolean;
}

/** Reads the options of a line, as `understand` gives them. Throws a Refusal for a value that makes no sense. */
export function readOptions(options: Readonly<Record<string, unknown>>): Asked {
  const asked: Asked = {
    force: options.force === true,
    hosts: strings(options.host).flatMap(readHosts),
    dryRun: options['dry-run'] === true,
  };
  const [task, require, description, payload] = ['task', 'require', 'description', 'payload'].map((name) =>
    typeof options[name] === 'string' ? options[name] : undefined,
  );
  if (task !== undefined) asked.task = readTask(task);
  if (require !== undefined) asked.require = readContexts(require);
  if (description !== undefined) asked.description = readDescription(description);
  const merged = { ...(payload === undefined ? {} : readPayload(payload)), ...readSets(strings(options.set)) };
  if (Object.keys(merged).length > 0) asked.payload = merged;
  if (typeof options['auto-merge'] === 'boolean') asked.autoMerge = options['auto-merge'];
  if (typeof options.production === 'boolean') asked.production = options.production;
  if (options.transient === true) asked.transient = true;
  return asked;
}

const strings = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string');

/** A task reaches shells and workflow files, so it is held to what both take as one word. */
export function readTask(task: string): string {
  if (/^[\p{L}\p{N}_][\p{L}\p{N}_.:/-]{0,127}$/u.test(task)) return task;
  throw new Refusal(
    'bad-task',
    say`${code(task)} can’t be a task: letters, digits and ${code('. _ - : /')} can, at most 128 of them. Try ${code('--task migrate')}.`,
  );
}

/** `fe1,fe2` → both. Throws a Refusal for what can't be a host's name. */
export function readHosts(text: string): string[] {
  const hosts = text.split(',').map((host) => host.trim());
  const wrong = hosts.find((host) => !/^[\p{L}\p{N}_][\p{L}\p{N}_.:-]{0,252}$/u.test(host));
  if (wrong === undefined && hosts.length <= mostHosts) return hosts;
  const what =
    wrong === undefined
      ? say`More than ${mostHosts} hosts were named.`
      : wrong === ''
        ? say`A host is missing in ${code(text)}.`
        : say`${code(wrong)} can’t be a host: letters, digits and ${code('. _ - :')} can.`;
  throw new Refusal('bad-host', [...what, ...say` Name them as in ${code('--host fe1,fe2')}.`]);
}

/** A comma inside parentheses belongs to the name: GitHub calls the jobs of a matrix `test (18, ubuntu)`. */
function readContexts(text: string): string[] {
  const contexts = text.split(/,(?![^()]*\))/).map((context) => context.trim());
  if (contexts.every((context) => context !== '' && !/\p{Cc}/u.test(context))) return [...new Set(contexts)];
  throw new Refusal(
    'bad-require',
    say`${code('--require')} takes the names of checks with commas between them, as in ${code('--require ci/build,ci/test')}. To ask for none, use ${code('--force')}.`,
  );
}

/** GitHub keeps it on one line; what is too long is shortened where it is sent. */
function readDescription(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  if (line !== '') return line;
  throw new Refusal(
    'bad-description',
    say`The description is empty. Leave it out, or say something, as in ${code('--description "the new front page"')}.`,
  );
}

function readPayload(text: string): Record<string, unknown> {
  let payload: unknown;
  try {
    payload = JSON.parse(text);
  } catch {
    throw badPayload(say`${code('--payload')} is not JSON.`);
  }
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    throw badPayload(say`${code('--payload')} must be a JSON object.`);
  }
  Object.keys(payload).forEach(mayBeSet);
  return payload as Record<string, unknown>;
}

const badPayload = (what: Words): Refusal =>
  new Refusal('bad-payload', [
    ...what,
    ...say` Put it in single quotes, as in ${code(`--payload '{"version": 2}'`)}, or set one key with ${code('--set version=2')}.`,
  ]);

/** `k=v`, flat: a dot in a key is a dot, and a value stays the text that was typed. */
function readSets(pairs: readonly string[]): Record<string, string> {
  const set = new Map<string, string>();
  for (const pair of pairs) {
    const [, key, value] = /^([^=\s\p{Cc}]{1,100})=([\s\S]*)$/u.exec(pair) ?? [];
    if (key === undefined || value === undefined) {
      throw new Refusal(
        'bad-set',
        say`${code(`--set ${pair}`)} needs a key, an equals sign and a value, as in ${code('--set version=2')}.`,
      );
    }
    mayBeSet(key);
    if (set.has(key)) {
      throw new Refusal('bad-set', say`${code(key)} is set twice. Keep one of them: ${code(`--set ${pair}`)}.`);
    }
    set.set(key, value);
  }
  return Object.fromEntries(set);
}

function mayBeSet(key: string): void {
  if (!botsOwnKeys.includes(key)) return;
  throw new Refusal(
    'reserved-key',
    say`${code(key)} in the payload is filled in by me and can’t be set. Use a key of your own, as in ${code(`--set my_${key.replaceAll('_', '')}=…`)}; mine are ${list(
      botsOwnKeys.filter((own) => own !== '__proto__').map(code),
      'and',
    )}.`,
  );
}
