// The document of the API as a page to read: one part a noun, one entry a procedure, with who may call it, what goes in and what comes
// out. Plain HTML with one style and no script, so that its policy allows nothing else.
import { createHash } from 'node:crypto';
import { errorCodes, errorReasons } from '@sluice/contract/api';
import { isObject, wordOf, type Json, type JsonObject } from './json-schema.ts';

const style = `
:root { color-scheme: light dark; --text: #1c1c1e; --muted: #58585e; --line: #d8d8dc; --back: #ffffff; --link: #0b57b8; }
@media (prefers-color-scheme: dark) { :root { --text: #ececf0; --muted: #a9a9b2; --line: #3a3a42; --back: #16161a; --link: #8ab4f8; } }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1rem 6rem; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
a { color: var(--link); } h1 { font-size: 1.6rem; } h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); } h3 { margin: 1.6rem 0 0.2rem; font-size: 1rem; }
code, pre { font: 0.875rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; } pre { overflow-x: auto; white-space: pre-wrap; }
p { margin: 0.3rem 0; } .access { color: var(--muted); } ul { padding-left: 1.2rem; } li { margin: 0.1rem 0; }
table { border-collapse: collapse; display: block; overflow-x: auto; } th, td { border: 1px solid var(--line); padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; }
nav { columns: 12rem; } summary { cursor: pointer; color: var(--link); }
`;

/** Header of the page: nothing but its own style. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const safe = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => escapes[sign] ?? sign);
const text = (value: Json | undefined): string => (typeof value === 'string' ? safe(value) : '');
const code = (value: string): string => `<code>${safe(value)}</code>`;

/** Nested fields are shown so deep; a schema may refer to itself. */
const deepest = 7;

class Page {
  private readonly schemas: JsonObject;
  private readonly document: JsonObject;
  constructor(document: JsonObject) {
    this.document = document;
    const { components } = document;
    this.schemas = isObject(components) && isObject(components['schemas']) ? components['schemas'] : {};
  }

  private resolved(schema: JsonObject): JsonObject {
    const target = schema['$ref'];
    const found = typeof target === 'string' ? this.schemas[target.split('/').at(-1) ?? ''] : schema;
    return isObject(found) ? found : {};
  }

  /** One line of what a value is. */
  private kind(schema: JsonObject, depth = 0): string {
    if (depth > 3) return 'any';
    const whole = this.resolved(schema);
    if (whole['const'] !== undefined) return JSON.stringify(whole['const']);
    if (Array.isArray(whole['enum'])) return whole['enum'].map((value) => JSON.stringify(value)).join(' | ');
    const options = whole['anyOf'] ?? whole['oneOf'];
    if (Array.isArray(options)) return [...new Set(options.map((one) => (isObject(one) ? this.kind(one, depth + 1) : 'any')))].join(' | ');
    const items = whole['items'];
    if (whole['type'] === 'array') return `list of ${isObject(items) ? this.kind(items, depth + 1) : 'any'}`;
    const bounds = ['minimum', 'maximum', 'minLength', 'maxLength'].flatMap((key) =>
      whole[key] === undefined ? [] : [`${key} ${wordOf(whole[key])}`],
    );
    const shown = bounds.filter((bound) => !/9007199254740991/.test(bound));
    const name = [whole['type'], whole['format']].filter((part) => typeof part === 'string').join(' ') || 'any';
    return shown.length === 0 ? name : `${name} (${shown.join(', ')})`;
  }

  /** The fields of whatever objects are in a schema. */
  private fields(schema: JsonObject, depth = 0): string {
    const whole = this.resolved(schema);
    if (depth > deepest) return '';
    const options = whole['anyOf'] ?? whole['oneOf'];
    if (Array.isArray(options)) return options.map((one) => (isObject(one) ? this.fields(one, depth + 1) : '')).join('');
    if (isObject(whole['items'])) return this.fields(whole['items'], depth + 1);
    const { properties, required } = whole;
    if (!isObject(properties)) return isObject(whole['additionalProperties']) ? this.fields(whole['additionalProperties'], depth + 1) : '';
    const must = Array.isArray(required) ? required : [];
    const lines = Object.entries(properties).map(([name, field]) => {
      if (!isObject(field)) return '';
      const wanted = must.includes(name) ? '' : ' (may be left out)';
      return `<li>${code(name)}: ${safe(this.kind(field))}${wanted}${this.fields(field, depth + 1)}</li>`;
    });
    return `<ul>${lines.join('')}</ul>`;
  }

