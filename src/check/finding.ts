/**
 * What one look has shown. `wrong`: something that is configured does not work. `warning`: it works, and something is
 * worse than it need be. Texts are sentences without their full stop, and never have a secret in them.
 */
export type Finding = {
  /** `Slack`, `GitHub`, … */
  about: string;
  /** The repository, room or the like that it is about. Findings that differ only in it are told as one. */
  of?: string;
  what: string;
} & ({ mark: 'ok' } | { mark: 'warning' | 'wrong'; why: string; todo: string });

/** Makes the findings about one part. */
export const about = (part: string) => ({
  ok: (what: string, of?: string): Finding => ({ mark: 'ok', about: part, of, what }),
  warning: (what: string, why: string, todo: string, of?: string): Finding => ({
    mark: 'warning',
    about: part,
    of,
    what,
    why,
    todo,
  }),
  wrong: (what: string, why: string, todo: string, of?: string): Finding => ({
    mark: 'wrong',
    about: part,
    of,
    what,
    why,
    todo,
  }),
});

export const isWrong = ({ mark }: Finding): boolean => mark === 'wrong';

/** A line for each, and one that counts. */
export function report(all: readonly Finding[]): string {
  const lines = together(all).map(lineOf);
  return [...lines, '', verdictOn(all)].join('\n');
}

function verdictOn(all: readonly Finding[]): string {
  const count = (wanted: Finding['mark']) => together(all.filter(({ mark }) => mark === wanted)).length;
  const [wrong, warnings] = [count('wrong'), count('warning')];
  const rest = warnings === 0 ? '' : ` ${warnings === 1 ? 'One warning' : `${warnings} warnings`}.`;
  if (wrong === 0) return `Nothing is wrong.${rest}`;
  return `${wrong === 1 ? 'One thing is' : `${wrong} things are`} wrong.${rest}`;
}

interface Line {
  finding: Finding;
  of: string[];
}

/** One line for what is amiss alike in many places, where it was said first. */
function together(all: readonly Finding[]): Line[] {
  const lines = new Map<string, Line>();
  for (const finding of all) {
    const { of, ...rest } = finding;
    const key = JSON.stringify([rest, of !== undefined]);
    const known = lines.get(key);
    if (known && of !== undefined) known.of.push(of);
    else if (!known) lines.set(key, { finding, of: of === undefined ? [] : [of] });
  }
  return [...lines.values()];
}

const mostNamed = 5;

function lineOf({ finding, of }: Line): string {
  const more = of.length > mostNamed ? ` and ${of.length - mostNamed} more` : '';
  const about = [finding.about, of.slice(0, mostNamed).join(', ') + more].filter((part) => part !== '').join(' ');
  const texts = finding.mark === 'ok' ? [finding.what] : [finding.what, finding.why, finding.todo];
  const sentences = texts.map((text) => (/[.!?]”?$/.test(text) ? text : `${text}.`));
  return onOneLine(`${finding.mark.padEnd(7)}  ${about}: ${sentences.join(' ')}`);
}

/** Names and answers are others' texts: they must not begin a line of their own, nor steer a terminal. */
const onOneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ');
