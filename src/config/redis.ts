import { nearest } from '../deploy/nearest.ts';
import type { Host, RedisAccess } from '../store/redis/access.ts';
import type { Variables } from './variables.ts';

const example = 'redis://:PASSWORD@HOST:6379';
const sentinelExample = 'redis+sentinel://:PASSWORD@HOST1:26379,HOST2:26379/MASTER';
const encode = 'characters such as / ? # @ : and % in a password are written percent-encoded (%2F for /)';

const parameters = ['prefix', 'sentinel_user', 'sentinel_password'] as const;
type Parameters = Partial<Record<(typeof parameters)[number], string>>;

/** What is wrong, as the end of a sentence that begins with the variable's name. Nothing of the URL is in it. */
class Wrong extends Error {}

/**
 * `redis://[user:password@]host[:port][/db][?prefix=…]`, with TLS `rediss://`; and
 * `redis+sentinel://[user:password@]host[:port],…/master[/db][?prefix=…&sentinel_user=…&sentinel_password=…]`, with TLS
 * `rediss+sentinel://`. What is wrong is noted; then the answer is undefined.
 */
export function readRedis(variables: Variables): RedisAccess | undefined {
  try {
    return accessFrom(variables.text('REDIS_URL') ?? '');
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    variables.wrong(`REDIS_URL ${error.message}`);
    return undefined;
  }
}

function accessFrom(url: string): RedisAccess {
  const [, scheme = '', rest] = /^([a-z+]+):\/\/(.*)$/is.exec(url) ?? [];
  const kind = /^redis(s)?(\+sentinel)?$/i.exec(scheme);
  if (rest === undefined || !kind) {
    throw new Wrong(`must begin with redis://, rediss:// (TLS) or redis+sentinel://, as in ${example}`);
  }
  const [, secure, hasSentinels] = kind;
  // The last @ ends the password; one further on shows that the password has a character that ends it too early.
  const [, login, hosts = '', path = '', query = ''] =
    /^(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#@]*))?(?:\?([^#@]*))?$/s.exec(rest) ?? [];
  if (hosts === '') throw new Wrong(`can’t be read, or names no host: write it as ${example}; ${encode}`);
  const given = parametersIn(query, hasSentinels !== undefined);
  return {
    hosts: hosts.split(',').map((host) => hostFrom(host, hasSentinels ? 26_379 : 6_379)),
    ...(hasSentinels ? sentinelFrom(path, given) : serverFrom(path, hosts)),
    ...loginFrom(login),
    ...(secure && { tls: {} }),
    prefix: prefixFrom(given.prefix),
  };
}

function loginFrom(login: string | undefined): Pick<RedisAccess, 'username' | 'password'> {
  if (login === undefined) return {};
  const colon = login.indexOf(':');
  const [username, password] = [login.slice(0, colon), login.slice(colon + 1)].map(decoded);
  if (colon < 0 || !password) throw new Wrong('has a user and no password: for a password alone write :PASSWORD@HOST');
  return username ? { username, password } : { password };
}

function hostFrom(text: string, usualPort: number): Host {
  const [, bracketed, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const port = Number(digits ?? usualPort);
  const host = bracketed ?? name;
  if (host === undefined || port < 1 || port > 65_535) {
    throw new Wrong(`has a host or port that can’t be read: write HOST:6379; ${encode}`);
  }
  return { host, port };
}

function serverFrom(path: string, hosts: string): Pick<RedisAccess, 'db'> {
  if (hosts.includes(',')) throw new Wrong(`names several hosts, which are Sentinels: write ${sentinelExample}`);
  return { db: dbFrom(path) };
}

function sentinelFrom(path: string, given: Parameters): Pick<RedisAccess, 'db' | 'sentinel'> {
  const [master = '', db = '', ...more] = path.split('/');
  if (master === '' || more.length > 0)
    throw new Wrong(`must say what the Sentinels call the server: ${sentinelExample}`);
  const { sentinel_user: username, sentinel_password: password } = given;
  return { db: dbFrom(db), sentinel: { master: decoded(master), username, password } };
}

function dbFrom(text: string): number {
  if (/^\d{0,5}$/.test(text)) return Number(text);
  throw new Wrong(`must end with the number of a database, as in ${example}/0; a prefix is given as ?prefix=NAME:`);
}

function parametersIn(query: string, hasSentinels: boolean): Parameters {
  const known = parameters.filter((name) => hasSentinels || name === 'prefix');
  const given: Parameters = {};
  for (const part of query.split('&').filter((text) => text !== '')) {
    const [name = '', ...value] = part.split('=');
    const parameter = known.find((each) => each === name);
    if (parameter === undefined) throw new Wrong(`has a parameter that is not known; ${instead(name, known)}`);
    if (given[parameter] !== undefined) throw new Wrong(`has the parameter ${parameter} twice`);
    given[parameter] = decoded(value.join('='));
  }
  return given;
}

function instead(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near ? `did you mean ${near}?` : `known here: ${known.join(', ')}`;
}

function prefixFrom(prefix = 'deckhand:'): string {
  if (/^[\x21-\x7e]{1,64}$/.test(prefix)) return prefix;
  throw new Wrong('has a prefix that can’t be used: 1 to 64 letters, digits and signs, such as deckhand:');
}

/** Not as a form would: a + is a plus. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Wrong(`has a % that is not followed by two hex digits; ${encode}`);
  }
}
