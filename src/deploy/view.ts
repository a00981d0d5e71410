import {
  type Deployment,
  inOrder,
  isDone,
  isEnding,
  isFailure,
  type Line,
  type Status,
  type StatusLine,
} from './deployment.ts';
import { movedTo } from './moved-to.ts';
import type { Manner } from './ports.ts';
import type { ParentView, Story } from './story.ts';

export const isStatus = (line: Line): line is StatusLine => 'status' in line;

/** Lines that nobody has read yet, in the order in which they happened. */
export function untold(story: Story): Line[] {
  const notes = story.notes.filter((line) => !isDone(line.telling));
  const statuses = story.statuses.filter((line) => !isDone(line.telling));
  // GitHub's times have whole seconds, ours do not: a note of the same second comes after what GitHub said.
  return [...statuses, ...notes].sort((a, b) => {
    if (isStatus(a) && isStatus(b)) return inOrder(a.status, b.status);
    const [first, second] = [a.at.slice(0, 19), b.at.slice(0, 19)];
    if (first !== second) return first < second ? -1 : 1;
    return isStatus(a) === isStatus(b) ? (a.at < b.at ? -1 : 1) : isStatus(a) ? -1 : 1;
  });
}

/** How a line is said, given everything else that is known. */
export function manner(line: Line, story: Story): Manner {
  if (!isStatus(line)) return { loud: false, mention: false, late: false };
  const newerTold = story.statuses.some(
    (other) => inOrder(other.status, line.status) > 0 && other.telling.ts !== undefined,
  );
  const ending = isEnding(line.status.state);
  return {
    // Whichever failure is told first is the loud one, and only that one.
    loud: isFailure(line.status.state) && !story.statuses.some(wasLoud),
    mention: ending && !newerTold && !story.deployment.mirror,
    late: newerTold,
    ...(ending && took(story.deployment, line.status)),
  };
}

const wasLoud = ({ status, telling }: StatusLine): boolean => isFailure(status.state) && telling.ts !== undefined;

function took(deployment: Deployment, ending: Status): { tookMs?: number } {
  const ms = Date.parse(ending.createdAt) - Date.parse(deployment.createdAt ?? deployment.askedAt);
  return Number.isFinite(ms) && ms >= 0 ? { tookMs: ms } : {};
}

/**
 * What the parent shows: the newest status in GitHub's order, whenever it arrived. `newer`: what took its place on GitHub;
 * one of another task has taken nothing over.
 */
export function parentView(story: Story, newer?: number | 'another task'): ParentView {
  const statuses = story.statuses.map((line) => line.status);
  const last = statuses.at(-1);
  const silent = story.statuses.at(-1)?.telling.given === 'silently' && last?.state === 'inactive';
  const isReplaced = newer !== 'another task' && (silent || (newer !== undefined && last?.state === 'success'));
  // A deployment that was taken over still shows how it ended.
  const status = silent ? (statuses.findLast(({ state }) => state !== 'inactive') ?? last) : last;
  const ending = statuses.findLast(({ state }) => isEnding(state));
  const logUrl = statuses.findLast((known) => known.logUrl)?.logUrl;
  const environmentUrl = statuses.findLast((known) => known.environmentUrl)?.environmentUrl;
  const moved = movedTo(story.deployment, statuses);
  return {
    deployment: story.deployment,
    ...(status && { status }),
    notes: story.notes.map((line) => line.note),
    ...(ending && took(story.deployment, ending)),
    ...(logUrl && { logUrl }),
    ...(environmentUrl && { environmentUrl }),
    ...(moved !== undefined && { movedTo: moved }),
    ...(isReplaced && { superseded: newer === undefined ? {} : { by: newer } }),
  };
}
