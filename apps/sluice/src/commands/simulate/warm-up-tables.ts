// How far warm-up plans came: each source with each group of providers, and the days behind it.
import type { SimulatedEntity, SimulationReport } from '@sluice/engine/offline';
import { print, printable } from '../outcome.ts';
import { printRows } from './tables.ts';

export function printWarmUps({ warmUps }: SimulationReport, entities: readonly SimulatedEntity[]): void {
  const names = new Map(entities.map(({ id, body }) => [id, nameIn(body)]));
  for (const { planId, ladders, days } of warmUps) {
    print(printable(`warm-up plan ${names.get(planId) ?? planId}: ${days.length} days`));
    const rows = ladders.map(({ sourceId, group, status, stage, stages, ceiling, finishExpected, last }) => [
      names.get(sourceId) ?? sourceId,
      ...[group, status, `${stage} of ${stages}`, String(ceiling), finishExpected ?? '-', last ?? ''],
    ]);
    printRows([['source', 'providers', 'state', 'day', 'ceiling', 'finish', 'decided last'], ...rows]);
    const past = days.map(({ date, stage, ceiling, attempted, deferred, verdict }) => [
      date,
      ...[String(stage), String(ceiling), String(attempted), String(deferred), verdict?.replaceAll('_', ' ') ?? '-'],
    ]);
    if (past.length > 0) printRows([['date', 'day', 'ceiling', 'attempted', 'deferred', 'came to'], ...past]);
  }
}

function nameIn(body: unknown): string {
  const name: unknown = typeof body === 'object' && body !== null && 'name' in body ? body.name : null;
  return typeof name === 'string' ? name : 'without a name';
}
