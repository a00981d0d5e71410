import { z } from 'zod';
import type { CreateParameters } from '../deploy/deployment.ts';
import type { Check, Created, CreateResult } from '../deploy/ports.ts';
import { code, list, say, type Words } from '../deploy/words.ts';
import { oneLine } from './foreign.ts';
import { type Answer, messageOf, type No, noFrom, refused, saying, unreachable } from './refused.ts';
import { wholeSeconds } from './status.ts';
import type { Outcome } from './wire.ts';

/** With an id there is a deployment, whatever else a server leaves out. */
const createdShape = z.object({
  id: z.int().positive(),
  sha: z
    .string()
    .regex(/^[0-9a-f]{40,64}$/)
    .optional(),
  created_at: z.string().optional(),
});

/** The deployment that this object of GitHub's is; `now` is its time where it has none. */
export function createdFrom(sent: unknown, now: Date): Created | undefined {
  const { data } = createdShape.safeParse(sent);
  if (!data) return undefined;
  const createdAt = wholeSeconds(data.created_at ?? '') ?? now.toISOString();
  return { id: data.id, createdAt, ...(data.sha && { sha: data.sha }) };
}

/**
 * What became of POST /repos/{owner}/{repo}/deployments, in every case that GitHub has. Where it is not sure that nothing
 * was created, that is said (`doubtful`), and nobody sends it again.
 */
export function createResult(
  outcome: Outcome,
  sent: CreateParameters,
  asked: { repository: string; now: Date },
): CreateResult {
  if (outcome.kind === 'not sent') return outcome.no;
  if (outcome.kind === 'unanswered') {
    return outcome.sent ? { kind: 'doubtful', cause: outcome.cause } : unreachable(outcome.cause);
  }
  const { answer } = outcome;
  switch (answer.status) {
    case 201: {
      const created = createdFrom(answer.data, asked.now);
      return created
        ? { kind: 'created', ...created }
        : { kind: 'doubtful', cause: 'it answered 201, and the rest could not be read' };
    }
    case 202:
      // GitHub merged the default branch into the ref instead: there is no deployment and no id.
      return { kind: 'merged', message: messageOf(answer.data) };
    case 409:
      return conflict(answer, sent);
    case 422:
      return invalid(answer, asked.repository);
    default:
      if (answer.status >= 500 || answer.status < 300) {
        return { kind: 'doubtful', cause: `it answered ${answer.status}` };
      }
      return noFrom(answer, { ...asked, to: 'create' });
  }
}

const fieldErrorShape = z.object({
  resource: z.string().optional(),
  field: z.string().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  contexts: z.array(z.object({ context: z.string(), state: z.string() })).optional(),
});
type FieldError = z.infer<typeof fieldErrorShape>;

/** The entries of `errors` that can be read; some of GitHub's are bare strings. */
function errorsIn(data: unknown): FieldError[] {
  const errors = z.object({ errors: z.array(z.unknown()) }).safeParse(data).data?.errors ?? [];
  return errors.flatMap((error) => {
    if (typeof error === 'string') return { message: error };
    return fieldErrorShape.safeParse(error).data ?? [];
  });
}

/**
 * Failed checks or a merge conflict. The message differs between versions and can't be relied on: what tells is the field
 * of the error, and, with servers too old to send one, that nothing can conflict where nothing was to be merged; the
 * message is the last that is asked.
 */
function conflict({ data }: Answer, sent: CreateParameters): CreateResult {
  const errors = errorsIn(data);
  const gate = errors.find(({ field }) => field === 'required_contexts');
  const saysMerge = errors.length === 0 && /^Conflict merging\b/.test(messageOf(data));
  if (!gate && (sent.auto_merge || saysMerge)) return { kind: 'conflict', message: messageOf(data) };
  const reported = (gate?.contexts ?? []).map(({ context, state }) => ({ context: oneLine(context, 255), state }));
  return { kind: 'checks', checks: withMissing(reported, sent.required_contexts) };
}

/** GitHub leaves out a required context that has never reported, though that is why it says no. */
function withMissing(reported: readonly Check[], required: readonly string[] = []): Check[] {
  const missing = required.filter((context) => !reported.some((check) => check.context === context));
  const seen = new Set<string>();
  // Names repeat: once a state of each is enough to read.
  return [...reported, ...missing.map((context) => ({ context, state: 'missing' }))].filter(({ context, state }) => {
    const key = `${state} ${context}`;
    return !seen.has(key) && seen.add(key);
  });
}

const creating = {
  to: 'create this deployment',
  look: 'whether the ref still exists and what the options ask for',
};

/** What GitHub finds wrong with what it was sent (422). `to`: what was to be done, as in “can’t create this deployment”. */
export function invalid({ data }: Answer, repository: string, { to, look } = creating): No {
  const errors = errorsIn(data);
  const message = messageOf(data);
  if (errors.some(isSpam) || /\bspam/i.test(message)) {
    return refused(
      'taken-for-spam',
      say`GitHub takes this for spam: too much was created by me in a short time${saying(errors.find(isSpam)?.message ?? message)} Type it again in a few minutes.`,
    );
  }
  if (errors.length === 0) {
    return refused(
      'github-invalid',
      say`GitHub can't ${to} in ${code(repository)}${saying(message)} Look ${look}, then type it again.`,
    );
  }
  const tooLong = errors.some(({ field }) => field === 'description');
  return refused(tooLong ? 'description' : 'github-invalid', [
    ...say`GitHub does not take this: `,
    ...list(errors.map(complaint), 'and'),
    ...(tooLong ? say`. Give a shorter one, with ${code('--description "…"')}.` : say`. Change it and type it again.`),
  ]);
}

/** GitHub's code for it, and the message that it has for what comes too fast. */
const isSpam = ({ code: kind, message = '' }: FieldError): boolean =>
  kind === 'abuse' || /\bspam|submitted too quickly/i.test(message);

/** One error in words. Source of the codes: docs.github.com, "Troubleshooting the REST API", "Validation Failed". */
function complaint({ field, code: kind, message }: FieldError): Words {
  const what = field ? code(oneLine(field, 100)) : 'something';
  // GitHub's messages begin with the field, in words of their own.
  if (message) return say`${oneLine(message, 300).replace(/\.$/, '')}`;
  switch (kind) {
    case 'missing':
      return say`what ${what} names does not exist`;
    case 'missing_field':
      return say`${what} is missing`;
    case 'already_exists':
      return say`there is one with the same ${what} already`;
    case 'too_long':
      return say`${what} is too long`;
    default:
      return say`${what} is not valid`;
  }
}

/** Whether it was refused without a word on why: then the ref may be what is wrong. */
export const isUnexplained = (result: CreateResult): boolean =>
  result.kind === 'refused' && result.code === 'github-invalid';
