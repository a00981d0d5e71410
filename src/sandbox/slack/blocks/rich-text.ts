import { anyNumber, byType, characters, choice, exactly, flag, list, shape, url, whole } from './shape.ts';

const style = { style: shape({}, { bold: flag, italic: flag, strike: flag, code: flag, underline: flag }) };
const id = characters(255);

const inline = {
  text: shape({ ...exactly('text'), text: characters(12_000) }, style),
  link: shape({ ...exactly('link'), url: url(3000) }, { text: characters(12_000, 0), unsafe: flag, ...style }),
  user: shape({ ...exactly('user'), user_id: id }, style),
  channel: shape({ ...exactly('channel'), channel_id: id }, style),
  usergroup: shape({ ...exactly('usergroup'), usergroup_id: id }, style),
  team: shape({ ...exactly('team'), team_id: id }, style),
  broadcast: shape({ ...exactly('broadcast'), range: choice('here', 'channel', 'everyone') }, style),
  emoji: shape({ ...exactly('emoji'), name: id }, { unicode: id, url: url(), ...style }),
  color: shape({ ...exactly('color'), value: id }, style),
  date: shape(
    { ...exactly('date'), timestamp: anyNumber, format: id },
    { url: url(), fallback: characters(2000, 0), ...style },
  ),
};

const line = list(byType(inline), 1000, 0);
const border = { border: whole(0, 1) };
const section = shape({ ...exactly('rich_text_section'), elements: line });

/** The parts of a rich_text block: paragraphs, lists, quotes, code. */
export const richTextElement = byType({
  rich_text_section: section,
  rich_text_list: shape(
    { ...exactly('rich_text_list'), elements: list(section, 1000), style: choice('bullet', 'ordered') },
    { indent: whole(0, 8), offset: whole(0, 100_000), ...border },
  ),
  rich_text_quote: shape({ ...exactly('rich_text_quote'), elements: line }, border),
  rich_text_preformatted: shape(
    {
      ...exactly('rich_text_preformatted'),
      elements: list(byType({ text: inline.text, link: inline.link }), 1000, 0),
    },
    { language: id, ...border },
  ),
});
