// Whether the document of now breaks whoever was written against an earlier one. An input may only come to take more, an answer only to
// say more: a procedure that is gone, a field that must be given from now on, a value that is no longer taken, a field that no longer
// comes. More words in an enumeration of an answer are no break; clients are told to expect them.
import { isObject, wordOf, type Json, type JsonObject } from './json-schema.ts';
import { answerBreaks, inputBreaks, type Resolve } from './compare-schemas.ts';

export interface Break {
  /** `POST /api/trpc/sources.create`. */
  readonly operation: string;
  readonly what: string;
}

const child = (value: Json | undefined, ...keys: string[]): Json | undefined =>
  keys.reduce<Json | undefined>((at, key) => (isObject(at) ? at[key] : undefined), value);

/** `#/components/schemas/X` of a document. */
const resolveIn =
  (document: JsonObject): Resolve =>
  (schema) => {
    const target = schema['$ref'];
    if (typeof target !== 'string') return schema;
    const found = child(document, ...target.slice(2).split('/'));
    return isObject(found) ? found : {};
  };

function* operations(document: JsonObject): Generator<[name: string, operation: JsonObject]> {
  for (const [path, methods] of Object.entries(isObject(document['paths']) ? document['paths'] : {})) {
    if (!isObject(methods)) continue;
    for (const [method, operation] of Object.entries(methods))
      if (isObject(operation)) yield [`${method.toUpperCase()} ${path}`, operation];
  }
}

/** Schema and whether it must be given. */
function inputOf(operation: JsonObject): { schema: JsonObject | null; required: boolean } {
  const parameters = operation['parameters'];
  const asked = Array.isArray(parameters) ? parameters.find((one) => isObject(one) && one['name'] === 'input') : undefined;
  const carrier = isObject(asked) ? asked : operation['requestBody'];
  const schema = child(carrier, 'content', 'application/json', 'schema');
  return { schema: isObject(schema) ? schema : null, required: child(carrier, 'required') === true };
}

function answerOf(operation: JsonObject): JsonObject | null {
  const schema = child(
    operation,
    'responses',
    '200',
    'content',
    'application/json',
    'schema',
    'properties',
    'result',
    'properties',
    'data',
  );
  return isObject(schema) ? schema : null;
}

function* breaksOf(before: JsonObject, after: JsonObject, was: Resolve, is: Resolve): Generator<string> {
  const scope = (operation: JsonObject) => child(operation, 'x-sluice-access', 'scope') ?? null;
  if (scope(before) !== scope(after)) yield `needs the scope ${wordOf(scope(after))} instead of ${wordOf(scope(before))}`;
  const [oldInput, newInput] = [inputOf(before), inputOf(after)];
  if (newInput.required && !oldInput.required) yield 'input: must be given now';
  if (oldInput.schema && newInput.schema) yield* inputBreaks(oldInput.schema, newInput.schema, 'input', was, is);
  else if (oldInput.schema && !newInput.schema) yield 'input: is no longer taken';
  const [oldAnswer, newAnswer] = [answerOf(before), answerOf(after)];
  if (oldAnswer && newAnswer) yield* answerBreaks(oldAnswer, newAnswer, 'answer', was, is);
  else if (oldAnswer) yield 'answer: is gone';
}

export function breakingChanges(before: JsonObject, after: JsonObject): Break[] {
  const now = new Map(operations(after));
  const found: Break[] = [];
  for (const [operation, old] of operations(before)) {
    const fresh = now.get(operation);
    const what = fresh ? [...breaksOf(old, fresh, resolveIn(before), resolveIn(after))] : ['is gone'];
    found.push(...[...new Set(what)].map((one) => ({ operation, what: one })));
  }
  return found;
}
