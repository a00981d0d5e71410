import { ann, type Flow } from './flow.ts';
import { asked, calm, until } from './seen.ts';

/** Questions, and what GitHub is asked for their answers. */

/** Types it, and answers what that person alone was told. */
export async function answered(flow: Flow, line: string, user = ann): Promise<string> {
  const count = flow.told(user).length;
  await flow.type(line, { user });
  return newAnswer(flow, count, user);
}

/** The next thing that person is told, after so many. */
export async function newAnswer(flow: Flow, count: number, user = ann): Promise<string> {
  await until(flow, () => flow.told(user).length > count);
  await calm(flow);
  return flow.told(user).at(-1) as string;
}

/** The same, with the requests that it cost. */
export async function costOf(flow: Flow, line: string): Promise<{ text: string; requests: string[] }> {
  const before = asked(flow).length;
  const text = await answered(flow, line);
  return {
    text,
    requests: asked(flow)
      .slice(before)
      .map(({ method, path }) => `${method} ${path}`),
  };
}

/** Its line of an answer, and those below it that are about it. */
export function linesAbout(text: string, environment: string): string {
  const [, ...lines] = text.split('\n');
  const first = lines.findIndex((line) => new RegExp(`^\\S+ ${environment}\\b`).test(line));
  if (first < 0) return '';
  const after = lines.slice(first + 1).findIndex((line) => !line.startsWith('↳'));
  return lines.slice(first, after < 0 ? undefined : first + 1 + after).join('\n');
}

export const hour = 3_600_000;
/** So long ago on the flow's clock. */
export const ago = (flow: Flow, ms: number): Date => new Date(flow.clock.now().getTime() - ms);
