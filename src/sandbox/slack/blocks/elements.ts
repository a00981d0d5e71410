import { all, byType, type Check, characters, choice, exactly, flag, list, rule, shape, url, whole } from './shape.ts';

/** Text without mark-up. */
export function plainText(most: number): Check {
  return shape({ ...exactly('plain_text'), text: characters(most) }, { emoji: flag });
}

/** Text with or without mark-up. */
export function anyText(most: number): Check {
  return byType({
    plain_text: plainText(most),
    mrkdwn: shape({ ...exactly('mrkdwn'), text: characters(most) }, { verbatim: flag }),
  });
}

const confirm = shape(
  { text: anyText(300) },
  { title: plainText(100), confirm: plainText(30), deny: plainText(30), style: choice('primary', 'danger') },
);

const actionId = { action_id: characters(255) };
const anything: Check = () => [];

const button = shape(
  { ...exactly('button'), text: plainText(75) },
  {
    ...actionId,
    value: characters(2000, 0),
    url: url(3000),
    style: choice('primary', 'danger'),
    confirm,
    accessibility_label: characters(75),
  },
);

/** Option values: 75 characters in Slack's types, 150 in newer code; what keeps to 75 is right either way. */
const option = (text: Check) => shape({ text, value: characters(75) }, { description: anyText(75), url: url(3000) });

const options = list(option(plainText(75)), 100);
const optionGroups = list(shape({ label: plainText(75), options }), 100);

const selecting = {
  ...actionId,
  placeholder: plainText(150),
  confirm,
  focus_on_load: flag,
  max_selected_items: whole(1, 100),
};

function staticSelect(type: string): Check {
  return all(
    shape(exactly(type), {
      ...selecting,
      options,
      option_groups: optionGroups,
      initial_option: anything,
      initial_options: anything,
    }),
    rule(
      (select) => (select.options === undefined) !== (select.option_groups === undefined),
      'needs options or option_groups',
    ),
  );
}

function otherSelect(type: string, own: Record<string, Check> = {}): Check {
  return shape(exactly(type), { ...selecting, ...own });
}

const selects: Record<string, Check> = {
  static_select: staticSelect('static_select'),
  multi_static_select: staticSelect('multi_static_select'),
};
for (const prefix of ['', 'multi_']) {
  const initial = { initial_user: anything, initial_users: anything };
  selects[`${prefix}users_select`] = otherSelect(`${prefix}users_select`, initial);
  selects[`${prefix}channels_select`] = otherSelect(`${prefix}channels_select`, {
    initial_channel: anything,
    initial_channels: anything,
    response_url_enabled: flag,
  });
  selects[`${prefix}conversations_select`] = otherSelect(`${prefix}conversations_select`, {
    initial_conversation: anything,
    initial_conversations: anything,
    default_to_current_conversation: flag,
    response_url_enabled: flag,
    filter: anything,
  });
  selects[`${prefix}external_select`] = otherSelect(`${prefix}external_select`, {
    initial_option: anything,
    initial_options: anything,
    min_query_length: whole(0, 1000),
  });
}

function picks(type: string): Check {
  return shape(
    { ...exactly(type), options: list(option(anyText(75)), 10) },
    { ...actionId, initial_option: anything, initial_options: anything, confirm, focus_on_load: flag },
  );
}

function picker(type: string, initial: string): Check {
  return shape(exactly(type), {
    ...actionId,
    [initial]: anything,
    placeholder: plainText(150),
    timezone: characters(50),
    confirm,
    focus_on_load: flag,
  });
}

const overflow = shape({ ...exactly('overflow'), options: list(option(plainText(75)), 5) }, { ...actionId, confirm });

/** What a person can press or choose from, in an actions block or beside a section. */
const interactive: Record<string, Check> = {
  button,
  overflow,
  checkboxes: picks('checkboxes'),
  radio_buttons: picks('radio_buttons'),
  datepicker: picker('datepicker', 'initial_date'),
  timepicker: picker('timepicker', 'initial_time'),
  datetimepicker: picker('datetimepicker', 'initial_date_time'),
  ...selects,
};

/** An image comes by URL or from a file in Slack, never from both. */
export const oneSource = rule(
  (image) => (image.image_url === undefined) !== (image.slack_file === undefined),
  'needs image_url or slack_file',
);

const image = all(
  shape(
    { ...exactly('image'), alt_text: characters(2000) },
    { image_url: url(3000), slack_file: shape({}, { id: characters(255), url: url() }) },
  ),
  oneSource,
);

function textInput(type: string): Check {
  return shape(exactly(type), {
    ...actionId,
    placeholder: plainText(150),
    initial_value: anything,
    multiline: flag,
    min_length: whole(0, 3000),
    max_length: whole(1, 3000),
    min_value: anything,
    max_value: anything,
    is_decimal_allowed: flag,
    focus_on_load: flag,
    dispatch_action_config: anything,
  });
}

export const actionsElement = byType(interactive);
export const accessory = byType({ ...interactive, image });
export const contextElement = byType({
  image,
  plain_text: plainText(2000),
  mrkdwn: anyText(2000),
});
export const inputElement = byType({
  ...Object.fromEntries(Object.entries(interactive).filter(([type]) => type !== 'button' && type !== 'overflow')),
  plain_text_input: textInput('plain_text_input'),
  number_input: textInput('number_input'),
  email_text_input: textInput('email_text_input'),
  url_text_input: textInput('url_text_input'),
});
