import { accessory, actionsElement, anyText, contextElement, inputElement, oneSource, plainText } from './elements.ts';
import { richTextElement } from './rich-text.ts';
import {
  all,
  anyNumber,
  byType,
  type Check,
  characters,
  choice,
  exactly,
  type Fields,
  flag,
  list,
  type Problem,
  rule,
  shape,
  url,
} from './shape.ts';

/** A block of a message: its type, and the fields that such a type has. They are checked once, when a block comes in. */
export interface Block {
  type: string;
  block_id?: string;
  elements?: Fields[];
  fields?: Fields[];
  accessory?: Fields;
  rows?: Fields[][];
  tasks?: Block[];
  details?: Block;
  output?: Block;
  sources?: Fields[];
  [field: string]: unknown;
}

export type Surface = 'message' | 'modal';

/** Most blocks in one place (docs.slack.dev/reference/block-kit/blocks). */
const mostBlocks: Record<Surface, number> = { message: 50, modal: 100 };

const blockId = { block_id: characters(255) };
const richText = shape({ ...exactly('rich_text'), elements: list(richTextElement, 1000) }, blockId);

const tableCell = byType({
  raw_text: shape({ ...exactly('raw_text'), text: characters(12_000) }),
  raw_number: shape({ ...exactly('raw_number'), value: anyNumber, text: characters(2000) }),
  rich_text: richText,
});

const taskCard = shape(
  {
    ...exactly('task_card'),
    task_id: characters(255),
    title: characters(2000),
    // "completed" is what one would guess, and it is refused.
    status: choice('pending', 'in_progress', 'complete', 'error'),
  },
  {
    ...blockId,
    details: richText,
    output: richText,
    sources: list(shape({ ...exactly('url'), url: url(), text: characters(2000) }), 100),
  },
);

const inMessages: Record<string, Check> = {
  section: all(
    shape(exactly('section'), {
      ...blockId,
      text: anyText(3000),
      fields: list(anyText(2000), 10),
      accessory,
      expand: flag,
    }),
    rule(
      (section) => section.text !== undefined || section.fields !== undefined,
      'must define either "text" or "fields"',
    ),
  ),
  header: shape({ ...exactly('header'), text: plainText(150) }, blockId),
  divider: shape(exactly('divider'), blockId),
  context: shape({ ...exactly('context'), elements: list(contextElement, 10) }, blockId),
  actions: all(
    shape({ ...exactly('actions'), elements: list(actionsElement, 25) }, blockId),
    rule(hasDifferentActions, 'action_id already exists in this block'),
  ),
  image: all(
    shape(
      { ...exactly('image'), alt_text: characters(2000) },
      {
        ...blockId,
        title: plainText(2000),
        image_url: url(3000),
        slack_file: shape({}, { id: characters(255), url: url() }),
      },
    ),
    oneSource,
  ),
  markdown: shape({ ...exactly('markdown'), text: characters(12_000) }, blockId),
  rich_text: richText,
  table: shape(
    { ...exactly('table'), rows: list(list(tableCell, 20), 100) },
    {
      ...blockId,
      column_settings: list(shape({}, { align: choice('left', 'center', 'right'), is_wrapped: flag }), 20),
    },
  ),
  plan: shape({ ...exactly('plan'), title: characters(2000) }, { ...blockId, tasks: list(taskCard, 100, 0) }),
  task_card: taskCard,
};

const inModals: Record<string, Check> = {
  ...inMessages,
  input: shape(
    { ...exactly('input'), label: plainText(2000), element: inputElement },
    { ...blockId, hint: plainText(2000), optional: flag, dispatch_action: flag },
  ),
};

/**
 * All that Slack would refuse about these blocks: too many or too long, of a kind or with a field that it does not
 * know, two with one id. Kinds that Slack is still rolling out (alert, card, data_table, …) are refused, as they are in
 * a workspace that does not have them yet.
 */
export function blockProblems(blocks: unknown, surface: Surface = 'message'): Problem[] {
  const at = '/blocks';
  const problems = list(byType(surface === 'modal' ? inModals : inMessages), mostBlocks[surface], 0)(blocks, at);
  if (problems.length > 0 || !Array.isArray(blocks)) return problems;
  return [...duplicateIds(blocks, at), ...togetherProblems(blocks, at)];
}

function duplicateIds(blocks: Block[], at: string): Problem[] {
  const ids = blocks.map((block) => block.block_id);
  return ids.flatMap((id, index) =>
    id !== undefined && ids.indexOf(id) < index
      ? [{ at: `${at}/${index}/block_id`, says: `block_id "${id}" already exists` }]
      : [],
  );
}

function togetherProblems(blocks: Block[], at: string): Problem[] {
  const problems: Problem[] = [];
  const kinds = new Set(blocks.map(({ type }) => type));
  if (kinds.has('plan') && kinds.has('task_card')) problems.push({ at, says: 'plan and task_card exclude each other' });
  const markdown = blocks.filter(({ type }) => type === 'markdown').map(({ text }) => [...String(text)].length);
  if (markdown.reduce((sum, length) => sum + length, 0) > 12_000) {
    problems.push({ at, says: 'markdown blocks must be less than 12001 characters together' });
  }
  return problems;
}

function hasDifferentActions(block: Fields): boolean {
  const ids = Array.isArray(block.elements) ? block.elements.map((element: Fields | null) => element?.action_id) : [];
  const given = ids.filter((id) => id !== undefined);
  return new Set(given).size === given.length;
}

/**
 * Whether blocks are too long together (`msg_blocks_too_long`). Slack does not document the sum. Its maintainers speak
 * of 12,000 characters of text and a buffer for each block; the sizes that people measured (slackapi/bolt-js issues 2509
 * and 2867) agree with about 13,200, each block counting for 50.
 */
export function areTooLongTogether(blocks: Block[]): boolean {
  return textLength(blocks) + 50 * blocks.length > 13_200;
}

function textLength(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [field, content]) =>
      sum + (typeof content === 'string' ? (field === 'text' ? content.length : 0) : textLength(content)),
    0,
  );
}
