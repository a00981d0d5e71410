import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormatsModule from 'ajv-formats';
import type { RecordedRequest, WebhookDelivery } from '../../../src/sandbox/github/server.ts';

/** Checks what goes over the wire against GitHub's published descriptions: test/fixtures/github, and beside this file. */

type Schema = Record<string, unknown>;

interface Content {
  [mediaType: string]: { schema: Schema };
}

interface Operation {
  parameters?: { name?: string; $ref?: string }[];
  requestBody?: { content: Content };
  responses: Record<string, { content?: Content; $ref?: string }>;
}

interface Description {
  paths: Record<string, Record<string, Operation>>;
  components?: Schema & {
    responses: Record<string, { content?: Content }>;
    parameters: Record<string, { name: string }>;
  };
}

const addFormats = addFormatsModule as unknown as (ajv: Ajv) => Ajv;
const ajv = addFormats(new Ajv({ strict: false, allErrors: true }));
// GitHub's own default for an URL that was not given is "".
ajv.addFormat('uri', (text: string) => text === '' || URL.canParse(text));
ajv.addFormat('uri-template', true);

interface PullSchema {
  properties: { head: { properties: { repo: Schema } } };
}

/** What GitHub's description leaves out: `head.repo` is null once the fork is deleted (github/rest-api-description#1811). */
function admitDeletedForks(components: unknown): void {
  const { schemas } = components as { schemas: Record<string, PullSchema> };
  for (const name of ['pull-request', 'pull-request-simple']) {
    const head = schemas[name]?.properties.head.properties;
    if (head) head.repo = { anyOf: [head.repo, { type: 'null' }] };
  }
}

interface WebhookDescription {
  webhooks: Record<string, { content: Content }>;
  components?: Schema;
}

/** GitHub sends states and conclusions that its lists leave out (`waiting`, `skipped`), and may add others at any time. */
const openFields: Record<string, Schema> = {
  'Deployment Status': { state: { type: 'string' } },
  'Workflow Run': { conclusion: { type: ['string', 'null'] } },
  'Deployment Workflow Run': { conclusion: { type: ['string', 'null'] } },
};

const ofCi = load('./ci.schema.json') as Description & WebhookDescription;
const ofDeliveriesAndRuns = load('../../fixtures/github/openapi-deliveries-and-runs.json') as Description &
  WebhookDescription;
const ofPulls = load('../../fixtures/github/openapi-pull-requests.json') as Description & WebhookDescription;
admitDeletedForks(ofPulls.components);
const descriptions = [
  load('../../fixtures/github/openapi-deployments.json') as Description,
  load('../../fixtures/github/openapi-beside-deployments.json') as Description,
  ofDeliveriesAndRuns,
  ofPulls,
  ofCi,
];
const webhooks = [
  load('../../fixtures/github/webhooks-deployments.json') as WebhookDescription,
  ofDeliveriesAndRuns,
  ofPulls,
  ofCi,
];

function load(file: string): unknown {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return asJsonSchema(JSON.parse(text));
}

/** OpenAPI 3.0 says `nullable` where JSON Schema says "or null". */
function asJsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asJsonSchema);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, ...rest } = Object.fromEntries(Object.entries(value).map(([k, v]) => [k, asJsonSchema(v)]));
  const open = openFields[String(rest.title)];
  if (open) Object.assign(rest.properties as Schema, open);
  return nullable === true ? { anyOf: [rest, { type: 'null' }] } : rest;
}

const validators = new Map<Schema, ValidateFunction>();

