// Python from the API's document, by quicktype: dataclasses of the inputs and answers of chosen procedures and of a refusal, each with a
// reader that checks and a writer. Types only: quicktype makes no calls, and a procedure's path is written by whoever calls it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FetchingJSONSchemaStore, InputData, JSONSchemaInput, quicktype } from 'quicktype-core';

type Reference = { $ref: string };
type Operation = {
  operationId: string;
  parameters?: { name?: string; content?: { 'application/json': { schema: Reference } } }[];
  requestBody?: { content: { 'application/json': { schema: Reference } } };
  responses: { '200': { content: { 'application/json': { schema: { properties: { result: { properties: { data?: Reference } } } } } } } };
};
type Document = {
  paths: Record<string, Partial<Record<'get' | 'post', Operation>>>;
  components: { schemas: Record<string, object> };
};

const nameIn = (reference: Reference): string => reference.$ref.replace('#/components/schemas/', '');

/** Names of the schemas of what a procedure takes and gives. */
function schemasOf(document: Document, procedure: string): string[] {
  const path = document.paths[`/api/trpc/${procedure}`];
  const operation = path?.get ?? path?.post;
  if (operation === undefined) throw new Error(`the document has no ${procedure}`);
  const input =
    operation.requestBody?.content['application/json'].schema ??
    operation.parameters?.find(({ name }) => name === 'input')?.content?.['application/json'].schema;
  const output = operation.responses['200'].content['application/json'].schema.properties.result.properties.data;
  return [input, output].flatMap((reference) => (reference === undefined ? [] : [nameIn(reference)]));
}

/** The text of one Python module that needs nothing but the standard library of 3.7 or newer. */
export async function pythonTypes(procedures: readonly string[]): Promise<string> {
  const text = readFileSync(fileURLToPath(new URL('../../docs/openapi.json', import.meta.url)), 'utf8');
  const document = JSON.parse(text) as Document;
  const names = new Set([...procedures.flatMap((procedure) => schemasOf(document, procedure)), 'Error']);
  const schemas = new JSONSchemaInput(new FetchingJSONSchemaStore());
  const { components } = document;
  for (const name of names) await schemas.addSource({ name, schema: JSON.stringify({ ...components.schemas[name], components }) });
  const inputData = new InputData();
  inputData.addInput(schemas);
  const rendererOptions = { 'python-version': '3.7', 'nice-property-names': true } as const;
  const { lines } = await quicktype({ inputData, lang: 'python', rendererOptions });
  return lines.join('\n');
}
