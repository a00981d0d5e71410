import { type FieldError, invalid, Refused } from './refused.ts';

interface TextRule {
  required?: boolean;
  nullable?: boolean;
  oneOf?: readonly string[];
  /** In code points. */
  maxLength?: number;
  /** Only http and https URLs, or nothing. */
  web?: boolean;
}

/** The fields of a request body, read one by one; what is wrong with any of them is told together. */
export interface Fields {
  text(name: string, rule?: TextRule): string | undefined;
  flag(name: string): boolean | undefined;
  texts(name: string): string[] | undefined;
  numbers(name: string): number[] | undefined;
  object(name: string): Record<string, unknown> | undefined;
  /** An object or a string, as it was sent. */
  objectOrText(name: string): Record<string, unknown> | string | undefined;
  /** Throws the 422 that names every wrong field read so far. */
  refuseIfWrong(): void;
}

/** Reads a body as an object; anything else is refused with GitHub's 400. `resource` is what errors call the thing. */
export function readFields(resource: string, body: unknown): Fields {
  if (body !== undefined && !isObject(body))
    throw new Refused({ status: 400, message: 'Body should be a JSON object' });
  const fields = body ?? {};
  const errors: FieldError[] = [];

  const wrong = (field: string, message: string) => errors.push({ resource, field, code: 'invalid', message });
  const custom = (field: string, message: string) => errors.push({ resource, code: 'custom', field, message });

  function read<T>(name: string, fits: (value: unknown) => value is T, kind: string): T | undefined {
    const value = fields[name];
    if (value === undefined) return undefined;
    if (fits(value)) return value;
    wrong(name, `${name} is not ${kind}`);
    return undefined;
  }

  return {
    text(name, rule = {}) {
      const value = fields[name];
      if (value === undefined && rule.required) errors.push({ resource, field: name, code: 'missing_field' });
      if (value === null && rule.nullable) return undefined;
      const text = read(name, isText, 'a string');
      if (text === undefined) return undefined;
      if (rule.oneOf && !rule.oneOf.includes(text)) custom(name, `${name} is not included in the list`);
      if (rule.maxLength !== undefined && [...text].length > rule.maxLength)
        custom(name, `${name} is too long (maximum is ${rule.maxLength} characters)`);
      if (rule.web && text !== '' && !/^https?:\/\//i.test(text)) custom(name, `${name} must use http(s) scheme`);
      return text;
    },
    flag: (name) => read(name, isFlag, 'a boolean'),
    texts: (name) => read(name, isTexts, 'an array of strings'),
    numbers: (name) => read(name, isNumbers, 'an array of integers'),
    object: (name) => read(name, isObject, 'an object'),
    objectOrText: (name) => read(name, isObjectOrText, 'an object or a string'),
    refuseIfWrong() {
      if (errors.length > 0) throw invalid(errors);
    },
  };
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every(Number.isInteger);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isObjectOrText = (value: unknown): value is Record<string, unknown> | string => isObject(value) || isText(value);
