// Whether a set of edits may be written: each entity by itself, all of them together with what is there, and whether anything still refers
// to what goes. The whole is read from the feed page by page, and of sources only what the checks ask for.
import { entitySchemas, type EntityBody, type EntityKind } from '@sluice/contract';
import type { ConfigFinding } from '@sluice/contract/api';
import { checkingPicture, pictureKinds, type Picture, type PictureFinding, type SourceFacts } from '@sluice/policy';
import { configHead, entitiesAt } from '@sluice/plane/console';
import type { Scope } from '../scope.ts';
import { nameOfEdit, readBody, type Edit } from './edits.ts';
import { entityProblems } from './entity-problems.ts';
import { givingWay, inSlices } from './in-slices.ts';
import { referrersLeft } from './referrers.ts';
import { Names } from './text/names.ts';

const pageSize = 1_000;
type Bodies = Map<string, unknown>;

/** Everything that `pictureKinds` names as of the head. */
async function pictureOfNow(scope: Scope): Promise<Map<EntityKind, Bodies>> {
  const { number: revision } = await configHead(scope.sql);
  const picture = new Map<EntityKind, Bodies>();
  const give = givingWay();
  for (const kind of pictureKinds) {
    const bodies: Bodies = new Map();
    picture.set(kind, bodies);
    let after: string | null = null;
    do {
      const page = await entitiesAt(scope.sql, { kind, revision, after, limit: pageSize });
      for (const { id, body } of page.entities) {
        const facts = factsOf(kind, body);
        if (facts !== null) bodies.set(id, facts);
        await give();
      }
      after = page.last;
    } while (after !== null);
  }
  return picture;
}

/** What checks ask of a body; null when this version cannot read it. */
function factsOf(kind: EntityKind, stored: unknown): unknown {
  if (kind !== 'source') return readBody(kind, stored);
  // By far the most: read without their schema, which they passed when they were written.
  const { name, publicAddress, bindAddress, node, enabled } = stored as SourceFacts;
  return { name, publicAddress, bindAddress, node, enabled } satisfies SourceFacts;
}

export interface Judgement {
  readonly findings: ConfigFinding[];
  /** All, also those past what is listed. */
  readonly total: number;
}

/** What the edits would come to. `whole`: also tells what is odd already and has nothing to do with them. */
export async function judge(scope: Scope, edits: readonly Edit[], names: Names, whole = false): Promise<Judgement> {
  const findings = await ownProblems(scope, edits, names);
  findings.push(...(await referrersLeft(scope, edits, names)));
  const picture = await pictureOfNow(scope);
  for (const { kind, id, after } of edits) {
    const bodies = picture.get(kind);
    if (bodies === undefined) continue;
    if (after === null) bodies.delete(id);
    else bodies.set(id, factsOf(kind, after));
  }
  const { findings: between, total } = await inSlices(checkingPicture(Object.fromEntries(picture) as unknown as Picture));
  const concerned = whole ? null : concernedBy(edits, picture);
  const shown = between.filter(
    (finding) => concerned === null || finding.level === 'error' || concerned.has(`${finding.kind}:${finding.id}`),
  );
  const told = await names.with((nameOf) =>
    shown.map((finding) => {
      const stored = picture.get(finding.kind)?.get(finding.id);
      const edit = { kind: finding.kind, id: finding.id, tenantId: null, before: null, after: stored ?? null };
      const name = finding.kind === 'source' ? (stored as SourceFacts).name : nameOfEdit(edit, nameOf);
      return found(finding.level, finding.kind, name, finding);
    }),
  );
  return { findings: [...findings, ...told], total: findings.length + (whole ? total : told.length) };
}

const found = (
  level: ConfigFinding['level'],
  kind: EntityKind,
  name: string,
  { field, message }: Pick<PictureFinding, 'field' | 'message'>,
): ConfigFinding => ({ level, about: `${kind.replaceAll('_', ' ')} ${name}`, field, message, line: null, column: null });

async function ownProblems(scope: Scope, edits: readonly Edit[], names: Names): Promise<ConfigFinding[]> {
  const findings: ConfigFinding[] = [];
  const give = givingWay();
  for (const edit of edits) {
    await give();
    if (edit.after === null) continue;
    const parsed = entitySchemas[edit.kind].safeParse(edit.after);
    const problems = parsed.success
      ? entityProblems(edit.kind, parsed.data as EntityBody, scope.installation.egress)
      : parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
    if (problems.length === 0) continue;
    const name = await names.with((nameOf) => nameOfEdit(edit, nameOf));
    findings.push(...problems.map((problem) => found('error', edit.kind, name, problem)));
  }
  return findings;
}

/** The entities of the edits, and those that stand beside them: a pool is odd because of its source. */
function concernedBy(edits: readonly Edit[], picture: ReadonlyMap<EntityKind, Bodies>): Set<string> {
  const touched = new Set(edits.map(({ kind, id }) => `${kind}:${id}`));
  for (const [id, body] of picture.get('pool') ?? [])
    if ((body as EntityBody<'pool'>).members.some(({ sourceId }) => touched.has(`source:${sourceId}`))) touched.add(`pool:${id}`);
  for (const [id, body] of picture.get('warm_up') ?? [])
    if ((body as EntityBody<'warm_up'>).sourceIds.some((sourceId) => touched.has(`source:${sourceId}`))) touched.add(`warm_up:${id}`);
  // A pool that loses a source may leave a plan without one.
  if (edits.some(({ kind }) => kind === 'pool')) for (const id of picture.get('warm_up')?.keys() ?? []) touched.add(`warm_up:${id}`);
  if (edits.some(({ kind }) => kind === 'limit')) for (const id of picture.get('limit')?.keys() ?? []) touched.add(`limit:${id}`);
  if (edits.some(({ kind }) => kind === 'setting')) for (const id of picture.get('setting')?.keys() ?? []) touched.add(`setting:${id}`);
  return touched;
}
