import { z } from 'zod';

/**
 * The shape of the catalogue, once: it checks `apps.yml`, names the right keys for “did you mean”, and becomes
 * apps.schema.json, which editors read. What one value alone can't tell (does that environment exist?) is in apps-yml.ts.
 */

/** The payload's own keys (the README lists them); `config` belongs to the app. */
export const reservedPayloadKeys = ['user', 'room_id', 'name', 'hosts', 'notify', 'deckhand'] as const;

const typeable = '[^\\s/@#!:\'"“”‘’<>&,`—–-][^\\s/@#!:\'"“”‘’<>&,`]*';
/** What people can type as an app: no white space, nothing that the grammar of `/deploy` gives a meaning. */
export const appName = z
  .string()
  .max(100, 'an app’s name has at most 100 characters')
  .regex(
    new RegExp(`^${typeable}$`),
    'is no name for an app: people type it, so no spaces, quotes or any of / @ # ! : < > & , and no - in front',
  )
  .describe('What people type: `/deploy hello`. No two apps may have the same name in different case.');

export const environmentName = z
  .string()
  .max(255, 'an environment’s name has at most 255 characters')
  .regex(
    new RegExp(`^${typeable}(/${typeable})*$`),
    'is no name for an environment: people type it, so no spaces, quotes or any of @ # ! : < > & , and no - in front',
  )
  .describe('What people type after `to`, such as staging or review/pr-12.');

const durationIs = 'must be a duration such as 45s, 2m, 1h or 1d';
const duration = z.string(durationIs).regex(/^[1-9][0-9]{0,6}[smhd]$/, durationIs);

const contexts = z
  .array(z.string().min(1, 'must not be empty'))
  .describe('Commit statuses and check runs that must be green. Omitted: all that the commit has; []: none.');

