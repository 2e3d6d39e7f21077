// The console checks the audit record by itself: a few hundred entries at a time, from the first to the head and round again, so that the
// screen can say how the record is without anybody asking for it. It finds what the database alone can show; what somebody computed anew
// from a change onward is found by the anchors of nodes.
import { randomUUID } from 'node:crypto';
import type { auditState } from '@sluice/contract/api';
import { ChainCheck, type ChainProblem } from '@sluice/contract/audit-chain';
import { auditAnchors, auditLinks } from '@sluice/plane/console';
import type { z } from 'zod';
import { systemActor } from '../actor.ts';
import type { Installation } from '../installation.ts';
import { repeatedly } from '../repeatedly.ts';
import { inScope, type Scope } from '../scope.ts';

const pageSize = 200;
/** Pages of one turn, and the time between turns: a million entries take some three hours, a hundred thousand twenty minutes. */
const pagesATurn = 25;
const turnEveryMs = 60_000;

type Checking = { at: number; endedAt: Date | null; entries: number; problems: readonly ChainProblem[] };

export interface AuditWatch {
  readonly checking: Checking;
  /** One turn; true when it came to the head. */
  turn(): Promise<boolean>;
  stop(): void;
}

/** `installation` is asked for at the first turn: the watch is part of it. */
export function watchAudit(installation: () => Installation): AuditWatch {
  let check = new ChainCheck();
  let last: Omit<Checking, 'at'> = { endedAt: null, entries: 0, problems: [] };
  let known = 0;

  const nextPage = () =>
    inScope(installation(), { actor: systemActor, requestId: randomUUID(), address: null, audit: 'none' }, ({ sql }) =>
      auditLinks(sql, check.at, pageSize),
    );

  function ended(): void {
    last = { endedAt: installation().now(), entries: check.entries, problems: check.problems };
    known = 0;
    check = new ChainCheck();
  }

  function tell(): void {
    for (const { seq, message } of check.problems.slice(known))
      installation().log.error({ seq }, `the audit record is damaged: ${message}`);
    known = check.problems.length;
  }

  async function turn(): Promise<boolean> {
    for (let page = 0; page < pagesATurn; page += 1) {
      const { head, links } = await nextPage();
      check.add(links);
      tell();
      if (links.length === pageSize) continue;
      check.end(head);
      tell();
      ended();
      return true;
    }
    return false;
  }

  const stop = repeatedly(turnEveryMs, turn, (error) => installation().log.warn({ err: error }, 'the audit record could not be checked'));

  return {
    get checking() {
      // What the check under way has found is told at once; what the last one found stays until it has passed that place.
      return { ...last, at: check.at, problems: check.problems.length > 0 ? check.problems : last.problems };
    },
    turn,
    stop,
  };
}

export async function stateOfAudit({ sql, installation }: Scope): Promise<z.input<typeof auditState.output>> {
  const { head } = await auditLinks(sql, Number.MAX_SAFE_INTEGER, 1);
  const { at, endedAt, entries, problems } = installation.auditWatch.checking;
  const anchors = await auditAnchors(sql);
  return {
    head,
    checking: { at, endedAt: endedAt?.toISOString() ?? null, entries, problems: [...problems] },
    anchors: anchors.map((anchor) => ({ ...anchor, at: anchor.at.toISOString() })),
  };
}
