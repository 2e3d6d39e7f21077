// One sender against one reacting provider: the real engine under a virtual clock, its only remote the provider, its traffic that of the
// set. What is counted is counted at the provider's door, not by the sender.
import { ReactingProvider } from '@sluice/isp-simulator';
import { engineRig, fakeClock, id, judge, limitEntity, poolEntity, scopeOf, sourceEntity, tenantEntities } from '@sluice/engine/testing';
import { fillReply, simulatedPresets, type SampleReply } from '@sluice/providers';
import { arrivalsOf } from './arrivals.ts';
import type { ParameterSet } from './parameter-set.ts';
import type { Seen, SenderKind } from './sender.ts';

export type Figures = {
  sender: string;
  /** Messages that came to be sent. */
  messages: number;
  attempts: number;
  delivered: number;
  deliveredPerHour: number;
  /** Put off with a 4xx for how it sends, of the attempts. */
  deferralShare: number;
  /** The same with what the provider does to everybody: greylisting and troubles of its own. */
  allDeferralsShare: number;
  /** Refused for good by a block: mail that is lost. */
  refused: number;
  /** Of the sources' time, spent in a penalty or a block, in minutes a source. */
  blockedMinutes: number;
  seconds: number;
};

const minuteMs = 60_000;
/** What big providers take from MAIL FROM to the reply to the final dot. */
const transactionMs = 1_000;
const connectMs = 80;
/** How often controllers are asked and mail that came is handed in. */
const tickMs = 1_000;
/** A midnight, so that a provider's day has its hours. */
const startMs = Date.UTC(2027, 0, 12);

type Kind = 'pass' | 'put_off' | 'refused';
const nobodysFault: ReadonlySet<string> = new Set(['greylisted', 'trouble', 'busy']);

