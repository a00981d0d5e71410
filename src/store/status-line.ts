import { inOrder, type Status, type StatusLine, type Telling } from '../deploy/deployment.ts';

export const statusLine = (status: Status, telling: Telling): StatusLine => ({
  key: `status:${status.id}`,
  at: status.createdAt,
  status,
  telling,
});

export const inGitHubsOrder = (a: StatusLine, b: StatusLine): number => inOrder(a.status, b.status);

/** Whether nobody here is to be told of it, unless its deployment is known as ours. */
export const isNobodys = ({ foreign, wanted }: Status): boolean => foreign === true && !wanted;
/** The telling of such a status, from the first. */
export const toldToNobody: Telling = { given: 'silently' };

/** When it came, in ms since 1970; where nobody noted that, when it was set. 0: nobody can tell. */
export const cameAt = ({ receivedAt, createdAt }: Status): number => Date.parse(receivedAt ?? createdAt) || 0;
