#!/usr/bin/env node
// The part of GitHub's `gh` that the examples use, `gh api PATH -f key=value…`, against GH_API. Ends with 1 for a refusal.
const [command, ...words] = process.argv.slice(2);
const fields = {};
let where;
if (command !== 'api') throw new Error(`this gh only knows api, not ${command}`);
while (words.length > 0) {
  const word = words.shift();
  if (word === '--silent') continue;
  if (word === '-f') {
    const field = words.shift() ?? '';
    const at = field.indexOf('=');
    if (at < 1) throw new Error(`-f wants key=value, not ${field}`);
    fields[field.slice(0, at)] = field.slice(at + 1);
  } else if (word.startsWith('-') || where !== undefined) throw new Error(`this gh does not know ${word}`);
  else where = word;
}
const answer = await fetch(`${process.env.GH_API}/${where}`, {
  method: 'POST',
  headers: { authorization: `token ${process.env.GH_TOKEN}`, 'content-type': 'application/json' },
  body: JSON.stringify(fields),
});
if (!answer.ok) console.error(`gh: HTTP ${answer.status}`);
process.exit(answer.ok ? 0 : 1);