export async function runOne(set: ParameterSet, sender: SenderKind): Promise<Figures> {
  const began = performance.now();
  const preset = simulatedPresets.find((candidate) => candidate.key === set.provider);
  if (!preset) throw new Error(`no provider ${set.provider}`);
  const { traffic } = set;
  const domain = 'mailboxes.example';
  const provider = new ReactingProvider(set.reaction, preset.simulated, set.name);
  const controller = sender.controller?.({ provider: preset.key, limitPerMinute: traffic.limitPerMinute }) ?? null;
  const clock = fakeClock(startMs);
  const counted = { attempts: 0, delivered: 0, deferred: 0, ofOthers: 0, refused: 0, blockedSamples: 0 };

  const answer = (sourceId: string, from: string, recipient: string): { verdict: Kind; reply: Seen['reply'] & object } => {
    const envelopeDomain = from.slice(from.indexOf('@') + 1);
    const unknown = recipient.startsWith('unknown.');
    const complains = recipient.startsWith('complain.');
    const attempt = { ...{ source: sourceId, envelopeDomain, dkimDomain: envelopeDomain }, sender: from, recipient, unknown, complains };
    const nowMs = clock.nowMs();
    // The order of SMTP: an unknown mailbox is told at RCPT, behind what is said at MAIL.
    let verdict = provider.mail(attempt, nowMs);
    if (verdict.kind === 'pass') verdict = provider.recipient(attempt, nowMs);
    if (verdict.kind === 'pass' && unknown)
      return { verdict: 'refused', reply: filled(preset.simulated.replies.unknownMailbox, recipient) };
    if (verdict.kind === 'pass') verdict = provider.message(attempt, 1, nowMs);
    counted.attempts += 1;
    if (verdict.kind === 'pass') counted.delivered += 1;
    else if (verdict.kind === 'put_off') counted[nobodysFault.has(verdict.cause) ? 'ofOthers' : 'deferred'] += 1;
    else counted.refused += 1;
    return { verdict: verdict.kind, reply: filled(verdict.kind === 'pass' ? preset.simulated.replies.accepted : verdict.reply, recipient) };
  };
  /** At once, as a sender that decides in its own process. */
  const obey = (): void => {
    const limits = controller?.limits(clock.nowMs()) ?? null;
    if (limits !== null) void rig.engine.setExtraLimits(limits);
  };
  const phase = set.reaction.answersAt === 'mail' ? 'mail' : 'message';

  const rig = await engineRig(
    [
      ...Array.from({ length: traffic.sources }, (_, index) => sourceEntity(index + 1)),
      poolEntity(
        1,
        Array.from({ length: traffic.sources }, (_, index) => ({ sourceId: id(101 + index), weight: 1 })),
      ),
      ...Array.from({ length: traffic.tenants }, (_, index) => tenantEntities(index + 1, 1)).flat(),
      { kind: 'provider', id: id(901), body: { key: preset.key, name: preset.name, mxSuffixes: [domain], replyRules: preset.replyRules } },
      limitEntity(1, {
        where: { provider: preset.key },
        by: ['source'],
        kind: 'message_rate',
        count: traffic.limitPerMinute,
        perSeconds: 60,
        burst: 10,
      }),
      limitEntity(2, { where: { provider: preset.key }, by: ['source'], kind: 'connections', count: traffic.connections }),
      ...sender.entities,
    ],
    {
      connectMs: () => connectMs,
      deliverMs: () => transactionMs,
      outcome(entry, path) {
        const { verdict, reply } = answer(path.source.id, entry.sender, entry.recipient);
        const { code, enhanced, text } = reply;
        const remote = { code, enhanced, text, command: phase } as const;
        const seen = { atMs: clock.nowMs(), sourceId: path.source.id, tenantId: entry.tenantId };
        if (verdict === 'pass') {
          controller?.seen({ ...seen, kind: 'delivered', reply: null, replyRule: null, bounceClass: null });
          return { reply: remote };
        }
        const judged = judge({ code, enhanced, lines: [text] }, phase, path.replyRules ?? []);
        const kind = judged.permanent ? 'bounced' : 'deferred';
        controller?.seen({ ...seen, kind, reply, replyRule: judged.replyRule, bounceClass: judged.bounceClass });
        obey();
        const rule = judged.replyRule === null ? {} : { replyRule: judged.replyRule };
        return { kind, scope: scopeOf(phase), reply: remote, bounceClass: judged.bounceClass, ...rule };
      },
      watch: () => undefined,
    },
    clock,
  );
  await clock.settle();

  const arrivals = arrivalsOf(set, domain);
  const ends = traffic.hours * 60 * minuteMs;
  let next = 0;
  for (let atMs = 0; atMs < ends; atMs += tickMs) {
    for (let arrival = arrivals[next]; arrival && arrival.atMs < atMs + tickMs; arrival = arrivals[++next])
      await rig.inject({ recipients: [arrival.recipient], tenant: arrival.tenant, lifeMs: 72 * 60 * minuteMs });
    obey();
    await clock.advance(tickMs);
    if (atMs % minuteMs === 0)
      for (const { identity, standing } of provider.views(clock.nowMs()))
        if (identity === 'source' && standing !== 'open') counted.blockedSamples += 1;
  }
  const stopping = rig.engine.stop(0);
  await clock.advance(minuteMs);
  await stopping;
  const { attempts, delivered, deferred, ofOthers, refused, blockedSamples } = counted;
  return {
    ...{ sender: sender.name, messages: arrivals.length, attempts, delivered, refused },
    deliveredPerHour: Math.round(delivered / traffic.hours),
    deferralShare: attempts === 0 ? 0 : deferred / attempts,
    allDeferralsShare: attempts === 0 ? 0 : (deferred + ofOthers) / attempts,
    blockedMinutes: Math.round(blockedSamples / traffic.sources),
    seconds: Math.round((performance.now() - began) / 100) / 10,
  };
}

const places = { source: '192.0.2.1', id: 'abc', host: 'mx.mailboxes.example' };
/** The reply as the engine hands it on: its lines joined, codes aside. */
function filled(sample: SampleReply, recipient: string): SampleReply {
  const { code, enhanced, text } = fillReply(sample, { ...places, recipient });
  return { code, enhanced, text: text.replaceAll('\n', ' ').trim() };
}
