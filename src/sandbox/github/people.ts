import { type Links, nodeId, stamp } from './memory.ts';

/** Somebody who can own repositories or set statuses. */
export interface Person {
  id: number;
  login: string;
  type: 'User' | 'Organization' | 'Bot';
  since: Date;
}

/** "Simple User" of GitHub's schemas. */
export function simpleUser(person: Person, { api, web }: Links) {
  const name = encodeURIComponent(person.login);
  const url = `${api}/users/${name}`;
  return {
    login: person.login,
    id: person.id,
    node_id: nodeId('U', person.id),
    avatar_url: `${web}/avatars/${person.id}`,
    gravatar_id: '',
    url,
    html_url: person.type === 'Bot' ? `${web}/apps/${name.replace('%5Bbot%5D', '')}` : `${web}/${name}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: person.type,
    user_view_type: 'public',
    site_admin: false,
  };
}

/** "Public User": what a token without the scope `user` sees of its own user. */
export function publicUser(person: Person, links: Links) {
  return {
    ...simpleUser(person, links),
    name: person.login,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: stamp(person.since),
    updated_at: stamp(person.since),
  };
}

/** "Organization Simple", as webhooks carry it. */
export function simpleOrganization(person: Person, { api, web }: Links) {
  const url = `${api}/orgs/${encodeURIComponent(person.login)}`;
  return {
    login: person.login,
    id: person.id,
    node_id: nodeId('O', person.id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${web}/avatars/${person.id}`,
    description: '',
  };
}