const room = z
  .string()
  .regex(
    /^([CGD][A-Z0-9]+|#[^\s#@,<>|]{1,80})$/,
    'must be a room’s id (C0123ABCD, G… or D…) or its name with the #, in quotes: "#ops"',
  );

/** Those that GitHub has today. */
export const states = [
  ...['queued', 'pending', 'in_progress', 'waiting'],
  ...['success', 'failure', 'error', 'inactive'],
] as const;

const channelIs = 'must be a channel’s id, such as C0123ABCD (at the end of the channel’s “About”)';
const channel = (is: string) =>
  z
    .string(is)
    .regex(/^[CG][A-Z0-9]+$/, is)
    .describe('A channel’s id.');
// What is wrong with the text is what is said of anything that is none of the three.
const announceRoom = channel(`${channelIs}, or a mapping with room: and what is told there, or false`);
const some = <T extends z.ZodType>(one: T) =>
  z.array(one).min(1, 'is empty, so nothing would be told: leave it out for all, or say announce: false').optional();

const announceWhat = z.strictObject({
  room: channel(channelIs),
  states: some(z.enum(states, `must be one of ${states.join(', ')}`)).describe('Omitted: all states.'),
  tasks: some(z.string().regex(/^[^\s"']+$/, 'must be one word')).describe('Omitted: all tasks.'),
});
const announceWhere = announceWhat.extend({
  environments: some(environmentName).describe('Names or aliases. Omitted: all environments.'),
});
const announceInEnvironment = z
  .union([announceRoom, announceWhat, z.literal(false)])
  .describe('Where deployments to it that were started elsewhere are told. Omitted: as the app says. false: nowhere.');
const announce = z
  .union([announceRoom, announceWhere, z.literal(false)])
  .describe(
    'Where deployments that were started elsewhere (API, Actions, other tools) are told: a channel’s id, or a mapping. false: nowhere.',
  );

const outsiders = z
  .strictObject({
    guests: z.boolean().optional().describe('Guests of the workspace (single- and multi-channel). Default: false.'),
    external: z
      .boolean()
      .optional()
      .describe('People from other organisations, through Slack Connect. Default: false.'),
    bots: z.boolean().optional().describe('Other bots. Default: false.'),
  })
  .describe('Who may deploy beside the workspace’s own members.');

export const environmentSchema = z
  .strictObject({
    aliases: z.array(environmentName).default([]).describe('Other names that people may type, such as stg.'),
    github_environment: z
      .string()
      .min(1, 'must not be empty')
      .max(255, 'must have at most 255 characters')
      .optional()
      .describe('What GitHub is told; for several apps in one repository. Default: the environment’s own name.'),
    production_environment: z
      .boolean()
      .optional()
      .describe('Whether end users work with it. Omitted: GitHub says so of `production` alone.'),
    transient_environment: z
      .boolean()
      .optional()
      .describe('Whether it goes away again, as review apps do. Default: false.'),
    required_contexts: contexts.optional(),
    announce: announceInEnvironment.optional(),
  })
  .describe('An environment of the app; may be left empty.');

export const appSchema = z
  .strictObject({
    repository: z
      .string()
      .regex(
        /^([A-Za-z0-9][A-Za-z0-9_-]*\/)?[A-Za-z0-9_.-]+$/,
        'must be owner/name, or the bare name of a repository of the owner',
      )
      .describe('owner/name on GitHub, or a bare name where the catalogue has an owner.'),
    default_environment: environmentName
      .optional()
      .describe('Where a line without an environment deploys to. Omitted: production, after a confirmation.'),
    task: z
      .string()
      .regex(/^[^\s"']+$/, 'must be one word')
      .default('deploy')
      .describe('The deployment’s task where the line names none.'),
    auto_merge: z
      .boolean()
      .default(false)
      .describe('true: GitHub merges the default branch into the ref first, and pushes that merge.'),
    required_contexts: contexts.optional(),
    allowed_rooms: z.array(room).optional().describe('The only rooms it may be deployed from. Omitted: every room.'),
    allow: outsiders.optional(),
    payload: z
      .record(z.string(), z.unknown())
      .default({})
      .describe(`Merged into the payload of every deployment. May not set ${reservedPayloadKeys.join(', ')}.`),
    no_deployer_after: duration.default('2m').describe('When to say that no deployer has answered: 45s, 2m, 1h, 1d.'),
    in_flight_timeout: duration
      .default('1h')
      .describe('When to call a deployment without news stuck: 45s, 2m, 1h, 1d.'),
    announce: announce.optional(),
    github_api: z
      .string()
      .regex(/^https?:\/\/\S+$/, 'must be the root of a REST API, such as https://github.example.com/api/v3')
      .optional()
      .describe('Root of the REST API of another GitHub host, https://HOST/api/v3. Needs github_token_env.'),
    github_token_env: z
      .string()
      .regex(/^[A-Z_][A-Z0-9_]*$/, 'must be the NAME of an environment variable, never the token itself')
      .optional()
      .describe('The environment variable that holds the token for github_api. It is sent to that host alone.'),
    environments: z
      .record(environmentName, environmentSchema.nullable())
      .default({})
      .describe('Where it can be deployed to, by name. None: any name will do.'),
  })
  .describe('One app.');

export const catalogSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where an editor finds this schema.'),
    owner: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'must be the login of a GitHub user or organisation')
      .optional()
      .describe('Whose repositories a bare name means.'),
    unlisted: z
      .boolean()
      .default(false)
      .describe('true: any repository of the owner that the token can see is an app of its own name.'),
    announce: announce.optional(),
    allow: outsiders.optional(),
    apps: z.record(appName, appSchema).default({}).describe('The apps, by the name that people type.'),
  })
  .describe('Deckhand’s catalogue: which apps can be deployed, and where to.');

export type AppEntry = z.infer<typeof appSchema>;
export type AnnounceEntry = z.infer<typeof announce>;
export const announceSchema = announce;
export type OutsidersEntry = z.infer<typeof outsiders>;
export const outsidersSchema = outsiders;

/** The keys that may stand at a path of the catalogue, for “did you mean”; empty where any may. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const [first, , third] = path;
  if (path.length === 0) return Object.keys(catalogSchema.shape);
  if (first === 'allow' || third === 'allow') return Object.keys(outsiders.shape);
  if (first === 'announce' || third === 'announce') return Object.keys(announceWhere.shape);
  if (third === 'environments' && path[4] === 'announce') return Object.keys(announceWhat.shape);
  if (first === 'apps' && path.length === 2) return Object.keys(appSchema.shape);
  if (third === 'environments' && path.length === 4) return Object.keys(environmentSchema.shape);
  return [];
}

/** The JSON Schema (draft 2020-12) of the catalogue, as kept in apps.schema.json. */
export function jsonSchema(): Record<string, unknown> {
  return { title: 'Deckhand apps.yml', ...z.toJSONSchema(catalogSchema, { io: 'input', reused: 'inline' }) };
}
