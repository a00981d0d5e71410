import type { Deployment, Note, NoteLine, Status, StatusLine } from './deployment.ts';

/** What the parent message shows: the deployment, where it stands, and what is worth a look. */
export interface ParentView {
  deployment: Deployment;
  /** The newest status that counts, in GitHub's order; none until a deployer speaks. */
  status?: Status;
  /** Statuses and notes that change what the parent says. */
  notes: readonly Note[];
  /** From creation to the first ending, in ms. */
  tookMs?: number;
  logUrl?: string;
  environmentUrl?: string;
  /** GitHub's environment that a status has moved it to. */
  movedTo?: string;
  /** A newer deployment of the environment took over: its GitHub id where we know it. */
  superseded?: { by?: number };
}

/** Everything known about a deployment when its story is told. */
export interface Story {
  deployment: Deployment;
  statuses: readonly StatusLine[];
  notes: readonly NoteLine[];
}
