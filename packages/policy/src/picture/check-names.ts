// Names by which people, texts and engines look things up are unique within their kind.
import type { EntityKind } from '@sluice/contract';
import { everyFew, type Steps } from '../steps.ts';
import type { Picture, Tell } from './picture.ts';

export function* checkNames(picture: Picture, tell: Tell): Steps<void> {
  const name = (body: { name: string }): string => body.name;
  for (const kind of ['source', 'pool', 'limit', 'setting', 'warm_up', 'automation'] as const)
    yield* unique(kind, picture[kind], name, (one) => `another ${kind.replaceAll('_', ' ')} is named ${one.name}`, tell);
  yield* unique(
    'tenant',
    picture.tenant,
    ({ slug }) => slug,
    ({ slug }) => `another tenant has the slug ${slug}`,
    tell,
  );
  yield* unique(
    'provider',
    picture.provider,
    ({ key }) => key,
    ({ key }) => `another provider has the key ${key}`,
    tell,
  );
  const ofTenant = (stream: { tenantId: string; name: string }): string => `${stream.tenantId}/${stream.name}`;
  yield* unique('stream', picture.stream, ofTenant, (one) => `another stream of its tenant is named ${one.name}`, tell);
}

function* unique<Body>(
  kind: EntityKind,
  bodies: ReadonlyMap<string, Body>,
  keyOf: (body: Body) => string,
  message: (body: Body) => string,
  tell: Tell,
): Steps<void> {
  const due = everyFew();
  const seen = new Set<string>();
  for (const [id, body] of bodies) {
    if (due()) yield;
    const key = keyOf(body);
    if (seen.has(key)) tell('error', kind, id, 'name', message(body));
    seen.add(key);
  }
}
