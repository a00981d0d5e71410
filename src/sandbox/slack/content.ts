import { type Arguments, asText } from './arguments.ts';
import { areTooLongTogether, type Block, blockProblems } from './blocks/blocks.ts';
import type { Problem } from './blocks/shape.ts';
import type { Metadata, StoredMessage } from './message.ts';
import { type Failure, failed } from './result.ts';
import type { Workspace } from './workspace.ts';

/** Longest text; more is cut off (api.slack.com/changelog/2018-04-truncating-really-long-messages). */
const longestText = 40_000;
const longestMarkdownText = 12_000;
/** Slack documents the refusal (`metadata_too_large`) and not the size: a cautious guess, in bytes of JSON. */
const longestMetadata = 8000;

/** What a call says should stand in a message; a field that the call left out is absent. */
export type Content = Partial<Pick<StoredMessage, 'text' | 'blocks' | 'attachments' | 'metadata' | 'mrkdwn'>>;

/**
 * Reads and checks the content of a message from the arguments of a call.
 * `sumOfBlocks`: also hold the blocks to their common limit, as `chat.*` does and a response_url does not.
 */
export function readContent(args: Arguments, workspace: Workspace, sumOfBlocks = true): Content | Failure {
  const content: Content = {};
  if (args.markdown_text !== undefined) {
    if (args.text !== undefined || args.blocks !== undefined) return failed('markdown_text_conflict');
    const text = asText(args.markdown_text);
    if ([...text].length > longestMarkdownText) return failed('msg_too_long');
    content.text = text;
  }
  if (args.text !== undefined) content.text = asText(args.text).slice(0, longestText);
  if (args.mrkdwn === false || args.mrkdwn === 'false') content.mrkdwn = false;

  const blocks = readBlocks(args.blocks, sumOfBlocks);
  if (blocks && 'error' in blocks) return blocks;
  if (blocks) content.blocks = withIds(blocks, workspace);

  const attachments = readAttachments(args.attachments);
  if (attachments && 'error' in attachments) return attachments;
  if (attachments) content.attachments = attachments;

  const metadata = readMetadata(args.metadata);
  if (metadata && 'error' in metadata) return metadata;
  if (args.metadata !== undefined) content.metadata = metadata;
  return content;
}

/** Whether there is anything in it that a person could see. */
export function isEmpty({ text, blocks, attachments }: Content): boolean {
  return !text?.trim() && !blocks?.length && !attachments?.length;
}

function readBlocks(value: unknown, sumOfBlocks: boolean): Block[] | Failure | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) return failed('invalid_blocks_format');
  const problems = blockProblems(value);
  if (problems.length > 0) return invalidBlocks(problems);
  const blocks = value as Block[];
  return sumOfBlocks && areTooLongTogether(blocks) ? failed('msg_blocks_too_long') : blocks;
}

/** The refusal with what is wrong and where, as Slack words it. */
export function invalidBlocks(problems: Problem[]): Failure {
  const errors = problems.map(({ at, says }) => `${says} [json-pointer:${at}]`);
  return failed('invalid_blocks', {
    errors,
    response_metadata: { messages: errors.map((error) => `[ERROR] ${error}`) },
  });
}

function withIds(blocks: Block[], workspace: Workspace): Block[] {
  return blocks.map((block) => ({ ...block, block_id: block.block_id ?? workspace.nextId('b') }));
}

function readAttachments(value: unknown): Record<string, unknown>[] | Failure | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) return failed('invalid_attachments');
  if (value.length > 100) return failed('too_many_attachments');
  const problems = value.flatMap((attachment) => (attachment?.blocks ? blockProblems(attachment.blocks) : []));
  return problems.length > 0 ? invalidBlocks(problems) : value;
}

/** Metadata, undefined for the empty object that takes it away. */
function readMetadata(value: unknown): Metadata | Failure | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) return failed('invalid_metadata_format');
  if (Object.keys(value).length === 0) return undefined;
  const { event_type, event_payload } = value as Partial<Metadata>;
  if (typeof event_type !== 'string' || event_type === '' || !isFlat(event_payload)) {
    return failed('invalid_metadata_schema');
  }
  if (Buffer.byteLength(JSON.stringify(value)) > longestMetadata) return failed('metadata_too_large');
  return { event_type, event_payload };
}

/** Plain values, objects of plain values, and arrays of such objects; nothing deeper (@slack/types). */
function isFlat(payload: unknown): payload is Record<string, unknown> {
  if (!isObject(payload)) return false;
  return Object.values(payload).every(
    (value) => isPlain(value) || isFlatObject(value) || (Array.isArray(value) && value.every(isFlatObject)),
  );
}

function isFlatObject(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(isPlain);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlain(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
