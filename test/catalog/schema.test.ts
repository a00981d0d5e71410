import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { jsonSchema } from '../../src/catalog/schema.ts';
import { fromTheReadme } from './written.ts';

const file = new URL('../../src/catalog/apps.schema.json', import.meta.url);

test('apps.schema.json is what the definition says (UPDATE_SCHEMA=1 writes it anew)', () => {
  const current = `${JSON.stringify(jsonSchema(), null, 2)}\n`;
  if (process.env.UPDATE_SCHEMA) writeFileSync(file, current);
  expect(readFileSync(file, 'utf8')).toBe(current);
});

describe('the schema for editors', () => {
  const schema = jsonSchema();
  // Strict as to unknown keywords; a type beside `anyOf` is zod's way of saying “or null”.
  const validate = new Ajv2020({ strict: true, strictTypes: false }).compile(schema);

  test('is valid JSON Schema 2020-12', () => {
    expect(new Ajv2020().validateSchema(schema)).toBe(true);
  });

  test('describes every key', () => {
    const undescribed: string[] = [];
    const walk = (node: Record<string, unknown>, at: string): void => {
      for (const [key, value] of Object.entries(node)) {
        if (typeof value !== 'object' || value === null) continue;
        if (key === 'properties') {
          for (const [name, property] of Object.entries(value as Record<string, Record<string, unknown>>)) {
            if (!property.description) undescribed.push(`${at}.${name}`);
          }
        }
        walk(value as Record<string, unknown>, `${at}.${key}`);
      }
    };
    walk(schema, '');
    expect(undescribed).toEqual([]);
  });

  test.each([
    ['the README’s', fromTheReadme],
    ['the least there can be', 'apps: { hello: { repository: acme/hello } }'],
    ['an empty environment', 'apps: { a: { repository: o/a, environments: { staging: } } }'],
    ['another host', 'apps: { a: { repository: o/a, github_api: "https://h/api/v3", github_token_env: T } }'],
    ['no list', 'owner: acme\nunlisted: true\nallow: { guests: true }'],
  ])('accepts %s', (_, text) => {
    validate(parse(text));
    expect(validate.errors).toBeNull();
  });

  test.each([
    ['a misspelt key', 'apps: { a: { repository: o/a, enviroments: {} } }'],
    ['an app without repository', 'apps: { a: {} }'],
    ['a number as task', 'apps: { a: { repository: o/a, task: 1 } }'],
    ['a duration in words', 'apps: { a: { repository: o/a, no_deployer_after: soon } }'],
    ['a name with a space', 'apps: { "a b": { repository: o/a } }'],
    ['a room without #', 'apps: { a: { repository: o/a, allowed_rooms: [ops] } }'],
    ['an environment list', 'apps: { a: { repository: o/a, environments: [staging] } }'],
  ])('rejects %s', (_, text) => {
    expect(validate(parse(text))).toBe(false);
  });
});
