import type { Answer } from '../faults.ts';
import type { Needs } from './access.ts';
import { actor } from './actor.ts';
import { type AutoMerge, autoMerge } from './auto-merge.ts';
import { tellOfDeployment } from './deployment-events.ts';
import { deploymentObject } from './deployment-object.ts';
import { noreply } from './directory.ts';
import { readFields } from './fields.ts';
import { blockingContexts } from './gate.ts';
import { type Deployment, inTurn, type Links, type Repository, stamp } from './memory.ts';
import { pageOf } from './paging.ts';
import { noticePushes } from './pulls.ts';
import { tellOfPush } from './push-event.ts';
import { notFound, Refused } from './refused.ts';
import type { RepositoryCall, RepositoryRoute, Surroundings } from './route.ts';

const scopes = ['repo', 'repo_deployment'];
export const readsDeployments: Needs = { scopes, permission: ['deployments', 'read'] };
export const writesDeployments: Needs = { scopes, permission: ['deployments', 'write'] };

/** Source: docs.github.com/rest/deployments/deployments. */
export const deploymentRoutes: RepositoryRoute[] = [
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/deployments',
    docs: 'deployments/deployments#list-deployments',
    needs: readsDeployments,
    perform: list,
  },
  {
    method: 'POST',
    path: '/repos/{owner}/{repo}/deployments',
    docs: 'deployments/deployments#create-a-deployment',
    needs: writesDeployments,
    // One after the other: between the look at the branch and the merge nobody else deploys it.
    async perform(call) {
      try {
        return await inTurn(call.repository, () => create(call));
      } finally {
        // A merge into the branch of a pull request is a push to that.
        await noticePushes(call);
      }
    },
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/deployments/{id}',
    docs: 'deployments/deployments#get-a-deployment',
    needs: readsDeployments,
    perform: (call) => ({
      status: 200,
      body: deploymentObject(call.repository, deploymentOf(call), call.links),
    }),
  },
  {
    method: 'DELETE',
    path: '/repos/{owner}/{repo}/deployments/{id}',
    docs: 'deployments/deployments#delete-a-deployment',
    needs: writesDeployments,
    perform: remove,
  },
];

/** The deployment that the path names. Throws 404 when there is none. */
export function deploymentOf({ repository, params }: RepositoryCall): Deployment {
  const found = repository.deployments.find(({ id }) => String(id) === params.id);
  if (!found) throw notFound();
  return found;
}

function list(call: RepositoryCall): Answer {
  const { repository, query, links } = call;
  const wanted = (name: string, value: string) => [null, 'none', value].includes(query.get(name));
  const found = repository.deployments.filter(
    ({ sha, ref, task, environment }) =>
      wanted('sha', sha) && wanted('ref', ref) && wanted('task', task) && wanted('environment', environment),
  );
  const { items, headers } = pageOf(call, found.reverse());
  return { status: 200, headers, body: items.map((one) => deploymentObject(repository, one, links)) };
}

function readAsked(body: unknown) {
  const fields = readFields('Deployment', body);
  const ref = fields.text('ref', { required: true }) ?? '';
  const environment = fields.text('environment') ?? 'production';
  const asked = {
    ref,
    environment,
    task: fields.text('task') ?? 'deploy',
    autoMerge: fields.flag('auto_merge') ?? true,
    requiredContexts: fields.texts('required_contexts'),
    payload: fields.objectOrText('payload') ?? '',
    description: fields.text('description', { nullable: true }) ?? null,
    transient: fields.flag('transient_environment') ?? false,
    production: fields.flag('production_environment') ?? environment === 'production',
  };
  fields.refuseIfWrong();
  return asked;
}

async function create(call: RepositoryCall): Promise<Answer> {
  const { repository, github, links } = call;
  const asked = readAsked(call.body);
  const target = await repository.git.resolve(asked.ref);
  if (!target) throw new Refused({ status: 422, message: `No ref found for: ${asked.ref}` });
  const { person, app } = actor(call.caller);

  if (asked.autoMerge) {
    const who = { name: person.login, email: noreply(person), date: stamp(github.now()) };
    const merged = await autoMerge(repository, target, who);
    if (typeof merged === 'object')
      await tellOfPush(github.webhooks, links, repository, { ...merged.pushed, by: person });
    const answer = answerToMerge(merged, repository.defaultBranch, asked.ref);
    if (answer) return answer;
  }

  const contexts = blockingContexts(repository, target.sha, asked.requiredContexts);
  if (contexts)
    throw new Refused({
      status: 409,
      message: `Conflict: Commit status checks failed for ${asked.ref}.`,
      errors: [{ contexts, resource: 'Deployment', field: 'required_contexts', code: 'invalid' }],
    });

  const { ref, environment, task, payload, description, transient, production } = asked;
  const facts = { ref, environment, task, payload, description, transient, production };
  const made = { ...facts, sha: target.sha, creator: person, app };
  const deployment = addDeployment(github, links, repository, made);
  const body = deploymentObject(repository, deployment, links);
  return { status: 201, headers: { location: body.url }, body };
}

/** What somebody decides of a deployment; the rest is GitHub's. */
export type NewDeployment = Omit<Deployment, 'id' | 'originalEnvironment' | 'createdAt' | 'updatedAt' | 'statuses'>;

/** Creates a deployment, and tells the webhooks. Nothing is looked at. */
export function addDeployment(
  github: Surroundings,
  links: Links,
  repository: Repository,
  made: NewDeployment,
): Deployment {
  const now = github.now();
  const ofGitHub = { id: github.nextId(), originalEnvironment: made.environment, createdAt: now, updatedAt: now };
  const deployment: Deployment = { ...made, ...ofGitHub, statuses: [] };
  repository.deployments.push(deployment);
  tellOfDeployment(github.webhooks, links, repository, deployment);
  return deployment;
}

function answerToMerge(merge: AutoMerge, defaultBranch: string, ref: string): Answer | undefined {
  if (merge === 'nothing to merge') return undefined;
  if (merge === 'conflict')
    throw new Refused({ status: 409, message: `Conflict merging ${defaultBranch} into ${ref}.` });
  return { status: 202, body: { message: `Auto-merged ${defaultBranch} into ${ref} on deployment.` } };
}

function remove(call: RepositoryCall): Answer {
  const { repository } = call;
  const deployment = deploymentOf(call);
  const state = deployment.statuses.at(-1)?.state;
  // "Inactive" is any newest status but success; one without statuses has not become inactive yet.
  const inactive = state !== undefined && state !== 'success';
  if (!inactive && repository.deployments.length > 1)
    throw new Refused({
      status: 422,
      message: 'We cannot delete an active deployment unless it is the only deployment in a given environment.',
    });
  repository.deployments = repository.deployments.filter((other) => other !== deployment);
  return { status: 204 };
}
