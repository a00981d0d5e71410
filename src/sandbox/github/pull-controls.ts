import { rm } from 'node:fs/promises';
import { noreply } from './directory.ts';
import { commitFiles } from './git-files.ts';
import { forkRepository } from './git-fork.ts';
import { type Links, type PullRequest, type Repository, stamp } from './memory.ts';
import { type PullObject, pullObject } from './pull-object.ts';
import { closePull, type MergeMethod, mergedPull, mergePull, noticePushes, openPull } from './pulls.ts';
import { tellOfPush } from './push-event.ts';
import type { Surroundings } from './route.ts';

/** What people do with branches and pull requests. All take a repository's full name, and throw where it can't be. */
export interface PullControls {
  /** Somebody's copy of a repository, `<owner>/<name>`, with all its branches. One that is there begins anew. */
  fork(fullName: string, owner: string): Promise<Repository>;
  /** Somebody pushes a commit. A new branch begins at the tip of the default branch. Resolves with the commit's SHA. */
  push(fullName: string, branch: string, commit?: CommitOptions): Promise<string>;
  openPull(fullName: string, pull: PullOptions): Promise<PullObject>;
  closePull(fullName: string, number: number, by?: string): Promise<PullObject>;
  /** As the button on its page does. */
  mergePull(fullName: string, number: number, o?: MergeOptions): Promise<PullObject>;
  /** One that was merged long ago: git has its head as `refs/pull/<number>/head`, and the commit. No webhook is sent. */
  addMergedPull(fullName: string, p: MergedPull): Promise<PullObject>;
}

export interface MergedPull {
  title: string;
  author: string;
  /** Who merged it. */
  by: string;
  /** The branch that it was; gone since. */
  branch: string;
  /** The commit on the default branch that it became. */
  commit: string;
}

export interface CommitOptions {
  /** Contents by path; a line of its own in a file of its own when left out. */
  files?: Record<string, string>;
  message?: string;
  /** A login, `sandbox-user` when left out. */
  by?: string;
  /** The author's address, where it should not be the one that leads to the login. */
  email?: string;
}

export interface PullOptions {
  /** A branch, or `owner:branch` of a fork. */
  head: string;
  /** The default branch when left out. */
  base?: string;
  /** The last commit's first line when left out. */
  title?: string;
  body?: string;
  /** The owner of the fork, else `sandbox-user`, when left out. */
  author?: string;
}

export interface MergeOptions {
  /** `merge` when left out. */
  method?: MergeMethod;
  by?: string;
}

const usualUser = 'sandbox-user';

/** `known` finds a repository or throws; `adopt` takes up the bare repository in a folder. */
export function pullControls(
  github: Surroundings,
  links: Links,
  known: (fullName: string) => Repository,
  adopt: (folder: string, o: { owner: string; name: string; forkOf: Repository }) => Promise<Repository>,
): PullControls {
  const user = (login = usualUser) => github.people.person(login, 'User');

  function pullOf(repository: Repository, number: number): PullRequest {
    const found = repository.pulls.find((pull) => pull.number === number);
    if (!found) throw new Error(`${repository.fullName} has no pull request #${number}`);
    return found;
  }

  /** The fork that `owner:branch` speaks of, or the repository itself. */
  function sideOf(repository: Repository, head: string): { repository: Repository; branch: string } {
    const [owner = '', branch] = head.split(':', 2);
    if (branch === undefined) return { repository, branch: head };
    return { repository: known(`${owner}/${repository.name}`), branch };
  }

  return {
    async fork(fullName, owner) {
      const forkOf = known(fullName);
      const folder = forkOf.folder.replace(/[^/]+\/([^/]+)$/, `${owner}/$1`);
      await rm(folder, { recursive: true, force: true });
      await forkRepository(forkOf.folder, folder, forkOf.defaultBranch);
      return adopt(folder, { owner, name: forkOf.name, forkOf });
    },
    async push(fullName, branch, { files, message, by, email } = {}) {
      const repository = known(fullName);
      const { git, defaultBranch } = repository;
      const person = user(by);
      const ref = `refs/heads/${branch}`;
      const there = await git.resolve(ref);
      const from = there ?? (await git.resolve(`refs/heads/${defaultBranch}`));
      if (!from) throw new Error(`${fullName} has no commit to begin with`);
      const after = await commitFiles(repository.folder, {
        from: from.sha,
        files: files ?? { [`changes/${github.nextId()}.txt`]: `${person.login} was here\n` },
        message: message ?? `A change by ${person.login}`,
        who: { name: person.login, email: email ?? noreply(person), date: stamp(github.now()) },
      });
      await git.setRef(ref, after);
      const push = { ref, before: there?.sha, after, since: from.sha, by: person };
      await tellOfPush(github.webhooks, links, repository, push);
      for (const place of [repository, repository.forkOf])
        if (place) await noticePushes({ github, links, repository: place });
      return after;
    },
    async openPull(fullName, o) {
      const repository = known(fullName);
      const head = sideOf(repository, o.head);
      const tip = await head.repository.git.resolve(`refs/heads/${head.branch}`);
      const subject = tip && (await repository.git.commitFacts(tip.sha)).message.split('\n', 1)[0];
      const isFork = head.repository !== repository;
      const pull = await openPull(
        { github, links, repository },
        {
          author: user(o.author ?? (isFork ? head.repository.owner.login : undefined)),
          title: o.title ?? subject ?? head.branch,
          body: o.body ?? null,
          head,
          base: o.base ?? repository.defaultBranch,
        },
      );
      return pullObject(github, repository, pull, links);
    },
    async closePull(fullName, number, by) {
      const repository = known(fullName);
      const pull = pullOf(repository, number);
      await closePull({ github, links, repository }, pull, user(by));
      return pullObject(github, repository, pull, links);
    },
    async mergePull(fullName, number, { method = 'merge', by } = {}) {
      const repository = known(fullName);
      const pull = pullOf(repository, number);
      await mergePull({ github, links, repository }, pull, user(by), method);
      return pullObject(github, repository, pull, links);
    },
    async addMergedPull(fullName, p) {
      const repository = known(fullName);
      const pull = await mergedPull(github, repository, { ...p, author: user(p.author), by: user(p.by) });
      repository.pulls.push(pull);
      return pullObject(github, repository, pull, links);
    },
  };
}
