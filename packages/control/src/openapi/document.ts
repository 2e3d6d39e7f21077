// The API as one OpenAPI 3.1 document, made from the router: nothing is written twice. It says what tRPC's HTTP form is, so that any
// client can call it: a query is a GET with its input as JSON in `input`, a change a POST of JSON, an answer lies in `result.data`.
import { errorBody, errorCodes, errorReasons, type ErrorCode } from '@sluice/contract/api';
import type { AnyTRPCRouter } from '@trpc/server';
import { wireSchema, type Json, type JsonObject } from './json-schema.ts';
import { operationsOf, scopeOf, type Operation } from './operations.ts';
import { summaryOf } from './summaries.ts';

/** Of the API, not of the software: the first number goes up with a breaking change. */
export const apiVersion = '1.0.0';

const ref = (kind: 'schemas' | 'responses' | 'parameters', name: string): JsonObject => ({ $ref: `#/components/${kind}/${name}` });
const json = (schema: JsonObject): JsonObject => ({ 'application/json': { schema } });

/** Words of a path as a name: `sources.setProxy` is `SourcesSetProxy`. */
const nameOf = (path: string): string =>
  path
    .split('.')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');

const everyCall: readonly ErrorCode[] = ['BAD_REQUEST', 'TOO_MANY_REQUESTS', 'INTERNAL_SERVER_ERROR', 'SERVICE_UNAVAILABLE'];

function codesOf({ access, type }: Operation): ErrorCode[] {
  const guarded: ErrorCode[] = access.role === 'public' ? [] : ['UNAUTHORIZED', 'FORBIDDEN'];
  const changing: ErrorCode[] =
    type === 'mutation' ? ['CONFLICT', 'PRECONDITION_FAILED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] : [];
  return [...everyCall, ...guarded, 'NOT_FOUND', ...changing];
}

function responsesOf(operation: Operation, shared: JsonObject): JsonObject {
  const name = nameOf(operation.path);
  const refused = codesOf(operation).map((code) => [String(errorCodes[code].status), ref('responses', code)] as const);
  const failures = Object.fromEntries(refused.toSorted(([a], [b]) => a.localeCompare(b)));
  if (operation.type === 'subscription')
    return {
      200: { description: 'server-sent events, one JSON value each', content: { 'text/event-stream': { schema: {} } } },
      ...failures,
    };
  shared[`${name}Output`] = operation.output ? wireSchema(operation.output, 'output', `${name}Output`, shared) : {};
  const data = { type: 'object', required: ['data'], properties: { data: ref('schemas', `${name}Output`) } };
  const schema = { type: 'object', required: ['result'], properties: { result: data } };
  return { 200: { description: 'done', content: json(schema) }, ...failures };
}

function operationObject(operation: Operation, shared: JsonObject): JsonObject {
  const { path, access, input, type } = operation;
  const name = nameOf(path);
  const scope = scopeOf(operation);
  const described: JsonObject = {
    operationId: path.replace('.', '_'),
    tags: [path.split('.', 1)[0] ?? ''],
    summary: summaryOf(path),
    'x-sluice-access': {
      role: access.role,
      tenant: access.tenant,
      verb: access.verb,
      scope,
      audited: access.audit === 'entry',
      stepUp: access.stepUp,
    },
    security: access.role === 'public' ? [] : [{ bearer: [] }, { session: [] }],
  };
  if (input) shared[`${name}Input`] = wireSchema(input, 'input', `${name}Input`, shared);
  const schema = input ? ref('schemas', `${name}Input`) : null;
  const required = input !== null && !input.safeParse(undefined).success;
  if (type === 'mutation') {
    described['parameters'] = [ref('parameters', 'IdempotencyKey')];
    if (schema) described['requestBody'] = { required, content: json(schema) };
  } else if (schema) described['parameters'] = [{ name: 'input', in: 'query', required, content: json(schema) }];
  return { ...described, responses: responsesOf(operation, shared) };
}

const bodyless = (description: string, status: string): JsonObject => ({
  tags: ['health'],
  summary: description,
  security: [],
  responses: { 200: { description: status }, 503: { description: `not ${status}` } },
});

const retryAfter: JsonObject = { headers: { 'Retry-After': { description: 'seconds', schema: { type: 'integer' } } } };

function errorResponses(): JsonObject {
  const all: JsonObject = {};
  for (const [code, { means, again }] of Object.entries(errorCodes)) {
    const headers = code === 'TOO_MANY_REQUESTS' ? retryAfter : {};
    all[code] = { description: means, 'x-sluice-again': again, ...headers, content: json(ref('schemas', 'Error')) };
  }
  return all;
}

const idempotencyKey: JsonObject = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'One to 255 printable characters, new for each change and the same for all its tries: within a day the change is made once, and a later try gets the first answer with the header Idempotency-Replayed. The same key with another input is a conflict.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

export function openApiDocument(router: AnyTRPCRouter): JsonObject {
  const schemas: JsonObject = { Error: wireSchema(errorBody, 'output', 'Error', {}) };
  const paths: JsonObject = {};
  for (const operation of operationsOf(router)) {
    const method = operation.type === 'mutation' ? 'post' : 'get';
    paths[`/api/trpc/${operation.path}`] = { [method]: operationObject(operation, schemas) };
  }
  paths['/healthz'] = { get: bodyless('Whether the process answers.', 'alive') };
  paths['/readyz'] = { get: bodyless('Whether the process and its database answer.', 'ready') };
  const document: JsonObject = {
    openapi: '3.1.0',
    info: {
      title: 'Sluice',
      version: apiVersion,
      description:
        'The automation API. A query is a GET whose input is JSON in the parameter `input`; a change is a POST of JSON. Answers lie in `result.data`, refusals in `error` with a stable `data.code` and, where cases must be told apart, `data.reason`. Times are ISO 8601 in UTC, ids and large counters strings. Lists that can be long come in pages: `nextCursor` is the next `cursor`, null on the last page. Unknown fields of an input are refused; unknown fields of an answer are to be passed over.',
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key, or on its own machine the local token.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'sluice.session_token',
          description: 'A signed-in operator; over TLS the name begins with __Host-. Changes also send Origin.',
        },
      },
      parameters: { IdempotencyKey: idempotencyKey },
      responses: errorResponses(),
      schemas,
    },
    'x-sluice-reasons': errorReasons as unknown as Json,
  };
  return document;
}

/** The document as the file that is kept and served. */
export const openApiText = (router: AnyTRPCRouter): string => `${JSON.stringify(openApiDocument(router), null, 2)}\n`;
