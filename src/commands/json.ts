import type { Raw } from '../deploy/inspect.ts';
import { quote } from '../deploy/line.ts';
import { code, lines, say, type Words } from '../deploy/words.ts';

/** One answer holds no more characters than this. */
const mostCharacters = 6_000;

/**
 * GitHub's own objects, printed. What makes them long and says nothing is shortened: accounts and Apps to their names. What
 * is left out because there is no room for it is said, with the way to see it all.
 */
export function jsonInWords({ json, path, parameters, repository }: Raw): Words {
  const all = shortened(json);
  const { text, left } = Array.isArray(all) ? wholeObjects(all) : firstLines(JSON.stringify(all, null, 2));
  const asked = Object.entries(parameters).flatMap(([name, value]) => ['-f', quote(`${name}=${value}`)]);
  const whole = code(
    [`gh api repos/${repository.fullName}/${path}`, ...(asked.length > 0 ? ['-X GET'] : []), ...asked].join(' '),
  );
  return [
    ...say`${code(`repos/${repository.fullName}/${path}`)}, accounts and Apps shortened to their names`,
    lines(text),
    ...(left === undefined ? [] : say`${left} left out for want of room; ${whole} shows all.`),
  ];
}

/** As many of a list's objects as fit, each of them whole. */
function wholeObjects(objects: readonly unknown[]): { text: string; left?: string } {
  let fitting = objects.length;
  const text = () => JSON.stringify(objects.slice(0, fitting), null, 2);
  while (fitting > 1 && sizeOf(text()) > mostCharacters) fitting -= 1;
  const left = objects.length - fitting;
  const first = firstLines(text());
  return left === 0 ? first : { text: first.text, left: `${left} of ${objects.length} are` };
}

function firstLines(text: string): { text: string; left?: string } {
  const all = text.split('\n');
  let size = 0;
  const over = all.findIndex((line) => {
    size += sizeOf(line) + 1;
    return size > mostCharacters;
  });
  if (over < 0) return { text };
  // Of one endless line its beginning.
  const kept = over === 0 ? text.slice(0, mostCharacters / mostEscaped) : all.slice(0, over).join('\n');
  const left = all.length - over;
  return { text: kept, left: left === 1 ? '1 line is' : `${left} lines are` };
}

/** How long it gets where `<`, `>` and `&` are escaped. */
const sizeOf = (text: string): number => text.length + (mostEscaped - 1) * (text.match(/[<>&]/g)?.length ?? 0);
const mostEscaped = 5;

/** The same value, its accounts and Apps by name, and without the signature of a return address. */
function shortened(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(signatures, '$1…');
  if (Array.isArray(value)) return value.map(shortened);
  if (typeof value !== 'object' || value === null) return value;
  const { login, slug, name, id, avatar_url, permissions } = value as Record<string, unknown>;
  if (login !== undefined && avatar_url !== undefined) return { login, id };
  if (slug !== undefined && permissions !== undefined) return { slug, name, id };
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, isSignature(key, value) ? '…' : shortened(inner)]),
  );
}

const isSignature = (key: string, { request }: { request?: unknown }): boolean =>
  key === 'signature' && request !== undefined;

/** In a payload that is JSON within a string, however often it was encoded. */
const signatures = /(\\*"signature\\*"\s*:\s*\\*")[^"\\]+/g;