  private shape(title: string, schema: Json | undefined): string {
    if (!isObject(schema)) return '';
    return `<details><summary>${title}: ${safe(this.kind(schema))}</summary>${this.fields(schema)}</details>`;
  }

  private operation(method: string, path: string, operation: JsonObject): string {
    const access = isObject(operation['x-sluice-access']) ? operation['x-sluice-access'] : {};
    const who = access['role'] === 'public' ? 'anyone' : `${wordOf(access['role'])} and above; key scope ${wordOf(access['scope'])}`;
    const more = [
      access['tenant'] === 'installation-wide' ? 'not for those bound to one tenant' : '',
      access['stepUp'] === true ? 'asks again who you are' : '',
      access['audited'] === true ? 'audited' : '',
    ].filter((part) => part !== '');
    const name = path.split('/').at(-1) ?? path;
    return [
      `<h3 id="${safe(name)}">${method.toUpperCase()} ${code(path)}</h3><p>${text(operation['summary'])}</p>`,
      `<p class="access">${safe([who, ...more].join('; '))}</p>`,
      this.shape('input', this.schemas[schemaName(name, 'Input')]),
      this.shape('answer', this.schemas[schemaName(name, 'Output')]),
    ].join('');
  }

  html(): string {
    const paths = isObject(this.document['paths']) ? this.document['paths'] : {};
    const groups = new Map<string, string[]>();
    for (const [path, methods] of Object.entries(paths)) {
      if (!path.startsWith('/api/trpc/') || !isObject(methods)) continue;
      for (const [method, operation] of Object.entries(methods)) {
        if (!isObject(operation)) continue;
        const [group = ''] = (path.split('/').at(-1) ?? '').split('.', 1);
        groups.set(group, [...(groups.get(group) ?? []), this.operation(method, path, operation)]);
      }
    }
    const info = isObject(this.document['info']) ? this.document['info'] : {};
    const names = [...groups.keys()];
    return [
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sluice API</title><style>${style}</style></head><body><main>`,
      `<h1>Sluice API</h1><p>${text(info['description'])}</p><p>Version ${text(info['version'])}; <a href="/api/openapi.json">the same as OpenAPI 3.1</a>. A key is sent as ${code('Authorization: Bearer slk_...')}.</p>`,
      `<pre>${safe(`curl -H "Authorization: Bearer $KEY" '/api/trpc/queues.list?input={"limit":5}'\ncurl -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -H 'Idempotency-Key: 4711' \\\n     -d '{"name":"Brand","slug":"brand"}' /api/trpc/tenants.create`)}</pre>`,
      `<nav aria-label="Nouns"><ul>${names.map((name) => `<li><a href="#${safe(name)}">${safe(name)}</a></li>`).join('')}<li><a href="#refusals">refusals</a></li></ul></nav>`,
      ...[...groups].map(
        ([name, all]) => `<section aria-labelledby="${safe(name)}"><h2 id="${safe(name)}">${safe(name)}</h2>${all.join('')}</section>`,
      ),
      `<section aria-labelledby="refusals"><h2 id="refusals">Refusals</h2>${codeTable()}${reasonTable()}</section></main></body></html>`,
    ].join('\n');
  }
}

const schemaName = (path: string, kind: 'Input' | 'Output'): string =>
  `${path
    .split('.')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')}${kind}`;

const row = (cells: readonly string[]): string => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
const head = (names: readonly string[]): string => `<tr>${names.map((name) => `<th scope="col">${name}</th>`).join('')}</tr>`;

function codeTable(): string {
  const rows = Object.entries(errorCodes).map(([name, { status, means, again }]) => row([code(name), String(status), safe(means), again]));
  return `<table>${head(['code', 'status', 'means', 'try again'])}${rows.join('')}</table>`;
}

function reasonTable(): string {
  const rows = Object.entries(errorReasons).map(([name, entry]) => row([code(name), code(entry.code), safe(entry.means)]));
  return `<p>Where callers must tell cases apart, ${code('data.reason')} says which:</p><table>${head(['reason', 'code', 'means'])}${rows.join('')}</table>`;
}

export const docsPage = (document: JsonObject): string => new Page(document).html();
