import { publicUser } from './people.ts';
import { notFound, Refused } from './refused.ts';
import type { Route } from './route.ts';

/** What is no repository's. */
export const generalRoutes: Route[] = [
  {
    method: 'GET',
    path: '/user',
    docs: 'users/users#get-the-authenticated-user',
    perform: ({ caller, links }) => {
      if (caller.kind === 'user') return { status: 200, body: publicUser(caller.person, links) };
      if (caller.kind === 'anonymous') throw new Refused({ status: 401, message: 'Requires authentication' });
      throw new Refused({ status: 403, message: 'Resource not accessible by integration' });
    },
  },
  {
    method: 'GET',
    path: '/users/{login}',
    docs: 'users/users#get-a-user',
    perform: ({ params, github, links }) => {
      const person = github.people.find(params.login ?? '');
      if (!person) throw notFound();
      return { status: 200, body: publicUser(person, links) };
    },
  },
  {
    method: 'GET',
    path: '/rate_limit',
    docs: 'rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user',
    perform: ({ github, quota }) => {
      const { limit, used, remaining, reset } = github.rateLimits.quota(...quota);
      const core = { limit, used, remaining, reset };
      const search = { limit: 30, used: 0, remaining: 30, reset };
      return { status: 200, body: { resources: { core, search }, rate: core } };
    },
  },
  {
    method: 'GET',
    path: '/meta',
    docs: 'meta/meta#get-github-meta-information',
    perform: ({ links }) => ({
      status: 200,
      body: {
        verifiable_password_authentication: false,
        hooks: ['127.0.0.1/32'],
        api: ['127.0.0.1/32'],
        // Only GitHub Enterprise Server says its version.
        ...(links.api.endsWith('/api/v3') && { installed_version: enterpriseVersion }),
      },
    }),
  },
];

/** What the sandbox claims to be when it is asked below /api/v3. */
export const enterpriseVersion = '3.19.0';