/** What is wrong with the value; nothing when it fits. */
function faultsOf(schema: Schema, value: unknown, components?: Schema): string[] {
  let validate = validators.get(schema);
  if (!validate) {
    validate = ajv.compile({ allOf: [schema], components });
    validators.set(schema, validate);
  }
  // As it went over the wire: without undefined, dates as text.
  const fits = validate(value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
  return fits ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || 'it'} ${message}`);
}

interface FoundOperation {
  operation: Operation;
  description: Description;
}

function operationFor(method: string, path: string): FoundOperation | undefined {
  const all = descriptions.flatMap((description) =>
    Object.entries(description.paths).map(([template, operations]) => ({ template, operations, description })),
  );
  // The longer template first: a ref may hold slashes, and /commits/{ref} would also take /commits/{ref}/status.
  all.sort((a, b) => b.template.length - a.template.length);
  for (const { template, operations, description } of all) {
    const pattern = template.replace(/\{(ref|basehead)\}/g, '.+').replace(/\{\w+\}/g, '[^/]+');
    const operation = operations[method.toLowerCase()];
    if (operation && new RegExp(`^${pattern}$`).test(path)) return { operation, description };
  }
  return undefined;
}

/** Every error of GitHub's looks like this, also where an endpoint's description does not list it. */
const anyError: Schema = {
  type: 'object',
  required: ['message', 'documentation_url', 'status'],
  properties: {
    message: { type: 'string', minLength: 1 },
    documentation_url: { type: 'string', format: 'uri' },
    status: { type: 'string' },
    errors: { type: 'array' },
  },
};
const errorsOfAnyEndpoint = [400, 401, 403, 404, 409, 422, 429];

/**
 * Throws unless each request is one that GitHub describes (its body too, unless GitHub refused it for that) and each
 * answer is as GitHub describes it. Answers that a fault put in GitHub's place are left out.
 */
export function checkRecorded(requests: RecordedRequest[]): void {
  const wrong = requests.flatMap((request) =>
    [...faultsInRequest(request), ...faultsInAnswer(request)].map(
      (fault) => `${request.method} ${request.path} → ${request.status}: ${fault}`,
    ),
  );
  if (wrong.length > 0) throw new Error(`Not as GitHub describes it:\n${wrong.join('\n')}`);
}

function faultsInRequest({ method, path, query, body, status }: RecordedRequest): string[] {
  const found = operationFor(method, path);
  if (!found) return status === 404 ? [] : ['GitHub describes no such request'];
  const { operation, description } = found;
  const known = (operation.parameters ?? []).map(
    ({ name, $ref }) => name ?? description.components?.parameters[$ref?.split('/').at(-1) ?? '']?.name,
  );
  const unknown = Object.keys(query).filter((name) => !known.includes(name));
  const schema = operation.requestBody?.content['application/json']?.schema;
  const bodyCounts = schema && body !== undefined && status !== 400 && status !== 422;
  return [
    ...unknown.map((name) => `GitHub knows no query parameter ${name}`),
    ...(bodyCounts ? faultsOf(schema, body, description.components).map((fault) => `in the request: ${fault}`) : []),
  ];
}

function faultsInAnswer(request: RecordedRequest): string[] {
  const { method, path, status, answer, fault } = request;
  if (status === undefined || fault === 'status' || fault === 'done-then-status') return [];
  if (status === 204 || status === 304) return answer === undefined ? [] : ['an answer where there must be none'];
  const found = operationFor(method, path);
  const isError = errorsOfAnyEndpoint.includes(status);
  const general = isError ? faultsOf(anyError, answer) : [];
  if (!found) return general;
  const { operation, description } = found;
  const listed = operation.responses[status];
  if (!listed) return isError ? general : ['GitHub describes no such status'];
  const { content } = listed.$ref
    ? (description.components?.responses[listed.$ref.split('/').at(-1) ?? ''] ?? {})
    : listed;
  const isSha = typeof answer === 'string' && /github(\.v3)?\.sha/.test(request.headers.accept ?? '');
  const schema = content?.[isSha ? 'application/vnd.github.sha' : 'application/json']?.schema;
  return schema ? [...general, ...faultsOf(schema, answer, description.components)] : general;
}

/** Throws unless every delivery's payload is as GitHub describes that webhook. */
export function checkDeliveries(deliveries: WebhookDelivery[]): void {
  const wrong = deliveries.flatMap(({ event, payload }) =>
    faultsInEvent(event, payload).map((fault) => `${event}: ${fault}`),
  );
  if (wrong.length > 0) throw new Error(`Not as GitHub describes it:\n${wrong.join('\n')}`);
}

function faultsInEvent(event: string, payload: { action?: string }): string[] {
  const name = payload.action ? `${event}-${payload.action}`.replaceAll('_', '-') : event;
  const found = webhooks.find((description) => description.webhooks[name]);
  const schema = found?.webhooks[name]?.content['application/json']?.schema;
  return schema ? faultsOf(schema, payload, found?.components) : ['GitHub describes no such event here'];
}
