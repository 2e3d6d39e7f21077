// What DNS says of the names of sources: asked for each once a day and when an operator wants it, one after the other, so that a node with
// many sources does not ask for all at once. A finding that an operator reads beside the source; it takes nothing out. RFC 1912 section 2.1
import { judgeNames, reverseNameOf, type NameFinding } from '@sluice/policy';
import type { SourceBody } from '@sluice/contract';
import type { Generation, WithId } from '../config/generation.ts';
import type { Clock, DnsAnswer, EngineLog, Resolver } from '../ports.ts';
import { task, type Agenda } from '../queue/agenda.ts';

const firstMs = 10_000;
const betweenMs = 1_000;
const idleMs = 60_000;
const dayMs = 86_400_000;
/** After no answer. */
const tryAgainMs = 3_600_000;
/** Names of one address that are looked at. */
const maxNames = 5;

type NamePorts = { clock: Clock; log: EngineLog; agenda: Agenda; resolver: Resolver; generation: () => Generation; node: string };
type Asked = Pick<SourceBody, 'publicAddress' | 'ehloName' | 'family'>;
export type CheckedNames = NameFinding & { checkedMs: number };

export class NameChecks {
  readonly #ports: NamePorts;
  readonly #found = new Map<string, { of: string; checked: CheckedNames }>();
  readonly #task = task(() => void this.#next());

  constructor(ports: NamePorts) {
    this.#ports = ports;
  }

  start(): void {
    this.#ports.agenda.schedule(this.#task, this.#ports.clock.nowMs() + firstMs);
  }

  /** What was found last; null while nothing was, or when the source has another name or address since. */
  of(source: WithId<SourceBody>): CheckedNames | null {
    const found = this.#found.get(source.id);
    return found?.of === askedOf(source) ? found.checked : null;
  }

  /** Asks now. Never rejects. */
  async check(source: WithId<SourceBody>): Promise<void> {
    const of = askedOf(source);
    try {
      const finding = await findNames(this.#ports.resolver, source);
      this.#found.set(source.id, { of, checked: { ...finding, checkedMs: this.#ports.clock.nowMs() } });
    } catch (error) {
      this.#ports.log.warn('the names of a source could not be checked', { sourceId: source.id, error: String(error) });
    }
  }

  async #next(): Promise<void> {
    const { agenda, clock, generation } = this.#ports;
    for (const id of this.#found.keys()) if (!generation().source(id)) this.#found.delete(id);
    const due = this.#due();
    if (due) await this.check(due);
    agenda.schedule(this.#task, clock.nowMs() + (due ? betweenMs : idleMs));
  }

  #due(): WithId<SourceBody> | null {
    const { clock, generation, node } = this.#ports;
    const nowMs = clock.nowMs();
    for (const source of generation().sources()) {
      if (!source.enabled || (source.node !== null && source.node !== node)) continue;
      const known = this.of(source);
      if (known === null || nowMs - known.checkedMs >= (known.state === 'unanswered' ? tryAgainMs : dayMs)) return source;
    }
    return null;
  }
}

const askedOf = ({ publicAddress, ehloName }: Asked): string => `${publicAddress} ${ehloName}`;

/** Records, none at all, or null when there was no answer. */
const recordsOf = (answer: DnsAnswer<string>): readonly string[] | null => {
  if (answer.ok) return answer.records;
  return answer.kind === 'failed' ? null : [];
};

async function findNames(resolver: Resolver, { publicAddress, ehloName, family }: Asked): Promise<NameFinding> {
  const names = recordsOf(await resolver.ptr(reverseNameOf(publicAddress)))?.slice(0, maxNames) ?? null;
  const forward = new Map<string, readonly string[] | null>();
  for (const name of names ?? []) forward.set(name, recordsOf(await resolver.addresses(name, family)));
  const ehloAddresses = forward.has(ehloName) ? (forward.get(ehloName) ?? null) : recordsOf(await resolver.addresses(ehloName, family));
  return judgeNames({ address: publicAddress, ehloName, names, forward, ehloAddresses });
}
