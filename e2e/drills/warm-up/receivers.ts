// The receiving side of the drill: the simulator's providers that react to how a source sends, with every recipient that was offered counted
// by source, provider and day. One provider takes little of a source it does not know and blocks it when it goes on.
import { ModelledHosts, reactionParameters, type ProfileName } from '@sluice/isp-simulator';

const dayMs = 86_400_000;

export type Provider = { key: ProfileName; domain: string };
/** `<suffix>` of the provider's hosts, so that the model knows whom it stands for. */
export const providers: readonly Provider[] = [
  { key: 'gmail', domain: 'l.google.com' },
  { key: 'yahoo', domain: 'yahoodns.net' },
  { key: 'outlook', domain: 'mail.protection.outlook.com' },
  { key: 'apple', domain: 'mail.icloud.com' },
  { key: 'comcast', domain: 'comcast.net' },
  { key: 'gmx', domain: 'gmx.net' },
];
export const badProvider: ProfileName = 'gmx';

/** Grows with whoever sends evenly and a little more each day. */
const fair = reactionParameters.parse({
  source: {
    ...{ warmPerHour: 8, warmLeastPerHour: 4, warmMostPerHour: 1_000_000, growthPerDay: 2, headroom: 4, startReputation: 0.8 },
    ...{ burstSeconds: 3_600, toleratedStrainMinutes: 10, strainCostPerHour: 0.05, recoveryPerHour: 1 },
    spike: { timesWarm: 20, windowMinutes: 30, costPerHour: 0.1 },
  },
  troubleShare: 0.01,
});
/** Grows slower than the schedule, and loses patience. */
const bad = reactionParameters.parse({
  source: {
    ...{ warmPerHour: 1, warmLeastPerHour: 1, warmMostPerHour: 2, growthPerDay: 1, headroom: 1, startReputation: 0.6, strictness: 0.12 },
    ...{ burstSeconds: 3_600, toleratedStrainMinutes: 5, strainCostPerHour: 0.2, recoveryPerHour: 0.1, forgetsMinutes: 120 },
    spike: { timesWarm: 20, windowMinutes: 30, costPerHour: 0.1 },
    block: { fromStrainMinutes: 240, belowReputation: 0.05, lastsMinutes: 180, replies: 'permanent' },
  },
});

export class CountingReceivers {
  readonly #hosts: ModelledHosts;
  readonly #nowMs: () => number;
  /** `provider/source/day` -> recipients offered, and those put off or refused. */
  readonly counts = new Map<string, { offered: number; refused: number }>();

  constructor(nowMs: () => number, startMs: number) {
    this.#nowMs = nowMs;
    // Nothing waits here: what a host would let us wait for is not asked for.
    const clock = { nowMs, monotonicMs: () => nowMs() - startMs, setTimer: () => () => undefined };
    const free = { connections: null, messageRate: null, messagesPerConnection: null };
    const changed = providers.map(({ key }) => [key, { limits: free, reaction: key === badProvider ? bad : fair }] as const);
    this.#hosts = new ModelledHosts({ seed: 'warm-up', clock, profiles: Object.fromEntries(changed) });
  }

  connect(host: string, source: string) {
    const answered = this.#hosts.connect(host, source);
    const { session } = answered ?? {};
    if (!answered || !session) return answered;
    const carry: typeof session.carry = (mail) => {
      const carried = session.carry(mail);
      const provider = providers.find(({ domain }) => host.endsWith(domain))?.key ?? host;
      const key = `${provider}/${source}/${Math.floor(this.#nowMs() / dayMs)}`;
      const count = this.counts.get(key) ?? { offered: 0, refused: 0 };
      this.counts.set(key, count);
      count.offered += mail.recipients.length;
      count.refused += carried.answers.filter(({ said }) => said.code >= 400).length;
      return carried;
    };
    return { ...answered, session: { carry, end: () => session.end() } };
  }
}
