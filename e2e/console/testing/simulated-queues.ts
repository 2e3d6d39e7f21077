// The queues of a node that only the console can see: a few domains of the first tenant, one held by each thing that can hold mail.
import type { ActiveAction, Answer, Hold, Question, QueueRow } from '@sluice/contract';
import type { Configured } from './sample-configuration.ts';
import { sourceHealthAt } from './simulated-health.ts';
import { warmUpsAt } from './simulated-warm-up.ts';

const none = { entries: null, sourceId: null, commandId: null, limit: null, reply: null };
const reply = {
  code: 421,
  enhanced: '4.7.28',
  text: 'Our system has detected an unusual rate of mail. <b>Slow down</b>',
  command: 'mail' as const,
};
const minute = 60_000;

function holdsOf(domain: string, now: number): Hold[] {
  const limit = { id: '00000000-0000-4000-8000-000000000001', name: 'Message rate', used: 20, of: 20, perSeconds: 60 };
  const backOff: Hold = {
    ...none,
    kind: 'back_off',
    detail: '84 wait for their next attempt after 421 Slow down',
    clearsAt: now + 12 * minute,
    entries: 84,
    reply,
  };
  switch (domain) {
    case 'gmail.com':
      return [
        { ...none, kind: 'limit', detail: 'limit Message rate: 20 in 60 s, all of it used', clearsAt: now + 9_000, entries: 36, limit },
        backOff,
      ];
    case 'yahoo.com':
      return [
        {
          ...none,
          kind: 'dns',
          detail: 'the way to yahoo.com is not known: no answer (3 in a row)',
          clearsAt: now + 2 * minute,
          entries: 93,
        },
      ];
    case 'outlook.com':
      return [
        {
          ...none,
          kind: 'path_rest',
          detail: 'mx.outlook.com could not be reached 2 times in a row: connection refused',
          clearsAt: now + 5 * minute,
          entries: 66,
        },
      ];
    default:
      return [];
  }
}

function rowsOf(tenants: Configured['tenants'], now: number): QueueRow[] {
  const [tenant] = tenants;
  if (!tenant) return [];
  return ['gmail.com', 'yahoo.com', 'outlook.com', 'corp.example'].map((domain, index) => ({
    ...{ tenantId: tenant.id, streamId: tenant.streamId, campaign: index === 0 ? 'autumn-sale' : null, domain },
    ...{ state: 'open', count: 120 - index * 27, due: 10, later: 84, ready: 20, inFlight: 6 },
    ...{
      oldestAt: now - (index + 1) * 14 * minute,
      nextDueAt: now + 12 * minute,
      site: `mx.${domain}`,
      provider: index === 0 ? 'gmail' : null,
    },
    heldBy: holdsOf(domain, now)[0]?.detail ?? null,
  }));
}

/** A domain whose MX hosts lost STARTTLS today, and a report of yesterday that went out. */
function tlsReportsAt(now: number): Extract<Answer, { kind: 'tls_reports' }> {
  const dayAt = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const yesterday = dayAt(now - 86_400_000);
  const counts = { strings: ['version: STSv1', 'mode: enforce'], mxHosts: ['*.corp.example'], otherFailures: 0 };
  const failure = {
    result: 'starttls-not-supported',
    mxHost: 'mx1.corp.example',
    receivingIp: '192.0.2.7',
    sendingIp: '192.0.2.1',
  } as const;
  return {
    kind: 'tls_reports',
    from: 'tls-reports@sender.example',
    total: 2,
    beyond: 0,
    policies: [
      {
        ...{ day: dayAt(now), domain: 'corp.example', policyType: 'sts', succeeded: 1204, failed: 37, ...counts },
        failures: [{ ...failure, reason: 'the server offers no STARTTLS', count: 37 }],
      },
      { ...{ day: yesterday, domain: 'gmail.com', policyType: 'sts', succeeded: 90_112, failed: 0, ...counts }, failures: [] },
    ],
    reports: [
      { day: yesterday, domain: 'corp.example', state: 'sent', at: now - 3_600_000, to: ['mailto:tls@corp.example'], detail: null },
    ],
  };
}

function actionsAt(now: number): ActiveAction[] {
  const rule = { ruleId: '00000000-0000-4000-8000-000000000002', ruleName: 'Slow down a source whose mail is deferred' };
  const times = { startedAt: now - 8 * minute, lastHitAt: now - 3 * minute, endsAt: now + 120 * minute };
  return [
    {
      ...{ ...rule, ...times, id: '00000000-0000-4000-8000-000000000003', kind: 'reduce', subject: { provider: 'gmail' }, pinned: false },
      ...{ sentence: 'Gmail x bulk-1 127.0.20.1: 200 -> 100/min', nextStepAt: now + 7 * minute, ratePerMinute: 100, fromPerMinute: 200 },
    },
    {
      ...{ ...rule, ...times, id: '00000000-0000-4000-8000-000000000004', kind: 'suspend', subject: { provider: 'yahoo' }, pinned: true },
      ...{ sentence: 'Yahoo x bulk-1 127.0.20.1: suspended', nextStepAt: null, ratePerMinute: null, fromPerMinute: null },
    },
  ];
}

/** One limit that mail waits for, and one that Sluice set. */
function limitsAt(now: number): Extract<Answer, { kind: 'limits' }> {
  const of = { by: ['source' as const, 'provider' as const], counters: 7, perSeconds: 1 };
  const counter = { values: ['11111111-2222-4333-8444-555555555555', 'gmail'], used: 11, of: 11, waiting: 42, clearsAt: now + 4_000 };
  return {
    kind: 'limits',
    total: 2,
    limits: [
      {
        ...{ ...of, id: 'own:1', setBySelf: 'Gmail slowed down', kind: 'message_rate', where: { provider: 'gmail' }, count: 5, burst: 1 },
        ...{ waiting: 42, fullest: [counter] },
      },
      {
        ...{ ...of, id: 'own:2', setBySelf: 'held back', kind: 'daily_cap', where: {}, count: 2_000, burst: 0, waiting: 0 },
        fullest: [{ values: ['', 'yahoo'], used: 130, of: 2_000, waiting: 0, clearsAt: null }],
      },
    ],
  };
}

export function answerOf(question: Question, configured: Configured, now: number): Answer {
  const { tenants, sources } = configured;
  const rows = rowsOf(tenants, now);
  switch (question.kind) {
    case 'count':
      return { kind: 'count', matched: 93, exact: question.scope.source === undefined, note: '', ready: 20, inFlight: 6 };
    case 'active_actions':
      return { kind: 'active_actions', actions: actionsAt(now), total: 2 };
    case 'queues': {
      const { scope, sort, limit } = question;
      const queues = rows.filter((row) => (scope?.domain ?? row.domain) === row.domain && (scope?.tenant ?? row.tenantId) === row.tenantId);
      if (sort === 'oldest') queues.reverse();
      return {
        kind: 'queues',
        queues: queues.slice(0, limit),
        total: queues.length,
        entries: queues.reduce((sum, row) => sum + row.count, 0),
      };
    }
    case 'explain': {
      const { domain } = question.queue;
      return { kind: 'explain', row: rows.find((row) => row.domain === domain) ?? null, holds: holdsOf(domain, now) };
    }
    case 'limits':
      return limitsAt(now);
    case 'tls_reports':
      return tlsReportsAt(now);
    case 'dkim_records':
      return { kind: 'dkim_records', records: question.names.map((name) => ({ name, texts: [] })) };
    case 'source_health':
      return sourceHealthAt(sources, now);
    case 'warm_ups':
      return warmUpsAt(configured, now);
  }
}
