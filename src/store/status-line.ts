import { inOrder, type Status, type StatusLine, type Telling } from '../deploy/deployment.ts';

/** Told or given up: nothing is left to do. */
export const isDone = ({ ts, given }: Telling): boolean => ts !== undefined || given !== undefined;

export const statusLine = (status: Status, telling: Telling): StatusLine => ({
  key: `status:${status.id}`,
  at: status.createdAt,
  status,
  telling,
});

export const inGitHubsOrder = (a: StatusLine, b: StatusLine): number => inOrder(a.status, b.status);

/** When it came, in ms since 1970; where nobody noted that, when it was set. 0: nobody can tell. */
export const cameAt = ({ receivedAt, createdAt }: Status): number => Date.parse(receivedAt ?? createdAt) || 0;
