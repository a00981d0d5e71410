import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseDocument } from 'yaml';

/** What may be different in somebody's own Slack app. */
interface Wishes {
  /** Where Slack sends what people type, without a slash at its end; omitted: nowhere, over Socket Mode. */
  url?: string;
  /** With its slash. */
  command?: string;
  name?: string;
}

/** What was typed can't be used; the message is one sentence with what to type instead. */
class Mistake extends Error {}

const usage = 'npm run manifest -- [--url https://deckhand.example.com] [--command /ship] [--name Ship]';

/**
 * The manifest of the project with these wishes in it, its comments kept. In Socket Mode Slack takes no URLs.
 * Limits: docs.slack.dev/reference/app-manifest.
 */
function manifestWith(text: string, { url, command, name }: Wishes): string {
  const manifest = parseDocument(text);
  if (name !== undefined) {
    manifest.setIn(['display_information', 'name'], name);
    manifest.setIn(['features', 'bot_user', 'display_name'], botNameFrom(name));
  }
  if (command !== undefined) manifest.setIn(['features', 'slash_commands', 0, 'command'], command);
  if (url === undefined) return manifest.toString({ lineWidth: 0 });

  const requestUrl = `${url}/slack/events`;
  manifest.setIn(['features', 'slash_commands', 0, 'url'], requestUrl);
  manifest.setIn(['settings', 'event_subscriptions', 'request_url'], requestUrl);
  manifest.setIn(['settings', 'interactivity', 'request_url'], requestUrl);
  manifest.setIn(['settings', 'socket_mode_enabled'], false);
  const body = manifest.toString({ lineWidth: 0 }).replace(/^(#.*\n)+/, '');
  return `${overHttp(url)}${body}`;
}

const overHttp = (url: string): string => `\
# Paste this at https://api.slack.com/apps → Create New App → From a manifest.
# Slack sends what people type to ${url}. Start the bot there with SLACK_SIGNING_SECRET (Basic Information) and without
# SLACK_APP_TOKEN; then press Verify beside the request URL under App Manifest.
`;

function wishesFrom(args: readonly string[]): Wishes {
  const { url, command, name } = optionsIn(args);
  return {
    ...(url !== undefined && { url: urlFrom(url) }),
    ...(command !== undefined && { command: commandFrom(command) }),
    ...(name !== undefined && { name: nameFrom(name) }),
  };
}

function optionsIn(args: readonly string[]) {
  const options = { url: { type: 'string' }, command: { type: 'string' }, name: { type: 'string' } } as const;
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch {
    throw new Mistake(`That can’t be understood; type: ${usage}`);
  }
}

function urlFrom(text: string): string {
  const example = 'such as --url https://deckhand.example.com';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:') throw new Mistake(`--url must begin with https://, ${example}.`);
  if (url.username || url.password || url.search || url.hash) {
    throw new Mistake(`--url must be a root, without user, ? or #, ${example}.`);
  }
  if (/\/slack\/events\/?$/.test(url.pathname)) throw new Mistake(`--url goes without /slack/events, ${example}.`);
  if (/^(localhost|127\..*|\[::1\])$/.test(url.hostname)) {
    throw new Mistake(
      '--url is an address of this machine alone, which Slack can’t reach: leave it out for Socket Mode.',
    );
  }
  const root = url.href.replace(/\/+$/, '');
  if (root.length > 2_900) throw new Mistake(`--url is longer than Slack takes, ${example}.`);
  return root;
}

function commandFrom(text: string): string {
  if (/^\/[a-z0-9_-]{1,31}$/.test(text)) return text;
  throw new Mistake('--command must be a slash and at most 31 small letters, digits, - or _, such as --command /ship.');
}

const longestName = 35;

function nameFrom(text: string): string {
  const name = text.trim();
  if (name === '' || name.length > longestName || /[\p{Cc}\u2028\u2029]/u.test(name)) {
    throw new Mistake(`--name must have 1 to ${longestName} characters on one line, such as --name Ship.`);
  }
  if (botNameFrom(name) === '') {
    throw new Mistake('--name must have a letter a to z or a digit in it, of which the bot’s own name is made.');
  }
  return name;
}

/** What stands after the @: Slack takes a to z, digits, - _ and . there. */
const botNameFrom = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');

/** At the root of the project, which is one folder further from what is built of this file. */
function ownManifest(): string {
  const [near, far] = ['../manifest.yml', '../../manifest.yml'].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  return readFileSync(near !== undefined && existsSync(near) ? near : (far ?? ''), 'utf8');
}

try {
  process.stdout.write(manifestWith(ownManifest(), wishesFrom(process.argv.slice(2))));
} catch (error) {
  if (!(error instanceof Mistake)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
